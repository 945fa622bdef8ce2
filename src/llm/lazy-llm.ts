import type { Llm, LlmDelta, LlmRequest } from "../ports/llm.ts";
import type { Completion } from "../schema/context.ts";

/** A model whose code is loaded on first use. */
export class LazyLlm implements Llm {
  readonly model: string;
  readonly #load: () => Promise<Llm>;
  #loaded: Promise<Llm> | undefined;

  constructor(model: string, load: () => Promise<Llm>) {
    this.model = model;
    this.#load = load;
  }

  async ready(): Promise<void> {
    await this.#llm();
  }

  async *complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    return yield* (await this.#llm()).complete(request);
  }

  #llm(): Promise<Llm> {
    return (this.#loaded ??= this.#load());
  }
}
