import type { Completion, FunctionSchema, MainContext } from "../schema/context.ts";
import type { AssistantMessage, FunctionCall, Message } from "../schema/message.ts";
import { ArgumentsReader } from "./json-functions/arguments-reader.ts";
import { isFields, repaired } from "./json-functions/repair.ts";
import type { Llm, LlmDelta, LlmRequest } from "../ports/llm.ts";
import type { QuirkStore } from "../ports/quirks.ts";
import { Shown } from "./shown.ts";

/** Consecutive calls without content after which the model is assumed never to write any. */
const MOST_SILENT = 2;

const PARAMETER = "inner_thoughts";

/**
 * `Llm` over a model that writes no content beside a call. Gives every function a first parameter for the inner monologue,
 * and moves it from the call into the content of the answer.
 *
 * @source memgpt 0.3.25, which does so for gpt-4o and similar models
 */
export class InnerThoughtsLlm implements Llm {
  readonly model: string;
  readonly #llm: Llm;
  readonly #mode: "auto" | "parameter";
  readonly #quirks: QuirkStore;
  #silent = 0;

  /** @param options.mode `auto`: only once the model is known to write no content beside its calls, which is a quirk. */
  constructor(llm: Llm, options: { mode: "auto" | "parameter"; quirks: QuirkStore }) {
    this.model = llm.model;
    this.#llm = llm;
    this.#mode = options.mode;
    this.#quirks = options.quirks;
  }

  async *complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    const known = this.#quirks.get().innerThoughts;
    if (this.#mode === "parameter" || known === "parameter") return yield* this.#withParameter(request);
    const completion = yield* this.#llm.complete(request);
    if (known === undefined) this.#observe(completion);
    return completion;
  }

  #observe({ content, reasoning, calls }: Completion): void {
    const thought = `${content ?? ""}${reasoning ?? ""}`.trim();
    if (calls.length === 0) return;
    this.#silent = thought === "" ? this.#silent + 1 : 0;
    if (this.#silent >= MOST_SILENT) this.#quirks.learn({ innerThoughts: "parameter" });
  }

  async *#withParameter(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    const stream = this.#llm.complete({ ...request, context: withParameter(request.context) });
    const shown = new Shown();
    let thoughts = new Thoughts();
    try {
      for (;;) {
        const { done, value } = await stream.next();
        if (done === true) {
          const completion = thoughts.completion(value, shown);
          yield* shown.rest(completion);
          return completion;
        }
        if (value.type === "retry") thoughts = new Thoughts();
        for (const delta of thoughts.push(value)) yield shown.add(delta);
      }
    } finally {
      await stream.return(NOTHING);
    }
  }
}

const NOTHING: Completion = { content: null, calls: [], usage: null, finishReason: "stop" };

/** Moves the thoughts out of the calls of one answer. */
class Thoughts {
  readonly #calls: { readonly reader: ArgumentsReader; raw: string }[] = [];
  /** The source of the last thought: an index of a call, or -1 for the content. Each source starts a new line. */
  #last: number | undefined;

  push(delta: LlmDelta): LlmDelta[] {
    if (delta.type === "content") return this.#thought(-1, delta.text);
    if (delta.type !== "call") return [delta];
    const { index, name } = delta;
    const call = this.#calls[index] ?? { reader: new ArgumentsReader(), raw: "" };
    this.#calls[index] = call;
    call.raw += delta.arguments;
    const { thought, json } = call.reader.push(delta.arguments);
    const args: LlmDelta = { type: "call", index, name, arguments: json };
    return [...this.#thought(index, thought), ...(json === "" ? [] : [args])];
  }

  /** The answer without the parameter. Keeps what was shown if it matches the answer. */
  completion({ content, calls, ...rest }: Completion, shown: Shown): Completion {
    const isShown = calls.every(({ arguments: args }, index) => {
      const call = this.#calls[index];
      return call?.raw === args && call.reader.done && isJson(shown.argumentsOf(index));
    });
    if (isShown && this.#calls.length === calls.length && shown.content.startsWith(content ?? "")) {
      const kept = calls.map((call, index) => ({ ...call, arguments: shown.argumentsOf(index) }));
      return { ...rest, content: shown.content === "" ? content : shown.content, calls: kept };
    }
    const read = calls.map(withoutThought);
    const thoughts = [content ?? "", ...read.map(({ thought }) => thought)].filter((text) => text.trim() !== "");
    return {
      ...rest,
      content: thoughts.length === 0 ? null : thoughts.join("\n"),
      calls: read.map(({ call }) => call),
    };
  }

  #thought(source: number, text: string): LlmDelta[] {
    if (text === "") return [];
    const start = this.#last === undefined || this.#last === source ? "" : "\n";
    this.#last = source;
    return [{ type: "content", text: start + text }];
  }
}

/** A call without its thought. Arguments that cannot be parsed stay as they are: the executor refuses them. */
function withoutThought(call: FunctionCall): { call: FunctionCall; thought: string } {
  const args = call.arguments.trim() === "" ? {} : repaired(call.arguments);
  if (!isFields(args)) return { call, thought: "" };
  const { [PARAMETER]: thought, ...own } = args;
  if (typeof thought !== "string") return { call, thought: "" };
  return { call: { ...call, arguments: JSON.stringify(own) }, thought };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function withParameter({ system, queue, functions }: MainContext): MainContext {
  return { system, queue: queue.map(thoughtInArguments), functions: functions.map(thoughtRequired) };
}

function thoughtRequired({ name, description, parameters }: FunctionSchema): FunctionSchema {
  const { properties, required } = parameters;
  const thought = { type: "string", description: "Your inner monologue, private to you. Always first." };
  return {
    name,
    description,
    parameters: {
      ...parameters,
      properties: { [PARAMETER]: thought, ...(isFields(properties) ? properties : {}) },
      required: [PARAMETER, ...(Array.isArray(required) ? (required as unknown[]) : [])],
    },
  };
}

/** Moves earlier thoughts into the parameter, because a model imitates what is in its context. */
function thoughtInArguments(message: Message): Message {
  if (message.role !== "assistant" || message.content === null) return message;
  const [first, ...others] = message.calls;
  const args = first === undefined ? undefined : objectOf(first.arguments);
  if (first === undefined || args === undefined) return message;
  const thinking = { ...first, arguments: JSON.stringify({ [PARAMETER]: message.content, ...args }) };
  const rendered: AssistantMessage = { ...message, content: null, calls: [thinking, ...others] };
  return rendered;
}

function objectOf(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
