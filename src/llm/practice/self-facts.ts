import type { Clause } from "./clauses.ts";
import { addDays, dayAndMonth, longDay, TIME_WORDS, type Day } from "./dates.ts";
import { thirdPerson } from "./facts.ts";
import { DIET, FIRST_NAMES, LANGUAGE, NATIONALITY, NOT_NAMES, RELATION } from "./lexicon.ts";
import { properCase, readName } from "./names.ts";
import { capitalise, cut } from "./text.ts";

type Rule = {
  readonly pattern: RegExp;
  readonly line: (found: readonly string[], clause: Clause, today: Day) => string | undefined;
};

/** What a clause says of the user, as lines for core memory. Only the first rule that applies to it speaks. */
export function selfFacts(clause: Clause, today: Day): string[] {
  for (const { pattern, line } of RULES) {
    const match = pattern.exec(clause.text);
    if (match === null) continue;
    const found = line(
      [...match].map((group) => group ?? ""),
      clause,
      today,
    );
    if (found === "") return [];
    if (found !== undefined) return found.split("\n").map(capitalise);
  }
  return [];
}

const SUBORDINATE =
  /\s+(?:because|since|when|whenever|while|although|though|unless|until|if|so that|so|but|as long as|even though|which|who|after|before|except|and (?:i|he|she|we|they|it|my|that|then)|that (?:i|he|she|we))\b.*$|[,;:(].*$/i;
const TAIL =
  /\s+(?:too|so much|very much|a lot|a bit|a little|as well|these days|nowadays|now|right now|at the moment|currently|btw|by the way|haha+|lol|please|though|already|again|anyway|actually|really|you know|and all that|and stuff|or something|more than anything|at all|any ?more|either|myself|from time to time|instead|just like you|!+)$/i;
const VAGUE =
  /^(?:it|that|this|these|those|them|him|her|you|your|us|me|what|how|when|where|why|who|whether|if|the way|the fact|the idea|to (?:think|know|see|say|hear|believe|tell|ask|talk|be|have)\b|one|some|something|nothing|everything|anything|my (?:life|job|day|new|boyfriend|girlfriend|husband|wife|mom|mum|dad)|being here|talking (?:to|with) you|myself|here|there|not)\b/i;

/** The object of a verb, freed of what trails behind it; undefined where it points at nothing a reader could know. */
function object(text: string, length = 80): string | undefined {
  let bare = text.replace(SUBORDINATE, "").trim();
  for (let round = 0; round < 4; round += 1) bare = bare.replace(TAIL, "").trim();
  bare = bare.replace(/[\s.!,;:)\p{Extended_Pictographic}\ufe0f]+$/u, "");
  if (bare === "" || VAGUE.test(bare) || !/[\p{L}\p{N}]/u.test(bare)) return undefined;
  return cut(bare, length).replace(/\bmy\b/gi, "their");
}

/** A line for each item of a short list, so that each can be corrected by itself. */
function each(prefix: string, text: string): string | undefined {
  const whole = text
    .replace(/[;:(].*$/, "")
    .replace(/\s+(?:because|since|when|but|so|although|if|which|that i)\b.*$/i, "");
  const items = whole.split(/\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|&)\s+/);
  const cleaned = items.map((item) => object(item, 40));
  const short = cleaned.every((item) => item !== undefined && item.split(" ").length <= 4);
  if (items.length > 1 && short) return cleaned.map((item) => `${prefix} ${item ?? ""}`).join("\n");
  const found = object(whole);
  return found === undefined ? undefined : `${prefix} ${found}`;
}

function simple(prefix: string): Rule["line"] {
  return ([, text = ""]) => {
    const found = object(text);
    return found === undefined ? undefined : `${prefix} ${found}`;
  };
}

function place(prefix: string): Rule["line"] {
  return ([, text = ""], clause) => {
    const found = object(
      text.replace(/\s+(?:for|with|since|in (?=\d)|last|this|two|three|\d+ (?:years|months))\b.*$/i, ""),
      60,
    );
    if (found === undefined || /^(?:a|an|the (?:moment|middle|process))\b/i.test(found)) return undefined;
    return `${prefix} ${properCase(found, clause.lower)}`;
  };
}

