import type { Clause } from "./clauses.ts";
import { addDays, dayAndMonth, longDay, type Day } from "./dates.ts";
import { FIRST_NAMES, NATIONALITY } from "./lexicon.ts";
import { readName } from "./names.ts";
import { object } from "./phrase.ts";
import { firstLines, place, simple, type Rule } from "./rule.ts";
import { capitalise } from "./text.ts";

/** Name, age, birthday, origin and home. */
export function identityLines(clause: Clause, today: Day): string | undefined {
  return firstLines(RULES, clause, today);
}

const RULES: readonly Rule[] = [
  {
    pattern:
      /^(?:it was my birthday|my birthday was) (last week|a week ago|(\d|two|three|a few|a couple of) days ago|last \w+day)/i,
    line: ([, , days = ""], _clause, today) => {
      const ago = days === "" ? 7 : /two|couple/i.test(days) ? 2 : Number(days) || 3;
      return `Birthday around ${dayAndMonth(addDays(today, -ago))}`;
    },
  },
  {
    pattern: /^(\p{L}+) here$/iu,
    line: ([, text = ""]) => (FIRST_NAMES.has(text.toLowerCase()) ? named(text, false) : undefined),
  },
  {
    pattern: /^(?:i|we) live (alone|with .+|on .+|near .+|at .+|close to .+)$/i,
    line: simple("Lives"),
  },
  {
    pattern: /^my (?:(?:first|full|real|actual|given) )?name(?:'s| is|:)(?: now| actually)? (?!not\b)(.+)$/i,
    line: ([, text = ""]) => named(text.replace(/\s*\b(?:not|but|and|though)\b.*$/i, ""), true),
  },
  {
    pattern:
      /^(?:name's|i'm (?:called|named)|i go by|(?:you can |you may |everyone |people |just |friends |they all )*calls? me) (?!back|later|when|if|tomorrow|crazy|a\b|an\b|old)(.+)$/i,
    line: ([, text = ""]) => named(text.replace(/\s*\b(?:not|but|and|for short)\b.*$/i, ""), true),
  },
  {
    pattern:
      /^(?:me llamo|mi nombre es|je m'appelle|ich hei(?:ß|ss)e|mein name ist|meu nome [eé]|(?:eu )?me chamo|chamo-me|mi chiamo|ik heet|jag heter|jestem|nazywam si[eę]) (.+)$/iu,
    line: ([, text = ""]) => named(text, true),
  },
  {
    pattern: /^this is (.+)$/i,
    line: ([, text = ""]) =>
      /^\p{L}+(?: (?:again|here|speaking).*)?$/u.test(text) && FIRST_NAMES.has((text.split(" ")[0] ?? "").toLowerCase())
        ? named(text, false)
        : undefined,
  },
  {
    pattern:
      /^i'm (?:now )?(\d{1,3})(?: (?:years? old|yrs? old|yo|y\/o|now))?(?:$|[\s,]*(?:and|today|now|not|actually)\b)/i,
    line: ([, age = ""], _clause, today) =>
      Number(age) > 0 && Number(age) < 120 ? `Age: ${age} (as of ${longDay(today)})` : undefined,
  },
  {
    pattern: /^i(?:'ve)? (?:just )?turn(?:ed|ing)? (\d{1,3})\b(.*)$/i,
    line: ([, age = "", when = ""], _clause, today) =>
      `Age: ${age} (as of ${longDay(today)})${/\b(?:today|yesterday)\b/i.test(when) ? `\nBirthday: ${dayAndMonth(addDays(today, /yesterday/i.test(when) ? -1 : 0))}` : ""}`,
  },
  {
    pattern: /^my age is (\d{1,3})\b/i,
    line: ([, age = ""], _clause, today) => `Age: ${age} (as of ${longDay(today)})`,
  },
  {
    pattern:
      /^(?:yesterday was my (?:[\w-]+ )?birthday|(?:it was )?my (?:[\w-]+ )?birthday was yesterday|it was my (?:[\w-]+ )?birthday yesterday|i had my (?:[\w-]+ )?birthday yesterday)/i,
    line: birthday(-1),
  },
  {
    pattern:
      /^(?:tomorrow(?:'s| is) my (?:[\w-]+ )?birthday|my (?:[\w-]+ )?birthday is tomorrow|it's my (?:[\w-]+ )?birthday tomorrow)/i,
    line: birthday(1),
  },
  {
    pattern:
      /^(?:(?:today|it)(?:'s| is) my (?:[\w-]+ )?birthday(?! (?:in|on|next|tomorrow)\b)|my (?:[\w-]+ )?birthday is today|happy birthday to me)/i,
    line: birthday(0),
  },
  {
    pattern: /^i was born (?:on|in) (?:the )?((?:[\w,]+ ){0,3}?\d{4}) in (\p{L}.*)$/iu,
    line: ([, when = "", where = ""], clause) => {
      const born = place("Born in")(["", where], clause, 0);
      return born === undefined ? `Birthday: ${when}` : `Birthday: ${when}\n${born}`;
    },
  },
  {
    pattern:
      /^(?:my (?:birthday|birth date|date of birth|dob)(?: is|'s|:)|i was born)(?: on| in)? (?:the )?((?=.*\d|january|february|march|april|may|june|july|august|september|october|november|december|\d).+)$/i,
    line: ([, text = ""]) => {
      const when = object(text, 40);
      return when === undefined ? undefined : `Birthday: ${when}`;
    },
  },
  {
    pattern: /^i (?:was born(?: and raised)? in|grew up in|come from|hail from|originate from) (.+)$/i,
    line: place("Comes from"),
  },
  { pattern: /^i'm (?:originally )?(?:from|originally from) (.+)$/i, line: place("Comes from") },
  {
    pattern: new RegExp(`^i'm (?:half )?(${NATIONALITY})(?:$|[\\s,]+(?:and|but|by)\\b)`, "i"),
    line: ([, text = ""]) => `Nationality: ${capitalise(text)}`,
  },
  {
    pattern:
      /^(?:i|we)(?:'m|'re| are)? (?:now )?(?:liv(?:e|ing)(?: now)? in|based in|located in|resid(?:e|ing) in|settled in) (.+)$/i,
    line: place("Lives in"),
  },
  {
    pattern: /^(?:i|we)(?:'ve)? (?:just )?(?:moved|relocated) (?:over |back |down |up )?(?:from [^,]{1,40} )?to (.+)$/i,
    line: (found, clause, today) =>
      /^(?:a|an|the|my|our|another)\b/i.test(found[1] ?? "") ? undefined : place("Lives in")(found, clause, today),
  },
  { pattern: /^my (?:home ?town) is (.+)$/i, line: place("Comes from") },
];

function named(text: string, introduced: boolean): string | undefined {
  const name = readName(text, introduced);
  return name === undefined ? undefined : `Name: ${name.name}`;
}

function birthday(offset: number): Rule["line"] {
  return (_found, _clause, today) => `Birthday: ${dayAndMonth(addDays(today, offset))}`;
}
