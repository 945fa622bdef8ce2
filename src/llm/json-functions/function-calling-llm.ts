import { ContextOverflowError, LlmError, describe } from "../../errors.ts";
import type { Completion, FunctionSchema } from "../../schema/context.ts";
import type { Llm, LlmDelta, LlmRequest } from "../../ports/llm.ts";
import type { QuirkStore } from "../../ports/quirks.ts";
import { Shown } from "../shown.ts";
import { saysCallFailed, saysNoTools } from "./no-tools.ts";
import { parseAnswer } from "./parse.ts";
import { TextGate } from "./text-gate.ts";

/** Consecutive answers with a call written as text after which a model is assumed to lack native function calling. */
const MOST_WRITTEN = 2;

export type FunctionCallingOptions = {
  /** With the server's own function calling. */
  readonly native: Llm;
  /** With the functions described in the prompt. */
  readonly json: Llm;
  readonly quirks: QuirkStore;
};

/**
 * `Llm` over a model that may or may not support function calling. Uses it until the server reports that it is missing, or
 * the model keeps writing its calls as text; from then on describes the functions in the prompt.
 */
export class FunctionCallingLlm implements Llm {
  readonly model: string;
  readonly #options: FunctionCallingOptions;
  #written = 0;

  constructor(options: FunctionCallingOptions) {
    this.model = options.native.model;
    this.#options = options;
  }

  async *complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    const { native, json, quirks } = this.#options;
    if (quirks.get().functionCalling === "json") return yield* json.complete(request);
    if (request.context.functions.length === 0) return yield* native.complete(request);
    try {
      return yield* this.#native(request);
    } catch (error) {
      request.signal?.throwIfAborted();
      if (!this.#isWithoutCalling(error)) throw error;
    }
    const learned = quirks.get().functionCalling === "json";
    const reason = learned
      ? `${this.model} has no function calling here; the functions are described in the prompt from now on.`
      : `${this.model} failed to call a function; asking again with the functions described in the prompt.`;
    yield { type: "retry", reason, seconds: 0 };
    return yield* json.complete(request);
  }

  /** Whether to go on without native calling. Remembers it if the server lacks it altogether. */
  #isWithoutCalling(error: unknown): boolean {
    if (!(error instanceof LlmError) || error instanceof ContextOverflowError) return false;
    const text = messagesOf(error);
    if (saysNoTools(text, error.status)) {
      this.#options.quirks.learn({ functionCalling: "json" });
      return true;
    }
    if (!saysCallFailed(text)) return false;
    this.#count();
    return true;
  }

  async *#native(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    const stream = this.#options.native.complete(request);
    const shown = new Shown();
    let gate = new TextGate();
    try {
      for (;;) {
        const { done, value } = await stream.next();
        if (done === true) {
          const completion = this.#withWrittenCalls(value, request.context.functions, shown.content);
          yield* shown.rest(completion);
          return completion;
        }
        if (value.type === "retry") gate = new TextGate();
        const delta = value.type === "content" ? { ...value, text: gate.push(value.text) } : value;
        if (delta.type !== "content" || delta.text !== "") yield shown.add(delta);
      }
    } finally {
      await stream.return(NOTHING);
    }
  }

  /** The answer, with calls written as text turned into calls. `shown`: the part of its content shown so far. */
  #withWrittenCalls(completion: Completion, functions: readonly FunctionSchema[], shown: string): Completion {
    if (completion.calls.length > 0) {
      this.#written = 0;
      return completion;
    }
    const text = completion.content ?? "";
    const written = text.startsWith(shown) ? text.slice(shown.length) : text;
    if (written === "") return completion;
    const parsed = parseAnswer(written, functions);
    const names = new Set(functions.map(({ name }) => name));
    if ("fault" in parsed || parsed.calls.length === 0 || parsed.calls.some(({ name }) => !names.has(name))) {
      return completion;
    }
    this.#count();
    const thoughts = shown + (parsed.thoughts ?? "");
    return {
      ...completion,
      content: thoughts === "" ? null : thoughts,
      calls: parsed.calls.map(({ name, arguments: args }) => ({
        id: `call_${crypto.randomUUID().slice(0, 8)}`,
        name,
        arguments: JSON.stringify(args),
      })),
      finishReason: completion.finishReason === "stop" ? "function_calls" : completion.finishReason,
    };
  }

  #count(): void {
    this.#written += 1;
    if (this.#written >= MOST_WRITTEN) this.#options.quirks.learn({ functionCalling: "json" });
  }
}

const NOTHING: Completion = { content: null, calls: [], usage: null, finishReason: "stop" };

/** The messages of the error and its causes. */
function messagesOf(error: Error): string {
  const texts: string[] = [];
  for (let cause: unknown = error, n = 0; cause !== undefined && n < 5; n += 1) {
    texts.push(describe(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return texts.join("\n");
}
