import type { Completion, Llm, LlmDelta, LlmRequest } from "memgpt";
import { PracticeLlm } from "../src/llm/practice/practice-llm.ts";

/** The practice model with a clock, to separate its time from the turn's. */
export class TimedLlm implements Llm {
  readonly #llm = new PracticeLlm();
  readonly model = this.#llm.model;
  #spent = 0;

  /** Milliseconds spent answering since the last call. */
  takeSpent(): number {
    const spent = this.#spent;
    this.#spent = 0;
    return spent;
  }

  async *complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    const answer = this.#llm.complete(request);
    for (;;) {
      const started = performance.now();
      const { done, value } = await answer.next();
      this.#spent += performance.now() - started;
      if (done === true) return value;
      yield value;
    }
  }
}
