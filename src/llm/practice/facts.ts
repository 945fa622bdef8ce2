import { CALENDAR_DAY, dayAndMonth, type Day } from "./dates.ts";
import { HEDGED } from "./speech-acts.ts";
import { capitalise, fold } from "./text.ts";
import { FIRST_NAMES, NOT_NAMES } from "./words.ts";

/**
 * A line that a sentence is certain to mean, such as `Boyfriend named James`. Lines of one `slot` are about the same thing;
 * where it `replaces`, as "my name is" makes certain, the newer line takes the place of the older.
 */
export type Fact = { readonly line: string; readonly slot: string; readonly replaces: boolean };

const PARTNERS = "boyfriend bf girlfriend gf husband wife partner fiancé fiancée spouse";
const OTHERS =
  "mother father mom mum dad sister brother son daughter grandmother grandfather grandma grandpa granny aunt uncle cousin niece nephew " +
  "mother-in-law father-in-law sister-in-law brother-in-law friend roommate flatmate boss manager colleague coworker co-worker neighbour " +
  "neighbor teacher doctor dentist therapist landlord landlady dog cat puppy kitten hamster rabbit parrot horse";
// Capitals tell a name, so the patterns heed them, and words that may begin a sentence are written both ways.
const bothWays = (list: string): string =>
  list
    .split(" ")
    .flatMap((word) => [word, capitalise(word)])
    .join("|");
const RELATIVE = `${PARTNERS.replace(/(\S+) ?/g, "[Ee]x[- ]?$1|")}${bothWays(`${PARTNERS} ${OTHERS}`)}`;
const RELATION = `((?:(?:older|younger|elder|eldest|oldest|youngest|little|big|twin|best|step|half|baby)[- ])?(?:${RELATIVE}))`;
const CAPITAL = "\\p{Lu}[\\p{L}\\p{M}'-]*";
const NAME = `${CAPITAL}(?: ${CAPITAL})?`;
const START = `(?<=^|[,;:.!–—] ?|\\b(?:${bothWays("and but so actually well hi hello hey yes no also oh that")}) )`;
const STOP = "(?=\\s*(?:$|[.,;:!…)–—])|\\s+(?:and|but)\\b)";
const END = "(?=\\s*(?:$|[.,;:!…)–—])|\\s+(?:and|but|with|now|again|these days|at the moment)\\b)";
const PLACE = `(?:the )?${CAPITAL}(?:[ -](?:(?:de|da|do|del|of|la|le|am|upon|sur)[ -])?${CAPITAL}){0,3}`;
const LATELY =
  "(?: (?:last|this) (?:week|weekend|month|year|spring|summer|autumn|fall|winter)| yesterday| today| recently| now)?";
const FEW = '([^\\s.,;:!?()–—"]+(?: [^\\s.,;:!?()–—"]+){0,9}?)';
const CALLED = `(${NAME}|\\p{L}+${END})`;

/**
 * What is certain, as `slot | line | pattern`; `!` marks a slot whose newer line replaces the older. The parts of the line are
 * the groups of the pattern, each read as its placeholder says. "my son Leo is 3": as a subject the word after "son" is his
 * name; elsewhere, as in "taught my son Chess", it must be a known one.
 */
const RULES = `
name! | Name: {name} | (?:${START}[Mm]y (?:first |full )?name(?:'s| is| isn't \\S+ (?:but|it's|it is)| is not \\S+ (?:but|it's|it is))|\\b(?:[Ii]ch heiße|[Mm]ein Name ist|[Mm]e llamo|[Mm]i nombre es|[Jj]e m'appelle|[Mm]on (?:pré)?nom est|[Mm]i chiamo|[Mm]eu nome é)|我的名字[是叫]|(?<!\\p{L})اسمي)\\s*(?!not\\b)([^\\s.,;:!?，。！"][^.,;:!?，。！"]{0,40}?)(?=\\s*(?:$|[.,;:!?，。！"])|\\s+(?:and|but|und|y|et|e)\\b)
relation | {kind} named {name} | ${START}[Mm]y ${RELATION},? (${NAME})
relation | {kind} named {known} | \\b[Mm]y ${RELATION}(?:,| is|'s)? (\\p{L}[\\p{L}'-]+)(?! (?:and|or) )
relation | {kind} named {name} | \\b[Mm]y ${RELATION}(?:'s name is|(?: is|'s)? (?:called|named)) ${CALLED}
relation | {kind} named {name} | \\b[Ii] have an? ${RELATION} (?:called|named) ${CALLED}
birthday! | Birthday: {words} | \\b[Mm]y birthday(?:'s| is)(?: on)? (${CALENDAR_DAY})${END}
birthday! | Birthday: {today} | \\b(?:[Ii]t's|[Ii]t is|[Tt]oday is) my birthday(?: today)?(?! (?:party|tomorrow|next|soon|on|in)\\b)
birthday | Birthday around {today} | \\b(?:baked|made|bought|got|gave|brought) me an? birthday cake(?: today)?
home | Lives in {place} | ${START}[Ii](?:'m living| am living| live) in (${PLACE})${END}
home! | Lives in {place} | ${START}(?:[Ii]|[Ww]e)(?:'ve| have)?(?: just| recently| finally)? moved(?: from ${PLACE})? to (${PLACE})${LATELY}${END}
work | Works {words} | ${START}[Ii] work ((?:as an?|at|for) ${FEW})${STOP}
taste | {does} {words} | ${START}[Ii] (?:really |absolutely |also )?(like|love|enjoy|hate|don't like) ${FEW}(?=\\s*(?:$|[.;:!…)–—]))
`
  .trim()
  .split("\n")
  .map((row) => {
    const [slot = "", line = "", ...pattern] = row.split(" | ");
    return {
      slot: slot.replace("!", ""),
      replaces: slot.endsWith("!"),
      line,
      pattern: new RegExp(pattern.join(" | "), "gu"),
    };
  });

