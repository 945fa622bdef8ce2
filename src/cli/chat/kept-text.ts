import type { Agent } from "../../index.ts";

/** What becomes of a session, for the person who ends it. */
export function keptText({ isIncognito }: Agent): string {
  return isIncognito ? "Nothing of this session is stored." : "Everything is saved.";
}
