import type { Spent } from "../../index.ts";
import { counted } from "./one-line.ts";

/** The cost of requests: tokens in (and cached) and out, and money as far as prices are known. */
export function spentText(spent: Spent): string {
  if (spent.requests === 0) return "no token counts reported";
  const { requests, prompt, cached, completion } = spent;
  const number = (n: number): string => n.toLocaleString("en-US");
  const share = prompt === 0 ? 0 : Math.round((100 * cached) / prompt);
  return `${counted(requests, "request")}, ${number(prompt)} tokens in (${share}% cached), ${number(completion)} out, ${money(spent)}`;
}

/** The short form for the line under a reply; undefined without token counts. */
export function spentMark(spent: Spent): string | undefined {
  if (spent.requests === 0) return undefined;
  const { prompt, cached, completion } = spent;
  const price = spent.unpriced === spent.requests ? "" : ` · ${money(spent)}`;
  return `${short(prompt)} in${cached === 0 ? "" : ` (${short(cached)} cached)`}, ${short(completion)} out${price}`;
}

function money({ cost, requests, unpriced }: Spent): string {
  if (unpriced === requests) return "price unknown";
  const known = `$${cost.toFixed(cost < 0.1 ? 4 : 2)}`;
  return unpriced === 0 ? known : `${known} and ${counted(unpriced, "request")} of unknown price`;
}

function short(tokens: number): string {
  return tokens < 10_000 ? tokens.toLocaleString("en-US") : `${Math.round(tokens / 1000).toLocaleString("en-US")}k`;
}
