/** Nearest-neighbour search over the embeddings of one agent's passages, by the passages' `seq`. */
export interface VectorIndex {
  readonly size: number;
  /** The row numbers in the index, in no particular order. */
  seqs(): number[];
  /** Adds or replaces. @throws RangeError if the vector has another length, a component that is not finite, or no direction. */
  add(seq: number, vector: Float32Array): void;
  /** Unknown numbers are ignored. */
  remove(seq: number): void;
  /**
   * The `count` most similar, best first, the newer of equals first; `similarity` is the cosine.
   *
   * @param among Restricts the search to these.
   */
  search(vector: Float32Array, count: number, among?: ReadonlySet<number>): Promise<Neighbour[]>;
}

export type Neighbour = { readonly seq: number; readonly similarity: number };

/** The order in which every index returns results. */
export function bySimilarity(a: Neighbour, b: Neighbour): number {
  return b.similarity - a.similarity || b.seq - a.seq;
}

/** How far the squared length of a unit vector of 32-bit numbers may be from 1. */
const ROUNDING = 1e-6;

/** A copy of `vector` with length 1. @throws RangeError if it is not `dimensions` finite numbers or all of them are 0. */
export function toUnit(vector: Float32Array, dimensions: number): Float32Array {
  if (vector.length !== dimensions) {
    throw new RangeError(`A vector of ${vector.length} numbers where ${dimensions} were expected`);
  }
  let squares = 0;
  for (const value of vector) squares += value * value;
  // NaN and infinite components survive the sum; the squares of finite ones cannot overflow it.
  if (!Number.isFinite(squares)) throw new RangeError("A vector with a component that is not finite");
  if (squares === 0) throw new RangeError("A vector of zeros is similar to nothing");
  // A vector that was normalised before is returned unchanged, to the last bit.
  if (Math.abs(squares - 1) < ROUNDING) return vector.slice();
  const norm = Math.sqrt(squares);
  return vector.map((value) => value / norm);
}
