import type { Spent } from "../schema/spent.ts";

export const NOTHING_SPENT: Spent = { requests: 0, prompt: 0, completion: 0, cached: 0, cost: 0, unpriced: 0 };

/** The sum of two costs. */
export function plus(a: Spent, b: Spent): Spent {
  return {
    requests: a.requests + b.requests,
    prompt: a.prompt + b.prompt,
    completion: a.completion + b.completion,
    cached: a.cached + b.cached,
    cost: a.cost + b.cost,
    unpriced: a.unpriced + b.unpriced,
  };
}
