import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { StoredBytes } from "../../ports/repository.ts";
import type { AgentFolder } from "../files/paths.ts";
import { shardBytes } from "../vectors/graph-files.ts";

/** An agent's size on disk, including the write-ahead log. */
export function bytesOf({ database, root, checkpoints }: AgentFolder): StoredBytes {
  const files = existsSync(checkpoints) ? readdirSync(checkpoints) : [];
  return {
    database: bytes(database) + bytes(`${database}-wal`),
    index: shardBytes(join(root, "archival.hnsw")),
    checkpoints: files.reduce((sum, file) => sum + bytes(join(checkpoints, file)), 0),
  };
}

/** 0 for a missing file: another process may be removing it. */
function bytes(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
