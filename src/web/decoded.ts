import type { IncomingMessage } from "node:http";
import { type Readable, type Transform, pipeline } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

const DECOMPRESSORS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** The decompressed body. The reader must limit it: a few bytes may unpack to very many. */
export function decoded(response: IncomingMessage): Readable {
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase() ?? "";
  const create = DECOMPRESSORS[encoding];
  // An error at either end destroys both streams and surfaces where the body is read.
  return create === undefined ? response : pipeline(response, create(), () => undefined);
}
