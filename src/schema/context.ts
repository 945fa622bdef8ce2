import type { Cut } from "./answer-bounds.ts";
import type { FunctionCall, Message } from "./message.ts";

/** A function as the model sees it, its parameters in JSON Schema. */
export type FunctionSchema = {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
};

/** Everything that one inference sees. */
export type MainContext = {
  readonly system: string;
  readonly queue: readonly Message[];
  readonly functions: readonly FunctionSchema[];
};

/** Tokens per part of the main context. `system` is the prompt and its memory metadata without the blocks. */
export type SectionTokens = {
  readonly system: number;
  readonly functions: number;
  readonly core_memory: number;
  readonly summary: number;
  readonly queue: number;
};

/** Tokens as the provider counted them; `cached` are those of `prompt` read from its cache. */
export type Usage = { readonly prompt: number; readonly completion: number; readonly cached: number };

/** A whole answer of a model. `usage` is null if the provider reported none. */
export type Completion = {
  readonly content: string | null;
  /** What a reasoning model thought before it answered: shown to people, never sent back. */
  readonly reasoning?: string | null;
  readonly calls: readonly FunctionCall[];
  readonly usage: Usage | null;
  readonly finishReason: "stop" | "function_calls" | "length" | "content_filter";
  /** Set if a bound cut the answer off; the rest is what was kept of it. */
  readonly cut?: Cut;
};
