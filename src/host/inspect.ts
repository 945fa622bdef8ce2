import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { MemGPTError } from "../errors.ts";
import { queueTokens } from "../memory/tokens.ts";
import type { AgentFolder } from "../storage/files/paths.ts";
import type { AgentState, Block } from "../schema/state.ts";
import type { CheckpointEntry } from "../schema/timeline.ts";
import { CheckpointFolder } from "../storage/files/checkpoints.ts";
import type { AgentStore } from "../ports/storage.ts";
import { shardBytes } from "../storage/vectors/graph-files.ts";

/** What an agent is made of and how much it remembers. Times are ISO 8601 in UTC, `limit` is in characters. */
export type AgentInspection = {
  readonly name: string;
  readonly created_at: string;
  readonly model: string;
  readonly preset: string;
  readonly context_window: number;
  readonly blocks: readonly Block[];
  readonly queue: { readonly messages: number; readonly tokens: number };
  readonly recall: { readonly total: number };
  readonly archival: {
    readonly total: number;
    /** What made the vectors, null while there is none; `without_vector`: passages that only their words find. */
    readonly embedding: string | null;
    readonly dimensions: number | null;
    readonly without_vector: number;
    /**
     * How they are searched by their vectors. `exact`: the query is compared with each of `vectors`; `graph`: with few, which a
     * graph leads to; `none`: there is no vector. Of a graph, `vectors` are in its files (not in one that is missing or of no
     * use and will be made anew), `pending` are not yet and are added in the background, and `removed` were taken back and are
     * still in it. `memory_bytes` is about what it takes once it is loaded, `file_bytes` what it takes on disk.
     */
    readonly index: {
      readonly kind: "none" | "exact" | "graph";
      readonly vectors: number;
      readonly pending: number;
      readonly removed: number;
      readonly memory_bytes: number;
      readonly file_bytes: number;
    };
  };
  readonly sources: readonly string[];
  /** Oldest first. */
  readonly checkpoints: readonly Pick<CheckpointEntry, "file" | "op" | "time">[];
  readonly journal: { readonly operations: number };
  /** Bytes on disk: of the database with what is not yet merged into it, of the vector index, of all checkpoints. */
  readonly disk: { readonly database: number; readonly index: number; readonly checkpoints: number };
};

/** @throws MemGPTError `storage_failed` if the database holds no agent. */
export async function inspectAgent(
  name: string,
  store: Pick<AgentStore, "recall" | "archival" | "journal" | "load">,
  folder: AgentFolder,
): Promise<AgentInspection> {
  const state = await storedState(name, store);
  const { settings, queue } = state;
  const { model: embedding, dimensions, withoutVector } = await store.archival.collection();
  const { memoryBytes, fileBytes, ...index } = await store.archival.vectorIndex();
  return {
    name,
    created_at: state.createdAt,
    model: settings.model,
    preset: settings.preset,
    context_window: settings.contextWindow,
    blocks: state.blocks,
    queue: { messages: queue.length, tokens: Math.ceil(queueTokens(queue) * state.pressure.calibration) },
    recall: { total: await store.recall.size() },
    archival: {
      total: await store.archival.size(),
      embedding,
      dimensions,
      without_vector: withoutVector,
      index: { ...index, memory_bytes: memoryBytes, file_bytes: fileBytes },
    },
    sources: [],
    checkpoints: new CheckpointFolder(folder.checkpoints)
      .list()
      .reverse()
      .map(({ file, op, time }) => ({ file, op, time })),
    journal: { operations: await store.journal.head() },
    disk: diskUse(folder),
  };
}

function diskUse({ database, root, checkpoints }: AgentFolder): AgentInspection["disk"] {
  const files = existsSync(checkpoints) ? readdirSync(checkpoints) : [];
  return {
    database: bytes(database) + bytes(`${database}-wal`),
    index: shardBytes(join(root, "archival.hnsw")),
    checkpoints: files.reduce((sum, file) => sum + bytes(join(checkpoints, file)), 0),
  };
}

/** 0 for a file that is not there: another process may be removing it. */
function bytes(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** @throws MemGPTError `storage_failed` if the database holds no agent. */
export async function storedState(name: string, store: Pick<AgentStore, "load">): Promise<AgentState> {
  const state = await store.load();
  if (state !== undefined) return state;
  throw new MemGPTError(
    "storage_failed",
    `The database of ${name} is empty. Run memgpt doctor --repair to restore it.`,
  );
}
