import { crc32 } from "node:zlib";
import type { Entry, ZipFile } from "yauzl";
import { Unreadable } from "../input.ts";

/** A file in a ZIP archive. */
export type ZippedFile = {
  readonly name: string;
  /** Unpacked, in bytes. */
  readonly size: number;
  /** Its bytes, unpacked. @throws Unreadable if they are damaged, encrypted or packed in an unknown way. */
  chunks(): AsyncGenerator<Uint8Array, void, void>;
};

/**
 * The files in an archive on disk, which is never in memory as a whole.
 *
 * @throws Unreadable if the list of files at its end is missing or damaged.
 */
export async function filesInZip(path: string): Promise<ZippedFile[]> {
  const files: ZippedFile[] = [];
  try {
    const zip = await openZip(path);
    try {
      for await (const entry of zip.eachEntry())
        files.push({ name: entry.fileName, size: entry.uncompressedSize, chunks: () => unpacked(path, entry) });
    } finally {
      zip.close();
    }
  } catch (cause) {
    throw damaged("the list of files at its end is missing", cause);
  }
  return files;
}

async function* unpacked(path: string, entry: Entry): AsyncGenerator<Uint8Array, void, void> {
  const name = entry.fileName;
  if (entry.isEncrypted()) throw new Unreadable(`${name} in the archive is encrypted`);
  if (!entry.canDecodeFileData()) throw new Unreadable(`${name} in the archive is packed in an unknown way`);
  const zip = await openZip(path);
  let sum = 0;
  try {
    for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Uint8Array>) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (cause) {
    throw damaged(`${name} cannot be unpacked`, cause);
  } finally {
    zip.close();
  }
  if (sum !== entry.crc32) throw damaged(`${name} cannot be unpacked`);
}

async function openZip(path: string): Promise<ZipFile> {
  const { openPromise } = await import("yauzl");
  return openPromise(path, { autoClose: false });
}

function damaged(what: string, cause?: unknown): Unreadable {
  return new Unreadable(`the archive is damaged: ${what}`, { cause });
}
