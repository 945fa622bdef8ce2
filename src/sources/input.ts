import { type FileHandle, open } from "node:fs/promises";

/** Something to read: a file, a page that was fetched, standard input. */
export type Input = {
  /** As it is named to people: the path below the folder that was loaded, or the URL. */
  readonly name: string;
  readonly size: number;
  /** Text to take literally, whatever it looks like. */
  readonly isPlainText?: boolean | undefined;
  /** The vector of all of its text, as it came with it. */
  readonly embedding?: readonly number[] | undefined;
  /** Its first bytes, by which it is identified. */
  head(): Promise<Uint8Array>;
  /** All of it. @throws Unreadable if that is more than `most` bytes. */
  bytes(most: number): Promise<Uint8Array>;
  /** All of it, little of which is in memory at a time. */
  chunks(): AsyncIterable<Uint8Array>;
};

/** What was given cannot be read, for the reason that the message says: the next one may be. */
export class Unreadable extends Error {}

/** Enough to tell encodings apart and to see a few rows of a table. */
const HEAD_BYTES = 256 * 1024;

export function inputOf(name: string, bytes: Uint8Array): Input {
  return {
    name,
    size: bytes.length,
    head: async () => bytes.subarray(0, HEAD_BYTES),
    bytes: async (most) => within(bytes.length, most, bytes),
    chunks: async function* () {
      for (let from = 0; from < bytes.length; from += HEAD_BYTES) yield bytes.subarray(from, from + HEAD_BYTES);
    },
  };
}

export function inputAt(path: string, { name, size }: { readonly name: string; readonly size: number }): Input {
  return {
    name,
    size,
    head: () => reading(path, (file) => upTo(file, Math.min(size, HEAD_BYTES))),
    bytes: (most) => reading(path, async (file) => within(size, most, await upTo(file, Math.min(size, most)))),
    chunks: async function* () {
      const file = await open(path);
      try {
        for await (const chunk of file.createReadStream({ autoClose: false }) as AsyncIterable<Uint8Array>) yield chunk;
      } finally {
        await file.close();
      }
    },
  };
}

async function reading<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

async function upTo(file: FileHandle, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function within(size: number, most: number, bytes: Uint8Array): Uint8Array {
  if (size <= most) return bytes;
  throw new Unreadable(`it is larger than ${Math.round(most / 1024 / 1024)} MB, the most that is read of such a file`);
}
