import type { Clause } from "./clauses.ts";
import type { Day } from "./dates.ts";
import { thirdPerson } from "./facts.ts";
import { LANGUAGE } from "./lexicon.ts";
import { properCase } from "./names.ts";
import { object, place, simple, firstLines, type Rule } from "./rule.ts";
import { capitalise } from "./text.ts";

/** Work, studies and languages. */
export function workLines(clause: Clause, today: Day): string | undefined {
  return firstLines(RULES, clause, today);
}

const RULES: readonly Rule[] = [
  { pattern: /^i(?:'ve)? start(?:ed|ing)? (?:learning|studying|to learn) (.+)$/i, line: simple("Learning") },
  { pattern: /^i (?:majored in|studied) (?!for\b|hard\b|all\b|a lot\b)(.+)$/i, line: simple("Studied") },
  { pattern: /^i'm (?:now )?(?:working|employed) (?:at|for|with) (.+)$/i, line: place("Works at") },
  {
    pattern:
      /^i(?:'ve)? (?:now )?(?:work|started(?: working)?|joined|got (?:a |the |my )?(?:new |first )*job|began working|start(?:ed)? a (?:new )?job) (?:at |for |with )?(?!as\b|on\b|out\b|hard\b|in\b|from\b|a\b|to\b|late\b|too\b|\w+ing\b|night|part|full|remote|two\b|the\b|every|long)(.+)$/i,
    line: place("Works at"),
  },
  { pattern: /^i(?:'m| now)? work(?:ing)? (?:now )?as (.+)$/i, line: simple("Works as") },
  { pattern: /^i work in (.+)$/i, line: place("Works in") },
  {
    pattern: /^i work (remotely|from home|part[- ]time|full[- ]time|nights|night shifts|on .+|two jobs|with .+)/i,
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
      return what === undefined || (/run/i.test(verb) && /^(?:out|into|late|away|to)\b/i.test(what))
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
  { pattern: /^i(?:'ve)? (?:just )?graduated (.+)$/i, line: simple("Graduated") },
  {
    pattern: new RegExp(`^i(?: can)? (?:speak|know) ((?:a little |some |fluent |basic )?(?:${LANGUAGE})\\b.*)$`, "i"),
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
  {
    pattern: /^i'm (learning|practising|practicing) (.+)$/i,
    line: ([, verb = "", text = ""]) => {
      const what = object(text);
      return what === undefined ? undefined : `${capitalise(verb)} ${what}`;
    },
  },
];