const READERS: Readonly<Record<string, (said: string) => string | undefined>> = {
  name: (said) => properName(bare(said.trim())),
  known: (said) => knownName(bare(said)),
  kind: (said) =>
    capitalise(
      said
        .toLowerCase()
        .replace(/\bbf$/, "boyfriend")
        .replace(/\bgf$/, "girlfriend")
        .replace(/^ex[- ]?/, "ex-"),
    ),
  place: (said) => (NOT_NAMES.has(fold(said.split(" ")[0] ?? "")) && !/^the /.test(said) ? undefined : said),
  words: (said) => (UNSURE.test(said) || REFERS.test(said) ? undefined : said),
  does: (said) => (said === "don't like" ? "Doesn't like" : `${capitalise(said)}s`),
};

/** The line of a rule with its parts read; undefined if one of them is not certain. */
function lineOf(line: string, groups: readonly (string | undefined)[], day: Day): string | undefined {
  const [, ...said] = groups;
  const readers = [...line.matchAll(/\{(\w+)\}/g)].map(([, reader = ""]) => reader);
  const values = readers.map((reader) =>
    reader === "today" ? dayAndMonth(day) : READERS[reader]?.(said.shift() ?? ""),
  );
  if (values.includes(undefined)) return undefined;
  return line.replace(/\{\w+\}/g, () => values.shift() ?? "");
}

const UNSURE =
  /\b(?:but|if|unless|when|while|because|than|until|till|not|never|more|less|and i|a living|free|fun|nothing|no one|nobody)\b/i;
const REFERS =
  /^(?:it|that|this|these|those|him|her|them|how|what|the idea)\b|\b(?:i|me|my|mine|we|us|our|you|your)\b/i;

/** What is certain in one sentence, and the rest of it. What stands in quotes was said by somebody else. */
export function factsIn(sentence: string, day: Day): { readonly facts: readonly Fact[]; readonly rest: string } {
  let rest = plain(sentence).replace(/"[^"]*"|“[^”]*”|«[^»]*»/g, (quoted) => " ".repeat(quoted.length));
  const facts: Fact[] = [];
  if (HEDGED.test(rest)) return { facts, rest };
  for (const { slot, line: template, pattern, replaces } of RULES) {
    for (const match of rest.matchAll(pattern)) {
      const line = lineOf(template, match, day);
      if (line === undefined) continue;
      facts.push({ line, slot: slotOf(line) ?? slot, replaces });
      const end = match.index + match[0].length;
      rest = rest.slice(0, match.index) + " ".repeat(match[0].length) + rest.slice(end);
    }
  }
  return { facts, rest };
}

const PARTED =
  "(?:have |just |'ve )*(?:broke up|broken up|split up|separated|got divorced|divorced|are divorced|are separated)";
const PARTINGS: readonly RegExp[] = [
  new RegExp(
    `${START}(?:my (?:${PARTNERS.replaceAll(" ", "|")}) )?(\\p{L}+) and i ${PARTED}(?: (?:yesterday|today|last \\w+))?`,
    "iu",
  ),
  new RegExp(`${START}i ${PARTED} with (?:my (?:${PARTNERS.replaceAll(" ", "|")}) ?)?(\\p{L}+)`, "iu"),
];

/** "James and I broke up", where James is known to be the boyfriend: the line it changes. */
export function partingIn(
  sentence: string,
  lines: readonly string[],
): { from: string; to: string; rest: string } | undefined {
  const text = plain(sentence);
  const match = HEDGED.test(text)
    ? null
    : (PARTINGS.map((pattern) => pattern.exec(text)).find((found) => found !== null) ?? null);
  const from = lines.find((line) => {
    const [, relation = "", name = ""] = /^(\p{L}+) named (\p{L}[\p{L}'-]*)/u.exec(line) ?? [];
    return (
      PARTNERS.split(" ").includes(relation.toLowerCase()) && match !== null && fold(name) === fold(match[1] ?? "")
    );
  });
  if (match === null || from === undefined) return undefined;
  return { from, to: `Ex-${from.charAt(0).toLowerCase()}${from.slice(1)}`, rest: text.replace(match[0], " ") };
}

/** The slot of a line as `factsIn` writes it, or as people do. */
export function slotOf(line: string): string | undefined {
  if (/^(?:first |full )?name: /i.test(line)) return "name";
  if (/^works? (?:as|at|for) /i.test(line)) return "work";
  return /^(?:birthday|lives in|[\p{L} -]+ named )/iu.exec(line)?.[0].toLowerCase();
}

function plain(sentence: string): string {
  return sentence.slice(0, 600).replace(/[\u2018\u2019`]/g, "'");
}

function bare(name: string): string {
  return name.replace(/'s?$/, "");
}

/** The name at the head of `said`: capitalised, or in a script without capitals, or a known one. */
function properName(said: string): string | undefined {
  const first = said.split(/\s/)[0] ?? "";
  if (NOT_NAMES.has(fold(first))) return undefined;
  if (/^\p{Lo}/u.test(first)) return /^[\p{Lo}\p{M}·]{1,20}(?: [\p{Lo}\p{M}]{1,20})?$/u.test(said) ? said : undefined;
  if (!/^\p{Lu}/u.test(first)) return knownName(said);
  return new RegExp(`^${CAPITAL}(?: (?:(?:de|da|von|van|der|al|bin) )*${CAPITAL}){0,3}`, "u").exec(said)?.[0];
}

function knownName(said: string): string | undefined {
  return FIRST_NAMES.has(fold(said)) ? capitalise(said) : undefined;
}
