import type { Sums } from "./file-sums.ts";
import { GRAPH_SIZE, HnswGraph, type HnswLibrary, type VectorKind } from "./hnsw-graph.ts";
import { type Neighbour, bySimilarity } from "./vector-index.ts";

/** Describes the file that a shard was last written to or read from. */
export type Written = Sums & {
  /** Rows marked as removed in it. */
  readonly marked: readonly number[];
  /** The graph's `additions` when it was written. */
  readonly additions: number;
};

/** One of the graphs. A row is in at most one of them. */
export type Shard = {
  /** Number of its file. */
  readonly number: number;
  readonly graph: HnswGraph;
  written?: Written | undefined;
};

export type HnswShardsOptions = {
  readonly library: HnswLibrary;
  readonly dimensions: number;
  readonly kind: VectorKind;
  /** Expected number of vectors, if known. */
  readonly expected?: number | undefined;
  /** Most vectors in a shard, including removed ones. */
  readonly shardSize?: number | undefined;
};

/**
 * Several graphs that act as one. The larger a graph, the lower its recall, and the more it costs to add a vector, grow and
 * save. With graphs of at most `GRAPH_SIZE` vectors all of that stays constant. A search asks each of them.
 */
export class HnswShards {
  readonly kind: VectorKind;
  readonly #options: HnswShardsOptions;
  readonly #shards: Shard[];

  /** @param shards Existing shards. */
  constructor(options: HnswShardsOptions, shards: readonly Shard[] = []) {
    this.kind = options.kind;
    this.#options = options;
    this.#shards = [...shards];
  }

  get size(): number {
    return this.#shards.reduce((sum, { graph }) => sum + graph.size, 0);
  }

  get shards(): readonly Shard[] {
    return this.#shards;
  }

  /** Shards with unsaved additions. Removals are recorded in the database, not in the files. */
  get changed(): readonly Shard[] {
    return this.#shards.filter(({ graph, written }) => graph.additions !== written?.additions);
  }

  /** Number of vectors that a save would write. */
  get unwritten(): number {
    return this.changed.reduce((sum, { graph }) => sum + graph.count, 0);
  }

  seqs(): number[] {
    return this.#shards.flatMap(({ graph }) => graph.seqs());
  }

  /** Must not be called while one of them is being written. */
  add(seq: number, vector: Float32Array): void {
    const { shardSize = GRAPH_SIZE } = this.#options;
    const shard =
      this.#shards.find(({ graph }) => graph.has(seq)) ??
      this.#shards.find(({ graph }) => graph.count < shardSize) ??
      this.#begin(shardSize);
    shard.graph.add(seq, vector);
  }

  /** Unknown numbers are ignored. */
  remove(seq: number): void {
    for (const { graph } of this.#shards) graph.remove(seq);
  }

  /** Undoes the removal of `seq` if its vector is the same. @returns whether it was. */
  revive(seq: number, vector: Float32Array): boolean {
    return this.#shards.some(({ graph }) => graph.revive(seq, vector));
  }

  search(vector: Float32Array, count: number): Neighbour[] {
    const found = this.#shards.flatMap(({ graph }) => graph.search(vector, count));
    return found.sort(bySimilarity).slice(0, Math.max(0, count));
  }

  #begin(shardSize: number): Shard {
    const { library, dimensions, expected = 0 } = this.#options;
    const taken = new Set(this.#shards.map(({ number }) => number));
    let number = 0;
    while (taken.has(number)) number += 1;
    // Room for a whole shard is small beside a full one, and avoids copying when the shard grows.
    const room = taken.size === 0 ? Math.min(expected, shardSize) : shardSize;
    const shard = { number, graph: HnswGraph.create(library, dimensions, this.kind, room) };
    this.#shards.push(shard);
    return shard;
  }
}

/** Whether most of a graph was removed, so that it should be rebuilt. */
export function isSpent({ size, removed }: { readonly size: number; readonly removed: number }): boolean {
  return removed > size;
}
