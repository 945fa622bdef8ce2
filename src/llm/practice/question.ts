import { relationOf, slotOf } from "./facts.ts";
import { PARTNER, PET, RELATION } from "./lexicon.ts";
import { ownerOf } from "./owners.ts";
import { stem, stems, words } from "./text.ts";

type Aspect = { readonly asks: RegExp; readonly answers: (line: string) => boolean };

function slotIs(...slots: readonly string[]): (line: string) => boolean {
  return (line) => slots.includes(slotOf(line) ?? "");
}

function starts(pattern: RegExp): (line: string) => boolean {
  return (line) => pattern.test(line);
}

const WORK =
  /^(?:works?\b|is (?:an?|the) |job\b|profession|occupation|employer|formerly worked|retired|unemployed|self-employed|teaches|runs|owns|studies|student)/i;
const FOND = /^(?:likes|loves|enjoys|prefers|favou?rite|plays|collects|fond of)/i;

/** Questions about the user that a line answers without sharing a word with them. */
const ASPECTS: readonly Aspect[] = [
  {
    asks: /\b(?:my (?:first |full |own )?name\b|who am i\W*$|what am i called|what (?:do|should) you call me|call me\b)/i,
    answers: slotIs("name"),
  },
  { asks: /\b(?:how old (?:am i|will i)|my age)\b/i, answers: slotIs("age") },
  { asks: /\b(?<!'s )(?:my birthday|was i born|my date of birth)\b/i, answers: slotIs("birthday") },
  {
    asks: /\b(?:where (?:do|am) i (?:live|living|based|located)|(?:city|town|country|place) (?:do|am) i (?:live|living|in)|where(?:'s| is) my (?:home|house|place)|my (?:home|city|address|hometown))\b/i,
    answers: (line) => slotIs("home")(line) || /^address/i.test(line),
  },
  {
    asks: /\b(?:where (?:am|do) i (?:from|come from|originally)|where (?:was i born|did i grow up)|my (?:origin|nationality|home ?town))\b/i,
    answers: (line) => slotIs("origin")(line) || /^(?:nationality|born in)/i.test(line),
  },
  {
    asks: /\b(?:where (?:do|did) i work|who do i work for|what (?:do|did) i do(?: for|$|\W*$)|my (?:job|profession|occupation|work|employer|career|company)|do i work|living)\b/i,
    answers: starts(WORK),
  },
  {
    asks: /\b(?:what (?:do|did|am) i study|what'?s my major|my (?:studies|degree|school|university))\b/i,
    answers: starts(/^(?:studies|graduated|degree|major|school|university|student|is an? .*student)/i),
  },
  {
    asks: /\b(?:what (?:do|am|are) i (?:really )?(?:like|love|enjoy|into|fond|good at)|my (?:likes|hobbies|hobby|interests|passions?)|do (?:for fun|in my (?:free|spare) time))\b/i,
    answers: starts(FOND),
  },
  {
    asks: /\b(?:(?:what|which) .*(?:don't i|do i not|do i really not) (?:like|enjoy|love)|my dislikes|what do i (?:hate|dislike))\b/i,
    answers: starts(/^(?:dislikes|hates|no longer likes)/i),
  },
  { asks: /\b(?:allerg(?:ic|y|ies)|intolerant)\b/i, answers: starts(/allerg|intoleran|coeliac|celiac/i) },
  {
    asks: /\b(?:my diet|am i (?:a )?(?:vegan|vegetarian)|what (?:can't|can|do|don't) i eat|eat(?:ing)? restrictions)\b/i,
    answers: (line) => slotIs("diet")(line) || /allerg|^(?:doesn't|can't) eat/i.test(line),
  },
  {
    asks: /\b(?:what languages?|which languages?|do i speak)\b/i,
    answers: starts(/^(?:speaks|learning|native language|mother tongue|language)/i),
  },
  {
    asks: /\b(?:my (?:plans?|upcoming|next trip|travel plans?)|where am i (?:going|travell?ing|flying)|what am i (?:doing|planning)|trips?)\b/i,
    answers: starts(
      /^(?:going|flying|travell?ing|moving|heading|visiting|getting|having|expecting|plan|hopes|wants|intends|needs|planning|plans|off to|starting|will|has an? .*(?:on|tomorrow|next))/i,
    ),
  },
  {
    asks: /\bmy (?:pets?|animals?)\b|\b(?:do i have|have i got) (?:any |a )?(?:pets?|animals?)\b/i,
    answers: starts(new RegExp(`^(?:has (?:an?|\\w+) )?${PET}s?\\b`, "i")),
  },
  {
    asks: /\b(?:my family|relatives|siblings|my kids|my children|do i have (?:any )?(?:kids|children|siblings))\b/i,
    answers: (line) => relationOf(line) !== undefined && !new RegExp(`^${PET}`, "i").test(line),
  },
  {
    asks: new RegExp(
      `\\b(?:my ${PARTNER}|who am i (?:dating|seeing|married to|with|engaged to)|am i (?:married|single|dating|engaged|seeing))\\b`,
      "i",
    ),
    answers: starts(
      new RegExp(`^(?:ex-)?(?:${PARTNER}\\b|spouse|married|engaged|dating|seeing|single|divorced|going out)`, "i"),
    ),
  },
  { asks: /\bmy (?:e-?mail|phone|number|contact)/i, answers: starts(/^(?:e-?mail|phone|mobile)/i) },
];

export function asksForEverything(question: string): boolean {
  return /\b(?:what|everything|anything|all|how much) (?:else )?(?:do |have )?(?:that )?you (?:know|remember|learn(?:ed|t)|recall|noted|got|have)\b[\w ]{0,30}\b(?:about|of|on) (?:me|myself)\b|\btell me (?:something |everything |what you know )?about (?:me|myself)\b|\bwho am i\W*$|\bdo you (?:know|remember) (?:me|anything about me|who i am)\b|\bwhat(?:'s| is) in (?:your |my )?(?:core )?memory\b/i.test(
    question,
  );
}

/** Whether a question is about what was said, rather than about how things are. */
export function asksOfConversation(question: string): boolean {
  return /\b(?:did [\p{L}]+ (?:say|mention|tell|talk)|(?:did|have|had) (?:i|we|you) (?:ever |just |already |last |first )*(?:say|said|tell|told|talk|talked|mention|mentioned|discuss|discussed|speak|spoken|chat|chatted|ask|asked|bring|brought|write|written)|(?:we|i) (?:talked|spoke|chatted|discussed|mentioned|said|told)|how (?:many times|often) (?:did|have|has)|our (?:conversations?|chats?|discussions?|talks?)|conversations? (?:about|on|we|history)|search (?:your |our |the )?(?:recall|conversation|chat|history|messages))\b/iu.test(
    question,
  );
}

/** Lines of core memory that bear on a question, best first. Not `sure`: they only share words with it. */
export type Answering = { readonly found: readonly string[]; readonly sure: boolean };

export function answeringLines(asked: string, lines: readonly string[]): Answering {
  const question = direct(asked);
  const relation = new RegExp(`\\b(?:my|our) (${RELATION})(?:s|'s|ren)?\\b`, "i").exec(question)?.[1]?.toLowerCase();
  if (relation !== undefined) {
    const found = aboutRelation(question, relation, lines);
    if (found.length > 0) return { found, sure: true };
  }
  for (const { asks, answers } of ASPECTS) {
    if (!asks.test(question)) continue;
    const found = lines.filter((line) => answers(line.trim()));
    if (found.length > 0) return { found, sure: true };
  }
  const found = sharing(question, lines);
  // "Do you remember camping?" asks for more than that one likes it, "my locker code" for what stands there.
  const topical = /\b(?:remember|recall|know about)\b/i.test(question) || !/\b(?:my|i|our|we)\b/i.test(question);
  const keyed = found.some((line) => /^[\p{L}][\p{L}\d' -]{1,40}:\s/u.test(line) && ownerOf(line) === undefined);
  const known = /^who\b/i.test(question) && found.some((line) => relationOf(line) !== undefined);
  return { found, sure: keyed || known || !topical };
}

/** "Do you know where I work?" → "Do you know where do I work?", which the rules below understand. */
function direct(question: string): string {
  return question
    .replace(
      /\b(where|what|who|when|which \w+) (i|we) (live|work|study|do|like|love|hate|speak|eat|come|enjoy)\b/gi,
      "$1 do $2 $3",
    )
    .replace(/\b(where|who|how old|what) i(?: am|'m)\b/gi, "$1 am i");
}

const CALLED = new Set(["name", "called", "named", "who"].map(stem));

function aboutRelation(question: string, relation: string, lines: readonly string[]): string[] {
  const noun = stem(relation.split(/[ -]/).at(-1) ?? relation);
  const about = lines.filter((line) =>
    words(line.slice(0, 60))
      .slice(0, 4)
      .some((word) => stem(word.replace(/^ex-/, "").replace(/'s$/, "")) === noun),
  );
  const topic = [...stems(question)].filter((word) => word !== noun && !CALLED.has(word));
  if (topic.length === 0) return about;
  const names = about.flatMap((line) => relationOf(line)?.name.toLowerCase() ?? []);
  const more = lines.filter((line) => about.includes(line) || names.some((name) => line.toLowerCase().includes(name)));
  return more.filter((line) => topic.some((word) => stems(line).has(word)));
}

/** Lines that share the words of a question: all of one or two, most of more. */
function sharing(question: string, lines: readonly string[]): string[] {
  const wanted = stems(question);
  if (wanted.size === 0) return [];
  const needed = wanted.size <= 2 ? wanted.size : Math.ceil(wanted.size * 0.6);
  return lines
    .map((line) => ({ line, score: [...stems(line)].filter((word) => wanted.has(word)).length }))
    .filter(({ score }) => score >= needed)
    .sort((a, b) => b.score - a.score)
    .map(({ line }) => line);
}
