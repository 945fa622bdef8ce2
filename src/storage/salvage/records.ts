import type { PageFile } from "./page-file.ts";

export type Value = null | number | string | Buffer;
/** A row of a table with its rowid, or an entry of an index, whose key is 0. */
export type StoredRecord = { readonly key: number; readonly values: readonly Value[] };

/** Kinds of b-tree pages, by their first byte. */
export const INTERIOR_INDEX = 2;
export const INTERIOR_TABLE = 5;
export const LEAF_INDEX = 10;
export const LEAF_TABLE = 13;

/** The kind of a b-tree page; undefined for any other page. */
export function kindOf(page: Buffer, number: number): number | undefined {
  const kind = page[headerOf(number)];
  return kind === INTERIOR_INDEX || kind === INTERIOR_TABLE || kind === LEAF_INDEX || kind === LEAF_TABLE
    ? kind
    : undefined;
}

/** The pages below an interior page. */
export function childrenOf(page: Buffer, number: number): number[] {
  const rightmost = page.readUInt32BE(headerOf(number) + 8);
  return [...cellsOf(page, number).flatMap((at) => (at + 4 <= page.length ? page.readUInt32BE(at) : [])), rightmost];
}

/** The readable records on a page. */
export function recordsOn(file: PageFile, page: Buffer, number: number): StoredRecord[] {
  const kind = kindOf(page, number);
  if (kind === undefined || kind === INTERIOR_TABLE) return [];
  return cellsOf(page, number).flatMap((at) => {
    try {
      return [readCell(file, page, kind === INTERIOR_INDEX ? at + 4 : at, kind === LEAF_TABLE)];
    } catch (error) {
      if (error instanceof RangeError || error instanceof TypeError) return [];
      throw error;
    }
  });
}

function headerOf(number: number): number {
  return number === 1 ? 100 : 0;
}

/** The valid offsets of a page's cells. */
function cellsOf(page: Buffer, number: number): number[] {
  const header = headerOf(number);
  const isLeaf = (page[header] ?? 0) >= LEAF_INDEX;
  const pointers = header + (isLeaf ? 8 : 12);
  const most = Math.floor((page.length - pointers) / 2);
  const count = Math.min(page.readUInt16BE(header + 3), most);
  const cells = Array.from({ length: count }, (_, n) => page.readUInt16BE(pointers + 2 * n));
  return cells.filter((at) => at >= pointers && at < page.length);
}

/** @throws RangeError if there is no cell. */
function readCell(file: PageFile, page: Buffer, at: number, isTable: boolean): StoredRecord {
  const reader = new Reader(page, at);
  const size = reader.varint();
  const key = isTable ? reader.varint() : 0;
  return { key, values: decode(payload(file, page, reader.at, size, isTable)) };
}

/** @source https://www.sqlite.org/fileformat2.html, section 1.6, on how much of a payload is in the page itself */
function payload(file: PageFile, page: Buffer, at: number, size: number, isTable: boolean): Buffer {
  const usable = file.usableSize;
  if (size > file.count * usable) throw new RangeError("a payload larger than the file");
  const most = isTable ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((size - least) % (usable - 4));
  const local = size <= most ? size : fitting <= most ? fitting : least;
  if (at + local > page.length) throw new RangeError("a payload beyond its page");
  const parts = [page.subarray(at, at + local)];
  let next = size > local ? page.readUInt32BE(at + local) : 0;
  for (let left = size - local; left > 0;) {
    const overflow = file.page(next);
    if (overflow === undefined) throw new RangeError("an overflow page is missing");
    const part = overflow.subarray(4, Math.min(4 + left, usable));
    parts.push(part);
    left -= part.length;
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** @throws RangeError, or TypeError for invalid text. */
function decode(record: Buffer): Value[] {
  const header = new Reader(record, 0);
  const end = header.varint();
  const types: number[] = [];
  while (header.at < end) types.push(header.varint());
  if (header.at !== end) throw new RangeError("a header of another length");
  let at = end;
  const values = types.map((type) => {
    const size = sizeOf(type);
    const value = valueOf(type, record.subarray(at, at + size));
    at += size;
    return value;
  });
  if (at !== record.length) throw new RangeError("a record of another length");
  return values;
}

const INTEGER_SIZES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function sizeOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  const size = INTEGER_SIZES[type];
  if (size === undefined) throw new RangeError("a reserved type");
  return size;
}

function valueOf(type: number, bytes: Buffer): Value {
  if (bytes.length !== sizeOf(type)) throw new RangeError("a value beyond its record");
  if (type >= 12) return type % 2 === 0 ? Buffer.from(bytes) : utf8.decode(bytes);
  if (type === 0) return null;
  if (type >= 8) return type - 8;
  if (type === 7) return bytes.readDoubleBE();
  return type === 6 ? Number(bytes.readBigInt64BE()) : bytes.readIntBE(0, bytes.length);
}

class Reader {
  at: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** We never write numbers of more than 53 bits. */
  varint(): number {
    let value = 0;
    for (let n = 0; n < 8; n += 1) {
      const byte = this.#bytes.readUInt8(this.at);
      this.at += 1;
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
    throw new RangeError("a number too large");
  }
}
