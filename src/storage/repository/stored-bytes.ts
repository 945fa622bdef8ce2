import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { StoredBytes } from "../../ports/repository.ts";
import { sizeOf } from "../files/folders.ts";
import type { AgentFolder } from "../files/paths.ts";
import { shardBytes } from "../vectors/graph-files.ts";

/** An agent's size on disk, including the write-ahead log. */
export function bytesOf({ database, root, checkpoints }: AgentFolder): StoredBytes {
  const files = existsSync(checkpoints) ? readdirSync(checkpoints) : [];
  return {
    database: sizeOf(database) + sizeOf(`${database}-wal`),
    index: shardBytes(join(root, "archival.hnsw")),
    checkpoints: files.reduce((sum, file) => sum + sizeOf(join(checkpoints, file)), 0),
  };
}
