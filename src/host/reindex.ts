import { setImmediate } from "node:timers/promises";
import { MemGPTError, describe } from "../errors.ts";
import { embedSaid } from "../agent/embed-said.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { AgentState } from "../schema/state.ts";
import type { Reembedded, Unembedded } from "../ports/maintenance.ts";
import type { EmbeddingChoice } from "./embedding-choice.ts";
import type { NoticeList } from "../ports/notices.ts";
import type { OpenedAgent } from "../ports/repository.ts";

export type ReindexOptions = {
  /** The new embedding (default: the agent's current one). */
  readonly embedding?: EmbeddingChoice | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Progress of a reindexing. The first `progress` says how much an interrupted run had done; `total` includes undone
 * passages. `done` comes when the new vectors are in use.
 */
export type ReindexEvent =
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "progress"; readonly model: string; readonly done: number; readonly total: number }
  | {
      readonly type: "done";
      readonly model: string;
      /** Null if no passage has a vector. */
      readonly dimensions: number | null;
      /** In archival memory. */
      readonly passages: number;
      /** Undone passages, also embedded because a redo may bring them back. */
      readonly takenBack: number;
      /** Passages in archival memory that only their words find. */
      readonly withoutVector: number;
    };

/** Passages per batch. An interruption loses at most one batch. */
const BATCH = 64;

type Work = {
  /** The state with the new settings. */
  readonly state: AgentState;
  readonly embedder: Embedder;
  /** Notices from storage. */
  readonly notices: NoticeList;
  readonly now: () => string;
  readonly newId: () => string;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Re-embeds every passage of an open agent, then replaces all vectors at once, together with the settings. Until then
 * the agent is unchanged, and what was embedded is kept for the next attempt.
 *
 * @throws MemGPTError `interrupted`; as the embedder does, saying what was kept; `storage_failed`.
 */
export async function* reindex(files: OpenedAgent, work: Work): AsyncGenerator<ReindexEvent, void, void> {
  const { store, checkpoints } = files;
  const { reindexing } = store.maintenance;
  const { embedder, notices, state, now, newId } = work;
  const { model } = embedder;
  const { provider, endpoint, dimensions } = state.settings.embedding;
  const { done: before, total } = await reindexing.begin({ provider, endpoint, model, dimensions });
  yield { type: "progress", model, done: before, total };
  let done = before;
  for (;;) {
    const passages = await reindexing.next(BATCH);
    if (passages.length === 0) break;
    await reindexing.add(await embedded(passages, work, `${shown(done)} of ${shown(total)} passages`));
    // An embedder that never waits would block Ctrl-C.
    await setImmediate();
    done += passages.length;
    yield { type: "progress", model, done, total };
  }
  yield* lines(files, work, { model, done, total });
  const action = { id: newId(), label: "reindex" };
  const change = { action, cause: action.label, at: now(), state, messages: [], passages: [] };
  await reindexing.finish(change);
  await store.maintenance.said.keepOnly(embedder.model);
  if (JSON.stringify(state) !== JSON.stringify(files.state)) {
    checkpoints.later(state);
    await checkpoints.settled();
    if (checkpoints.failure !== undefined) yield { type: "notice", text: checkpoints.failure.message };
  }
  for (const text of notices.all) yield { type: "notice", text };
  const collection = await store.archival.collection();
  const { withoutVector } = collection;
  const passages = await store.archival.size();
  yield {
    type: "done",
    model,
    dimensions: collection.dimensions,
    passages,
    takenBack: total - passages,
    withoutVector,
  };
}

/** Embeds messages, after the passages. */
async function* lines(
  { store }: OpenedAgent,
  { embedder, signal }: Work,
  before: { readonly model: string; readonly done: number; readonly total: number },
): AsyncGenerator<ReindexEvent, void, void> {
  const { said } = store.maintenance;
  let embedded = 0;
  try {
    for await (const progress of embedSaid({ said, embedder, signal })) {
      embedded = progress.embedded;
      const [done, total] = [before.done + embedded, before.total + progress.total];
      yield { type: "progress", model: embedder.model, done, total };
    }
  } catch (cause) {
    throw interruptedOr(cause, signal, `${shown(embedded)} messages are embedded`);
  }
}

function shown(count: number): string {
  return count.toLocaleString("en-US");
}

/** @param soFar What is kept if this fails. */
async function embedded(
  passages: readonly Unembedded[],
  { embedder, signal }: Pick<Work, "embedder" | "signal">,
  soFar: string,
): Promise<Reembedded[]> {
  try {
    signal?.throwIfAborted();
    const vectors = await embedder.embed(
      passages.map(({ text }) => text),
      signal,
    );
    signal?.throwIfAborted();
    return passages.map(({ seq }, i) => ({ seq, vector: vectors[i] ?? null }));
  } catch (cause) {
    throw interruptedOr(cause, signal, `${soFar} are embedded and kept aside`);
  }
}

/** @param soFar What is kept. */
function interruptedOr(cause: unknown, signal: AbortSignal | undefined, soFar: string): MemGPTError {
  const kept = `The agent is unchanged; ${soFar}, and reindexing again with the same embedding resumes there.`;
  if (signal?.aborted === true) return new MemGPTError("interrupted", `Stopped. ${kept}`, { cause });
  const code = cause instanceof MemGPTError ? cause.code : "llm_unavailable";
  return new MemGPTError(code, `${describe(cause).replace(/[^.?!]$/, "$&.")} ${kept}`, { cause });
}
