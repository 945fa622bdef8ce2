import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, readSync, readdirSync, renameSync, rmSync } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { crc32 } from "node:zlib";
import type { Collection } from "../../schema/collection.ts";
import { type GraphFile, graphFileSchema } from "../../schema/graph-file.ts";
import { HNSW_SETTINGS, type GraphFacts, HnswGraph, type HnswLibrary, type VectorKind } from "./hnsw-graph.ts";

/** Raised whenever what is in the file means something else than before. */
const FORMAT = 3;
const BLOCK_BYTES = 1 << 22;

/** Where the description of the file is kept: in the database that the file is a cache of. */
export type Header = {
  readonly get: () => string | undefined;
  readonly set: (value: string) => void;
};

/** How much of the table is in a graph: the rows up to `seq`, as they were after change number `toggle`. */
export type Position = { readonly seq: number; readonly toggle: number };

/**
 * `archival.hnsw`. Deleting it is always safe.
 *
 * The database records which file it wrote last, down to its size and checksum, and no other is read. So a file that is
 * damaged, was made with other settings or of other vectors, or is newer or older than a database that was brought back from
 * a backup is never used with it. This also means that a power cut needs no care: at worst the two disagree, and the graph
 * is built anew.
 *
 * The checksum is CRC-32, which is as fast as reading (SHA-256 takes a second for what 300,000 vectors need): it is there
 * against accidents. Whoever can write to the folder can write to the database too.
 */
export class HnswFile {
  readonly #file: string;
  readonly #collection: Collection;
  readonly #header: Header;
  /** The save that is under way. */
  #saving: symbol | undefined;

  /** @param collection whose vectors are in the file: with those of another it is not read. */
  constructor(file: string, collection: Collection, header: Header) {
    this.#file = file;
    this.#collection = collection;
    this.#header = header;
  }

  /** The graph in the file, or undefined if it is not the file that the database wrote last. */
  async read(library: HnswLibrary): Promise<{ graph: HnswGraph; position: Position } | undefined> {
    try {
      const header = this.#expected();
      if (header === undefined) return undefined;
      const { kind, collection } = header.made;
      const { dimensions } = collection;
      const graph = await unchanged(this.#file, header, () =>
        HnswGraph.read(library, this.#file, { dimensions, kind, deleted: numbers(header.removed) }),
      );
      return graph === undefined ? undefined : { graph, position: { seq: header.seq, toggle: header.toggle } };
    } catch {
      // Missing, unreadable or refused by the library: the table has everything that was in it.
      return undefined;
    }
  }

  /**
   * Writes on other threads; the graph can be searched meanwhile, and takes no additions. Does nothing if it is overtaken by
   * `saveNow` or `abandon`.
   *
   * @throws Error if it cannot be written whole.
   */
  async save(graph: HnswGraph, position: Position): Promise<void> {
    const mine = Symbol("save");
    this.#saving = mine;
    const temporary = this.#temporary();
    const facts = graph.facts();
    try {
      await graph.write(temporary);
      const sums = await syncedSums(temporary);
      if (this.#saving === mine) this.#replace(temporary, facts, position, sums);
    } finally {
      remove(temporary);
    }
  }

  /** Takes about 0.1 s per 10,000 vectors of 1,024 dimensions. @throws Error if it cannot be written whole. */
  saveNow(graph: HnswGraph, position: Position): void {
    this.abandon();
    const temporary = this.#temporary();
    try {
      graph.writeNow(temporary);
      this.#replace(temporary, graph.facts(), position, syncedSumsNow(temporary));
    } finally {
      remove(temporary);
    }
  }

  /** Sees to it that a save that is under way changes nothing. */
  abandon(): void {
    this.#saving = undefined;
  }

  /** A name of its own, since a save that was overtaken still writes to another. Removes what a crash left behind. */
  #temporary(): string {
    const folder = dirname(this.#file);
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (name.startsWith(basename(this.#file)) && name.endsWith(".tmp") && !written.has(path)) remove(path);
    }
    const temporary = `${this.#file}.${randomUUID()}.tmp`;
    written.add(temporary);
    return temporary;
  }

  #replace(temporary: string, { kind, deleted }: GraphFacts, { seq, toggle }: Position, sums: Sums): void {
    renameSync(temporary, this.#file);
    const removed = Buffer.from(Uint32Array.from(deleted).buffer).toString("base64");
    const header: GraphFile = { made: this.#made(kind), ...sums, seq, toggle, removed };
    this.#header.set(JSON.stringify(header));
  }

  #expected(): GraphFile | undefined {
    const header = graphFileSchema.safeParse(JSON.parse(this.#header.get() ?? "null")).data;
    return header !== undefined && isDeepStrictEqual(header.made, this.#made(header.made.kind)) ? header : undefined;
  }

  #made(kind: VectorKind): GraphFile["made"] {
    const { m, efConstruction } = HNSW_SETTINGS[kind];
    const { model, dimensions, generation } = this.#collection;
    const collection = { model, dimensions, generation };
    return { format: FORMAT, arch: process.arch, metric: "cosine", collection, kind, m, efConstruction };
  }
}

/** The files that are being written. */
const written = new Set<string>();

function remove(temporary: string): void {
  rmSync(temporary, { force: true });
  written.delete(temporary);
}

type Sums = Pick<GraphFile, "bytes" | "crc32">;

/** What `read` makes of the file, if the file has these sums and is the same one before and after. */
async function unchanged<T>(file: string, { bytes, crc32 }: Sums, read: () => Promise<T>): Promise<T | undefined> {
  const handle = await open(file, "r");
  try {
    // First, because what is too long or too short need not be read.
    const before = await handle.stat();
    if (before.size !== bytes || (await sumsOf(handle)).crc32 !== crc32) return undefined;
    const result = await read();
    const after = await stat(file);
    return after.ino === before.ino && after.mtimeMs === before.mtimeMs ? result : undefined;
  } finally {
    await handle.close();
  }
}

/** Syncing brings to light what could not be written, which the library does not say. */
async function syncedSums(file: string): Promise<Sums> {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
    return await sumsOf(handle);
  } finally {
    await handle.close();
  }
}

async function sumsOf(handle: FileHandle): Promise<Sums> {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let [bytes, sum] = [0, 0];
  for (;;) {
    const { bytesRead } = await handle.read(block, 0, BLOCK_BYTES, bytes);
    if (bytesRead === 0) return { bytes, crc32: sum };
    sum = crc32(block.subarray(0, bytesRead), sum);
    bytes += bytesRead;
  }
}

function syncedSumsNow(file: string): Sums {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  const fd = openSync(file, "r+");
  try {
    fsyncSync(fd);
    let [bytes, sum] = [0, 0];
    for (
      let read = readSync(fd, block, 0, BLOCK_BYTES, 0);
      read > 0;
      read = readSync(fd, block, 0, BLOCK_BYTES, bytes)
    ) {
      sum = crc32(block.subarray(0, read), sum);
      bytes += read;
    }
    return { bytes, crc32: sum };
  } finally {
    closeSync(fd);
  }
}

/** Copied, because a Buffer's memory need not be aligned to four bytes. */
function numbers(base64: string): number[] {
  const bytes = Buffer.from(base64, "base64");
  return [...new Uint32Array(new Uint8Array(bytes).buffer, 0, Math.floor(bytes.length / 4))];
}
