import type { Completion, LlmDelta, MainContext } from "memgpt";
import type { LlmRequest } from "../../../src/ports/llm.ts";
import { OpenAiLlm, type OpenAiOptions } from "../../../src/llm/openai/openai-llm.ts";
import { exchange, userMessage } from "../../memory/support.ts";

export const context: MainContext = {
  system: "You remember.",
  queue: [userMessage("hello"), ...exchange("I note it", "x", ["ok"])],
  functions: [{ name: "send_message", description: "Sends", parameters: { type: "object" } }],
};

/** A client of a server on loopback that waits for nothing. */
export function client(endpoint: string, options: Partial<OpenAiOptions> = {}): OpenAiLlm {
  const limits = { connectMs: 1000, firstMs: 5000, betweenMs: 5000, wholeMs: 5000, ...options.limits };
  const sleep = async (): Promise<void> => Promise.resolve();
  return new OpenAiLlm({ model: "m", endpoint, apiKey: null, env: {}, sleep, random: () => 0, ...options, limits });
}

export type Answer = { readonly deltas: LlmDelta[]; readonly completion: Completion };

export async function complete(llm: OpenAiLlm, request: Partial<LlmRequest> = {}): Promise<Answer> {
  const deltas: LlmDelta[] = [];
  const answer = llm.complete({ context, maxTokens: 100, ...request });
  for (;;) {
    const { done, value } = await answer.next();
    if (done === true) return { deltas, completion: value };
    deltas.push(value);
  }
}
