import type { Completion, FunctionSchema, Usage } from "../../schema/context.ts";
import type { FunctionCall, Message } from "../../schema/message.ts";
import type { Llm, LlmDelta, LlmRequest } from "../../ports/llm.ts";
import { isDeeperThan } from "../depth.ts";
import { Shown } from "../shown.ts";
import { AnswerReader } from "./answer-reader.ts";
import { messageIn, parseAnswer } from "./parse.ts";
import { FORM_REMINDER, answerSchema, describeFunctions } from "./prompt.ts";
import { assistantText, renderQueue, userText } from "./render.ts";

/** How often a wrong answer is corrected. */
const MOST_CORRECTIONS = 3;
/** Characters of a wrong answer that the model is shown again. */
const EXCERPT = 300;
/** Levels that the JSON of an answer may be nested; what is around the arguments among them. */
const MOST_DEPTH = 512;
/** Room, in tokens, that a correction takes from the answer, so that the request is not longer than the first. */
const CORRECTION_TOKENS = 200;

/** One answer as far as it could be read. `fault` says what is wrong with it. */
type Reading = { readonly completion: Completion; readonly fault?: string };

/**
 * `Llm` over a model without function calling: the functions are described in the system prompt, the model answers in JSON,
 * and its answers become calls. An unreadable answer is returned to the model with the reason, three times at most.
 */
export class JsonFunctionsLlm implements Llm {
  readonly model: string;
  readonly #llm: Llm;

  constructor(llm: Llm) {
    this.model = llm.model;
    this.#llm = llm;
  }

  async *complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    const { system, queue, functions } = request.context;
    const messages = renderQueue(queue);
    if (functions.length === 0) {
      return yield* this.#llm.complete({ ...request, context: { system, queue: messages, functions } });
    }
    const described = describeFunctions(system, functions);
    const responseSchema = answerSchema(functions);
    let correction: readonly Message[] = [];
    let usage: Usage | null = null;
    for (let corrections = 0; ; corrections += 1) {
      const maxTokens = corrections === 0 ? request.maxTokens : Math.max(64, request.maxTokens - CORRECTION_TOKENS);
      const context = { system: described, queue: [...messages, ...correction], functions: [] };
      const shown = new Shown();
      const isLast = corrections === MOST_CORRECTIONS;
      const answer = yield* this.#ask({ ...request, context, maxTokens, responseSchema }, functions, { shown, isLast });
      usage = together(usage, answer.completion.usage);
      if (answer.fault === undefined || isLast) {
        yield* shown.rest(answer.completion);
        return { ...answer.completion, usage };
      }
      const reason = `The model's answer could not be read; asking again (${corrections + 1} of ${MOST_CORRECTIONS}).`;
      yield { type: "retry", reason, seconds: 0 };
      correction = corrected(messages, answer.fault, answer.text);
    }
  }

  /** One answer, shown as it arrives as far as it keeps to the form. */
  async *#ask(
    request: LlmRequest,
    functions: readonly FunctionSchema[],
    { shown, isLast }: { shown: Shown; isLast: boolean },
  ): AsyncGenerator<LlmDelta, Reading & { readonly text: string }, void> {
    const stream = this.#llm.complete(request);
    let reader = new AnswerReader();
    let arrived = "";
    try {
      for (;;) {
        const { done, value } = await stream.next();
        if (done === true) {
          // Servers that do not stream tell it whole.
          const text = value.content ?? "";
          const isGrown = text.startsWith(arrived);
          if (isGrown) for (const delta of reader.push(text.slice(arrived.length))) yield shown.add(delta);
          return { ...read(value, { functions, isLast, shown: isGrown && reader.whole ? shown : undefined }), text };
        }
        if (value.type === "content") {
          arrived += value.text;
          for (const delta of reader.push(value.text)) yield shown.add(delta);
        } else if (value.type === "retry") {
          [reader, arrived] = [new AnswerReader(), ""];
          yield shown.add(value);
        } else if (value.type === "reasoning") {
          yield value;
        }
      }
    } finally {
      await stream.return(NOTHING);
    }
  }
}

const NOTHING: Completion = { content: null, calls: [], usage: null, finishReason: "stop" };

type How = {
  readonly functions: readonly FunctionSchema[];
  /** Whether this is the last answer that is asked for: it is taken as it is. */
  readonly isLast: boolean;
  /** What was shown, if that is the whole answer. */
  readonly shown: Shown | undefined;
};

function read(completion: Completion, { functions, isLast, shown }: How): Reading {
  // Some servers take the calls out of the text although the request named no functions.
  if (completion.calls.length > 0 || completion.finishReason === "content_filter") return { completion };
  const whole = shown === undefined ? undefined : wholeOf(shown);
  if (whole !== undefined) return { completion: { ...completion, ...whole, finishReason: "function_calls" } };
  const text = completion.content ?? "";
  if (isDeeperThan(text, MOST_DEPTH)) {
    return { completion: { ...completion, content: null }, fault: "Your JSON is nested far too deep." };
  }
  const parsed = parseAnswer(text, functions);
  if ("fault" in parsed) {
    const taken = parsed.looksLikeJson ? salvaged(text) : { content: text === "" ? null : text, calls: [] };
    return { completion: { ...completion, ...taken }, fault: parsed.fault };
  }
  const calls = parsed.calls.map(({ name, arguments: args }) => call(name, JSON.stringify(args)));
  const isCut = completion.finishReason === "length" && calls.length > 0 && calls.at(-1)?.name !== "send_message";
  // Half of a memory is worse than none; half of a message is still worth reading.
  const kept = isCut ? calls.slice(0, -1) : calls;
  const finishReason =
    completion.finishReason === "stop" && kept.length > 0 ? "function_calls" : completion.finishReason;
  const taken = { completion: { ...completion, content: parsed.thoughts, calls: kept, finishReason } };
  return isCut && !isLast
    ? { ...taken, fault: "Your answer was cut off because it was too long. Answer shorter." }
    : taken;
}

/** What was shown as an answer, unless some of it is no JSON after all. */
function wholeOf(shown: Shown): Pick<Completion, "content" | "calls"> | undefined {
  try {
    for (const { arguments: args } of shown.calls) JSON.parse(args);
  } catch {
    return undefined;
  }
  const { content } = shown;
  return {
    content: content === "" ? null : content,
    calls: shown.calls.map(({ name, arguments: args }) => call(name, args)),
  };
}

/** Nobody is shown raw JSON: only what in it is meant for a person. */
function salvaged(text: string): Pick<Completion, "content" | "calls"> {
  const message = messageIn(text);
  return { content: null, calls: message === undefined ? [] : [call("send_message", JSON.stringify({ message }))] };
}

function call(name: string, args: string): FunctionCall {
  return { id: `call_${crypto.randomUUID().slice(0, 8)}`, name, arguments: args };
}

function corrected(messages: readonly Message[], fault: string, text: string): Message[] {
  const last = messages.at(-1);
  if (last === undefined) return [];
  const said = text.length > EXCERPT ? `${text.slice(0, EXCERPT).replace(/[\ud800-\udbff]$/, "")}…` : text;
  return [assistantText(last, said.trim() === "" ? "(nothing)" : said), userText(last, `${fault} ${FORM_REMINDER}`)];
}

/** What several answers to one request took. Each was asked with about the same prompt, and that is what it is compared with. */
function together(a: Usage | null, b: Usage | null): Usage | null {
  if (a === null || b === null) return a ?? b;
  return { prompt: Math.max(a.prompt, b.prompt), completion: a.completion + b.completion, cached: b.cached };
}
