import type { Completion } from "../../schema/context.ts";
import type { FunctionCall } from "../../schema/message.ts";
import type { Llm, LlmDelta, LlmRequest } from "../../ports/llm.ts";
import { decide } from "./decide.ts";
import { summarize } from "./summary.ts";

/** A rule-based, offline stand-in for a language model. Like a real one it knows only what the main context shows. */
export class PracticeLlm implements Llm {
  readonly model = "practice";

  async *complete({ context, signal }: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    signal?.throwIfAborted();
    const isSummary = context.functions.length === 0;
    const { queue, system } = context;
    const answer = isSummary ? { thought: summarize(queue.at(-1)?.content ?? "", system), calls: [] } : decide(context);
    for (const text of pieces(answer.thought)) {
      signal?.throwIfAborted();
      yield { type: "content", text };
    }
    const calls: FunctionCall[] = [];
    for (const [index, { name, args }] of answer.calls.entries()) {
      const json = JSON.stringify(args);
      for (const piece of pieces(json)) {
        signal?.throwIfAborted();
        yield { type: "call", index, name, arguments: piece };
      }
      calls.push({ id: `call_${index}`, name, arguments: json });
    }
    const finishReason = calls.length > 0 ? "function_calls" : "stop";
    return { content: answer.thought, calls, usage: null, finishReason };
  }
}

/** Pieces of a few words. A real model streams single tokens, but every piece costs a pass through the program. */
function pieces(text: string): string[] {
  return text.match(/(?:\s*\S{1,40}){1,3}/g)?.concat(/\s+$/.exec(text)?.[0] ?? []) ?? (text === "" ? [] : [text]);
}
