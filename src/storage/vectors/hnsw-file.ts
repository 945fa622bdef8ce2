import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync } from "node:fs";
import type { Collection } from "../../schema/collection.ts";
import { HNSW_SETTINGS, HnswGraph, type HnswLibrary } from "./hnsw-graph.ts";

/** Raised whenever what is in the file means something else than before. */
const FORMAT = 2;
const BLOCK_BYTES = 1 << 20;

/** Where the description of the file is kept: in the database that the file is a cache of. */
export type Header = {
  readonly get: () => string | undefined;
  readonly set: (value: string) => void;
};

/**
 * `archival.hnsw`. Deleting it is always safe.
 *
 * The database records which file it wrote last, down to the checksum, and no other is read. So a file that is damaged,
 * was made with other settings or of other vectors, or is newer or older than a database that was brought back from a backup is never used
 * with it. This also means that a power cut needs no care: at worst the two disagree, and the graph is built anew.
 */
export class HnswFile {
  readonly #file: string;
  readonly #collection: Collection;
  readonly #header: Header;

  /** @param collection whose vectors are in the file: with those of another it is not read. */
  constructor(file: string, collection: Collection, header: Header) {
    this.#file = file;
    this.#collection = collection;
    this.#header = header;
  }

  /** The graph in the file, or undefined if it is not the file that the database wrote last. */
  read(library: HnswLibrary): HnswGraph | undefined {
    try {
      const expected = this.#header.get();
      if (expected === undefined || expected !== this.#describe(this.#file)) return undefined;
      return HnswGraph.read(library, this.#collection.dimensions, this.#file);
    } catch {
      // Missing, unreadable or refused by the library: the table has everything that was in it.
      return undefined;
    }
  }

  /** Takes about 0.1 s per 10,000 vectors of 1,024 dimensions. @throws Error if it cannot be written whole. */
  save(graph: HnswGraph): void {
    const temporary = `${this.#file}.tmp`;
    try {
      graph.write(temporary);
      sync(temporary);
      const header = this.#describe(temporary);
      renameSync(temporary, this.#file);
      this.#header.set(header);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  /** The header of a file: what must be equal for it to be read. */
  #describe(file: string): string {
    const { m, efConstruction } = HNSW_SETTINGS;
    const settings = { format: FORMAT, arch: process.arch, metric: "cosine", ...this.#collection };
    return JSON.stringify({ ...settings, m, efConstruction, ...digest(file) });
  }
}

/** Brings to light what could not be written, which the library does not say. */
function sync(file: string): void {
  const fd = openSync(file, "r+");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function digest(file: string): { bytes: number; sha256: string } {
  const hash = createHash("sha256");
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  const fd = openSync(file, "r");
  try {
    let bytes = 0;
    for (let read = readSync(fd, block); read > 0; read = readSync(fd, block)) {
      hash.update(block.subarray(0, read));
      bytes += read;
    }
    return { bytes, sha256: hash.digest("hex") };
  } finally {
    closeSync(fd);
  }
}
