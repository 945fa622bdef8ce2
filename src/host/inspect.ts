import { MemGPTError } from "../errors.ts";
import { queueTokens } from "../memory/tokens.ts";
import type { AgentState, Block } from "../schema/state.ts";
import type { CheckpointEntry } from "../schema/timeline.ts";
import type { AgentReader } from "../ports/repository.ts";

/** An agent's settings, core memory and sizes. Times are ISO 8601 in UTC, `limit` is in characters. */
export type AgentInspection = {
  readonly name: string;
  readonly created_at: string;
  readonly model: string;
  readonly preset: string;
  readonly context_window: number;
  readonly blocks: readonly Block[];
  readonly queue: { readonly messages: number; readonly tokens: number };
  readonly recall: {
    readonly total: number;
    /** The model of the newest message vector; null without one. `without_vector`: lines that it has not embedded. */
    readonly embedding: string | null;
    readonly without_vector: number;
  };
  readonly archival: {
    readonly total: number;
    /** The model of the vectors; null without any. `without_vector`: passages that only their words find. */
    readonly embedding: string | null;
    readonly dimensions: number | null;
    readonly without_vector: number;
    /**
     * How vectors are searched. `exact`: the query is compared with each of `vectors`; `graph`: with a few, found
     * through a graph; `none`: there are no vectors. For a graph, `vectors` counts those in its files (0 if it must be
     * rebuilt), `pending` those still to be added in the background, and `removed` deleted ones still in it.
     * `memory_bytes` is its approximate size when loaded, `file_bytes` its size on disk.
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
  /** Bytes on disk of the database with its write-ahead log, the vector index, and all checkpoints. */
  readonly disk: { readonly database: number; readonly index: number; readonly checkpoints: number };
};

/** @throws MemGPTError `storage_failed` if the storage holds no agent. */
export async function inspectAgent(
  name: string,
  reader: AgentReader,
  {
    checkpoints,
    current,
  }: {
    readonly checkpoints: readonly CheckpointEntry[];
    /** The blocks as the agent will see them when it next acts. */
    readonly current: (state: AgentState) => Promise<Block[]>;
  },
): Promise<AgentInspection> {
  const { history, recall, archival, maintenance } = reader;
  const state = await storedState(name, reader);
  const { settings, queue } = state;
  const { model: embedding, dimensions, withoutVector } = await archival.collection();
  const { memoryBytes, fileBytes, ...index } = await maintenance.vectorIndex();
  return {
    name,
    created_at: state.createdAt,
    model: settings.model,
    preset: settings.preset,
    context_window: settings.contextWindow,
    blocks: await current(state),
    queue: { messages: queue.length, tokens: Math.ceil(queueTokens(queue) * state.pressure.calibration) },
    recall: { total: await recall.size(), ...(await coverage(maintenance)) },
    archival: {
      total: await archival.size(),
      embedding,
      dimensions,
      without_vector: withoutVector,
      index: { ...index, memory_bytes: memoryBytes, file_bytes: fileBytes },
    },
    sources: [...(state.sources ?? [])],
    checkpoints: checkpoints.toReversed().map(({ file, op, time }) => ({ file, op, time })),
    journal: { operations: await history.journal.head() },
    disk: await reader.bytes(),
  };
}

async function coverage({
  said,
}: AgentReader["maintenance"]): Promise<Pick<AgentInspection["recall"], "embedding" | "without_vector">> {
  const embedding = await said.model();
  if (embedding === null) return { embedding, without_vector: 0 };
  const { embedded, total } = await said.coverage(embedding);
  return { embedding, without_vector: total - embedded };
}

/** @throws MemGPTError `storage_failed` if the storage holds no agent. */
export async function storedState(name: string, { history }: Pick<AgentReader, "history">): Promise<AgentState> {
  const state = await history.load();
  if (state !== undefined) return state;
  throw new MemGPTError(
    "storage_failed",
    `The database of ${name} is empty. Run memgpt doctor --repair to restore it.`,
  );
}
