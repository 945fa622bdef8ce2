import type { Clause } from "./clauses.ts";
import type { Day } from "./dates.ts";
import { identityLines } from "./identity-rules.ts";
import { lifeLines } from "./life-rules.ts";
import { tasteLines } from "./taste-rules.ts";
import { capitalise } from "./text.ts";
import { workLines } from "./work-rules.ts";

/** What a clause says of the user, as lines for core memory. Only the first rule that applies to it speaks. */
export function selfFacts(clause: Clause, today: Day): string[] {
  const found =
    identityLines(clause, today) ??
    workLines(clause, today) ??
    tasteLines(clause, today) ??
    lifeLines(clause, today) ??
    "";
  return found === "" ? [] : found.split("\n").map(capitalise);
}
