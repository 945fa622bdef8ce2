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
  readonly archival: { readonly total: number };
  readonly sources: readonly string[];
  /** Oldest first. */
  readonly checkpoints: readonly Pick<CheckpointEntry, "file" | "op" | "time">[];
  readonly journal: { readonly operations: number };
};

/** @throws MemGPTError `storage_failed` if the database holds no agent. */
export async function inspectAgent(
  name: string,
  store: Pick<AgentStore, "recall" | "archival" | "journal" | "load">,
  folder: AgentFolder,
): Promise<AgentInspection> {
  const state = await storedState(name, store);
  const { settings, queue } = state;
  return {
    name,
    created_at: state.createdAt,
    model: settings.model,
    preset: settings.preset,
    context_window: settings.contextWindow,
    blocks: state.blocks,
    queue: { messages: queue.length, tokens: Math.ceil(queueTokens(queue) * state.pressure.calibration) },
    recall: { total: await store.recall.size() },
    archival: { total: await store.archival.size() },
    sources: [],
    checkpoints: new CheckpointFolder(folder.checkpoints)
      .list()
      .reverse()
      .map(({ file, op, time }) => ({ file, op, time })),
    journal: { operations: await store.journal.head() },
  };
}

/** @throws MemGPTError `storage_failed` if the database holds no agent. */
export async function storedState(name: string, store: Pick<AgentStore, "load">): Promise<AgentState> {
  const state = await store.load();
  if (state !== undefined) return state;
  throw new MemGPTError("storage_failed", `The database of ${name} is empty. Open the agent to restore it.`);
}
