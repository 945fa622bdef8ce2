import type { Clause } from "./clauses.ts";
import type { Day } from "./dates.ts";
import { thirdPerson } from "./facts.ts";
import { DIET } from "./lexicon.ts";
import { each, object, simple, firstLines, type Rule } from "./rule.ts";
import { capitalise } from "./text.ts";

/** Diet, likes, dislikes and pastimes. */
export function tasteLines(clause: Clause, today: Day): string | undefined {
  return firstLines(RULES, clause, today);
}

const RULES: readonly Rule[] = [
  {
    pattern: /^i'm (?:severely |very |deathly |highly |mildly )?allergic to (.+)$/i,
    line: ([, text = ""]) => each("Allergic to", text),
  },
  { pattern: /^i have (?:an? )?(?:\S+ )?(\S+) allerg(?:y|ies)/i, line: ([, text = ""]) => `Allergic to ${text}` },
  {
    pattern: /^i have (?:an? )?(?:\S+ )?allerg(?:y|ies) to (.+)$/i,
    line: ([, text = ""]) => each("Allergic to", text),
  },
  {
    pattern: new RegExp(
      `^i(?:'m|'ve (?:gone|become|turned|been)| became| went| turned| follow a| eat| keep) (?:an? )?(?:now |strict(?:ly)? |going |mostly )*(${DIET})\\b(?! (?:restaurant|food|place|recipe|cake))`,
      "i",
    ),
    line: ([, text = ""]) => capitalise(text),
  },
  {
    pattern: /^i (?:can't|cannot|can not) (eat|drink|swim|drive|cook|dance|ride|have) (.+)$/i,
    line: ([, verb = "", text = ""]) => {
      const what = object(text);
      return what === undefined || /^(?:wait|you)/i.test(what) ? undefined : `Can't ${verb.toLowerCase()} ${what}`;
    },
  },
  {
    pattern: /^i (?:don't|do not|never) (eat|drink|smoke|drive|own|speak|watch|use|cook)\b ?(.*)$/i,
    line: ([, verb = "", text = ""]) =>
      /any ?more/i.test(text) ? undefined : `Doesn't ${verb.toLowerCase()} ${object(text) ?? ""}`.trim(),
  },
  {
    pattern: /^my (?:all[- ]time )?fav(?:ou?rite|e)? (.{2,40}?)(?:'s| is| are|:) (.+)$/i,
    line: ([, what = "", text = ""]) => {
      const value = object(text, 60);
      return value === undefined ? undefined : `Favourite ${what.replace(/^ever /, "")}: ${value}`;
    },
  },
  {
    pattern:
      /^(?!it\b|that\b|this\b|he\b|she\b|they\b|you\b|what\b)(.{2,40}?) (?:is|are) my (?:all[- ]time )?favou?rite (.+)$/i,
    line: ([, value = "", what = ""]) => {
      const key = object(what, 40);
      return key === undefined ? undefined : `Favourite ${key}: ${value}`;
    },
  },
  {
    pattern:
      /^i (?:(?:don't|do not|never) (?:like|enjoy|love)|dislike|hate|detest|despise|can't stand|cannot stand|loathe|(?:don't|do not) care for) (?!it when)(.+)$/i,
    line: ([, text = ""]) => (/\bany ?more\b/i.test(text) ? undefined : each("Dislikes", text)),
  },
  {
    pattern: /^i'm (?:not )(?:a (?:big |huge )?fan of|into|keen on|fond of) (.+)$/i,
    line: ([, text = ""]) => each("Dislikes", text),
  },
  {
    pattern:
      /^i'm (?:(?:really |very |so |big |totally )*)(?:a (?:big |huge |massive )?fan of|into|fond of|keen on|crazy about|mad about|obsessed with|passionate about|addicted to) (.+)$/i,
    line: ([, text = ""]) => each("Likes", text),
  },
  { pattern: /^(?:i|we) (?:(?:would )?prefer) (.+)$/i, line: simple("Prefers") },
  { pattern: /^i (?:like|love|enjoy|adore|fancy|dig)(?: to)? (.+)$/i, line: ([, text = ""]) => each("Likes", text) },
  {
    pattern: /^my (?:hobby|hobbies|interests|passion|passions) (?:is|are|include|includes) (.+)$/i,
    line: ([, text = ""]) => each("Likes", text),
  },
  {
    pattern:
      /^i (play|collect|practise|practice|sing|paint|write|bake|do|go|ride|grow|knit|brew|build|volunteer|breed|keep|restore|train|swim|climb|dance|run|support|smoke)\b(?! (?:not|you|back|ahead|on|so|that|it|to bed|away|home|out|wrong)\b) ?(.*)$/i,
    line: ([, verb = "", text = ""]) => habit(verb, text),
  },
];

function habit(verb: string, text: string): string | undefined {
  const what = object(text);
  const bare = verb.toLowerCase();
  if (bare === "go" && !/^(?:\w+ing\b|to (?:the gym|church|school|university|college|\p{Lu}))/iu.test(what ?? ""))
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
  if (/^(?:a (?:trick|joke|role|part)|the fool|with you|into|out of|late|from|you|down|up|this)\b/i.test(what))
    return undefined;
  return bare === "play" ? each("Plays", text) : `${capitalise(thirdPerson(bare))} ${what}`;
}
