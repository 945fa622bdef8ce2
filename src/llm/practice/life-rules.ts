import type { Clause } from "./clauses.ts";
import { TIME_WORDS, type Day } from "./dates.ts";
import { thirdPerson } from "./facts.ts";
import { DIET, NOT_NAMES, RELATION } from "./lexicon.ts";
import { properCase, readName } from "./names.ts";
import { object } from "./phrase.ts";
import { firstLines, noted, place, simple, type Rule } from "./rule.ts";
import { capitalise } from "./text.ts";

/** Plans, possessions, contacts, events, and what a person says they are. */
export function lifeLines(clause: Clause, today: Day): string | undefined {
  return firstLines(RULES, clause, today);
}

const MANY = "(?:\\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|many|several|a few)";

const RULES: readonly Rule[] = [
  { pattern: /^i'm (?:really |very |so )*(?:afraid|scared|terrified) of (.+)$/i, line: simple("Afraid of") },
  {
    pattern: /^i take my (coffee|tea) ([\w ]{3,40})$/i,
    line: ([, what = "", how = ""]) => `Takes their ${what} ${how}`,
  },
  {
    pattern: /^my (?:biggest |greatest |main |life )?(goal|dream|ambition|resolution) is (to .+)$/i,
    line: ([, what = "", text = ""]) => goal(capitalise(what), text),
  },
  {
    pattern: /^i (want|hope) (to (?:learn|become|visit|write|travel|climb|study|open|build|run a|live in) .+)$/i,
    line: ([, verb = "", text = ""]) => goal(thirdPerson(verb), text),
  },
  {
    pattern: new RegExp(
      `^i've been ((?!(?:waiting|trying|feeling|looking|thinking|meaning|wondering|sitting|dreaming|hoping|wanting|keeping|having)\\b)\\w+ing (?:.+ )?(?:for (?:about |over |almost |nearly |more than )?${MANY} (?:years|months|decades)|since (?:\\d{4}|childhood|school|college|university)))$`,
      "i",
    ),
    line: (found, _clause, today) => {
      const what = object(found[1] ?? "");
      return what === undefined ? undefined : noted(`Has been ${what}`, today);
    },
  },
  {
    pattern:
      /^(?:i|we) used to ((?:live|work|play|go|be an?|teach|run|own|study|smoke|compete|sing|dance|paint|swim|ride|collect|speak|write|coach|drive|train|box|fish|ski|race|volunteer|perform)\b.*)$/i,
    line: simple("Used to"),
  },
  {
    pattern:
      /^(?:i|we)(?:'m|'re| are) (going to|flying to|travell?ing to|moving to|heading to|visiting|off to|going on|planning to|getting married|expecting|starting|having|running|leaving for|hosting) ?(.*)$/i,
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
      /\b(?:named|called)\b/i.test(text) ? "" : event(`${verb} ${text.replace(/^(?:my|our)\b/i, "a")}`, today),
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
    line: ([, text = ""]) => (/\d/.test(text) && text.length < 120 ? `Address: ${text}` : undefined),
  },
  {
    pattern:
      /^i'm (?:now |happily |recently |newly |currently )*(married|engaged|single|divorced|widowed|separated|pregnant|retired|unemployed|left[- ]handed|right[- ]handed|colou?r[- ]?blind|dyslexic|deaf|blind|autistic|asthmatic|diabetic|self-employed|gay|lesbian|bisexual|trans|catholic|christian|jewish|muslim|hindu|buddhist|an atheist)\b(?! to \p{L})/iu,
    line: ([, text = ""]) => capitalise(text),
  },
  { pattern: /^i'm (\d[\d.,]*\s?(?:cm|m|ft|feet|foot|kg|pounds|lbs)\b.*)$/i, line: simple("Is") },
  {
    pattern:
      /^i (weigh|wear) ((?:about )?\d.*|(?:\w+ )?(?:glasses|contact lenses|contacts|hearing aids?|a hijab|a wig|size .+))$/i,
    line: ([, verb = "", text = ""]) => {
      const what = object(text);
      return what === undefined ? undefined : `${capitalise(thirdPerson(verb.toLowerCase()))} ${what}`;
    },
  },
  {
    pattern:
      /^i(?:'ve)? (?:just )?(got (?:married|engaged|divorced|promoted|a promotion|a raise)(?: (?:last|this|yesterday|today|in|on) .*)?|got into (?:university|college|(?:law|med\w*|grad\w*) school).*|became an? .+|won (?:an?|the|first|second|third) .+|ran .+marathon.*|broke my (?:leg|arm|foot|ankle|wrist|nose|hand|toe|finger|collarbone|hip)|passed my .+|finished my (?:degree|phd|thesis|master.*|book|novel|studies|training)|published .+|adopted an? .+)$/iu,
    line: ([, text = ""], _clause, today) => (/\b(?:named|called)\b/i.test(text) ? "" : event(text, today)),
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
    line: ([, what = "", text = ""]) => attribute(what, text),
  },
];

function goal(prefix: string, text: string): string | undefined {
  const what = object(text.replace(/^to /i, ""));
  return what === undefined
    ? undefined
    : `${capitalise(prefix)}${/^(?:wants|hopes)$/i.test(prefix) ? "" : ":"} to ${what}`;
}

/** Something that happened, as of the day it was told. */
function event(text: string, today: Day): string | undefined {
  const what = object(text);
  return what === undefined ? undefined : noted(capitalise(what), today);
}

function plan([, verb = "", text = ""]: readonly string[], clause: Clause, today: Day): string | undefined {
  const rest = text.replace(/^to /i, "");
  const to = rest === text ? "" : "to ";
  const what = object(/^(?:next|on|in|this)\b/i.test(rest) ? `x ${rest}` : rest)?.replace(/^x /, "");
  if (what === undefined) return undefined;
  const somewhere = /^(?:(?:see|visit) )?\p{Lu}/u.test(what) || /^(?:go|travel|fly|move) to \p{Lu}/u.test(what);
  const later = TIME_WORDS.test(what) && !/^(?:bed|sleep)\b|\b(?:today|tonight)\b/i.test(what);
  if (!somewhere && !later) return undefined;
  const place = later && to !== "" && clause.lower && /^\p{Ll}+ (?:in|next|on)\b/u.test(what) ? capitalise(what) : what;
  return noted(`${capitalise(verb)} ${to}${place}`, today);
}

const MINE = "(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|\\d{1,2}|several|their own)";

/** What a person has for long enough to be worth remembering. */
const KEPT = new RegExp(
  `\\b(?:${RELATION}|house|home|flat|apartment|cottage|cabin|farm|garden|balcony|pool|car|van|truck|camper|motorhome|motorcycle|motorbike|scooter|bike|bicycle|boat|kayak|piano|guitar|violin|drum kit|telescope|camera|shop|store|business|company|restaurant|bakery|caf[eé]|studio|blog|podcast|channel|website|allotment|greenhouse|workshop|degree|phd|master's degree|licen[cs]e|tattoo|pacemaker|collection|library|bees?|chickens?|ducks?|goats?|sheep|cows?|pigs?|pets?|kids|children|grandchildren|grandkids|siblings)s?\\b`,
  "i",
);

const EVENT =
  /\b(?:exam|interview|appointment|meeting|date|flight|surgery|operation|test|presentation|concert|wedding|deadline|trip|race|marathon|recital|exhibition|viewing|party)\b/i;

function owns([, verb = "", text = ""]: readonly string[], _clause: Clause, today: Day): string | undefined {
  if (new RegExp(`^${MINE} (?:[\\p{L}-]+ )?${RELATION}s? (?:named|called)\\b`, "iu").test(text)) return "";
  const found = object(text, 80);
  if (found === undefined) return undefined;
  if (EVENT.test(found)) return TIME_WORDS.test(found) ? noted(`Has ${found}`, today) : undefined;
  if (
    !new RegExp(`^${MINE}\\b`, "i").test(found) ||
    (/^have$/i.test(verb) && !KEPT.test(found.replace(/ (?:of|on|with|for|at|from|in|to|about) .*$/i, "")))
  )
    return undefined;
  return `${capitalise(thirdPerson(verb.toLowerCase()))} ${found}`;
}

const PASSING =
  /^(?:bit|little|lot|fool|idiot|mess|wreck|liar|genius|loser|failure|joke|person|human|human being|while|hurry|bad mood|good mood|rush|big mess|huge mess|total mess|new user|user|stranger|minute|mix|bundle|ball|ray|work in progress|sucker|believer|huge|tad|member of this|big believer|firm believer|fan|one|way|step|lucky|proud|happy)\b|^the (?:\w+est|best|worst|one|only|same|first|last|most|reason|kind|type|proud|happy|lucky)\b/i;

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

/** Things that have a number, a name or a kind. */
const MEASURED =
  /\b(?:number|code|size|height|weight|zodiac|sign|time ?zone|blood type|pronouns|pin|budget|salary|licen[cs]e plate|anniversary|username|handle|nickname|surname|last name|native language|mother tongue|religion|nationality|instrument|diet|website|blog)$/i;
const NAMED =
  /\b(?:team|school|university|college|company|employer|major|degree|car|bike|phone|laptop|band|street|hometown|dream job|desk|locker|job title)$/i;
const FEELING =
  /^(?:so|very|really|too|pretty|great|good|fine|bad|ok|okay|nice|broken|slow|killing|gone|lost|late|over|going|getting|being|driving|making|doing|having|the (?:best|worst)|super|awesome|amazing)\b/i;

function attribute(what: string, text: string): string | undefined {
  const value = object(text, 80);
  if (value === undefined || FEELING.test(value) || what.split(" ").length > 4) return undefined;
  if (new RegExp(`^${RELATION}s?(?:$|'s$)`, "i").test(what)) return undefined;
  const telling = MEASURED.test(what) || (NAMED.test(what) && /^(?:\p{Lu}|\d|(?:at|on|in|an?) )/u.test(value));
  return telling ? `${capitalise(what)}: ${value}` : undefined;
}
