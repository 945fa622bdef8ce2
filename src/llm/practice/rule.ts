import type { Clause } from "./clauses.ts";
import { longDay, type Day } from "./dates.ts";
import { properCase } from "./names.ts";
import { fondness, object } from "./phrase.ts";

/** How one kind of statement becomes lines of memory: undefined if it does not after all, empty to store nothing. */
export type Rule = {
  readonly pattern: RegExp;
  readonly line: (found: readonly string[], clause: Clause, today: Day) => string | undefined;
};

/** What the first rule that applies to a clause makes of it. */
export function firstLines(rules: readonly Rule[], clause: Clause, today: Day): string | undefined {
  for (const { pattern, line } of rules) {
    const match = pattern.exec(clause.text);
    if (match === null) continue;
    const groups = Array.from(match, (group: string | undefined) => group ?? "");
    const found = line(groups, clause, today);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function simple(prefix: string): Rule["line"] {
  return ([, text = ""]) => {
    const found = object(text);
    return found === undefined ? undefined : `${prefix} ${found}`;
  };
}

/** One line for what a person is fond of, allergic to or plays, however many things they name. */
export function fond(prefix: string): Rule["line"] {
  return ([, text = ""]) => {
    const found = fondness(text);
    return found === undefined ? undefined : `${prefix} ${found}`;
  };
}

export function place(prefix: string): Rule["line"] {
  return ([, text = ""], clause) => {
    const found = object(
      text.replace(/\s+(?:for|with|since|in (?=\d)|last|this|two|three|\d+ (?:years|months))\b.*$/i, ""),
      60,
    );
    if (
      found === undefined ||
      /^(?:an? (?!(?:small|little|big|tiny|quiet) |town|village|city|farm)|the (?:moment|middle|process)\b|peace|fear|harmony|hope)/i.test(
        found,
      )
    )
      return undefined;
    return `${prefix} ${properCase(found, clause.lower)}`;
  };
}

export function noted(line: string, today: Day): string {
  return `${line} (said on ${longDay(today)})`;
}
