import { type Day, dayAndMonth } from "../../time/format.ts";
import { CALENDAR_DAY } from "../../time/words.ts";
import { HEDGED } from "./speech-acts.ts";
import { capitalise, fold } from "./text.ts";
import { FIRST_NAMES, NOT_NAMES } from "./words.ts";

/** A line that a sentence certainly means, such as `Boyfriend named James`. `replaces`: it may replace one of its slot. */
export type Fact = { readonly line: string; readonly replaces: boolean };

const PARTNERS = "boyfriend bf girlfriend gf husband wife partner fiancé fiancée spouse";
const OTHERS =
  "mother father mom mum dad sister brother son daughter grandmother grandfather grandma grandpa granny aunt uncle cousin niece nephew " +
  "mother-in-law father-in-law sister-in-law brother-in-law friend roommate flatmate boss manager colleague coworker co-worker neighbour " +
  "neighbor teacher doctor dentist therapist landlord landlady dog cat puppy kitten hamster rabbit parrot horse";
// Capitals mark a name, so patterns are case-sensitive, and words that may begin a sentence appear in both cases.
const bothWays = (list: string): string =>
  list
    .split(" ")
    .flatMap((word) => [word, capitalise(word)])
    .join("|");
const RELATION = `((?:[Ee]x[- ]?)?(?:(?:older|younger|elder|eldest|oldest|youngest|little|big|twin|best|step|half|baby)[- ])?(?:${bothWays(`${PARTNERS} ${OTHERS}`)}))`;
const CAPITAL = "\\p{Lu}[\\p{L}\\p{M}'-]*";
const NAME = `${CAPITAL}(?: ${CAPITAL})?`;
const START = `(?<=^|[,;:.!–—] ?|\\b(?:${bothWays("and but so actually well hi hello hey yes no also oh that")}) )`;
const END = "(?=\\s*(?:[.…!]*$|[,;:)–—])|\\s+(?:and|but|with|now|again|these days|at the moment)\\b)";
const PLACE = `(?:the )?${CAPITAL}(?:[ -](?:(?:de|da|do|del|of|la|le|am|upon|sur)[ -])?${CAPITAL}){0,3}`;
const FEW = '([^\\s.,;:!?()–—"]+(?: [^\\s.,;:!?()–—"]+){0,9}?)';
const PARTED = "(?:have |just |'ve )*(?:broke up|broken up|split up|separated|got divorced|divorced)";
const CALLED = `(${NAME}|\\p{L}+${END})`;

/**
 * Certain facts as `line | pattern`; with `!`, the line replaces an older one of its slot. Each placeholder in the line names the
 * reader of the pattern's next group. "my son Leo is 3": the word after "son" is his name in a subject; elsewhere, as in
 * "taught my son Chess", it must be a known first name.
 */
const RULES = `
! Name: {name} | (?:${START}[Mm]y (?:first |full )?name(?:'s| is| isn't \\S+ (?:but|it's|it is)| is not \\S+ (?:but|it's|it is))|\\b(?:[Ii]ch heiße(?: nicht \\S+ sondern)?|[Mm]ein Name ist|[Mm]e llamo|[Mm]i nombre es|[Jj]e m'appelle|[Mm]on (?:pré)?nom est|[Mm]i chiamo|[Mm]eu nome é)|我的名字[是叫]|(?<!\\p{L})اسمي)\\s*(?!not\\b)([^\\s.,;:!?，。！"][^.,;:!?，。！"]{0,40}?)(?=\\s*(?:$|[.,;:!?，。！"])|\\s+(?:and|but|und|y|et|e)\\b)
{kind} named {name} | ${START}[Mm]y ${RELATION},? (${NAME})
{kind} named {known} | \\b[Mm]y ${RELATION}(?:,| is|'s)? (\\p{L}[\\p{L}'-]+)(?! (?:and|or) )
{kind} named {name} | \\b[Mm]y ${RELATION}(?:'s name is|(?: is|'s)? (?:called|named)) ${CALLED}
{kind} named {name} | \\b[Ii] have an? ${RELATION} (?:called|named) ${CALLED}
! Birthday: {words} | \\b[Mm]y birthday(?:'s| is)(?: on)? (${CALENDAR_DAY})${END}
! Birthday: {today} | \\b(?:[Ii]t's|[Ii]t is|[Tt]oday is) my birthday(?: today)?(?! (?:party|tomorrow|next|soon|on|in)\\b)
Birthday around {today} | \\b(?:baked|made|bought|got|gave|brought) me an? birthday cake(?: today)?
Lives in {place} | ${START}[Ii](?:'m living| am living| live) in (${PLACE})${END}
Works {words} | ${START}[Ii] work ((?:as an?|at|for) ${FEW})${END}
{does} {words} | ${START}[Ii] (?:really |absolutely |also )?(like|love|enjoy|hate|don't like) ${FEW}(?=\\s*(?:$|[.;:!…)–—]))
Parted from {word} | ${START}(?:[Mm]y (?:${PARTNERS.replaceAll(" ", "|")}) )?(\\p{L}+) and [Ii] ${PARTED}
Parted from {word} | ${START}[Ii] ${PARTED} with (?:my (?:${PARTNERS.replaceAll(" ", "|")}) ?)?(\\p{L}+)
`
  .trim()
  .split("\n")
  .map((row) => {
    const [line = "", ...pattern] = row.replace(/^! /, "").split(" | ");
    return { line, replaces: row.startsWith("!"), pattern: new RegExp(pattern.join(" | "), "gu") };
  });

