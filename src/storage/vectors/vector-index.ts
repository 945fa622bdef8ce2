/** Nearest-neighbour search over the embeddings of one agent's passages, by the passages' `seq`. */
export interface VectorIndex {
  readonly size: number;
  /** Adds or replaces. @throws RangeError if the vector has another length or a component is not finite. */
  add(seq: number, vector: Float32Array): void;
  /** Unknown numbers are ignored. */
  remove(seq: number): void;
  /** The `count` most similar, best first; `similarity` is the cosine. */
  search(vector: Float32Array, count: number): Promise<{ seq: number; similarity: number }[]>;
}

/** @throws RangeError if `vector` is not `dimensions` finite numbers. */
export function checkVector(vector: Float32Array, dimensions: number): void {
  if (vector.length !== dimensions) {
    throw new RangeError(`A vector of ${vector.length} numbers where ${dimensions} were expected`);
  }
  for (const value of vector)
    if (!Number.isFinite(value)) throw new RangeError("A vector with a component that is not finite");
}
