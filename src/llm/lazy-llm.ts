import type { Llm, LlmDelta, LlmRequest } from "../ports/llm.ts";
import type { Completion } from "../schema/context.ts";

/** A model whose code is loaded when it is first needed. */
export class LazyLlm implements Llm {
  readonly model: string;
  readonly #make: () => Promise<Llm>;
  #made: Promise<Llm> | undefined;

  constructor(model: string, make: () => Promise<Llm>) {
    this.model = model;
    this.#make = make;
  }

  async ready(): Promise<void> {
    await this.#llm();
  }

  async *complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    return yield* (await this.#llm()).complete(request);
  }

  #llm(): Promise<Llm> {
    return (this.#made ??= this.#make());
  }
}