/** Readers of the groups, by placeholder. Each returns undefined if the text is not certain. */
const READERS: Readonly<Record<string, (said: string) => string | undefined>> = {
  name: (said) => properName(said.trim()),
  known: (said) => knownName(said),
  kind: (said) => capitalise(said.toLowerCase().replace(/\bbf$/, "boyfriend").replace(/\bgf$/, "girlfriend")),
  place: (said) => (NOT_NAMES.has(fold(said.split(" ")[0] ?? "")) && !/^the /.test(said) ? undefined : said),
  word: (said) => said,
  words: (said) => (UNSURE.test(said) || REFERS.test(said) ? undefined : said),
  does: (said) => (said === "don't like" ? "Doesn't like" : `${capitalise(said)}s`),
};

/** The line of a rule with its placeholders filled; undefined if one is not certain. */
function lineOf(template: string, [, ...groups]: readonly (string | undefined)[], day: Day): string | undefined {
  const line = template.replaceAll("{today}", dayAndMonth(day)).replace(/\{(\w+)\}/g, (_, reader: string) => {
    return READERS[reader]?.(groups.shift() ?? "") ?? "?";
  });
  return line.includes("?") ? undefined : line;
}

/** The speaker talks about themselves; nothing else is certain. */
const FIRST_PERSON = /\b(?:my|i|me|ich|mein|mi|je|mon|meu)\b|我的名字|اسمي/i;
const UNSURE =
  /\b(?:but|if|unless|when|while|because|than|until|till|not|never|more|less|and i|a living|free|fun|nothing|no one|nobody)\b/i;
const REFERS =
  /^(?:it|that|this|these|those|him|her|them|how|what|the idea)\b|\b(?:i|me|my|mine|we|us|our|you|your)\b/i;

/** The facts in one sentence, and the rest of it. Skips quotations, which somebody else said. */
export function factsIn(sentence: string, day: Day, known: readonly string[]): { facts: Fact[]; rest: string } {
  const straight = sentence.slice(0, 600).replace(/[\u2018\u2019`]/g, "'");
  let rest = straight.replace(/"[^"]*"|“[^”]*”|«[^»]*»/g, (quoted) => " ".repeat(quoted.length));
  const facts: Fact[] = [];
  if (!FIRST_PERSON.test(rest) || HEDGED.test(rest)) return { facts, rest };
  for (const { line: template, pattern, replaces } of RULES) {
    for (const match of rest.matchAll(pattern)) {
      const line = lineOf(template, match, day);
      const [, parted] = /^Parted from (.+)/.exec(line ?? "") ?? [];
      if (line === undefined || (parted !== undefined && !known.some((held) => isPartner(held, parted)))) continue;
      facts.push({ line, replaces });
      rest = rest.replace(match[0], " ".repeat(match[0].length));
    }
  }
  return { facts, rest };
}

/** Whether a line of core memory says that `name` is the partner. */
export function isPartner(line: string, name: string): boolean {
  const [, relation = "", known = ""] = /^(\p{L}+) named (\p{L}[\p{L}'-]*)/u.exec(line) ?? [];
  return fold(known) === fold(name) && PARTNERS.split(" ").includes(relation.toLowerCase());
}

/** The slot of a line as `factsIn` writes it, or as people do. */
export function slotOf(line: string): string | undefined {
  if (/^(?:first |full )?name: /i.test(line)) return "name";
  if (/^works? (?:as|at|for) /i.test(line)) return "work";
  return /^(?:birthday|lives in|[\p{L} -]+ named )/iu.exec(line)?.[0].toLowerCase();
}

/** The name at the start of `said`: capitalised, in a script without capitals, or known. */
function properName(said: string): string | undefined {
  const first = said.split(/\s/)[0] ?? "";
  if (NOT_NAMES.has(fold(first))) return undefined;
  if (/^\p{Lo}/u.test(first)) return /^[\p{Lo}\p{M}·]{1,20}(?: [\p{Lo}\p{M}]{1,20})?$/u.test(said) ? said : undefined;
  if (!/^\p{Lu}/u.test(first)) return knownName(said);
  return new RegExp(`^${CAPITAL}(?: (?:(?:de|da|von|van|der|al|bin) )*${CAPITAL}){0,3}`, "u")
    .exec(said)?.[0]
    .replace(/'s?$/, "");
}

function knownName(said: string): string | undefined {
  return FIRST_NAMES.has(fold(said)) ? capitalise(said.replace(/'s?$/, "")) : undefined;
}
