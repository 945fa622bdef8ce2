import type { Clause } from "./clauses.ts";
import { longDay, type Day } from "./dates.ts";
import { relationOf, slotOf, thirdPerson, valueOf } from "./facts.ts";
import { PARTNER, RELATION } from "./lexicon.ts";
import { alike, without } from "./lists.ts";
import { deathNote } from "./people-facts.ts";
import { object } from "./phrase.ts";
import { capitalise, stem, stems, words } from "./text.ts";

/** `to` undefined: forget the line. `from` undefined: there is no such line, `to` is new. */
export type Correction = { readonly from?: string; readonly to?: string };

/** What a clause corrects in the remembered lines. An empty list: it corrects nothing. */
export function corrections(clause: Clause, lines: readonly string[], today: Day): Correction[] {
  const { text } = clause;
  const single = parted(text, lines, today) ?? closer(text, lines) ?? died(text, lines, today);
  return single === undefined ? ended(text, lines) : [single];
}

const SUBJECT =
  "(?:it's|it is|that's|i'm|i am|he's|she's|(?:his|her|my|their|the|our)(?: [\\p{L}'-]+){1,3} (?:is|are|was)|[\\p{L}']+'s name is|i said|i meant|i live in|i'm from|i work (?:at|for)|i'm in|we live in)";
const FILLER = "(?:actually |really |called |named |spelled |in |at |from |as )*";
const WRONG_FIRST: readonly RegExp[] = [
  new RegExp(
    `(?:^|[\\s,])(?:${SUBJECT} )?not ${FILLER}([^,;.!?]{2,40}?)(?:[,;.–—-]+ ?|\\s+)(?:but |it's |it is |he's |she's |i'm |i meant |rather |that's |now |${SUBJECT} )+${FILLER}([^,;.!?]{2,40})`,
    "iu",
  ),
  /\bi (?:said|wrote|told you) ([^,;.!?]{2,40}?),? (?:but )?(?:i )?(?:actually )?meant (?:to say )?([^,;.!?]{2,40})/i,
  /^(?:please )?(?:change|replace|correct|update) ([^,;.!?]{2,40}?) (?:to|with|by|into) ([^,;.!?]{2,40})/i,
];
const WRONG_LAST: readonly RegExp[] = [
  new RegExp(`(?:^|[\\s,])${SUBJECT} ${FILLER}([^,;.!?]{2,40}?),? (?:and )?not ${FILLER}([^,;.!?]{2,40})`, "iu"),
  /^(?:no,? |actually,? |sorry,? )*([^\s,;.!?]{2,40}(?: [^\s,;.!?]{2,40})?), not ([^,;.!?]{2,40})/i,
];

/**
 * "It's Jim, not James": puts the right words where the wrong ones stand. Unless they do stand in a remembered line this
 * is no correction. Looks at a whole sentence, since both halves are needed.
 */
export function swap(sentence: string, lines: readonly string[]): Correction | undefined {
  const head = sentence.slice(0, 200).trim();
  for (const pattern of WRONG_FIRST) {
    const found = pattern.exec(head);
    const change = found === null ? undefined : swapped(found[1] ?? "", found[2] ?? "", lines);
    if (change !== undefined) return change;
  }
  for (const pattern of WRONG_LAST) {
    const found = pattern.exec(head);
    const change = found === null ? undefined : swapped(found[2] ?? "", found[1] ?? "", lines);
    if (change !== undefined) return change;
  }
  return undefined;
}

function swapped(wrongText: string, rightText: string, lines: readonly string[]): Correction | undefined {
  const [wrong, right] = [clean(wrongText), clean(rightText)];
  const line = lines.find((candidate) => wrong.length > 1 && wordAt(candidate, wrong) >= 0);
  if (line === undefined || right === "" || right.toLowerCase() === wrong.toLowerCase()) return undefined;
  const at = wordAt(line, wrong);
  const cased = /^\p{Lu}/u.test(line.slice(at)) ? capitalise(right) : right;
  return { from: line, to: line.slice(0, at) + cased + line.slice(at + wrong.length) };
}

