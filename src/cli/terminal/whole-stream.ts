import type { Readable } from "node:stream";
import { MemGPTError } from "../../index.ts";

const MEGABYTE = 1024 * 1024;

/**
 * Reads a stream to its end.
 *
 * @throws MemGPTError `invalid_input` after more than `most` bytes: a device may never end.
 */
export async function wholeStream(stream: Readable, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const piece = Buffer.from(chunk as Uint8Array);
    bytes += piece.length;
    if (bytes > most) {
      const size = most < MEGABYTE ? `${most / 1024} kB` : `${most / MEGABYTE} MB`;
      throw new MemGPTError("invalid_input", `Standard input is longer than ${size}. Nothing was changed.`);
    }
    chunks.push(piece);
  }
  return Buffer.concat(chunks);
}
