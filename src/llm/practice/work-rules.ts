import type { Clause } from "./clauses.ts";
import type { Day } from "./dates.ts";
import { thirdPerson } from "./facts.ts";
import { LANGUAGE } from "./lexicon.ts";
import { properCase } from "./names.ts";
import { object } from "./phrase.ts";
import { firstLines, noted, place, simple, type Rule } from "./rule.ts";
import { capitalise } from "./text.ts";

/** Work, studies and languages. */
export function workLines(clause: Clause, today: Day): string | undefined {
  return firstLines(RULES, clause, today);
}

const RULES: readonly Rule[] = [
  { pattern: /^i(?:'ve)? start(?:ed|ing)? (?:learning|studying|to learn) (.+)$/i, line: learning("Learning") },
  { pattern: /^i (?:majored in|studied) (?!for\b|hard\b|all\b|a lot\b)(.+)$/i, line: simple("Studied") },
  { pattern: /^i'm (?:now )?(?:working|employed) (?:at|for|with) (.+)$/i, line: place("Works at") },
  {
    pattern:
      /^i(?:'ve)? (?:now )?(?:work|start(?:ed)?(?: working)?|began working|(?:got|start(?:ed)?) (?:a |the |my )?(?:new |first )*job) (?:at|for|with) (?!\w+ing\b|two\b|long)(.+)$/i,
    line: place("Works at"),
  },
  { pattern: /^i(?:'m| now)? work(?:ing)? (?:now )?as (.+)$/i, line: simple("Works as") },
  { pattern: /^i work in (.+)$/i, line: place("Works in") },
  {
    pattern: /^i work (remotely|from home|part[- ]time|full[- ]time|nights|night shifts|two jobs|with .+)/i,
    line: simple("Works"),
  },
  {
    pattern: /^(?:i got a (?:new )?job|i started|my (?:job|profession|occupation) is)(?: as)? ((?:an?|being an?) .+)$/i,
    line: ([, text = ""]) => {
      const job = object(text.replace(/^being /, ""));
      return job === undefined || /^a (?:new )?(?:job|book|diet|project|blog)/i.test(job)
        ? undefined
        : `Works as ${job}`;
    },
  },
  {
    pattern: /^i (teach|run|own|manage|lead|coach) (.+)$/i,
    line: ([, verb = "", text = ""]) => {
      const what = object(text);
      return what === undefined || /^(?:out|into|late|away|to|by|with|on|up|off|from)\b/i.test(what)
        ? undefined
        : `${capitalise(thirdPerson(verb.toLowerCase()))} ${what}`;
    },
  },
  {
    pattern:
      /^i'm (?:studying|majoring in|reading for|doing (?:my|an?) (?:phd|master'?s?|degree|bachelor'?s?|mba) in) (.+)$/i,
    line: ([, text = ""]) => {
      const what = object(text);
      return what === undefined || /^for\b/i.test(what) ? undefined : `Studies ${what}`;
    },
  },
  { pattern: /^i (?:study|major in) (?!for\b|hard\b|a lot\b)(.+)$/i, line: simple("Studies") },
  {
    pattern: /^i(?:'ve)? (?:just )?graduated (.+)$/i,
    line: ([, text = ""], _clause, today) => {
      const what = /^(?:last|this) \w+$/i.test(text) ? text : object(text);
      return what === undefined ? undefined : noted(`Graduated ${what}`, today);
    },
  },
  {
    pattern: new RegExp(
      `^i(?: can)? (?:speak|know) ((?:a little |a bit of |some |fluent |basic )?(?:${LANGUAGE})\\b.*)$`,
      "i",
    ),
    line: ([, text = ""], clause) => {
      const what = text
        .replace(/\s+(?:because|but|so|since|fluently|quite|very|pretty|at|well)\b.*$/i, "")
        .replace(/[;:(].*$/, "");
      return `Speaks ${properCase(what, clause.lower)}`;
    },
  },
  {
    pattern: new RegExp(`^i'm (?:fluent in|a native speaker of) ((?:${LANGUAGE})\\b.*)$`, "i"),
    line: simple("Speaks"),
  },
  { pattern: /^i'm learning (.+)$/i, line: learning("Learning") },
  { pattern: /^i'm (?:practising|practicing) (.+)$/i, line: learning("Practising") },
];

/** A language, a craft, or to do something that is a craft; not "a lot about myself". */
function learning(prefix: string): Rule["line"] {
  return ([, text = ""]) => {
    const what = object(text, 60);
    if (what === undefined || /^(?:about|from|how|as|by|on|self|hard|new|with|for|patience)\b/i.test(what))
      return undefined;
    if (/^to\b/i.test(what) && !CRAFT.test(what)) return undefined;
    return `${prefix} ${what}`;
  };
}

const CRAFT =
  /^to (?:play|speak|cook|drive|swim|sail|ski|ride|dance|sing|draw|paint|code|program|knit|sew|fly|surf|skate|bake|write|dive|climb)\b/i;
