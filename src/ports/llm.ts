import type { Completion, MainContext } from "../schema/context.ts";

export type LlmRequest = {
  readonly context: MainContext;
  /** Most tokens of the answer. */
  readonly maxTokens: number;
  /** The window in tokens that the context was built for: without it, some servers silently cut a longer context. */
  readonly contextWindow?: number | undefined;
  /** JSON schema of the answer, for servers that can enforce one. */
  readonly responseSchema?: Readonly<Record<string, unknown>> | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * A piece of an answer as it is generated. `arguments` is the next piece of the JSON text of call number `index`.
 * `reasoning` is what a reasoning model thinks before it answers: it is shown and never sent back. `retry` says that
 * nothing of the answer so far counts, since the request is repeated after `seconds`.
 */
export type LlmDelta =
  | { readonly type: "content"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  | { readonly type: "retry"; readonly reason: string; readonly seconds: number }
  | { readonly type: "call"; readonly index: number; readonly name: string; readonly arguments: string };

/** A language model that answers a main context with text and function calls. */
export interface Llm {
  /** Its name in the status line and in an agent's settings. */
  readonly model: string;
  /** Loads what the model needs, where that takes a while. @throws MemGPTError if its settings rule it out. */
  ready?(): Promise<void>;
  /**
   * One inference: yields the answer as it is generated and returns it whole. In every delta of a call, `name` is the
   * whole name.
   *
   * The implementation retries what may succeed a second time; its callers do not.
   *
   * @throws LlmError if the model cannot be reached or refuses.
   * @throws ContextOverflowError if the provider says that the context does not fit.
   * @throws the signal's reason when aborted.
   */
  complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void>;
}
