import type { Clause } from "./clauses.ts";
import type { Day } from "./dates.ts";
import { thirdPerson } from "./facts.ts";
import { DIET } from "./lexicon.ts";
import { fondness, object } from "./phrase.ts";
import { firstLines, fond, simple, type Rule } from "./rule.ts";
import { capitalise } from "./text.ts";

/** Diet, likes, dislikes and pastimes. */
export function tasteLines(clause: Clause, today: Day): string | undefined {
  return firstLines(RULES, clause, today);
}

const RULES: readonly Rule[] = [
  {
    pattern: /^i'm (?:severely |very |deathly |highly |mildly )?allergic to (.+)$/i,
    line: fond("Allergic to"),
  },
  { pattern: /^i have (?:an? )?(?:\S+ )?(\S+) allerg(?:y|ies)/i, line: ([, text = ""]) => `Allergic to ${text}` },
  {
    pattern: /^i have (?:an? )?(?:\S+ )?allerg(?:y|ies) to (.+)$/i,
    line: fond("Allergic to"),
  },
  {
    pattern: new RegExp(
      `^i(?:'m|'ve (?:gone|become|turned|been)| became| went| turned| follow a| eat| keep) (?:an? )?(?:now |strict(?:ly)? |going |mostly )*(${DIET})\\b(?! (?:restaurant|food|place|recipe|cake))`,
      "i",
    ),
    line: ([, text = ""]) => capitalise(text),
  },
  {
    pattern: /^i (?:can't|cannot|can not) (eat|drink|swim|drive|cook|dance|ride|have)(?: (.+))?$/i,
    line: ([, verb = "", text = ""]) => negated("Can't", verb, text),
  },
  {
    pattern: /^i (?:don't|do not|never) (eat|drink|smoke|drive|own|speak|watch|use|cook)\b ?(.*)$/i,
    line: ([, verb = "", text = ""]) => negated("Doesn't", verb, text),
  },
  {
    pattern: /^my (?:all[- ]time )?fav(?:ou?rite|e)? (.{2,40}?)(?:'s| is| are|:) (.+)$/i,
    line: ([, what = "", text = ""]) => {
      const value = object(text, 60);
      return value === undefined || UNTOLD.test(what) ? undefined : `Favourite ${what.replace(/^ever /, "")}: ${value}`;
    },
  },
  {
    pattern:
      /^(?!it\b|that\b|this\b|he\b|she\b|they\b|you\b|what\b)(.{2,40}?) (?:is|are) my (?:all[- ]time )?favou?rite (.+)$/i,
    line: ([, value = "", what = ""]) => {
      const key = object(what, 40);
      return key === undefined || UNTOLD.test(key) || object(value) === undefined
        ? undefined
        : `Favourite ${key}: ${value}`;
    },
  },
  {
    pattern:
      /^i (?:(?:don't|do not|never) (?:like|enjoy|love)|dislike|hate|detest|despise|can't stand|cannot stand|loathe|(?:don't|do not) care for) (?!it when)(.+)$/i,
    line: (found, ...rest) => (/\bany ?more\b/i.test(found[1] ?? "") ? undefined : fond("Dislikes")(found, ...rest)),
  },
  {
    pattern: /^i'm (?:not )(?:a (?:big |huge )?fan of|into|keen on|fond of) (.+)$/i,
    line: fond("Dislikes"),
  },
  {
    pattern:
      /^i'm (?:(?:really |very |so |big |totally )*)(?:a (?:big |huge |massive )?fan of|into|fond of|keen on|crazy about|mad about|obsessed with|passionate about|addicted to) (.+)$/i,
    line: fond("Likes"),
  },
  { pattern: /^(?:i|we) (?:(?:would )?prefer) (.+)$/i, line: simple("Prefers") },
  {
    pattern:
      /^i (?:like|love|enjoy|adore) to (?!(?:think|know|see|say|hear|believe|tell|ask|talk|be|have|take|keep|make|get|stay|give|look|feel|imagine|point|add|thank|wish|just|help)\b)(.+)$/i,
    line: fond("Likes to"),
  },
  { pattern: /^(?:i|we) (?:like|love|enjoy|adore) (?!to\b)(.+)$/i, line: fond("Likes") },
  {
    pattern: /^my (?:hobby|hobbies|interests|passion|passions) (?:is|are|include|includes) (.+)$/i,
    line: fond("Likes"),
  },
  {
    pattern:
      /^i (play|collect|practise|practice|sing|paint|write|bake|do|go|ride|grow|knit|brew|build|volunteer|breed|keep|restore|train|swim|climb|dance|run|support|smoke)\b(?! (?:not|you|back|ahead|on|so|that|it|to bed|away|home|out|wrong|up|down|off|hard|late|because|from)\b) ?(.*)$/i,
    line: ([, verb = "", text = ""]) => habit(verb, text),
  },
];

/** A favourite part or memory is one of something that only the conversation knows. */
const UNTOLD = /\b(?:parts?|things?|moments?|memor(?:y|ies)|bits?|ones?|pieces?|pics?|photos?|shots?|aspects?)\b/i;

/** "I don't drink" says something by itself, "I don't use …" does not. */
function negated(not: string, verb: string, text: string): string | undefined {
  if (/any ?more/i.test(text)) return undefined;
  const what = object(text);
  if (what !== undefined) return `${not} ${verb.toLowerCase()} ${what}`;
  return text === "" && /^(?:drink|smoke|drive|cook|swim|dance)$/i.test(verb)
    ? `${not} ${verb.toLowerCase()}`
    : undefined;
}

function habit(verb: string, text: string): string | undefined {
  const what = object(text);
  const bare = verb.toLowerCase();
  if (bare === "go" && !/^(?:\w+ing\b|to (?:the gym|church|school|university|college)\b)/i.test(what ?? ""))
    return undefined;
  if (
    bare === "do" &&
    !/^(?:yoga|pilates|karate|judo|taekwondo|boxing|crossfit|ballet|gymnastics|photography|pottery|improv|theat|stand-up|volunteer|triathlons?|martial)/i.test(
      what ?? "",
    )
  )
    return undefined;
  if (bare === "keep" && !/^(?:bees|chickens|fish|\w+s)$/i.test(what ?? "")) return undefined;
  if (what === undefined)
    return /^(?:sing|paint|write|bake|knit|swim|climb|dance|run|volunteer|smoke)$/.test(bare) && text === ""
      ? capitalise(thirdPerson(bare))
      : undefined;
  if (/^the fool\b|\b(?:tricks?|jokes?|roles?|parts?)$/i.test(what)) return undefined;
  if (bare === "play") {
    const games = fondness(text.replace(/\b(?:every|on) \S+$/i, ""));
    return games === undefined ? undefined : `Plays ${games}`;
  }
  return `${capitalise(thirdPerson(bare))} ${what}`;
}
