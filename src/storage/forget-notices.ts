import { describe } from "../errors.ts";
import type { ForgetOrder } from "../schema/forgetting.ts";

/** What a person reads when an agent is opened for which an order was waiting. */
export function carriedOut({ at, only }: ForgetOrder): string {
  if (only === undefined) return `A forgetting of ${at} had been interrupted and is now complete.`;
  const labels = [...new Set(only)].join(", ");
  return `Another agent forgot something at ${at} that was also in a shared block: ${labels}.`;
}

export function notCarriedOut({ at }: ForgetOrder, error: unknown): string {
  return `A forgetting of ${at} is not complete: ${describe(error)}`;
}
