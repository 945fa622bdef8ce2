import type { Clause } from "./clauses.ts";
import { longDay, type Day } from "./dates.ts";
import { properCase } from "./names.ts";
import { cut } from "./text.ts";

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

const SUBORDINATE =
  /\s+(?:because|since|when|whenever|while|although|though|unless|until|if|so that|so|but|as long as|even though|which|who|after|before|except|and (?:i|he|she|we|they|it|my|that|then)|that (?:i|he|she|we))\b.*$|[,;:(].*$/i;

const TAIL =
  /\s+(?:too|so much|very much|a lot|a bit|a little|as well|these days|nowadays|now|right now|at the moment|currently|btw|by the way|haha+|lol|please|though|already|again|anyway|actually|really|you know|and all that|and stuff|or something|more than anything|at all|any ?more|either|myself|from time to time|instead|just like you|lately|recently|last (?:week|month|year|night)|for me|!+)$/i;

const VAGUE =
  /^(?:it|that|this|these|those|them|him|her|you|your|us|me|what|how|when|where|why|who|whether|if|the way|the fact|the idea|to (?:think|know|see|say|hear|believe|tell|ask|talk|be|have)\b|one|some|something|nothing|everything|anything|my (?:life|job|day|new|boyfriend|girlfriend|husband|wife|mom|mum|dad)|being here|talking (?:to|with) you|myself|here|there|not)\b/i;

/** The object of a verb, freed of what trails behind it; undefined where it points at nothing a reader could know. */
export function object(text: string, length = 80): string | undefined {
  let bare = text.replace(SUBORDINATE, "").trim();
  for (let round = 0; round < 4; round += 1) bare = bare.replace(TAIL, "").trim();
  bare = bare.replace(/[\s.!,;:)\p{Extended_Pictographic}\ufe0f]+$/u, "");
  if (bare === "" || VAGUE.test(bare) || !/[\p{L}\p{N}]/u.test(bare)) return undefined;
  return cut(bare, length).replace(/\bmy\b/gi, "their");
}

/** A line for each item of a short list, so that each can be corrected by itself. */
export function each(prefix: string, text: string): string | undefined {
  const whole = text
    .replace(/[;:(].*$/, "")
    .replace(/\s+(?:because|since|when|but|so|although|if|which|that i)\b.*$/i, "");
  const items = whole.split(/\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|&)\s+/);
  const cleaned = items.map((item) => object(item, 40));
  const short = cleaned.every((item) => item !== undefined && item.split(" ").length <= 4);
  if (items.length > 1 && short) return cleaned.map((item) => `${prefix} ${item ?? ""}`).join("\n");
  const found = object(whole);
  return found === undefined ? undefined : `${prefix} ${found}`;
}

export function simple(prefix: string): Rule["line"] {
  return ([, text = ""]) => {
    const found = object(text);
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
      /^(?:an? (?!(?:small|little|big|tiny|quiet) |town|village|city|farm)|the (?:moment|middle|process)\b)/i.test(
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
