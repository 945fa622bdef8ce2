import * as z from "zod";
import { once } from "./once.ts";

/** US dollars for a million tokens. `cached`: prompt tokens read from the provider's cache. */
export const priceSchema = once(() =>
  z.object({
    input: z.number().nonnegative(),
    cached: z.number().nonnegative(),
    output: z.number().nonnegative(),
  }),
);
export type Price = z.infer<ReturnType<typeof priceSchema>>;

/**
 * What requests cost, in tokens as the provider counted them and in US dollars. `prompt` includes `cached`; `unpriced` is
 * the number of requests whose price is not known, which `cost` leaves out.
 */
export const spentSchema = once(() =>
  z.object({
    requests: z.number().int().nonnegative(),
    prompt: z.number().nonnegative(),
    completion: z.number().nonnegative(),
    cached: z.number().nonnegative(),
    cost: z.number().nonnegative(),
    unpriced: z.number().int().nonnegative(),
  }),
);
export type Spent = z.infer<ReturnType<typeof spentSchema>>;