function clean(text: string): string {
  return text
    .trim()
    .replace(/^(?:(?:a|an|the|in|at|called|named|actually|rather|really|from) )+(?=\S)/i, "")
    .replace(/(?:,? (?:any ?more|now|sorry|actually|please))+$/i, "")
    .replace(/^["']|["'.!,\s]+$/g, "");
}

function wordAt(line: string, text: string): number {
  const at = line.toLowerCase().indexOf(text.toLowerCase());
  if (at < 0) return -1;
  const around = `${line.charAt(at - 1)}${line.charAt(at + text.length)}`;
  return /[\p{L}\p{N}]/u.test(around) ? -1 : at;
}

const PARTED =
  /\b(?:broke up|broken up|split up|have split|(?:have|are|we|recently|just|& i|and i) separated|got divorced|are divorced|getting divorced|are no longer together|aren't together|are not together|not together any ?more|called it quits|(?:are over|are done|left me|dumped me)(?=$| (?:for|last|yesterday|this)\b)|ended things|divorced me|is my ex|parted ways|went our separate ways)\b|^i (?:dumped|divorced|left|broke up with|split (?:up )?(?:with|from)|separated from|ended things with|ended it with|'m divorced from)\b|\bno longer (?:my|with|seeing|dating)\b|^i'm (?:not (?:with|dating|seeing)|single|divorced)\b/i;

/** "James and I broke up": the partner stays known, as an ex. */
function parted(text: string, lines: readonly string[], today: Day): Correction | undefined {
  if (!PARTED.test(text)) return undefined;
  const line = personLine(text, lines) ?? (/\b(?:we|single|divorced)\b/i.test(text) ? onlyPartner(lines) : undefined);
  const mine = line === undefined ? new RegExp(`\\bmy (${PARTNER})\\b`, "i").exec(text)?.[1] : undefined;
  if (mine !== undefined) return { to: `Broke up with their ${mine.toLowerCase()} (said on ${longDay(today)})` };
  if (line === undefined || /^ex-/i.test(line)) return undefined;
  if (/^i'm (?:single|divorced)\b/i.test(text)) return { from: line, to: ex(line) };
  const partner = new RegExp(`^(?:${PARTNER}|married|engaged|dating|in a relationship|seeing|going out)`, "i");
  return partner.test(line) ? { from: line, to: ex(line) } : undefined;
}

function ex(line: string): string {
  const bond = /^(?:married to|engaged to|dating|in a relationship with|seeing|going out with) (.+)$/i.exec(line);
  if (bond !== null) return `Ex-${/^married/i.test(line) ? "spouse" : "partner"} named ${bond[1] ?? ""}`;
  return `Ex-${line.charAt(0).toLowerCase()}${line.slice(1)}`;
}

/** "James and I got engaged", "I married James". */
function closer(text: string, lines: readonly string[]): Correction | undefined {
  const engaged = /\b(?:got|are|were|we're) engaged\b|\bproposed(?: to (?:me|him|her|\p{L}+))?$|^i'm engaged\b/iu.test(
    text,
  );
  const married =
    /\b(?:got|are|were|we're|now) married\b|^i(?:'ve)? (?:just )?married\b|^i'm married\b|\btied the knot\b/i.test(
      text,
    );
  if (!engaged && !married) return undefined;
  const line = personLine(text, lines) ?? onlyPartner(lines);
  const relation = line === undefined ? undefined : relationOf(line);
  if (line === undefined || relation === undefined || !new RegExp(`^${PARTNER}$`, "i").test(relation.relation))
    return undefined;
  const female = /girl|wife|fianc[eé]e/i.test(relation.relation);
  const male = /boy|husband/i.test(relation.relation);
  const next = married ? (female ? "Wife" : male ? "Husband" : "Spouse") : female ? "Fiancée" : "Fiancé";
  return next.toLowerCase() === relation.relation
    ? undefined
    : { from: line, to: `${next}${line.slice(relation.relation.length)}` };
}

const DIED = new RegExp(
  `^(?:.*\\b)?(?:my|our) (${RELATION}),? ?(\\p{L}+)? ?(?:has |just |sadly |recently )*(?:died|passed away|passed|is dead|is no longer with us|was put down|was put to sleep)\\b`,
  "iu",
);

function died(text: string, lines: readonly string[], today: Day): Correction | undefined {
  if (!/\b(?:died|passed away|is dead|no longer with us|put down|put to sleep|lost my|passed)\b/i.test(text))
    return undefined;
  const line = personLine(text, lines);
  const mine = DIED.exec(text) ?? new RegExp(`^i(?:'ve)? lost my (${RELATION}) ?(\\p{Lu}\\p{L}+)?`, "u").exec(text);
  if (mine === null && !/^\p{L}+ (?:has |just |sadly )*(?:died|passed away)/iu.test(text)) return undefined;
  if (line !== undefined) return /\(died/.test(line) ? undefined : { from: line, to: `${line} ${deathNote(today)}` };
  if (mine === null) return undefined;
  const name =
    mine[2] === undefined || /^(?:has|just|sadly|recently|who|and|was)$/i.test(mine[2])
      ? ""
      : ` named ${capitalise(mine[2])}`;
  return { to: `${capitalise((mine[1] ?? "").toLowerCase())}${name} ${deathNote(today)}` };
}

/** The line about the person or pet that a text names, or calls by relation. */
function personLine(text: string, lines: readonly string[]): string | undefined {
  const spoken = new Set(words(text).map((word) => word.replace(/'s$/, "")));
  const people = lines.filter(
    (line) =>
      relationOf(line) !== undefined ||
      /^(?:married to|engaged to|dating|seeing|in a relationship with|going out with) /i.test(line),
  );
  const named = people.map((line) => ({ line, name: words(relationOf(line)?.name ?? line.split(" ").at(-1) ?? "") }));
  const whole = named.find(({ name }) => name.length > 0 && name.every((word) => spoken.has(word)));
  const byName = (whole ?? named.find(({ name }) => name.some((word) => spoken.has(word))))?.line;
  if (byName !== undefined) return byName;
  const called = new RegExp(`\\b(?:my|our) (${RELATION})\\b`, "i").exec(text)?.[1]?.toLowerCase();
  return called === undefined ? undefined : people.find((line) => relationOf(line)?.relation.endsWith(called));
}

function onlyPartner(lines: readonly string[]): string | undefined {
  const partners = lines.filter((line) => new RegExp(`^${PARTNER} named`, "i").test(line));
  return partners.length === 1 ? partners[0] : undefined;
}

const ENDED =
  /^i (?:no longer|don't|do not|stopped|quit|gave up|(?:can't|cannot)) (.{2,120}?)(?: any ?more| any longer| these days| now)?$/i;
const JOB_LEFT =
  /^i(?:'ve| have)? (?:just )?(?:quit(?! \w+ing\b)|resigned|left (?:my |the )?(?:job|company|work|position)|got (?:fired|laid off|sacked)|was (?:fired|laid off|sacked|let go)|lost my job|retired|stopped working|gave up my job)\b|^i'm (?:now )?(?:retired|unemployed)\b/i;

/** "I no longer work at X", "I don't like coffee any more", "I quit my job". */
function ended(text: string, lines: readonly string[]): Correction[] {
  const left = /^i(?:'ve)? (?:just )?(?:left|quit) (.+)$/i.exec(text)?.[1];
  const employer = lines.find((line) => slotOf(line) === "employer");
  const leftEmployer = left !== undefined && employer !== undefined && shares(left, employer);
  if (JOB_LEFT.test(text) || leftEmployer) {
    const jobs = lines.filter(
      (line) =>
        ["employer", "job"].includes(slotOf(line) ?? "") && !/^i (?:quit|stopped) (?:smok|drink|eat)/i.test(text),
    );
    const now = /^i'm (?:now )?(retired|unemployed)|^i(?:'ve)? (?:just )?(retired)/i.exec(text);
    const state = now === null ? [] : [{ to: capitalise(now[1] ?? now[2] ?? "") }];
    return [...jobs.map((line) => ({ from: line, to: formerly(line) })), ...state];
  }
  const found = ENDED.exec(text);
  if (found === null) return [];
  const explicit = /\b(?:no longer|any ?more|any longer|stopped|quit|gave up)\b/i.test(text);
  const [verb = "", ...rest] = (found[1] ?? "").split(" ");
  const line = matching(verb, rest.join(" "), lines);
  const what = object(rest.join(" "), 60);
  if (line !== undefined && (explicit || slotOf(line)?.startsWith("taste:"))) {
    const left = without(line, (item) => alike(item, rest.join(" ")));
    if (left === undefined) return [{ from: line, to: noLonger(line, verb) }];
    return [{ from: line, to: left }, { to: `No longer ${thirdPerson(plainVerb(verb))} ${what ?? rest.join(" ")}` }];
  }
  if (explicit && rest.length === 0 && /^(?:smoke|drink)$/.test(plainVerb(verb)))
    return [{ to: `No longer ${thirdPerson(plainVerb(verb))}` }];
  if (!explicit || what === undefined || !DOING.test(plainVerb(verb))) return [];
  return [{ to: `No longer ${thirdPerson(plainVerb(verb))} ${what}` }];
}

/** What it tells something about a person that they no longer do it. */
const DOING =
  /^(?:smoke|drink|eat|work|live|play|drive|run|go|do|use|like|love|enjoy|watch|dance|sing|paint|study|swim|own|teach|speak)$/;

function shares(text: string, line: string): boolean {
  const said = stems(text);
  return [...stems(valueOf(line))].some((word) => said.has(word));
}

/** The positive line that says what the user no longer does. */
function matching(verb: string, object: string, lines: readonly string[]): string | undefined {
  const topic = stems(object);
  if (topic.size === 0) return undefined;
  const doing = stem(plainVerb(verb).toLowerCase());
  const tastes = ["lik", "like", "lov", "enjoy", "love"];
  return lines.find((line) => {
    if (/^(?:no longer|formerly|ex-|dislikes|doesn't)/i.test(line)) return false;
    const said = stems(line);
    const first = stem(words(line)[0] ?? "");
    const sameVerb = first === doing || (tastes.includes(doing) && tastes.includes(first));
    return sameVerb && [...topic].every((word) => said.has(word));
  });
}

function noLonger(line: string, verb: string): string {
  if (/^works? (?:at|for|as)\b/i.test(line)) return formerly(line);
  const rest = line.replace(/^\S+\s+/, "").replace(/\s*\((?:said|as of) .*\)$/, "");
  return `No longer ${thirdPerson(plainVerb(verb))} ${rest}`;
}

function formerly(line: string): string {
  return `Formerly worked ${line.replace(/^works?\s+/i, "").replace(/^(?:job|employer|occupation|profession):\s*/i, "as ")}`;
}

function plainVerb(verb: string): string {
  const bare = verb.toLowerCase();
  if (!/ing$/.test(bare)) return bare;
  const cut = bare.replace(/ing$/, "");
  if (/(?:ok|ak|iv|rit|ov|yp|ik|anc|ous)$/.test(cut)) return `${cut}e`;
  return cut.replace(/([bdgmnprt])\1$/, "$1");
}
