import { closeSync, fsyncSync, openSync, readSync } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { crc32 } from "node:zlib";

const BLOCK_BYTES = 1 << 22;

/** Identifies a file's content. */
export type Sums = { readonly bytes: number; readonly crc32: number };

/** Runs `read` and returns its result, if the file has these sums and did not change meanwhile. */
export async function unchanged<T>(
  file: string,
  { bytes, crc32 }: Sums,
  read: () => Promise<T>,
): Promise<T | undefined> {
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

/** Syncs the file, because the library does not report write errors and syncing does. */
export async function syncedSums(file: string): Promise<Sums> {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
    return await sumsOf(handle);
  } finally {
    await handle.close();
  }
}

export function syncedSumsNow(file: string): Sums {
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

/** Reads the next block while summing one. */
async function sumsOf(handle: FileHandle): Promise<Sums> {
  let [block, other] = [Buffer.allocUnsafe(BLOCK_BYTES), Buffer.allocUnsafe(BLOCK_BYTES)];
  let [bytes, sum] = [0, 0];
  let reading = handle.read(block, 0, BLOCK_BYTES, 0);
  for (;;) {
    const { bytesRead } = await reading;
    if (bytesRead === 0) return { bytes, crc32: sum };
    bytes += bytesRead;
    reading = handle.read(other, 0, BLOCK_BYTES, bytes);
    sum = crc32(block.subarray(0, bytesRead), sum);
    [block, other] = [other, block];
  }
}
