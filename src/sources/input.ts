import { type FileHandle, open } from "node:fs/promises";
import { describe } from "../errors.ts";

/** Something to read: a file, a fetched page, standard input. */
export type Input = {
  /** The name shown to people: the path below the loaded folder, or the URL. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** A file's path, or the bytes themselves, so that another thread can read it. */
  readonly at: string | Uint8Array;
  /** Whether to read it as plain text, whatever it looks like. */
  readonly isPlainText?: boolean | undefined;
  /** The vector of its whole text, if it came with one. */
  readonly embedding?: readonly number[] | undefined;
  /** Its first 256 KiB, by which it is identified. */
  head(): Promise<Uint8Array>;
  /** All of its bytes. @throws Unreadable if there are more than `most`. */
  bytes(most: number): Promise<Uint8Array>;
  /** All of its bytes, as a stream. */
  chunks(): AsyncIterable<Uint8Array>;
};

/** A document cannot be read; the message says why. Others are not affected. */
export class Unreadable extends Error {}

/** A file that is not a document, such as a picture. It is skipped and counted. */
export class Binary extends Unreadable {}

/** Why a file could not be read, in plain words. */
export function fileProblem(error: unknown): string {
  switch (error instanceof Error && "code" in error ? error.code : undefined) {
    case "EACCES":
    case "EPERM":
      return "you may not read it";
    case "ENOENT":
      return "it is no longer there";
    default:
      return describe(error);
  }
}

/** Enough to tell encodings apart and to see a few rows of a table. */
const HEAD_BYTES = 256 * 1024;

export function inputOf(name: string, bytes: Uint8Array): Input {
  return {
    name,
    size: bytes.length,
    at: bytes,
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
    at: path,
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
