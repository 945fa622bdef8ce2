import { adviceFor } from "./check-model.ts";
import { describe } from "../errors.ts";
import { type Check, fail, ok, warn } from "./health.ts";
import { OPENAI_ENDPOINT } from "../llm/endpoint.ts";
import type { EmbeddingSettings } from "../schema/state.ts";
import { type EmbeddingTrial, type EmbeddingTrialOptions, tryEmbedding } from "./try-embedding.ts";

/** The vectors in an agent's archival memory: their model and dimensions, null before the first. */
export type AgentVectors = {
  readonly agent: string;
  readonly passages: number;
  readonly withoutVector: number;
  readonly model: string | null;
  readonly dimensions: number | null;
  /** The same for lines of the conversation. */
  readonly said: { readonly model: string | null; readonly withoutVector: number };
};

/** Embeds one text and reports the dimensions, then what is wrong with the vectors of agents with this embedding. */
export async function* checkEmbedding(
  settings: EmbeddingSettings,
  options: EmbeddingTrialOptions,
  vectors: readonly AgentVectors[] = [],
): AsyncGenerator<Check, void, void> {
  let trial: EmbeddingTrial | undefined;
  try {
    trial = await tryEmbedding(settings, options);
    yield ok("embedding", trialText(settings, trial));
  } catch (error) {
    options.signal?.throwIfAborted();
    const advice = settings.provider.startsWith("local")
      ? "Until it works, memory is searched by words only."
      : adviceFor(error);
    yield fail("embedding", describe(error), advice);
  }
  for (const one of vectors) yield* checkVectors(one, trial);
}

function trialText({ provider, endpoint }: EmbeddingSettings, { model, dimensions, seconds }: EmbeddingTrial): string {
  const length = `${shown(dimensions)} dimensions`;
  if (provider === "hash") return `${model}, built in: ${length}`;
  const where = provider.startsWith("local") ? "in this process" : `at ${endpoint ?? OPENAI_ENDPOINT}`;
  return `${model} ${where}: ${length}, ${seconds.toFixed(1)} s`;
}

function* checkVectors(
  { agent, passages, withoutVector, model, dimensions, said }: AgentVectors,
  trial: EmbeddingTrial | undefined,
): Generator<Check, void, void> {
  const name = "vectors";
  const command = `memgpt reindex ${agent.includes(" ") ? `"${agent}"` : agent}`;
  if (trial !== undefined && model !== null && dimensions !== null) {
    const isOther = model !== trial.model || dimensions !== trial.dimensions;
    const [stored, current] = [
      `${shown(dimensions)} dimensions by ${model}`,
      `${shown(trial.dimensions)} by ${trial.model}`,
    ];
    const detail = `they have ${stored}, but new ones would have ${current}: passages are found by words only`;
    if (isOther) yield { ...warn(name, detail, `Run \`${command}\` to re-embed all of them.`), agents: [agent] };
  }
  if (said.model !== null && said.withoutVector > 0) {
    const detail = `${shown(said.withoutVector)} lines of what was said have none by ${said.model}: only words find these`;
    const advice = `They are embedded between turns; \`${command}\` does it at once.`;
    yield { ...warn(name, detail, advice), agents: [agent] };
  }
  if (withoutVector > 0) {
    const detail = `${shown(withoutVector)} of ${shown(passages)} passages have none and are found by words only`;
    const advice = `Run \`${command}\` to embed them; a passage without words stays without a vector.`;
    yield { ...warn(name, detail, advice), agents: [agent] };
  }
}

function shown(count: number): string {
  return count.toLocaleString("en-US");
}
