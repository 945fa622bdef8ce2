import { randomUUID } from "node:crypto";
import { renameSync, rmSync, statSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { Collection } from "../../schema/collection.ts";
import { type GraphFile, type ShardNote, graphFileSchema } from "../../schema/graph-file.ts";
import { type Sums, syncedSums, syncedSumsNow, unchanged } from "./file-sums.ts";
import { shardBytes, shardFile, shardFiles, temporaryFiles } from "./graph-files.ts";
import { HNSW_SETTINGS, HnswGraph, type HnswLibrary, type VectorKind } from "./hnsw-graph.ts";
import { HnswShards, type Shard, type Written, isSpent } from "./hnsw-shards.ts";

/** Raised whenever what is in a file or is noted of it means something else than before. */
const FORMAT = 4;

/** Where the description of the file is kept: in the database that the file is a cache of. */
export type Header = {
  readonly get: () => string | undefined;
  readonly set: (value: string) => void;
};

/** How much of the table is in a graph: the rows up to `seq`, as they were after change number `toggle`. */
export type Position = { readonly seq: number; readonly toggle: number };

export type Saved = { readonly graph: HnswShards; readonly position: Position; readonly isLacking: boolean };

/** What the database notes of the files that would be read. */
export type GraphNote = {
  readonly kind: VectorKind;
  readonly position: Position;
  /** How many rows are in them, without those that were removed. */
  readonly size: number;
  /** Rows that are in them and were removed. */
  readonly removed: readonly number[];
};

/** A file that is written beside its place. */
type Draft = { readonly shard: Shard; readonly temporary: string };
type Done = Draft & { readonly written: Written };
/** What the graph was like when saving began. */
type State = { readonly position: Position; readonly removed: ReadonlyMap<Shard, readonly number[]> };

/**
 * `archival.hnsw`, and `archival.1.hnsw` and so on where the graph has several shards. Deleting any of them is always safe.
 *
 * The database records which files it wrote last, down to their sizes and checksums, and no others are read. So a file that
 * is damaged, was made with other settings or of other vectors, or is newer or older than a database that was brought back
 * from a backup is never used with it; the others are. This also means that a power cut needs no care, nor a process that
 * ends before the database knows of the files: at worst the two disagree, and a shard is rebuilt.
 *
 * The checksum is CRC-32, which is as fast as reading (SHA-256 takes a second for what 300,000 vectors need): it is there
 * against accidents. Anyone who can write to the folder can write to the database too.
 */
export class HnswFile {
  readonly #file: string;
  readonly #collection: Collection;
  readonly #header: Header;
  /** The save that is under way. */
  #saving: symbol | undefined;

  /**
   * @param file the first of the files.
   * @param collection whose vectors are in them: with those of another they are not read.
   */
  constructor(file: string, collection: Collection, header: Header) {
    this.#file = file;
    this.#collection = collection;
    this.#header = header;
  }

  /**
   * What is in the files, without those that are not as the database wrote them last; undefined if there is no other.
   * `isLacking` says whether there were such.
   *
   * @param shardSize as in `HnswShards`.
   */
  async read(library: HnswLibrary, shardSize?: number): Promise<Saved | undefined> {
    const header = this.#expected();
    if (header === undefined) return undefined;
    const { kind } = header.made;
    const shards: Shard[] = [];
    for (const note of header.shards.filter(isOfUse)) {
      const shard = await this.#readShard(library, note, kind);
      if (shard !== undefined) shards.push(shard);
    }
    if (shards.length === 0) return undefined;
    const { dimensions } = this.#collection;
    const graph = new HnswShards({ library, dimensions, kind, shardSize }, shards);
    const isLacking = shards.length < header.shards.length;
    return { graph, position: { seq: header.seq, toggle: header.toggle }, isLacking };
  }

  /** How much the files take on disk. */
  get bytes(): number {
    return shardBytes(this.#file);
  }

  /** What is noted of the files, of which only the sizes are looked at. Undefined if none of them would be read. */
  noted(): GraphNote | undefined {
    const header = this.#expected();
    if (header === undefined) return undefined;
    const isThere = ({ number, bytes }: ShardNote): boolean =>
      statSync(shardFile(this.#file, number), { throwIfNoEntry: false })?.size === bytes;
    const read = header.shards.filter((note) => isOfUse(note) && isThere(note));
    if (read.length === 0) return undefined;
    const removed = read.flatMap((note) => numbers(note.removed));
    return {
      kind: header.made.kind,
      position: { seq: header.seq, toggle: header.toggle },
      size: read.reduce((sum, { count }) => sum + count, 0) - removed.length,
      removed,
    };
  }

  /**
   * Writes the shards that changed, one after the other and on other threads; they can be searched meanwhile, and nothing may
   * be added. Does nothing if it is overtaken by `saveNow` or `abandon`.
   *
   * @throws Error if they cannot be written whole.
   */
  async save(graph: HnswShards, position: Position): Promise<void> {
    const mine = Symbol("save");
    this.#saving = mine;
    const state = { position, removed: removedFrom(graph) };
    const drafts = this.#drafts(graph);
    try {
      const done: Done[] = [];
      for (const { shard, temporary } of drafts) {
        const begun = beginning(shard);
        await shard.graph.write(temporary);
        done.push({ shard, temporary, written: { ...begun, ...(await syncedSums(temporary)) } });
        if (this.#saving !== mine) return;
      }
      this.#replace(graph, done, state);
    } finally {
      for (const { temporary } of drafts) remove(temporary);
    }
  }

  /**
   * Takes about 0.1 s per 10,000 vectors of 1,024 dimensions in the shards that changed.
   *
   * @throws Error if they cannot be written whole.
   */
  saveNow(graph: HnswShards, position: Position): void {
    this.abandon();
    const drafts = this.#drafts(graph);
    try {
      const done = drafts.map(({ shard, temporary }) => {
        shard.graph.writeNow(temporary);
        return { shard, temporary, written: { ...beginning(shard), ...syncedSumsNow(temporary) } };
      });
      this.#replace(graph, done, { position, removed: removedFrom(graph) });
    } finally {
      for (const { temporary } of drafts) remove(temporary);
    }
  }

  /** Sees to it that a save that is under way changes nothing. */
  abandon(): void {
    this.#saving = undefined;
  }

  /** Names of their own, since a save that was overtaken still writes to others. Removes what a crash left behind. */
  #drafts({ changed }: HnswShards): Draft[] {
    for (const path of temporaryFiles(this.#file)) if (!unfinished.has(path)) remove(path);
    const drafts = changed.map((shard) => {
      return { shard, temporary: `${shardFile(this.#file, shard.number)}.${randomUUID()}.tmp` };
    });
    for (const { temporary } of drafts) unfinished.add(temporary);
    return drafts;
  }

  /** Puts the files in their places, has the database vouch for them and removes those that are of no use any more. */
  #replace(graph: HnswShards, done: readonly Done[], { position, removed }: State): void {
    for (const { shard, temporary, written } of done) {
      renameSync(temporary, shardFile(this.#file, shard.number));
      shard.written = written;
    }
    const shards = graph.shards.flatMap((shard) => noteOf(shard, removed.get(shard) ?? []));
    const header: GraphFile = { made: this.#made(graph.kind), ...position, shards };
    this.#header.set(JSON.stringify(header));
    const used = new Set(shards.map(({ number }) => shardFile(this.#file, number)));
    for (const path of shardFiles(this.#file)) if (!used.has(path)) rmSync(path, { force: true });
  }

  async #readShard(library: HnswLibrary, note: ShardNote, kind: VectorKind): Promise<Shard | undefined> {
    const { number, bytes, crc32 } = note;
    const { dimensions } = this.#collection;
    const file = shardFile(this.#file, number);
    const marked = numbers(note.marked);
    try {
      const graph = await unchanged(file, { bytes, crc32 }, () =>
        HnswGraph.read(library, file, { dimensions, kind, deleted: marked }, numbers(note.removed)),
      );
      if (graph === undefined) return undefined;
      return { number, graph, written: { bytes, crc32, marked, additions: graph.additions } };
    } catch {
      // Missing, unreadable or refused by the library: the table has everything that was in it.
      return undefined;
    }
  }

  #expected(): GraphFile | undefined {
    try {
      const header = graphFileSchema.safeParse(JSON.parse(this.#header.get() ?? "null")).data;
      return header !== undefined && isDeepStrictEqual(header.made, this.#made(header.made.kind)) ? header : undefined;
    } catch {
      // The note is damaged.
      return undefined;
    }
  }

  #made(kind: VectorKind): GraphFile["made"] {
    const { m, efConstruction } = HNSW_SETTINGS[kind];
    const { model, dimensions, generation } = this.#collection;
    const collection = { model, dimensions, generation };
    return { format: FORMAT, arch: process.arch, metric: "cosine", collection, kind, m, efConstruction };
  }
}

/** The temporary files that are being written. */
const unfinished = new Set<string>();

function remove(temporary: string): void {
  rmSync(temporary, { force: true });
  unfinished.delete(temporary);
}

/** What is true of a shard's file if it is begun to be written now. */
function beginning({ graph }: Shard): Omit<Written, keyof Sums> {
  return { marked: graph.facts().deleted, additions: graph.additions };
}

function removedFrom({ shards }: HnswShards): State["removed"] {
  return new Map(shards.map((shard) => [shard, shard.graph.facts().deleted]));
}

function noteOf({ number, graph, written }: Shard, removed: readonly number[]): ShardNote[] {
  if (written === undefined) return [];
  const { bytes, crc32, marked } = written;
  return [{ number, bytes, crc32, count: graph.count, marked: base64(marked), removed: base64(removed) }];
}

/** Whether the file that was noted would be read, if it is there. */
function isOfUse({ count, removed }: ShardNote): boolean {
  const gone = numbers(removed).length;
  return !isSpent({ size: count - gone, removed: gone });
}

function base64(numbers: readonly number[]): string {
  return Buffer.from(Uint32Array.from(numbers).buffer).toString("base64");
}

/** Copied, because a Buffer's memory need not be aligned to four bytes. */
function numbers(base64: string): number[] {
  const bytes = Buffer.from(base64, "base64");
  return [...new Uint32Array(new Uint8Array(bytes).buffer, 0, Math.floor(bytes.length / 4))];
}
