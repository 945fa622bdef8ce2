import type { Passages } from "../../ports/text-index.ts";
import type { PassageSearch } from "./search.ts";

/** The search of passages, loaded on first use. */
export type LatePassageSearch = () => Promise<PassageSearch>;

export function latePassageSearch(passages: Passages): LatePassageSearch {
  let search: Promise<PassageSearch> | undefined;
  const make = async (): Promise<PassageSearch> => new (await import("./search.ts")).PassageSearch(passages);
  return async () => (search ??= make());
}
