import { DIET, RELATION } from "./lexicon.ts";
import { ownerOf } from "./owners.ts";
import { lowerFirst, stems } from "./text.ts";

/*
 * A fact is one line of a core memory block, written without a subject: "Lives in Porto", "Sister named Eva",
 * "Favourite colour: blue". The rules below read such lines back, whoever wrote them.
 */

const SLOTS: readonly (readonly [RegExp, string])[] = [
  [/^(?:first |full |user'?s? )?name(?: is|:)|^(?:is )?called\b/i, "name"],
  [/^age\b|^(?:is )?\d{1,3} years old/i, "age"],
  [/^(?:birthday\b|born on\b|date of birth)/i, "birthday"],
  [/^(?:lives? (?:in|on|near|at)|living in|based in|home(?: town| city)?:|location:)/i, "home"],
  [/^(?:(?:originally )?(?:comes )?from\b|originally from|born in|hometown)/i, "origin"],
  [/^(?:works? (?:at|for)\b|employer)/i, "employer"],
  [/^(?:works? as\b|job\b|occupation|profession)/i, "job"],
  [new RegExp(`^(?:diet:|is |strictly )?(?:${DIET})$`, "i"), "diet"],
];

/** Keys before a colon of which a person may have many. */
const PLURAL_KEY = /^(?:note|plan|hobby|hobbies|likes?|dislikes?|pets?|friends?|reminder)$/i;

/** Which question a line answers, where a person can have only one answer to it: a new line replaces the old one. */
export function slotOf(line: string): string | undefined {
  if (ownerOf(line) !== undefined) return undefined;
  const found = SLOTS.find(([pattern]) => pattern.test(line));
  if (found !== undefined) return found[1];
  const taste = /^(?:no longer |really )?(?:likes|loves|dislikes|enjoys|hates)\s+(.+)$/i.exec(line);
  if (taste !== null) return `taste:${topic(taste[1] ?? "")}`;
  const key = /^([\p{L}][\p{L}\d' -]{1,40}):\s/u.exec(line)?.[1];
  if (key === undefined || PLURAL_KEY.test(key)) return undefined;
  return `key:${topic(key)}`;
}

function topic(text: string): string {
  return [...stems(text.replace(/\(.*$/, ""))].join(" ");
}

/** Whether `line` adds nothing to `known`. */
export function isKnown(line: string, known: readonly string[]): boolean {
  const wanted = plain(line);
  return known.some((other) => plain(other) === wanted || (slotOf(line) === slotOf(other) && sameValue(line, other)));
}

function sameValue(line: string, other: string): boolean {
  if (slotOf(line) === undefined) return false;
  return plain(valueOf(line)) === plain(valueOf(other)) && polarity(line) === polarity(other);
}

function polarity(line: string): boolean {
  return /^(?:no longer|dislikes|hates)/i.test(line);
}

/** What a slotted line says, without what it is about: `First name: Chad` → `Chad`. */
export function valueOf(line: string): string {
  return line
    .replace(/^[\p{L}][\p{L}\d' -]{1,40}:\s*/u, "")
    .replace(
      /^(?:lives? in|works? (?:at|for|as an?|as)|comes from|originally from|from|no longer|likes|loves|dislikes|hates|enjoys|birthday|around|on|age|is)\s+/i,
      "",
    )
    .replace(/\s*\((?:as of|said on|noted on|learned on|since) [^)]*\)$/i, "")
    .replace(/[.\s]+$/, "");
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/\((?:as of|said on|noted on|since) [^)]*\)/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

const NAMED = new RegExp(`^((?:ex-?)?${RELATION}s?)(?:'s name is| is (?:named|called)| named| called|:) (.+)$`, "i");

/** The relation and the name of a line such as `Boyfriend named James`. */
export function relationOf(line: string): { readonly relation: string; readonly name: string } | undefined {
  const found = NAMED.exec(line);
  if (found === null) return undefined;
  const name = (found[2] ?? "").replace(/\s*[(,;.].*$/, "");
  return { relation: (found[1] ?? "").toLowerCase(), name };
}

const VERBS = new Set(
  (
    "dislikes likes loves enjoys hates prefers lives works speaks plays collects owns drives teaches runs learns weighs wears " +
    "wants needs plans practises practices manages leads studies goes does eats drinks smokes knows sings dances paints writes " +
    "cooks bakes bikes swims climbs hikes travels commutes uses keeps comes parked left put got became won graduated adopted broke " +
    "moved bought lost was were ran passed finished started had visited met grew used formerly takes supports will hopes studied lived visits sends likes"
  ).split(" "),
);
const STATE =
  /^(?:allergic|afraid|married|engaged|single|divorced|retired|pregnant|widowed|separated|unemployed|fluent|lactose|left-handed|colou?r-?blind|\w+ing|about to)\b/i;

/** A remembered line said to the user: `Lives in Porto` → `you live in Porto`. */
export function toSpeech(line: string): string {
  const bare = line
    .trim()
    .replace(/^[-*•]\s*/, "")
    .replace(/[.\s]+$/, "");
  const other = ownerOf(bare);
  if (other !== undefined) return ofSomeone(other.owner, other.fact);
  const named = NAMED.exec(bare);
  if (named !== null) {
    const plural = /(?:s|children)$/i.test(named[1] ?? "");
    return `your ${lowerFirst(named[1] ?? "")} ${plural ? "are" : "is"} named ${named[2] ?? ""}`;
  }
  const keyed = /^([\p{L}][\p{L}\d' -]{1,40}):\s+(.+)$/u.exec(bare);
  if (keyed !== null) return `your ${lowerFirst(keyed[1] ?? "")} is ${keyed[2] ?? ""}`;
  const spoken = asVerb(bare);
  if (spoken !== undefined) return spoken.replace(/\b(?:my|their)\b/gi, "your").replace(/\bme\b/gi, "you");
  const birthday = /^birthday (around|on|in) (.+)$/i.exec(bare);
  if (birthday !== null) return `your birthday is ${birthday[1] ?? ""} ${birthday[2] ?? ""}`;
  if (new RegExp(`^${RELATION}(?:s|'s)?\\b`, "i").test(bare)) return `your ${lowerFirst(bare)}`;
  return `I have noted: ${bare}`;
}

/** `Ana: Sister named Eva` → `Ana's sister is named Eva`. */
function ofSomeone(owner: string, fact: string): string {
  const spoken = toSpeech(fact);
  if (spoken.startsWith("your ")) return `${owner}'s ${spoken.slice(5)}`;
  if (spoken.startsWith("you are ")) return `${owner} is ${lowerFirst(fact).replace(/^is /, "")}`;
  return spoken.startsWith("you ") ? `${owner} ${lowerFirst(fact)}` : `${owner}: ${fact}`;
}

function asVerb(line: string): string | undefined {
  const [first = "", ...rest] = line.split(" ");
  const verb = first.toLowerCase();
  if (verb === "no") return `you no longer ${plainVerb(rest[1] ?? "")} ${rest.slice(2).join(" ")}`.trim();
  if (verb === "is") return `you are ${rest.join(" ")}`;
  if (verb === "doesn't") return `you don't ${rest.join(" ")}`;
  if (verb === "has" || verb === "can't" || VERBS.has(verb)) return `you ${plainVerb(verb)} ${rest.join(" ")}`;
  if (verb === "from") return `you come ${lowerFirst(line)}`;
  if (STATE.test(line) || slotOf(line) === "diet") return `you are ${lowerFirst(line)}`;
  return undefined;
}

/** `likes` → `like`. */
function plainVerb(verb: string): string {
  if (verb === "has") return "have";
  if (!VERBS.has(verb) || !/s$/.test(verb) || verb === "was") return verb === "was" ? "were" : verb;
  return verb
    .replace(/ies$/, "ys")
    .replace(/(ch|sh|ss|go|do)es$/, "$1s")
    .replace(/s$/, "");
}

/** `like` → `likes`. */
export function thirdPerson(verb: string): string {
  if (verb === "have") return "has";
  if (/[^aeiou]y$/.test(verb)) return verb.replace(/y$/, "ies");
  return /(?:ch|sh|ss|x|go|do)$/.test(verb) ? `${verb}es` : `${verb}s`;
}
