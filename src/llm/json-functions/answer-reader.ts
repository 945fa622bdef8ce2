import type { LlmDelta } from "../../ports/llm.ts";
import { ArgumentsReader } from "./arguments-reader.ts";
import { ARGUMENT_KEYS, NAME_KEYS, THOUGHT_KEYS } from "./keys.ts";
import { StringReader } from "./string-reader.ts";

type State = "outside" | "key?" | "key" | "colon" | "value?" | "thought" | "name" | "arguments" | "after" | "stopped";

const WHITE = /^\s$/;
/** Text allowed before the first object and between objects. */
const BETWEEN = /^\s*(?:```\w*\s*)?[\s[\],]*$/;

/**
 * Reads an answer in JSON form while it is generated and reports thought and arguments as they grow. Once the text deviates
 * from the form it reports nothing more, and the complete text must be parsed at the end.
 */
export class AnswerReader {
  #state: State = "outside";
  #outside = "";
  #key = "";
  #name = "";
  #string = new StringReader();
  #arguments: ArgumentsReader | undefined;
  readonly #seen = new Set<"thought" | "name">();
  #index = 0;
  /** Whether a thought has been emitted, and whether what follows continues it or starts a new line. */
  #hasThought = false;
  #isContinued = false;

  /** Whether the whole text kept to the form and has at least one call, all finished. */
  get whole(): boolean {
    return this.#state === "outside" && this.#index > 0 && /^[\s\],]*(?:```)?\s*$/.test(this.#outside);
  }

  /** @returns what `piece` adds. */
  push(piece: string): LlmDelta[] {
    const deltas: LlmDelta[] = [];
    for (let at = 0; at < piece.length && this.#state !== "stopped";) {
      if (this.#state === "arguments") {
        at += this.#readArguments(piece.slice(at), deltas);
      } else {
        this.#state = this.#next(piece.charAt(at), deltas);
        at += 1;
      }
    }
    return joined(deltas);
  }

  #next(char: string, deltas: LlmDelta[]): State {
    const state = this.#state;
    switch (state) {
      case "outside":
        return char === "{" ? this.#open() : this.#pass(char);
      case "key":
        if (char === '"') return "colon";
        this.#key += char;
        return char === "\\" ? "stopped" : state;
      case "thought":
        this.#think(this.#string.push(char), deltas);
        return this.#string.done ? "after" : state;
      case "name":
        this.#name += this.#string.push(char);
        if (!this.#string.done) return state;
        return /^\w+$/.test(this.#name) ? "after" : "stopped";
      case "key?":
        if (WHITE.test(char)) return state;
        this.#key = "";
        return char === '"' ? "key" : "stopped";
      case "colon":
        if (WHITE.test(char)) return state;
        return char === ":" ? "value?" : "stopped";
      case "value?":
        return WHITE.test(char) ? state : this.#value(char, deltas);
      case "after":
        if (WHITE.test(char)) return state;
        return char === "," ? "key?" : this.#close(char);
      case "arguments":
      case "stopped":
        return state;
    }
  }

  #pass(char: string): State {
    this.#outside += char;
    return "outside";
  }

  #open(): State {
    if (!BETWEEN.test(this.#outside)) return "stopped";
    this.#outside = "";
    this.#name = "";
    this.#arguments = undefined;
    this.#seen.clear();
    return "key?";
  }

  #close(char: string): State {
    if (char !== "}" || this.#arguments === undefined) return "stopped";
    this.#index += 1;
    return "outside";
  }

  #value(char: string, deltas: LlmDelta[]): State {
    if (char === '"' && THOUGHT_KEYS.has(this.#key)) return this.#text("thought");
    if (char === '"' && NAME_KEYS.has(this.#key)) return this.#text("name");
    const isFirst = this.#arguments === undefined && this.#name !== "";
    if (char !== "{" || !ARGUMENT_KEYS.has(this.#key) || !isFirst) return "stopped";
    this.#arguments = new ArgumentsReader();
    this.#isContinued = false;
    this.#state = "arguments";
    this.#readArguments(char, deltas);
    return this.#state;
  }

  #text(what: "thought" | "name"): State {
    if (this.#seen.has(what)) return "stopped";
    this.#seen.add(what);
    this.#isContinued = false;
    this.#string = new StringReader();
    return what;
  }

  #readArguments(piece: string, deltas: LlmDelta[]): number {
    const { thought, json, read } = this.#arguments?.push(piece) ?? { thought: "", json: "", read: piece.length };
    this.#think(thought, deltas);
    if (json !== "") deltas.push({ type: "call", index: this.#index, name: this.#name, arguments: json });
    if (this.#arguments?.done === true) this.#state = "after";
    if (this.#arguments?.broken === true) this.#state = "stopped";
    return read;
  }

  #think(text: string, deltas: LlmDelta[]): void {
    if (text === "") return;
    const start = this.#hasThought && !this.#isContinued ? "\n" : "";
    this.#hasThought = true;
    this.#isContinued = true;
    deltas.push({ type: "content", text: start + text });
  }
}

/** Merges neighbours of the same kind. */
function joined(deltas: readonly LlmDelta[]): LlmDelta[] {
  const all: LlmDelta[] = [];
  for (const delta of deltas) {
    const last = all.at(-1);
    if (delta.type === "content" && last?.type === "content") {
      all[all.length - 1] = { ...last, text: last.text + delta.text };
    } else if (delta.type === "call" && last?.type === "call" && last.index === delta.index) {
      all[all.length - 1] = { ...last, arguments: last.arguments + delta.arguments };
    } else {
      all.push(delta);
    }
  }
  return all;
}
