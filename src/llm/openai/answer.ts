import type { Completion, Usage } from "../../schema/context.ts";
import type { LlmDelta } from "../../ports/llm.ts";
import { isObject, list, member, text } from "./json.ts";
import { ThinkSplitter, type ThoughtPiece } from "./think.ts";

type Call = { id: string; name: string; arguments: string; key: unknown };

/**
 * Assembles an answer chunk by chunk if it is streamed (`delta`), or from one piece (`message`). Servers agree on little but
 * the names of the fields, so nothing is taken for granted.
 */
export class AnswerCollector {
  #content = "";
  #reasoning = "";
  readonly #calls: Call[] = [];
  #usage: Usage | null = null;
  #finish: string | null = null;
  #answered = false;
  readonly #splitter = new ThinkSplitter();

  /** Whether the server has announced the end of the answer. */
  get finished(): boolean {
    return this.#finish !== null;
  }

  /** Whether any part of an answer has arrived. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Why the server stopped, in its own words. */
  get finishReason(): string | null {
    return this.#finish;
  }

  /** @returns the deltas of `chunk`. */
  push(chunk: unknown): LlmDelta[] {
    // Groq reports the usage of a streamed answer in `x_groq`.
    this.#usage = usageOf(member(chunk, "usage")) ?? usageOf(member(member(chunk, "x_groq"), "usage")) ?? this.#usage;
    const choice = list(member(chunk, "choices"))[0];
    if (!isObject(choice)) return [];
    const finish = text(choice["finish_reason"]);
    if (finish !== "") this.#finish = finish;
    const streamed = isObject(choice["delta"]);
    const part = streamed ? choice["delta"] : choice["message"];
    if (!isObject(part)) return [];
    this.#answered = true;
    return [
      ...this.#thought([
        { type: "reasoning", text: reasoningOf(part) },
        ...partsOf(part["content"]).flatMap((piece) => this.#split(piece)),
        { type: "content", text: text(part["refusal"]) },
      ]),
      ...list(part["tool_calls"]).flatMap((piece, at) => this.#call(piece, streamed ? undefined : at)),
      ...(isObject(part["function_call"]) ? this.#callPart(part["function_call"], "", "legacy") : []),
    ];
  }

  /** Returns the deltas held back so far. Call it once, at the end. */
  end(): LlmDelta[] {
    return this.#thought(this.#splitter.end());
  }

  completion(): Completion {
    const calls = this.#calls
      .filter((call) => call.name !== "")
      .map(({ id, name, arguments: args }) => ({ id, name, arguments: args }));
    const { content, reasoning } = withoutTail(this.#content, this.#reasoning);
    return {
      content: content === "" ? null : content,
      reasoning: reasoning === "" ? null : reasoning,
      calls,
      usage: this.#usage,
      finishReason: this.#reason(calls.length > 0),
    };
  }

  #reason(called: boolean): Completion["finishReason"] {
    if (this.#finish === "length" || this.#finish === "content_filter") return this.#finish;
    return called ? "function_calls" : "stop";
  }

  #split(piece: ThoughtPiece): ThoughtPiece[] {
    return piece.type === "content" ? this.#splitter.push(piece.text) : [piece];
  }

  #thought(pieces: readonly ThoughtPiece[]): LlmDelta[] {
    const nonEmpty = pieces.filter((piece) => piece.text !== "");
    for (const piece of nonEmpty) {
      if (piece.type === "content") this.#content += piece.text;
      else this.#reasoning += piece.text;
    }
    return nonEmpty;
  }

