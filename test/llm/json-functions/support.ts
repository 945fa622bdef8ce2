import type { Completion, FunctionSchema, Llm, LlmDelta, MainContext, Usage } from "memgpt";
import fc from "fast-check";
import type { LlmRequest } from "../../../src/ports/llm.ts";
import { userMessage } from "../../memory/support.ts";

/** What `TextLlm` gives to one request: a text, or all there is to an answer, or a refusal. */
export type Given =
  | string
  | {
      readonly text?: string;
      readonly calls?: Completion["calls"];
      readonly usage?: Usage;
      readonly reasoning?: string;
      readonly finishReason?: Completion["finishReason"];
    }
  | Error;

/** A model that gives the answers of a script, as it would over the wire, in pieces of `sizes`. */
export class TextLlm implements Llm {
  readonly model = "text";
  readonly requests: LlmRequest[] = [];
  readonly #script: Given[];
  readonly #sizes: readonly number[];

  constructor(script: readonly Given[], sizes: readonly number[] = [5]) {
    this.#script = [...script];
    this.#sizes = sizes;
  }

  get remaining(): number {
    return this.#script.length;
  }

  async *complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    this.requests.push(request);
    const given = this.#script.shift();
    if (given === undefined) throw new Error("The script is used up.");
    if (given instanceof Error) throw given;
    const {
      text = "",
      calls = [],
      usage = null,
      reasoning,
      finishReason,
    } = typeof given === "string" ? { text: given } : given;
    for (const piece of pieces(text, this.#sizes)) yield { type: "content", text: piece };
    for (const [index, { name, arguments: args }] of calls.entries()) {
      for (const piece of pieces(args, this.#sizes)) yield { type: "call", index, name, arguments: piece };
    }
    const completion: Completion = {
      content: text === "" ? null : text,
      calls,
      usage,
      finishReason: finishReason ?? (calls.length > 0 ? "function_calls" : "stop"),
    };
    return reasoning === undefined ? completion : { ...completion, reasoning };
  }
}

export function pieces(text: string, sizes: readonly number[]): string[] {
  const all: string[] = [];
  for (let at = 0, n = 0; at < text.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    all.push(text.slice(at, at + size));
    at += size;
  }
  return all;
}

export const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

export const FUNCTIONS: readonly FunctionSchema[] = [
  {
    name: "send_message",
    description: "Sends a message to the person.",
    parameters: {
      type: "object",
      properties: { message: { type: "string", description: "What to say." } },
      required: ["message"],
    },
  },
  {
    name: "core_memory_append",
    description: "Adds to a section of core memory.",
    parameters: {
      type: "object",
      properties: {
        name: { type: "string", enum: ["persona", "human"] },
        content: { type: "string" },
        request_heartbeat: { type: "boolean", description: "true: act again at once" },
      },
      required: ["name", "content"],
    },
  },
];

export const CONTEXT: MainContext = { system: "You remember.", queue: [userMessage("hello")], functions: FUNCTIONS };

/** What was shown of an answer, after all that was taken back. */
export type Watched = {
  readonly completion: Completion;
  readonly content: string;
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  readonly deltas: readonly LlmDelta[];
};

/** Runs one inference to its end as somebody who watches sees it. */
export async function watch(llm: Llm, context: MainContext = CONTEXT): Promise<Watched> {
  const stream = llm.complete({ context, maxTokens: 500 });
  const deltas: LlmDelta[] = [];
  let content = "";
  let calls: { name: string; arguments: string }[] = [];
  for (;;) {
    const { done, value } = await stream.next();
    if (done === true) return { completion: value, content, calls, deltas };
    deltas.push(value);
    if (value.type === "retry") [content, calls] = ["", []];
    if (value.type === "content") content += value.text;
    if (value.type === "call") {
      const { index, name, arguments: args } = value;
      calls[index] = { name, arguments: (calls[index]?.arguments ?? "") + args };
    }
  }
}

/** What the completion says, in the form of what was shown. */
export function whole({ content, calls }: Completion): Pick<Watched, "content" | "calls"> {
  return { content: content ?? "", calls: calls.map(({ name, arguments: args }) => ({ name, arguments: args })) };
}

/** Calls with their arguments read. */
export function read(calls: Completion["calls"]): { name: string; args: unknown }[] {
  return calls.map(({ name, arguments: args }) => ({ name, args: JSON.parse(args) as unknown }));
}
