import type { Clause } from "./clauses.ts";
import { addDays, dayAndMonth, longDay, type Day } from "./dates.ts";
import { RELATION } from "./lexicon.ts";
import { readName, readNames } from "./names.ts";
import { object } from "./phrase.ts";
import { capitalise, cut, list } from "./text.ts";

const MINE = new RegExp(
  `\\b(?:my|our) (?:two |three |four |five |\\d )?(${RELATION})(s|ren)?\\b(?! (?:name|house|place|birthday|food|cake|car))`,
  "gi",
);
const HAVE = new RegExp(
  `\\b(?:have|has|had|got|and|with|adopted|dating|seeing|bought) (?:an?|one|two|three|\\d) (?:[\\p{L}-]+ ){0,2}?(${RELATION})(s)? (?:named|called|whose name is|whose names are) `,
  "giu",
);
const IS_MINE = new RegExp(`^((?:\\S+ ){1,2}?)(?:is|was) (?:now )?(?:one of )?my (${RELATION})s?\\b`, "i");
const APPOSITION = new RegExp(`\\b(\\p{Lu}[\\p{L}'-]+), my (${RELATION}),`, "u");
const BOND = /^i'm (married to|engaged to|dating|in a relationship with|seeing|going out with) (.+)$/i;
const DETAIL =
  /^(?:,? ?who )?(lives|works|studies|is (?:an?|\d|from|allergic|married|pregnant|in)|was born|likes|loves|teaches|plays|speaks|moved to) ?(.*)$/i;

/** What a clause says about the people and pets of the user, as lines for core memory. */
export function peopleFacts(clause: Clause, today: Day): string[] {
  return [
    ...new Set([...mine(clause.text), ...had(clause.text), ...others(clause.text), ...birthdays(clause.text, today)]),
  ];
}

function mine(text: string): string[] {
  const lines: string[] = [];
  for (const found of text.matchAll(MINE)) {
    const relation = label(found[1] ?? "");
    const plural = found[2] !== undefined;
    const after = text.slice(found.index + found[0].length);
    const intro =
      /^(?:'s)?(?: name| names)?(?: is| are|'s|'re)?(?: actually| now)?(?: named| called| names| name is)? |^[,:] |^ /i.exec(
        after,
      )?.[0] ?? "";
    const rest = after.slice(intro.length);
    const introduced = /\b(?:name|named|called)\b/i.test(intro);
    if (plural) {
      const names = /^(?: are| names| named|'s names are| called|,|:| are called| are named)? /i.test(after)
        ? readNames(rest)
        : [];
      if (names.length > 0)
        lines.push(
          names.length === 1 ? `${relation} named ${names[0] ?? ""}` : `${plurals(relation)} named ${list(names)}`,
        );
      continue;
    }
    const name = intro === "" ? undefined : readName(rest, introduced);
    if (name === undefined) {
      const told = found.index === 0 ? detail(after) : undefined;
      if (told !== undefined) lines.push(`${relation} ${told}`);
      continue;
    }
    const told = found.index < 3 ? detail(name.rest) : undefined;
    lines.push(`${relation} named ${name.name}${told === undefined ? "" : ` (${told})`}`);
  }
  return lines;
}

/** What someone is or does, if that is complete: `lives in Oslo`. */
function detail(text: string): string | undefined {
  const found = DETAIL.exec(text.replace(/^[,\s]+/, ""));
  if (found === null) return undefined;
  const rest = found[2] ?? "";
  const verb = found[0].slice(found[0].indexOf(found[1] ?? ""), found[0].length - rest.length);
  if (rest === "") return /\d$|ed$|pregnant$/.test(verb) ? verb : undefined;
  const what = object(rest, 60);
  return what === undefined ? undefined : verb + what;
}

function had(text: string): string[] {
  const lines: string[] = [];
  for (const found of text.matchAll(HAVE)) {
    const names = readNames(text.slice(found.index + found[0].length));
    const first = readName(text.slice(found.index + found[0].length), true)?.name;
    const relation = label(found[1] ?? "");
    if (found[2] !== undefined && names.length > 1) lines.push(`${plurals(relation)} named ${list(names)}`);
    else if (first !== undefined) lines.push(`${relation} named ${first}`);
  }
  return lines;
}

function others(text: string): string[] {
  const lines: string[] = [];
  const is = IS_MINE.exec(text);
  const name = is === null ? undefined : readName(is[1] ?? "");
  if (name !== undefined && name.rest === "") lines.push(`${label(is?.[2] ?? "")} named ${name.name}`);
  const beside = APPOSITION.exec(text);
  if (beside !== null) lines.push(`${label(beside[2] ?? "")} named ${beside[1] ?? ""}`);
  const bond = BOND.exec(text);
  const other = bond === null ? undefined : readName(bond[2] ?? "");
  if (other !== undefined) lines.push(`${capitalise((bond?.[1] ?? "").toLowerCase())} ${other.name}`);
  return lines;
}

const OWN_PARTY =
  /\b(?:me|us) (?:an? |my )?(?:\S+ ){0,3}?birthday\b|\bmy (?:\S+ )?birthday (?:party|cake|dinner|gift|present|was|is)\b|\bfor my (?:\S+ )?birthday\b|\bbirthday (?:cake|party|present|gift|dinner|card)\b.{0,20} for me\b/i;
const THEIRS = new RegExp(
  `\\b(?:my|our) (${RELATION})(?: (\\p{L}+))?'s (?:\\S+ )?birthday(?: is|:)? ?(?:on |in )?(.*)$`,
  "iu",
);

/** Someone else's birthday, or the user's own where a cake or a party gives it away. */
function birthdays(text: string, today: Day): string[] {
  const theirs = THEIRS.exec(text);
  if (theirs !== null) {
    const whose = `${label(theirs[1] ?? "")}${theirs[2] === undefined ? "" : ` ${capitalise(theirs[2])}`}'s birthday`;
    const when = theirs[3] ?? "";
    if (/\d|january|february|march|april|may|june|july|august|september|october|november|december/i.test(when))
      return [`${whose}: ${cut(when, 30)}`];
    const offset = /\btomorrow\b/i.test(text)
      ? 1
      : /\byesterday\b/i.test(text)
        ? -1
        : /^(?:it's|today)/i.test(text)
          ? 0
          : undefined;
    return offset === undefined ? [] : [`${whose}: ${dayAndMonth(addDays(today, offset))}`];
  }
  if (
    !OWN_PARTY.test(text) ||
    /\b(?:next|last (?!night)|will|going to|years? ago|months? ago|want|\d+(?:st|nd|rd|th))\b/i.test(text)
  )
    return [];
  return [`Birthday around ${dayAndMonth(addDays(today, /\byesterday|last night\b/i.test(text) ? -1 : 0))}`];
}

/** The relation as a line begins with it: `older sister` → `Older sister`. */
function label(relation: string): string {
  return capitalise(relation.toLowerCase().replace(/^(?:new|good|dear) /, ""));
}

function plurals(relation: string): string {
  if (/child$/.test(relation)) return `${relation}ren`;
  return /y$/.test(relation) && !/[aeo]y$/.test(relation) ? relation.replace(/y$/, "ies") : `${relation}s`;
}

/** A remark that something ended for someone of the user's: `(died, noted on …)`. */
export function deathNote(today: Day): string {
  return `(died, noted on ${longDay(today)})`;
}
