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
/** Characters of a wrong answer shown to the model again. */
const EXCERPT = 300;
/** Most levels of nesting in the JSON of an answer, including those around the arguments. */
const MOST_DEPTH = 512;
/** Tokens that a correction takes from the answer's room, so that the request is no longer than the first. */
const CORRECTION_TOKENS = 200;

/** What could be read of an answer. `fault`: what is wrong with it. */
type Reading = { readonly completion: Completion; readonly fault?: string };

/**
 * `Llm` over a model without function calling. Describes the functions in the system prompt and turns the model's JSON answers
 * into calls. Returns an unreadable answer to the model with the reason, at most three times.
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

  /** Reads one answer and shows it as it arrives, as long as it keeps to the form. */
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
          // Servers that do not stream send everything at the end.
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

type ReadOptions = {
  readonly functions: readonly FunctionSchema[];
  /** Whether this is the last attempt, whose answer is accepted as it is. */
  readonly isLast: boolean;
  /** What was shown, if that is the whole answer. */
  readonly shown: Shown | undefined;
};

function read(completion: Completion, { functions, isLast, shown }: ReadOptions): Reading {
  // Some servers turn calls in the text into calls although the request named no functions.
  if (completion.calls.length > 0 || completion.finishReason === "content_filter") return { completion };
  const whole = shown === undefined ? undefined : wholeOf(shown);
  if (whole !== undefined) return { completion: { ...completion, ...whole, finishReason: "function_calls" } };
  const text = completion.content ?? "";
  if (isDeeperThan(text, MOST_DEPTH)) {
    return { completion: { ...completion, content: null }, fault: "Your JSON is nested far too deep." };
  }
  const parsed = parseAnswer(text, functions);
  if ("fault" in parsed) {
    const rest = parsed.looksLikeJson ? salvaged(text) : { content: text === "" ? null : text, calls: [] };
    return { completion: { ...completion, ...rest }, fault: parsed.fault };
  }
  const calls = parsed.calls.map(({ name, arguments: args }) => call(name, JSON.stringify(args)));
  const isCut = completion.finishReason === "length" && calls.length > 0 && calls.at(-1)?.name !== "send_message";
  // Half of a memory is worse than none; half of a message is still worth reading.
  const kept = isCut ? calls.slice(0, -1) : calls;
  const finishReason =
    completion.finishReason === "stop" && kept.length > 0 ? "function_calls" : completion.finishReason;
  const reading = { completion: { ...completion, content: parsed.thoughts, calls: kept, finishReason } };
  return isCut && !isLast
    ? { ...reading, fault: "Your answer was cut off because it was too long. Answer shorter." }
    : reading;
}

/** What was shown, as an answer; undefined if a call's arguments are not JSON after all. */
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

/** The message for the person in unreadable JSON, so that nobody sees raw JSON. */
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
  const excerpt = text.length > EXCERPT ? `${text.slice(0, EXCERPT).replace(/[\ud800-\udbff]$/, "")}…` : text;
  return [
    assistantText(last, excerpt.trim() === "" ? "(nothing)" : excerpt),
    userText(last, `${fault} ${FORM_REMINDER}`),
  ];
}

/** The usage of all answers to one request. The prompt counts once, because budgets compare it with the context. */
function together(a: Usage | null, b: Usage | null): Usage | null {
  if (a === null || b === null) return a ?? b;
  return { prompt: Math.max(a.prompt, b.prompt), completion: a.completion + b.completion, cached: b.cached };
}
