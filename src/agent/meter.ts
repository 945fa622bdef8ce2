import type { Llm, LlmDelta, LlmRequest } from "../ports/llm.ts";
import { NOTHING_SPENT, plus } from "../memory/spent.ts";
import type { Completion, Usage } from "../schema/context.ts";
import type { Price, Spent } from "../schema/spent.ts";

/** Counts the cost of one session's requests: in this turn, in total, and since it was last stored. */
export class Meter {
  #turn = NOTHING_SPENT;
  #session = NOTHING_SPENT;
  #unstored = NOTHING_SPENT;

  /** Since `beginTurn`. */
  get turn(): Spent {
    return this.#turn;
  }

  get session(): Spent {
    return this.#session;
  }

  beginTurn(): void {
    this.#turn = NOTHING_SPENT;
  }

  /** @param price undefined if unknown. */
  add(usage: Usage, price: Price | undefined): void {
    const spent = spentOn(usage, price);
    this.#turn = plus(this.#turn, spent);
    this.#session = plus(this.#session, spent);
    this.#unstored = plus(this.#unstored, spent);
  }

  /** Takes what is not stored yet. It counts as stored from now on, unless `putBack` returns it. */
  take(): Spent {
    const spent = this.#unstored;
    this.#unstored = NOTHING_SPENT;
    return spent;
  }

  /** Returns what could not be stored. */
  putBack(spent: Spent): void {
    this.#unstored = plus(this.#unstored, spent);
  }
}

/** Wraps `llm` to pass the usage of every answer to `record`. Answers without usage are not counted. */
export function metered(llm: Llm, record: (usage: Usage) => void): Llm {
  return {
    model: llm.model,
    async *complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
      const completion = yield* llm.complete(request);
      if (completion.usage !== null) record(completion.usage);
      return completion;
    },
  };
}

function spentOn({ prompt, completion, cached }: Usage, price: Price | undefined): Spent {
  const cost =
    price === undefined
      ? 0
      : ((prompt - cached) * price.input + cached * price.cached + completion * price.output) / 1_000_000;
  return { requests: 1, prompt, completion, cached, cost, unpriced: price === undefined ? 1 : 0 };
}
