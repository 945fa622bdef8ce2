import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { MemGPTError } from "./errors.ts";
import { queueTokens } from "./memory/tokens.ts";
import type { AgentFolder } from "./paths.ts";
import type { AgentState, Block } from "./schema/state.ts";
import type { CheckpointEntry } from "./schema/timeline.ts";
import { CheckpointFolder } from "./storage/files/checkpoints.ts";
import type { AgentStore } from "./storage/interfaces.ts";

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
  return {
    name,
    created_at: state.createdAt,
    model: settings.model,
    preset: settings.preset,
    context_window: settings.contextWindow,
    blocks: state.blocks,
    queue: { messages: queue.length, tokens: Math.ceil(queueTokens(queue) * state.pressure.calibration) },
    recall: { total: await store.recall.size() },
    archival: { total: await store.archival.size(), embedding, dimensions, without_vector: withoutVector },
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
    index: bytes(join(root, "archival.hnsw")),
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
  throw new MemGPTError("storage_failed", `The database of ${name} is empty. Open the agent to restore it.`);
}
