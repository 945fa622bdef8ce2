import * as z from "zod";
import type { Llm } from "../../ports/llm.ts";
import type { AgentSettings } from "../../schema/state.ts";
import { type AgentFunction, defineFunction } from "../define.ts";

const PROMPT = "You are a helpful assistant. Keep your answers short.";
/** Most tokens of an answer. */
const MOST_TOKENS = 1000;

/** `ask_model`, and the same under the original's name. Asks the agent's model, without its memory. */
export function askModelFunctions(llmOf: (settings: AgentSettings) => Llm): AgentFunction[] {
  return ["ask_model", "message_chatgpt"].map((name) =>
    defineFunction({
      name,
      kind: "outside_effect",
      description: "Asks a second AI without memory a question, and returns its answer.",
      parameters: z.object({ message: z.string().min(1).describe("What to ask. It knows nothing else.") }),
      async run({ message }, { state, now, newId, signal }) {
        const asked = { id: newId(), createdAt: now, role: "user", event: "user_message", content: message } as const;
        const context = { system: PROMPT, queue: [asked], functions: [] };
        const { contextWindow } = state.settings;
        const answering = llmOf(state.settings).complete({ context, maxTokens: MOST_TOKENS, contextWindow, signal });
        for (;;) {
          const next = await answering.next();
          if (next.done === true) return { output: next.value.content ?? "(no answer)" };
        }
      },
    }),
  );
}
