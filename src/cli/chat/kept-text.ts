import type { Agent } from "../../index.ts";

/** Says whether the session was stored, for the person who ends it. */
export function keptText({ isIncognito }: Agent): string {
  return isIncognito ? "Nothing of this session is stored." : "Everything is saved.";
}
