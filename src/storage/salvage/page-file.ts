import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { committedFrames } from "./wal-frames.ts";

/** Page size if the header is unreadable: SQLite's default, which all our files use. */
const USUAL_PAGE_SIZE = 4096;

/**
 * Reads the pages of an SQLite file, damaged or not, with its write-ahead log applied. A page that is not complete is undefined.
 *
 * @source https://www.sqlite.org/fileformat2.html, sections 1.3 and 4
 */
export class PageFile {
  readonly pageSize: number;
  /** Usable bytes of a page. */
  readonly usableSize: number;
  /** Pages are numbered from 1 to this. */
  readonly count: number;
  readonly #fd: number | undefined;
  readonly #log: Buffer;
  readonly #frames: ReadonlyMap<number, number>;

  /** @param file need not exist. */
  constructor(file: string) {
    this.#fd = existsSync(file) ? openSync(file, "r") : undefined;
    const header = Buffer.alloc(100);
    if (this.#fd !== undefined) readSync(this.#fd, header, 0, 100, 0);
    const isWhole = header.toString("latin1", 0, 16) === "SQLite format 3\0";
    const stated = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    const isPossible = isWhole && stated >= 512 && (stated & (stated - 1)) === 0;
    this.pageSize = isPossible ? stated : USUAL_PAGE_SIZE;
    this.usableSize = this.pageSize - (isPossible ? Math.min(header.readUInt8(20), 32) : 0);
    this.#log = existsSync(`${file}-wal`) ? readFileSync(`${file}-wal`) : Buffer.alloc(0);
    this.#frames = committedFrames(this.#log, this.pageSize);
    const size = this.#fd === undefined ? 0 : fstatSync(this.#fd).size;
    this.count = Math.max(Math.floor(size / this.pageSize), ...this.#frames.keys());
  }

  page(number: number): Buffer | undefined {
    if (!Number.isInteger(number) || number < 1 || number > this.count) return undefined;
    const at = this.#frames.get(number);
    if (at !== undefined) return this.#log.subarray(at, at + this.pageSize);
    if (this.#fd === undefined) return undefined;
    const page = Buffer.alloc(this.pageSize);
    const read = readSync(this.#fd, page, 0, this.pageSize, (number - 1) * this.pageSize);
    return read === this.pageSize ? page : undefined;
  }

  /** Pages on the freelist, whose content is outdated. */
  freePages(): Set<number> {
    const free = new Set<number>();
    let trunk = this.page(1)?.readUInt32BE(32) ?? 0;
    while (trunk !== 0 && !free.has(trunk)) {
      const page = this.page(trunk);
      if (page === undefined) break;
      free.add(trunk);
      const leaves = Math.min(page.readUInt32BE(4), this.usableSize / 4 - 2);
      for (let leaf = 0; leaf < leaves; leaf += 1) free.add(page.readUInt32BE(8 + 4 * leaf));
      trunk = page.readUInt32BE(0);
    }
    return free;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}