  /** @param at Index in the list of a whole answer, where every piece is a separate call. */
  #call(piece: unknown, at: number | undefined): LlmDelta[] {
    const part = member(piece, "function");
    if (!isObject(part)) return [];
    const id = text(member(piece, "id"));
    return this.#callPart(part, id, at ?? this.#keyOf(member(piece, "index"), id, part));
  }

  /**
   * The call that a streamed piece belongs to. Some servers omit `index`, and some send 0 for every call; then a new id with a
   * name, or a name after a call that already has its arguments, begins another call.
   */
  #keyOf(index: unknown, id: string, part: Readonly<Record<string, unknown>>): unknown {
    const last = this.#calls.findLast(
      (call) => index === undefined || call.key === index || indexOf(call.key) === index,
    );
    const named = text(part["name"]) !== "";
    if (last === undefined) return index ?? `call ${this.#calls.length}`;
    if (index === undefined && id !== "" && !named) return this.#calls.find((call) => call.id === id)?.key ?? last.key;
    if (!named) return last.key;
    const another =
      id === "" ? last.arguments !== "" && last.name !== text(part["name"]) : last.id !== "" && last.id !== id;
    const repeated = id === "" && isWhole(last.arguments) && argumentsOf(part) !== "";
    return another || repeated ? { index, number: this.#calls.length } : last.key;
  }

  #callPart(part: Readonly<Record<string, unknown>>, id: string, key: unknown): LlmDelta[] {
    let index = this.#calls.findIndex((call) => call.key === key);
    const isNew = index === -1;
    if (isNew) index = this.#calls.push({ id: "", name: "", arguments: "", key }) - 1;
    const call = this.#calls[index];
    if (call === undefined) return [];
    call.id = call.id === "" ? id : call.id;
    // Some servers repeat the whole name with every piece.
    const name = text(part["name"]);
    if (call.name !== name && call.name.length < LONGEST_NAME) call.name += name;
    const args = argumentsOf(part);
    call.arguments += args;
    const before = this.#calls[index - 1];
    // If the next call begins before this one has arguments, it has none.
    const empty = isNew && before?.arguments === "" ? [{ ...NO_ARGUMENTS, index: index - 1, name: before.name }] : [];
    return args === "" ? empty : [...empty, { type: "call", index, name: call.name, arguments: args }];
  }
}

const NO_ARGUMENTS = { type: "call", arguments: "" } as const;

/** In characters; no function has a longer name. */
const LONGEST_NAME = 1000;

function indexOf(key: unknown): unknown {
  return member(key, "index");
}

/** The arguments as text; some servers send an object. */
function argumentsOf(part: Readonly<Record<string, unknown>>): string {
  const args = part["arguments"];
  return isObject(args) ? JSON.stringify(args) : text(args);
}

function isWhole(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

function reasoningOf(part: Readonly<Record<string, unknown>>): string {
  // Some gateways fill both fields with the same text.
  return text(part["reasoning_content"]) || text(part["reasoning"]);
}

/** Content is text, null, or a list of parts. Mistral sends thoughts as parts. */
function partsOf(content: unknown): ThoughtPiece[] {
  if (typeof content === "string") return [{ type: "content", text: content }];
  return list(content).flatMap((part): ThoughtPiece[] => {
    if (typeof part === "string") return [{ type: "content", text: part }];
    const thoughts = list(member(part, "thinking")).map((piece) => text(member(piece, "text")));
    if (thoughts.length > 0) return [{ type: "reasoning", text: thoughts.join("") }];
    return [{ type: "content", text: text(member(part, "text")) || text(member(part, "refusal")) }];
  });
}

/** Moves text before a lone `</think>` to the thoughts: the chat template had opened them. */
function withoutTail(content: string, reasoning: string): { content: string; reasoning: string } {
  const [before, ...after] = content.split("</think>");
  if (reasoning !== "" || before === undefined || after.length === 0) return { content, reasoning };
  return { reasoning: before.trim(), content: after.join("</think>").trimStart() };
}

/** @returns null if the server did not count: some report zeros. */
function usageOf(usage: unknown): Usage | null {
  const count = (value: unknown): number => (typeof value === "number" && value > 0 ? value : 0);
  const prompt = count(member(usage, "prompt_tokens"));
  if (prompt === 0) return null;
  const details = member(usage, "prompt_tokens_details");
  const cached = count(member(details, "cached_tokens")) || count(member(usage, "prompt_cache_hit_tokens"));
  return { prompt, completion: count(member(usage, "completion_tokens")), cached };
}
