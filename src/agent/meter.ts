import type { Llm, LlmDelta, LlmRequest } from "../llm/llm.ts";
import type { Completion, Usage } from "../schema/context.ts";
import type { Price, Spent } from "../schema/spent.ts";

const NOTHING_SPENT: Spent = { requests: 0, prompt: 0, completion: 0, cached: 0, cost: 0, unpriced: 0 };

/** Counts what the requests of one session cost: in this turn, in all, and since it was last stored. */
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

  /** @param price undefined where it is not known. */
  add(usage: Usage, price: Price | undefined): void {
    const spent = spentOn(usage, price);
    this.#turn = plus(this.#turn, spent);
    this.#session = plus(this.#session, spent);
    this.#unstored = plus(this.#unstored, spent);
  }

  /** What is to be stored. It counts as stored from here on, until `putBack`. */
  take(): Spent {
    const spent = this.#unstored;
    this.#unstored = NOTHING_SPENT;
    return spent;
  }

  /** It could not be stored. */
  putBack(spent: Spent): void {
    this.#unstored = plus(this.#unstored, spent);
  }
}

/** `llm`, with every answer's usage told to `record`. Answers without any are not counted: nobody knows. */
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

function plus(a: Spent, b: Spent): Spent {
  return {
    requests: a.requests + b.requests,
    prompt: a.prompt + b.prompt,
    completion: a.completion + b.completion,
    cached: a.cached + b.cached,
    cost: a.cost + b.cost,
    unpriced: a.unpriced + b.unpriced,
  };
}

function spentOn({ prompt, completion, cached }: Usage, price: Price | undefined): Spent {
  const cost =
    price === undefined
      ? 0
      : ((prompt - cached) * price.input + cached * price.cached + completion * price.output) / 1_000_000;
  return { requests: 1, prompt, completion, cached, cost, unpriced: price === undefined ? 1 : 0 };
}
