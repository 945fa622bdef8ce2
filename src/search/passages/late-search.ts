import type { Passages } from "../../ports/text-index.ts";
import type { PassageSearch } from "./search.ts";

/** The search of passages, loaded when it is first asked for. */
export type LatePassageSearch = () => Promise<PassageSearch>;

export function latePassageSearch(passages: Passages): LatePassageSearch {
  let made: Promise<PassageSearch> | undefined;
  const make = async (): Promise<PassageSearch> => new (await import("./search.ts")).PassageSearch(passages);
  return async () => (made ??= make());
}
