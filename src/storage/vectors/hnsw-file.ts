import { randomUUID } from "node:crypto";
import { renameSync, rmSync, statSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { Collection } from "../../schema/collection.ts";
import { type GraphFile, type ShardNote, graphFileSchema } from "../../schema/graph-file.ts";
import { type Sums, syncedSums, syncedSumsNow, unchanged } from "./file-sums.ts";
import { shardBytes, shardFile, shardFiles, temporaryFiles } from "./graph-files.ts";
import { HNSW_SETTINGS, HnswGraph, type HnswLibrary, type VectorKind } from "./hnsw-graph.ts";
import { HnswShards, type Shard, type Written, isSpent } from "./hnsw-shards.ts";

/** Increased whenever the meaning of the files or of their description changes. */
const FORMAT = 4;

/** Stores the description of the files, in the database that they are a cache of. */
export type Header = {
  readonly get: () => string | undefined;
  readonly set: (value: string) => void;
};

/** How much of the table a graph contains: the rows up to `seq`, as of change number `toggle`. */
export type Position = { readonly seq: number; readonly toggle: number };

export type Saved = {
  readonly graph: HnswShards;
  readonly position: Position;
  /** Whether shards are missing. */
  readonly isIncomplete: boolean;
};

/** The database's description of the files that would be read. */
export type GraphNote = {
  readonly kind: VectorKind;
  readonly position: Position;
  /** Number of rows in them, without removed ones. */
  readonly size: number;
  /** Rows in them that were removed. */
  readonly removed: readonly number[];
};

/** A shard's temporary file. */
type Draft = { readonly shard: Shard; readonly temporary: string };
type Done = Draft & { readonly written: Written };
/** The graph's state when saving began. */
type State = { readonly position: Position; readonly removed: ReadonlyMap<Shard, readonly number[]> };

/**
 * `archival.hnsw`, and `archival.1.hnsw` and so on if the graph has several shards. Deleting any of them is always safe.
 *
 * The database records the sizes and checksums of the files it wrote last, and no others are read. So a file is never used if
 * it is damaged, was made with other settings or from other vectors, or is newer or older than the database, as after restoring
 * a backup. Power cuts and killed processes therefore need no special care: at worst file and database disagree, and a shard is
 * rebuilt.
 *
 * The checksum is CRC-32, which is as fast as reading (SHA-256 takes a second for 300,000 vectors): it guards against
 * accidents. Anyone who can write to the folder can write to the database too.
 */
export class HnswFile {
  readonly #file: string;
  readonly #collection: Collection;
  readonly #header: Header;
  /** The save in progress. */
  #saving: symbol | undefined;

  /**
   * @param file The first of the files.
   * @param collection The collection of the vectors; files of another collection are not read.
   */
  constructor(file: string, collection: Collection, header: Header) {
    this.#file = file;
    this.#collection = collection;
    this.#header = header;
  }

  /**
   * Reads the shards whose files match the database's description; undefined if none do.
   *
   * @param options `shardSize` as in `HnswShards`; `onChecked` is called when the first file is found intact.
   */
  async read(
    library: HnswLibrary,
    { shardSize, onChecked }: { shardSize?: number | undefined; onChecked?: () => void } = {},
  ): Promise<Saved | undefined> {
    const header = this.#expected();
    if (header === undefined) return undefined;
    const { kind } = header.made;
    const shards: Shard[] = [];
    for (const note of header.shards.filter(isUsable)) {
      const shard = await this.#readShard(library, note, { kind, onChecked });
      if (shard !== undefined) shards.push(shard);
    }
    if (shards.length === 0) return undefined;
    const { dimensions } = this.#collection;
    const graph = new HnswShards({ library, dimensions, kind, shardSize }, shards);
    const isIncomplete = shards.length < header.shards.length;
    return { graph, position: { seq: header.seq, toggle: header.toggle }, isIncomplete };
  }

  /** Size of the files, in bytes. */
  get bytes(): number {
    return shardBytes(this.#file);
  }

  /** The description of the files, after checking only their sizes. Undefined if none of them would be read. */
  noted(): GraphNote | undefined {
    const header = this.#expected();
    if (header === undefined) return undefined;
    const isThere = ({ number, bytes }: ShardNote): boolean =>
      statSync(shardFile(this.#file, number), { throwIfNoEntry: false })?.size === bytes;
    const read = header.shards.filter((note) => isUsable(note) && isThere(note));
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
   * Writes the changed shards one after another, on other threads. Meanwhile they can be searched, but nothing may be added.
   * Has no effect if `saveNow` or `abandon` is called meanwhile.
   *
   * @throws Error if they cannot be written completely.
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
   * Writes the changed shards. Blocks for about 0.1 s per 10,000 vectors of 1,024 dimensions.
   *
   * @throws Error if they cannot be written completely.
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

  /** Cancels the save in progress. */
  abandon(): void {
    this.#saving = undefined;
  }

  /** Chooses unique file names, because a cancelled save may still be writing. Removes what a crash left. */
  #drafts({ changed }: HnswShards): Draft[] {
    for (const path of temporaryFiles(this.#file)) if (!unfinished.has(path)) remove(path);
    const drafts = changed.map((shard) => {
      return { shard, temporary: `${shardFile(this.#file, shard.number)}.${randomUUID()}.tmp` };
    });
    for (const { temporary } of drafts) unfinished.add(temporary);
    return drafts;
  }

  /** Renames the drafts, describes the files in the database, and removes obsolete files. */
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

  async #readShard(
    library: HnswLibrary,
    note: ShardNote,
    { kind, onChecked }: { readonly kind: VectorKind; readonly onChecked: (() => void) | undefined },
  ): Promise<Shard | undefined> {
    const { number, bytes, crc32 } = note;
    const { dimensions } = this.#collection;
    const file = shardFile(this.#file, number);
    const marked = numbers(note.marked);
    try {
      const graph = await unchanged(file, { bytes, crc32 }, async () => {
        const reading = HnswGraph.read(library, file, { dimensions, kind, deleted: marked }, numbers(note.removed));
        onChecked?.();
        return reading;
      });
      if (graph === undefined) return undefined;
      return { number, graph, written: { bytes, crc32, marked, additions: graph.additions } };
    } catch {
      // Missing, unreadable or refused by the library: the shard can be rebuilt from the table.
      return undefined;
    }
  }

  #expected(): GraphFile | undefined {
    try {
      const header = graphFileSchema().safeParse(JSON.parse(this.#header.get() ?? "null")).data;
      return header !== undefined && isDeepStrictEqual(header.made, this.#made(header.made.kind)) ? header : undefined;
    } catch {
      // The description is damaged.
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

/** Temporary files being written. */
const unfinished = new Set<string>();

function remove(temporary: string): void {
  rmSync(temporary, { force: true });
  unfinished.delete(temporary);
}

/** Describes a shard's file if writing begins now. */
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

/** Whether a described file would be read if it exists. */
function isUsable({ count, removed }: ShardNote): boolean {
  const removedCount = numbers(removed).length;
  return !isSpent({ size: count - removedCount, removed: removedCount });
}

function base64(numbers: readonly number[]): string {
  return Buffer.from(Uint32Array.from(numbers).buffer).toString("base64");
}

/** Copies the bytes, because a Buffer may not be aligned to four bytes. */
function numbers(base64: string): number[] {
  const bytes = Buffer.from(base64, "base64");
  return [...new Uint32Array(new Uint8Array(bytes).buffer, 0, Math.floor(bytes.length / 4))];
}
