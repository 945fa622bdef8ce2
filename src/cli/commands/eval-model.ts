import type { Subject } from "../../eval/run.ts";
import { type Config, type ConfigKey, type Llm, modelOptionsOf } from "../../index.ts";
import { openHome } from "../terminal/open-home.ts";

export type ModelFlags = { readonly model?: string; readonly modelEndpoint?: string; readonly contextWindow?: number };

const PRACTICE = "practice";

/**
 * The model that is measured: the configured one, as far as flags do not say otherwise, with the person's keys. Of the
 * person's home only configuration and keys are read.
 *
 * @param judgeName a model that judges, at the same endpoint; the same model if absent. The practice model judges nothing.
 */
export async function subjectOf(
  { model: chosen, modelEndpoint, contextWindow }: ModelFlags,
  judgeName?: string,
): Promise<{ readonly subject: Subject; readonly judge: Llm | undefined }> {
  const person = await openHome();
  const { config } = person;
  const model = chosen ?? config.model;
  const endpoint = model === PRACTICE ? null : (modelEndpoint ?? config.model_endpoint);
  const settings = { ...modelKeys(config), model, model_endpoint: endpoint };
  const subject: Subject = {
    config: { ...settings, context_window: contextWindow ?? config.context_window },
    // Without a model the program's own answers, or what an evaluation has for itself.
    llm: model === PRACTICE ? undefined : (agent) => person.llm(agent),
  };
  const judge = judgeName ?? model;
  if (judge === PRACTICE) return { subject, judge: undefined };
  return {
    subject,
    judge: person.llm({
      model: judge,
      endpoint: model === PRACTICE ? (modelEndpoint ?? config.model_endpoint) : endpoint,
      contextWindow: contextWindow ?? config.context_window,
      options: modelOptionsOf(config),
      embedding: { provider: "hash", model: null, endpoint: null, dimensions: null },
      preset: "",
      persona: "",
      human: "",
      keepCheckpoints: 1,
    }),
  };
}

/** How models are spoken to; neither keys, nor what an agent is like and searches with. */
function modelKeys(config: Config): Partial<Config> {
  const entries = Object.entries(config).filter(([key]) => MODEL_KEYS.has(key));
  return Object.fromEntries(entries);
}

const MODEL_KEYS: ReadonlySet<string> = new Set<ConfigKey>([
  "function_calling",
  "inner_thoughts",
  "stream",
  "temperature",
  "top_p",
  "seed",
  "max_tokens_field",
  "api_version",
  "extra_headers",
  "extra_body",
  "prices",
  "max_steps",
]);
