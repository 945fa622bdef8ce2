import { setImmediate } from "node:timers/promises";
import type { Config } from "../settings/config.ts";
import { embeddingSettingsOf } from "../settings/embedding-settings.ts";
import { MemGPTError, describe } from "../errors.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { AgentState, EmbeddingSettings } from "../schema/state.ts";
import type { Reembedded, Unembedded } from "../ports/storage.ts";
import { type OpenedAgent, writeCheckpoint } from "../storage/repository/open-agent.ts";

/** What else an agent is to be embedded with; what is left out stays, or with another provider is as configured. */
export type EmbeddingChoice = { readonly [Key in keyof EmbeddingSettings]?: EmbeddingSettings[Key] | undefined };

export type ReindexOptions = {
  /** What to embed with from now on; what the agent is embedded with, if absent. */
  readonly embedding?: EmbeddingChoice | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * How far a reindexing has come. The first `progress` says what an interrupted one had done already, passages that were
 * taken back are counted too, and `done` comes when the new vectors are in use.
 */
export type ReindexEvent =
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "progress"; readonly model: string; readonly done: number; readonly total: number }
  | {
      readonly type: "done";
      readonly model: string;
      /** Null where no passage has a vector. */
      readonly dimensions: number | null;
      readonly passages: number;
      /** Of these, those that only their words find. */
      readonly withoutVector: number;
    };

/** Passages that are embedded at a time, and lost if it is interrupted. */
const BATCH = 64;

/**
 * What an agent is embedded with from now on, if it was with `current`.
 *
 * @throws MemGPTError `invalid_input` for a choice that the provider does not have; `config_invalid` if a model must be named.
 */
export function chosenEmbedding(
  current: EmbeddingSettings,
  choice: EmbeddingChoice,
  config: Config,
): EmbeddingSettings {
  const { provider = current.provider, model, endpoint, dimensions } = choice;
  const foreign = { hash: model ?? endpoint ?? dimensions, local: endpoint, openai: undefined }[provider];
  if (foreign !== undefined && foreign !== null) {
    const message = `The embedding ${provider} has no ${provider === "hash" ? "model, endpoint or dimensions" : "endpoint"} to choose.`;
    throw new MemGPTError("invalid_input", `${message} Nothing was changed.`);
  }
  const base = provider === current.provider ? current : configured(choice, provider, config);
  // How long a vector can be is the model's own affair.
  const isOther = model !== undefined && model !== base.model;
  return {
    provider,
    model: model ?? base.model,
    endpoint: endpoint === undefined ? base.endpoint : endpoint,
    dimensions: dimensions === undefined ? (isOther ? null : base.dimensions) : dimensions,
  };
}

/** What the configuration says of a provider, which need not be the configured one. */
function configured(
  { model, endpoint }: EmbeddingChoice,
  provider: EmbeddingSettings["provider"],
  config: Config,
): EmbeddingSettings {
  const { embedding_model, embedding_endpoint, embedding_dimensions } = config;
  const nothing = { embedding_model: null, embedding_endpoint: null, embedding_dimensions: null };
  const known = provider === config.embedding ? { embedding_model, embedding_endpoint, embedding_dimensions } : nothing;
  return embeddingSettingsOf({
    ...config,
    embedding: provider,
    ...known,
    embedding_model: model ?? known.embedding_model,
    embedding_endpoint: endpoint ?? known.embedding_endpoint,
  });
}

type Work = {
  /** The state, with the settings that are to be. */
  readonly state: AgentState;
  readonly embedder: Embedder;
  readonly now: () => string;
  readonly newId: () => string;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Embeds every passage of an open agent anew and then exchanges all vectors at once, together with the settings. Until then
 * the agent is as it was, and what was embedded is kept for the next attempt.
 *
 * @throws MemGPTError `interrupted`; what the embedder throws, with what became of the agent; `storage_failed`.
 */
export async function* reindex(files: OpenedAgent, work: Work): AsyncGenerator<ReindexEvent, void, void> {
  const { store } = files;
  const { embedder, state, now, newId } = work;
  const { model } = embedder;
  const { provider, endpoint, dimensions } = state.settings.embedding;
  const { done: before, total } = await store.reindexing.begin({ provider, endpoint, model, dimensions });
  yield { type: "progress", model, done: before, total };
  let done = before;
  for (;;) {
    const passages = await store.reindexing.next(BATCH);
    if (passages.length === 0) break;
    await store.reindexing.add(await embedded(passages, work, `${shown(done)} of ${shown(total)} passages`));
    // An embedder that waits for nothing would let nobody press Ctrl-C.
    await setImmediate();
    done += passages.length;
    yield { type: "progress", model, done, total };
  }
  const action = { id: newId(), label: "reindex" };
  const change = { action, cause: action.label, at: now(), state, messages: [], passages: [] };
  await store.reindexing.finish(change);
  if (JSON.stringify(state) !== JSON.stringify(files.state)) await writeCheckpoint(files, state, { time: now() });
  for (const text of store.notices) yield { type: "notice", text };
  const collection = await store.archival.collection();
  const { withoutVector } = collection;
  yield {
    type: "done",
    model,
    dimensions: collection.dimensions,
    passages: await store.archival.size(),
    withoutVector,
  };
}

function shown(count: number): string {
  return count.toLocaleString("en-US");
}

/** @param soFar What is kept if it comes to nothing. */
async function embedded(
  passages: readonly Unembedded[],
  { embedder, signal }: Pick<Work, "embedder" | "signal">,
  soFar: string,
): Promise<Reembedded[]> {
  const kept =
    `The agent is as it was; ${soFar} are embedded and kept aside, and reindexing again with the same embedding ` +
    "goes on from there.";
  try {
    signal?.throwIfAborted();
    const vectors = await embedder.embed(
      passages.map(({ text }) => text),
      signal,
    );
    signal?.throwIfAborted();
    return passages.map(({ seq }, i) => ({ seq, vector: vectors[i] ?? null }));
  } catch (cause) {
    if (signal?.aborted === true) throw new MemGPTError("interrupted", `Stopped. ${kept}`, { cause });
    const code = cause instanceof MemGPTError ? cause.code : "llm_unavailable";
    throw new MemGPTError(code, `${describe(cause).replace(/[^.?!]$/, "$&.")} ${kept}`, { cause });
  }
}