function named(text: string, introduced: boolean): string | undefined {
  const name = readName(text, introduced);
  return name === undefined ? undefined : `Name: ${name.name}`;
}

const PASSING =
  /^(?:bit|little|lot|fool|idiot|mess|wreck|liar|genius|loser|failure|joke|person|human|human being|while|hurry|bad mood|good mood|rush|big mess|huge mess|total mess|new user|user|stranger|minute)\b/i;
const TRANSIENT_THING =
  /\b(?:headache|cold|flu|fever|question|questions|problem|problems|issue|idea|ideas|feeling|dream|minute|second|moment|lot|bad day|good day|great day|good time|few|bit|time|fun|doubt|point|plan|plans|chance|clue|suggestion|favou?r|request|confession|request|break|bad feeling|hunch|look|shower|drink|coffee|lunch|dinner|breakfast|beer|snack|nap|talk|chat|think|thought|hangover|stomach ache|sore throat|crush|to)\b/i;
const EVENT =
  /\b(?:exam|interview|appointment|meeting|date|flight|surgery|operation|test|presentation|concert|wedding|deadline|trip|race|marathon|recital|exhibition|viewing|party)\b/i;
const NUMBER = "(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|\\d{1,2}|some|several|my own|the)";

function noted(line: string, today: Day): string {
  return `${line} (said on ${longDay(today)})`;
}

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

function birthday(offset: number): Rule["line"] {
  return (_found, _clause, today) => `Birthday: ${dayAndMonth(addDays(today, offset))}`;
}

function isA([, text = ""]: readonly string[]): string | undefined {
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

function owns([, verb = "", text = ""]: readonly string[], _clause: Clause, today: Day): string | undefined {
  if (new RegExp(`^${NUMBER} (?:[\\p{L}-]+ )?${RELATION}s? (?:named|called)\\b`, "iu").test(text)) return "";
  const found = object(text, 60);
  if (found === undefined) return undefined;
  if (EVENT.test(found)) return TIME_WORDS.test(found) ? noted(`Has ${found}`, today) : undefined;
  if (TRANSIENT_THING.test(found) || !new RegExp(`^${NUMBER}\\b`, "i").test(found)) return undefined;
  return `${capitalise(thirdPerson(verb.toLowerCase()))} ${found}`;
}

const RULES: readonly Rule[] = [
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
    pattern: /^i'm (?:now )?(\d{1,3})(?: (?:years? old|yrs? old|yo|y\/o|now))?(?:$|[\s,]*(?:and|today|now)\b)/i,
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
      /^i (play|collect|practise|practice|sing|paint|write|bake|do|go|ride|grow|knit|brew|build|volunteer|breed|keep|restore|train|swim|climb|dance|run)\b(?! (?:not|you|back|ahead|on|so|that|it|to bed|away|home|out|wrong)\b) ?(.*)$/i,
    line: ([, verb = "", text = ""]) => habit(verb, text),
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
  { pattern: /^i'm (?!not\b)(.+)$/i, line: ([, text = ""]) => introduction(text) },
  {
    pattern: /^my ([\p{L}][\p{L}' -]{1,40}?)(?:'s| is| are|:) (.+)$/iu,
    line: ([, what = "", text = ""], clause) => attribute(what, text, clause),
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
    return /^(?:sing|paint|write|bake|knit|swim|climb|dance|run|volunteer)$/.test(bare) && text === ""
      ? capitalise(thirdPerson(bare))
      : undefined;
  if (/^(?:a (?:trick|joke|role|part)|the fool|with you|into|out of|late|from|you|down|up|this)\b/i.test(what))
    return undefined;
  return bare === "play" ? each("Plays", text) : `${capitalise(thirdPerson(bare))} ${what}`;
}

/** "I'm Ana", "I'm Ana from Porto": a name only if it looks like one and nothing odd follows. */
function introduction(text: string): string | undefined {
  const read = readName(text);
  if (read === undefined || NOT_NAMES.has(read.name.toLowerCase())) return undefined;
  const follows =
    /^(?:$|[,.!]|and\b|from\b|by the way|btw|nice|here\b|again\b|\(|not\b|-|–|but\b|,|pleased|the\b|\p{Extended_Pictographic})/iu.test(
      read.rest,
    );
  if (!follows && !/^a /.test(read.rest)) return undefined;
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
