import type { Completion } from "../../schema/context.ts";
import type { FunctionCall } from "../../schema/message.ts";
import type { Llm, LlmDelta, LlmRequest } from "../../ports/llm.ts";
import { think } from "./answer.ts";
import { decide } from "./decide.ts";
import { summarize } from "./summary.ts";

/**
 * A small rule-based stand-in for a language model: no network, no key, always the same answer to the same context.
 * It keeps nothing between requests; like a real model it knows only what the main context shows it.
 */
export class PracticeLlm implements Llm {
  readonly model = "practice";
  readonly #delayMs: number;

  /** @param options.delayMs Pause between two pieces of an answer, to look like a model at work. 0 sets no timer. */
  constructor(options: { delayMs?: number } = {}) {
    this.#delayMs = options.delayMs ?? 0;
  }

  async *complete({ context, signal }: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    signal?.throwIfAborted();
    if (context.functions.length === 0) {
      const content = summarize(context.queue.at(-1)?.content ?? "", context.system);
      for (const text of pieces(content)) {
        await this.#pause(signal);
        yield { type: "content", text };
      }
      return { content, calls: [], usage: null, finishReason: "stop" };
    }
    const answer = decide(context);
    const content = answer.calls.length > 0 ? think(answer.thought) : answer.thought;
    for (const text of pieces(content)) {
      await this.#pause(signal);
      yield { type: "content", text };
    }
    const calls: FunctionCall[] = [];
    for (const [index, { name, args }] of answer.calls.entries()) {
      const json = JSON.stringify(args);
      for (const piece of pieces(json)) {
        await this.#pause(signal);
        yield { type: "call", index, name, arguments: piece };
      }
      calls.push({ id: `call_${index}`, name, arguments: json });
    }
    return { content, calls, usage: null, finishReason: calls.length > 0 ? "function_calls" : "stop" };
  }

  /** Waits before the next piece; without a delay it only looks whether to stop. */
  async #pause(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#delayMs <= 0) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, this.#delayMs);
      signal?.addEventListener("abort", done, { once: true });
    });
    signal?.throwIfAborted();
  }
}

/** A text in pieces of about a word, as a real model streams it. */
function pieces(text: string): string[] {
  return text.match(/\s*[^\s]{1,40}/g)?.concat(/\s+$/.exec(text)?.[0] ?? []) ?? (text === "" ? [] : [text]);
}
