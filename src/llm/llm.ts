import type { Completion, MainContext } from "../schema/context.ts";

export type LlmRequest = {
  readonly context: MainContext;
  /** The longest answer wanted, in tokens. */
  readonly maxTokens: number;
  readonly signal?: AbortSignal | undefined;
};

/** A piece of an answer as it is generated. `arguments` is the next piece of the JSON text of call number `index`. */
export type LlmDelta =
  | { readonly type: "content"; readonly text: string }
  | { readonly type: "call"; readonly index: number; readonly name: string; readonly arguments: string };

/** A language model that answers a main context with text and function calls. */
export interface Llm {
  /** The name it goes by in the status line and in an agent's settings. */
  readonly model: string;
  /**
   * One inference: yields the answer as it is generated and returns it whole. In every delta of a call, `name` is the
   * whole name.
   *
   * @throws LlmError if the model cannot be reached or refuses.
   * @throws ContextOverflowError if the provider says that the context does not fit.
   * @throws the signal's reason when aborted.
   */
  complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void>;
}
