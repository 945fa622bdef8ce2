import type { Completion, MainContext, Usage } from "../schema/context.ts";
import type { FunctionCall } from "../schema/message.ts";
import type { Llm, LlmDelta, LlmRequest } from "../ports/llm.ts";

/** One answer of a script. `args` is serialized as JSON, unless it is a string. */
export type ScriptedAnswer = {
  readonly think?: string;
  readonly call?: string;
  readonly args?: Readonly<Record<string, unknown>> | string;
  readonly calls?: readonly { readonly call: string; readonly args?: Readonly<Record<string, unknown>> | string }[];
  readonly usage?: Usage;
  /** Thrown instead of an answer. */
  readonly error?: Error;
  readonly finishReason?: Completion["finishReason"];
};

/** A model that answers from a script, for tests. Check with `remaining` that the script was used up. */
export class ScriptedLlm implements Llm {
  readonly model = "scripted";
  /** Every context it was given, oldest first. */
  readonly seen: MainContext[] = [];
  readonly #script: (ScriptedAnswer | ((context: MainContext) => ScriptedAnswer))[];

  constructor(script: readonly (ScriptedAnswer | ((context: MainContext) => ScriptedAnswer))[]) {
    this.#script = [...script];
  }

  /** Answers not yet given. */
  get remaining(): number {
    return this.#script.length;
  }

  async *complete({ context, signal }: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    signal?.throwIfAborted();
    this.seen.push(context);
    const next = this.#script.shift();
    if (next === undefined)
      throw new Error(`The script is used up, and the model was called a ${this.seen.length}th time`);
    const answer = typeof next === "function" ? next(context) : next;
    if (answer.error !== undefined) throw answer.error;
    const calls = callsOf(answer);
    for (const text of pieces(answer.think ?? "")) yield { type: "content", text };
    for (const [index, call] of calls.entries()) {
      for (const text of pieces(call.arguments)) {
        signal?.throwIfAborted();
        yield { type: "call", index, name: call.name, arguments: text };
      }
    }
    signal?.throwIfAborted();
    const finishReason = answer.finishReason ?? (calls.length > 0 ? "function_calls" : "stop");
    return { content: answer.think ?? null, calls, usage: answer.usage ?? null, finishReason };
  }
}

function callsOf({ call, args, calls }: ScriptedAnswer): FunctionCall[] {
  const all = calls ?? (call === undefined ? [] : [args === undefined ? { call } : { call, args }]);
  return all.map(({ call: name, args: given = {} }, index) => ({
    id: `call_${index}`,
    name,
    arguments: typeof given === "string" ? given : JSON.stringify(given),
  }));
}

/** Splits in the middle of words, as tokens do. */
function pieces(text: string): string[] {
  return text.match(/[\s\S]{1,7}/g) ?? [];
}
