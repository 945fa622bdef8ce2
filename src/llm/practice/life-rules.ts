import type { Clause } from "./clauses.ts";
import { TIME_WORDS, type Day } from "./dates.ts";
import { thirdPerson } from "./facts.ts";
import { DIET, NOT_NAMES, RELATION } from "./lexicon.ts";
import { properCase, readName } from "./names.ts";
import { noted, object, place, simple, firstLines, type Rule } from "./rule.ts";
import { capitalise, cut } from "./text.ts";

/** Plans, possessions, contacts, events, and what a person says they are. */
export function lifeLines(clause: Clause, today: Day): string | undefined {
  return firstLines(RULES, clause, today);
}

const RULES: readonly Rule[] = [
  { pattern: /^i'm (?:really |very |so )*(?:afraid|scared|terrified) of (.+)$/i, line: simple("Afraid of") },
  { pattern: /^i take my (coffee|tea) (.+)$/i, line: ([, what = "", how = ""]) => `Takes their ${what} ${how}` },
  {
    pattern: /^my (?:biggest |greatest |main |life )?(goal|dream|ambition|resolution) is (to .+)$/i,
    line: ([, what = "", text = ""]) => `${capitalise(what)}: ${object(text) ?? text}`,
  },
  {
    pattern: /^i (want|hope) to ((?:learn|become|visit|write|travel|climb|study|open|build|run a|live in) .+)$/i,
    line: ([, verb = "", text = ""]) => {
      const what = object(text);
      return what === undefined ? undefined : `${capitalise(thirdPerson(verb.toLowerCase()))} to ${what}`;
    },
  },
  {
    pattern: /^i've been (\w+ing (?:.+ )?(?:for|since) .+)$/i,
    line: ([, text = ""], _clause, today) =>
      /^(?:waiting|trying|feeling|looking|thinking|meaning|wondering|sitting)/i.test(text)
        ? undefined
        : noted(`Has been ${cut(text.replace(/[,;(].*$/, ""), 80)}`, today),
  },
  { pattern: /^(?:i|we) used to (.+)$/i, line: simple("Used to") },
  {
    pattern:
      /^(?:i|we)(?:'m|'re| are) (going to|flying to|travell?ing to|moving to|heading to|visiting|off to|going on|planning to|getting married|expecting|starting|having|running|leaving for|hosting|taking) ?(.*)$/i,
    line: ([all = "", verb = "", text = ""], clause, today) => {
      const to = / to$/i.test(verb);
      return plan([all, to ? verb.slice(0, -3) : verb, to ? `to ${text}` : text], clause, today);
    },
  },
  {
    pattern: /^(?:i|we) (plan|want|hope|intend|need)(?: to) (.+)$/i,
    line: ([all = "", verb = "", text = ""], clause, today) =>
      plan([all, thirdPerson(verb.toLowerCase()), `to ${text}`], clause, today),
  },
  {
    pattern: /^(?:i|we)(?:'ll| will) (?:be )?(\w+ing|visit|travel|fly|move|start|go|have|run|meet|leave|attend) (.+)$/i,
    line: ([all = "", verb = "", text = ""], clause, today) => plan([all, `will ${verb}`, text], clause, today),
  },
  { pattern: /^(?:i|we) (have|own|drive|ride)(?: got)? (.+)$/i, line: owns },
  {
    pattern: /^i've got (.+)$/i,
    line: ([all = "", text = ""], clause, today) => owns([all, "have", text], clause, today),
  },
  {
    pattern:
      /^(?:i|we)(?:'ve)? (?:just )?(bought|got|adopted|inherited) ((?:an?|two|three|our|my) (?:\S+ ){0,3}(?:car|house|home|flat|apartment|bike|bicycle|motorcycle|motorbike|boat|guitar|piano|laptop|phone|camera|dog|puppy|cat|kitten|horse|van|scooter|telescope|farm|cottage|rabbit|parrot)\b.*)$/i,
    line: ([, verb = "", text = ""], _clause, today) =>
      /\b(?:named|called)\b/i.test(text)
        ? ""
        : noted(`${capitalise(verb)} ${object(text) ?? text}`.replace(/\b(?:my|our)\b/i, "a"), today),
  },
  {
    pattern: /^my (?:e-?mail|email address|e-mail address)(?: address)?(?: is|:|'s)? (\S+@\S+\.\w+)/i,
    line: ([, text = ""]) => `Email: ${text}`,
  },
  {
    pattern: /^(?:you can )?(?:reach|email|contact|write to|mail) me at (\S+@\S+\.\w+)/i,
    line: ([, text = ""]) => `Email: ${text}`,
  },
  {
    pattern:
      /^(?:my (?:phone|mobile|cell|telephone)?(?: phone)? ?number(?: is|:|'s)?|(?:you can )?(?:reach|call|text) me (?:at|on)) (\+?[\d\s().-]{5,20}\d)/i,
    line: ([, text = ""]) => `Phone: ${text.trim()}`,
  },
  {
    pattern: /^my (?:home |postal |mailing |street )?address(?: is|:|'s) (.+)$/i,
    line: ([, text = ""]) => `Address: ${cut(text, 100)}`,
  },
  {
    pattern:
      /^i'm (?:now |happily |recently |newly |currently )*(married|engaged|single|divorced|widowed|separated|pregnant|retired|unemployed|left[- ]handed|right[- ]handed|colou?r[- ]?blind|dyslexic|deaf|blind|autistic|asthmatic|diabetic|self-employed|gay|lesbian|bisexual|trans|catholic|christian|jewish|muslim|hindu|buddhist|an atheist)\b(?! to \p{L})/iu,
    line: ([, text = ""]) => capitalise(text),
  },
  { pattern: /^i'm (\d[\d.,]*\s?(?:cm|m|ft|feet|foot|kg|pounds|lbs)\b.*)$/i, line: simple("Is") },
  {
    pattern: /^i (weigh|wear) (.+)$/i,
    line: ([, verb = "", text = ""]) => {
      const what = object(text);
      return what === undefined ? undefined : `${capitalise(thirdPerson(verb.toLowerCase()))} ${what}`;
    },
  },
  {
    pattern:
      /^i(?:'ve)? (?:just )?(got (?:married|engaged|divorced|promoted|a promotion|a raise|into .+)|became .+|won .+|ran .+marathon.*|broke my .+|passed my .+|finished my .+|published .+|adopted .+)$/iu,
    line: ([, text = ""], _clause, today) =>
      /\b(?:named|called)\b/i.test(text) ? "" : noted(capitalise(object(text) ?? text), today),
  },
  { pattern: /^i'm (?:now |currently )?((?:an?|the) .+)$/i, line: isA },
  {
    pattern:
      /^i (?:suffer from|have|was diagnosed with) ((?:type [12] )?(?:diabetes|asthma|migraines?|adhd|dyslexia|epilepsy|arthritis|insomnia|depression|anxiety|celiac disease|coeliac disease|high blood pressure|tinnitus)\b.*)$/i,
    line: simple("Has"),
  },
  { pattern: /^i'm (?!not\b)(.+)$/i, line: ([, text = ""], clause) => introduction(text, clause) },
  {
    pattern: /^my ([\p{L}][\p{L}' -]{1,40}?)(?:'s| is| are|:) (.+)$/iu,
    line: ([, what = "", text = ""], clause) => attribute(what, text, clause),
  },
];

function plan([, verb = "", text = ""]: readonly string[], clause: Clause, today: Day): string | undefined {
  const rest = cut(text.replace(/\s+(?:because|so|but|since|although|and i)\b.*$/i, "").replace(/[,;(].*$/, ""), 80);
  const somewhere = /^(?:to |see |visit )?\p{Lu}/u.test(rest) || /^(?:go|travel|fly|move) to \p{Lu}/u.test(rest);
  const later =
    TIME_WORDS.test(rest) && !/^(?:to )?(?:bed|sleep)\b/i.test(rest) && !/\b(?:today|tonight)\b/i.test(rest);
  if (!somewhere && !later) return undefined;
  const place =
    later && /^to \p{Ll}+ (?:in|next|on)\b/u.test(rest) && clause.lower
      ? rest.replace(/^to (\p{Ll})/u, (to) => to.slice(0, 3) + to.slice(3).toUpperCase())
      : rest;
  return noted(`${capitalise(verb)} ${place}`.replace(/\bmy\b/gi, "their"), today);
}

const NUMBER = "(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|\\d{1,2}|some|several|my own|the)";

const TRANSIENT_THING =
  /\b(?:headache|cold|flu|fever|question|questions|problem|problems|issue|idea|ideas|feeling|dream|minute|second|moment|lot|bad day|good day|great day|good time|few|bit|time|fun|doubt|point|plan|plans|chance|clue|suggestion|favou?r|request|confession|request|break|bad feeling|hunch|look|shower|drink|coffee|lunch|dinner|breakfast|beer|snack|nap|talk|chat|think|thought|hangover|stomach ache|sore throat|crush|to)\b/i;

const EVENT =
  /\b(?:exam|interview|appointment|meeting|date|flight|surgery|operation|test|presentation|concert|wedding|deadline|trip|race|marathon|recital|exhibition|viewing|party)\b/i;

function owns([, verb = "", text = ""]: readonly string[], _clause: Clause, today: Day): string | undefined {
  if (new RegExp(`^${NUMBER} (?:[\\p{L}-]+ )?${RELATION}s? (?:named|called)\\b`, "iu").test(text)) return "";
  const found = object(text, 60);
  if (found === undefined) return undefined;
  if (EVENT.test(found)) return TIME_WORDS.test(found) ? noted(`Has ${found}`, today) : undefined;
  if (TRANSIENT_THING.test(found) || !new RegExp(`^${NUMBER}\\b`, "i").test(found)) return undefined;
  return `${capitalise(thirdPerson(verb.toLowerCase()))} ${found}`;
}

const PASSING =
  /^(?:bit|little|lot|fool|idiot|mess|wreck|liar|genius|loser|failure|joke|person|human|human being|while|hurry|bad mood|good mood|rush|big mess|huge mess|total mess|new user|user|stranger|minute)\b/i;

function isA([, text = ""]: readonly string[], clause: Clause): string | undefined {
  const settled = /^(.+?)(?:,? (?:living|based|residing) in| from) (\p{L}.+)$/iu.exec(text);
  if (settled !== null) {
    const home = place(
      / from$/i.test(settled[0].slice(0, -(settled[2] ?? "").length).trimEnd()) ? "Comes from" : "Lives in",
    )(["", settled[2] ?? ""], clause, 0);
    return [isA(["", settled[1] ?? ""], clause), home].filter((line) => line !== undefined).join("\n");
  }
  const found = object(text, 80);
  if (found === undefined) return undefined;
  const noun = found
    .replace(/^(?:a|an) /i, "")
    .replace(/^(?:really|very|big|huge|total|complete|pretty|such an?) /i, "");
  if (PASSING.test(noun) || noun.split(" ").length > 14) return undefined;
  if (new RegExp(`^(?:strict |committed )?(?:${DIET})$`, "i").test(noun))
    return capitalise(noun.replace(/^(?:strict|committed) /i, ""));
  return `Is ${found}`;
}

/** "I'm Ana", "I'm Ana from Porto": a name only if it looks like one and nothing odd follows. */
function introduction(text: string, clause: Clause): string | undefined {
  const read = readName(text);
  if (read === undefined || NOT_NAMES.has(read.name.toLowerCase())) return undefined;
  const follows =
    /^(?:$|[,.!]|and\b|from\b|by the way|btw|nice|here\b|again\b|\(|not\b|-|–|but\b|,|pleased|the\b|\p{Extended_Pictographic})/iu.test(
      read.rest,
    );
  if (!follows && !/^a /.test(read.rest)) return undefined;
  const kind = /^, ?(an? .+)$/i.exec(read.rest)?.[1];
  if (kind !== undefined)
    return [`Name: ${read.name}`, isA(["", kind], clause)].filter((line) => line !== undefined).join("\n");
  const from = /^[,\s]*(?:and )?from (.+)$/i.exec(read.rest)?.[1];
  const origin = from === undefined ? undefined : object(from, 60);
  return `Name: ${read.name}${origin === undefined ? "" : `\nComes from ${properCase(origin, origin === origin.toLowerCase())}`}`;
}

const FLEETING =
  /^(?:day|week|weekend|morning|evening|night|head|back|stomach|question|point|guess|problem|issue|idea|god|bad|life|mood|turn|favorite|favourite|goodness|fault|feeling|internet|wifi|room|food|dinner|lunch|order|opinion|advice|answer|only|plan|concern|worry|pleasure|computer|eyes|feet|hands|heart|battery|train|bus|boss|teacher|mistake|apologies)\b/i;

const FEELING =
  /^(?:not|so|very|really|too|a bit|pretty|great|good|fine|bad|ok|okay|nice|broken|slow|killing|here|there|gone|lost|late|over|going|getting|being|driving|making|the (?:best|worst)|that|what|how|to)\b/i;

const ATTRIBUTE =
  /\b(?:number|code|size|height|weight|colou?r|address|team|school|university|college|company|employer|major|degree|title|surname|last name|nickname|username|handle|sign|zodiac|star sign|time ?zone|language|religion|blood type|nationality|car|bike|goal|dream job|phone|laptop|instrument|band|diet|pronouns|password hint|anniversary|website|blog|website|desk|locker|street|budget|salary|license plate|hometown|native language|mother tongue|birthstone|pin)$/i;

function attribute(what: string, text: string, clause: Clause): string | undefined {
  const value = object(text, 80);
  if (value === undefined || FLEETING.test(what) || FEELING.test(value)) return undefined;
  if (new RegExp(`^${RELATION}s?(?:$|'s$)`, "i").test(what)) return undefined;
  const telling = ATTRIBUTE.test(what) || (!clause.lower && /^\p{Lu}|^\d/u.test(value));
  return telling && what.split(" ").length <= 4 ? `${capitalise(what)}: ${value}` : undefined;
}
