import { type FileHandle, open } from "node:fs/promises";
import { createReadStream } from "node:fs";
import { Readable, pipeline } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import { Unreadable } from "../input.ts";

/** A file in a ZIP archive. */
export type ZippedFile = {
  readonly name: string;
  /** Unpacked, in bytes. */
  readonly size: number;
  /** Its bytes, unpacked. @throws Unreadable if they are damaged. */
  chunks(): AsyncGenerator<Uint8Array, void, void>;
};

type Entry = {
  readonly name: string;
  readonly size: number;
  readonly packed: number;
  readonly crc: number;
  readonly isEncrypted: boolean;
  readonly method: number;
  /** Where its local header begins. */
  readonly at: number;
};

/** Each record begins with a signature. @source PKWARE's APPNOTE.TXT, section 4.3 */
const [END, LOCATOR_64, END_64, LISTED, LOCAL] = [0x06054b50, 0x07064b50, 0x06064b50, 0x02014b50, 0x04034b50];
/** Lengths of records up to their first field of varying length. */
const [END_LENGTH, LOCATOR_64_LENGTH, END_64_LENGTH, LISTED_LENGTH, LOCAL_LENGTH] = [22, 20, 56, 46, 30];
/** In place of a number that needs 64 bits and is in a field of its own. */
const IN_64_BITS = 0xffffffff;
const [STORED, DEFLATED] = [0, 8];
const LONGEST_COMMENT = 0xffff;
const LONGEST_LIST = 64 * 1024 * 1024;

/**
 * The files in an archive on disk, which is never in memory as a whole.
 *
 * @throws Unreadable if the list of files at its end is missing or damaged.
 */
export async function filesInZip(path: string): Promise<ZippedFile[]> {
  const file = await open(path);
  try {
    const entries = entriesIn(await listOf(file));
    return entries.map((entry) => ({ name: entry.name, size: entry.size, chunks: () => unpacked(path, entry) }));
  } catch (cause) {
    throw cause instanceof RangeError ? damaged(NO_LIST, cause) : cause;
  } finally {
    await file.close();
  }
}

/** The bytes of the list of files. */
async function listOf(file: FileHandle): Promise<Buffer> {
  const { size } = await file.stat();
  const tail = await bytesAt(file, Math.max(0, size - END_LENGTH - LONGEST_COMMENT), END_LENGTH + LONGEST_COMMENT);
  const end = tail.lastIndexOf(signature(END));
  if (end < 0) throw damaged(NO_LIST);
  const [length, at] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
  if (length !== IN_64_BITS && at !== IN_64_BITS) return listAt(file, at, length);
  const locator = tail.subarray(end - LOCATOR_64_LENGTH, end);
  if (locator.readUInt32LE(0) !== LOCATOR_64) throw damaged(NO_LIST);
  const end64 = await bytesAt(file, Number(locator.readBigUInt64LE(8)), END_64_LENGTH);
  if (end64.readUInt32LE(0) !== END_64) throw damaged(NO_LIST);
  return listAt(file, Number(end64.readBigUInt64LE(48)), Number(end64.readBigUInt64LE(40)));
}

async function listAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  if (length > LONGEST_LIST) throw new Unreadable("the archive has too many files");
  return bytesAt(file, at, length);
}

function entriesIn(list: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let from = 0; from < list.length;) {
    if (list.readUInt32LE(from) !== LISTED) throw damaged(NO_LIST);
    const name = from + LISTED_LENGTH;
    const extra = name + list.readUInt16LE(from + 28);
    const comment = extra + list.readUInt16LE(from + 30);
    const [size, packed, at] = numbersIn(
      [list.readUInt32LE(from + 24), list.readUInt32LE(from + 20), list.readUInt32LE(from + 42)],
      list.subarray(extra, comment),
    );
    entries.push({
      name: list.toString("utf8", name, extra),
      ...{ size, packed, at },
      crc: list.readUInt32LE(from + 16),
      isEncrypted: (list.readUInt16LE(from + 8) & 1) === 1,
      method: list.readUInt16LE(from + 10),
    });
    from = comment + list.readUInt16LE(from + 32);
  }
  return entries;
}

/** The numbers, with those that need 64 bits taken from the extra field. */
function numbersIn<T extends readonly number[]>(numbers: T, extra: Buffer): T {
  let at = 0;
  while (at < extra.length && extra.readUInt16LE(at) !== 1) at += 4 + extra.readUInt16LE(at + 2);
  at += 4;
  return numbers.map((number) => {
    if (number !== IN_64_BITS) return number;
    at += 8;
    return Number(extra.readBigUInt64LE(at - 8));
  }) as unknown as T;
}

async function* unpacked(path: string, entry: Entry): AsyncGenerator<Uint8Array, void, void> {
  const { name, size, packed, method } = entry;
  if (entry.isEncrypted) throw new Unreadable(`${name} in the archive is encrypted`);
  if (method !== STORED && method !== DEFLATED)
    throw new Unreadable(`${name} in the archive is packed in an unknown way`);
  let [bytes, sum] = [0, 0];
  try {
    const start = await startOf(path, entry);
    const raw = packed === 0 ? Readable.from([]) : createReadStream(path, { start, end: start + packed - 1 });
    const whole = method === STORED ? raw : pipeline(raw, createInflateRaw(), () => undefined);
    for await (const chunk of whole as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      sum = crc32(chunk, sum);
      if (bytes > size) break;
      yield chunk;
    }
  } catch (cause) {
    throw damaged(`${name} cannot be unpacked`, cause);
  }
  if (bytes !== size || sum !== entry.crc) throw damaged(`${name} cannot be unpacked`);
}

/** Where a file's bytes begin. */
async function startOf(path: string, { at }: Entry): Promise<number> {
  const file = await open(path);
  try {
    const header = await bytesAt(file, at, LOCAL_LENGTH);
    if (header.readUInt32LE(0) !== LOCAL) throw new RangeError("No file begins here");
    return at + LOCAL_LENGTH + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    await file.close();
  }
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}

function signature(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}

const NO_LIST = "the list of files at its end is missing";

function damaged(what: string, cause?: unknown): Unreadable {
  return new Unreadable(`the archive is damaged: ${what}`, { cause });
}
