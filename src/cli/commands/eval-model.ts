import type { Subject } from "../../eval/run.ts";
import { type Config, type ConfigKey, type Llm, modelOptionsOf } from "../../index.ts";
import { openHome } from "../terminal/open-home.ts";

export type ModelFlags = { readonly model?: string; readonly modelEndpoint?: string; readonly contextWindow?: number };

const PRACTICE = "practice";

/**
 * The model to measure: the configured one unless flags override it, with the configured keys. Nothing else is read from
 * the person's home.
 *
 * @param judgeName judge model at the same endpoint (default: the measured model). The practice model cannot judge.
 */
export async function subjectOf(
  { model: chosen, modelEndpoint, contextWindow }: ModelFlags,
  judgeName?: string,
): Promise<{ readonly subject: Subject; readonly judge: Llm | undefined }> {
  const person = await openHome();
  const { config } = person;
  const model = chosen ?? config.model;
  const endpoint = model === PRACTICE ? null : (modelEndpoint ?? config.model_endpoint);
  const settings = { ...modelSettings(config), model, model_endpoint: endpoint };
  const subject: Subject = {
    config: { ...settings, context_window: contextWindow ?? config.context_window },
    // Undefined: the practice model, or the evaluation's own driver.
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

/** The settings of the model connection, without keys, agents and embeddings. */
function modelSettings(config: Config): Partial<Config> {
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
