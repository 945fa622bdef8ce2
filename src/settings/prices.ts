import { OPENAI_ENDPOINT } from "../llm/endpoint.ts";
import type { Price } from "../schema/spent.ts";
import type { AgentSettings } from "../schema/state.ts";

/**
 * OpenAI's list prices in US dollars for a million tokens: input, cached input, output. A model's dated versions
 * (`gpt-4o-2024-08-06`) cost what the model costs. Prices change: `prices` in the configuration wins over this table.
 */
const OPENAI_PRICES: Readonly<Record<string, readonly [input: number, cached: number, output: number]>> = {
  "gpt-4o": [2.5, 1.25, 10],
  "gpt-4o-mini": [0.15, 0.075, 0.6],
  "gpt-4.1": [2, 0.5, 8],
  "gpt-4.1-mini": [0.4, 0.1, 1.6],
  "gpt-4.1-nano": [0.1, 0.025, 0.4],
  "gpt-5": [1.25, 0.125, 10],
  "gpt-5-mini": [0.25, 0.025, 2],
  "gpt-5-nano": [0.05, 0.005, 0.4],
  o3: [2, 0.5, 8],
  "o4-mini": [1.1, 0.275, 4.4],
};

/** The configured price of a model, or OpenAI's list price if the server is OpenAI's; undefined if unknown. */
export function priceOf(
  { model, endpoint }: Pick<AgentSettings, "model" | "endpoint">,
  own: Readonly<Record<string, Price>>,
): Price | undefined {
  const given = Object.hasOwn(own, model) ? own[model] : undefined;
  if (given !== undefined) return given;
  if (endpoint !== null && endpoint !== OPENAI_ENDPOINT) return undefined;
  const name = model.replace(/-\d{4}-\d{2}-\d{2}$/, "");
  const listed = Object.hasOwn(OPENAI_PRICES, name) ? OPENAI_PRICES[name] : undefined;
  if (listed === undefined) return undefined;
  const [input, cached, output] = listed;
  return { input, cached, output };
}
