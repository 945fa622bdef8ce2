import { isQuestion, sentences, tidy } from "./text.ts";

/** One statement of a user, cut small enough for a rule. `text` starts with a capital; nothing in it is a question. */
export type Clause = { readonly text: string; readonly lower: boolean };

const MAX_CLAUSES = 300;
const MAX_CLAUSE = 400;

const LEAD =
  /^(?:and|but|so|well|oh|ah|hi|hello|hey|hiya|yo|ok|okay|yes|yeah|yep|no|nope|sure|anyway|also|actually|btw|by the way|fyi|for the record|just so you know|you know(?: what)?|i mean|i think|i guess|i should (?:mention|say|add)(?: that)?|(?:i )?forgot to (?:say|mention)(?: that)?|did you know(?: that)?|let me tell you(?: that)?|(?:i want|i wanted|i would like|i'd like) (?:you to know|to tell you|to say)(?: that)?|i (?:must|have to|can) (?:say|tell you|admit)(?: that)?|i (?:told|already told) you(?: that)?|as i said|guess what|good news|bad news|thanks|thank you|nice to meet you|sorry|please|haha+|lol|hmm+|um+|wow|great|good (?:morning|afternoon|evening)|correction|update|in fact|to be honest|honestly|today|recently|lately|these days|nowadays|currently|right now|now|there|again|unfortunately|sadly|luckily|happily|finally|surprise|memgpt)(?:[\s,!:;.–—-]+|$)/i;
const HYPOTHETICAL =
  /^(?:if|unless|suppose|imagine|pretend|what if|let's say|let's pretend|say|perhaps|maybe|once upon)\b|\b(?:i wish|if only|as if|i would(?! like you to)|i could|i might|i may|i'd (?!like you)|would be|hypothetically|for example|in a dream|i dreamt|i dreamed|in the (?:book|movie|film|story|game|song|novel)|my character)\b/i;
const REPORTING =
  /\b(?:said|says|told (?:me|us|him|her|them)|asked|claims|claimed|wrote|sings|goes|replied)(?: that)?$/i;
const NEW_SUBJECT =
  /(?:,\s*(?:and|but|so|because|though|although|while|whereas|which|since)?\s*|\s+(?:and|but|so|because|although|though|whereas|while)\s+|\s+[–—-]+\s+|:\s+|\.\s+)(?=(?:i|i'm|i've|i'll|im|my|we|we're|our|he|she|they|you|your|it|it's|its|he's|she's|they're|there|that|this|call me|please|remember|don't|his|her|their|who|what|where|when|why|how|which|can|could|do|not|nice|by the way|btw|actually|now|am|if|thanks|people|everyone|my friends)\b)/i;
/** `James and I …`: one subject, not two statements. */
const PAIR = /^((?!i\b|i'm\b|i've\b|my name\b|it\b|we\b|call\b|im\b)[\p{L}'-]+(?: [\p{L}'-]+){0,2}) and I\b/iu;
const SHARED_SUBJECT =
  /\s*,?\s+(?:and|but)\s+(?:also |now |currently |i )?(?=(?:work|study|live|like|love|enjoy|hate|play|speak|have|am|own|drive|collect|prefer|teach|moved|come|dislike|can't|don't|work|go|got|would|want|need)\b)/i;

/** The statements of a message. Questions, suppositions, quotations and what others said are left out. */
export function clauses(message: string): Clause[] {
  const text = tidy(message);
  const lower = text === text.toLowerCase();
  const found: Clause[] = [];
  for (const sentence of sentences(text)) {
    const statement = sentence.replace(/^\W*(?:did|do) you know (?:that )?(?=(?:i|my|i'm)\b)(.*)\?$/i, "$1");
    const unquoted = statement.slice(0, 2 * MAX_CLAUSE).replace(/"[^"]*"/g, " ");
    if (HYPOTHETICAL.test(stripLead(unquoted)) && !/\bi'd like you to\b/i.test(unquoted)) continue;
    const parts = split(unquoted);
    for (const [index, part] of parts.entries()) {
      if (part === "" || isQuestion(part) || REPORTING.test(parts[index - 1] ?? "")) continue;
      found.push({ text: part.replace(/[.!…,;:\s]+$/, ""), lower });
      if (found.length >= MAX_CLAUSES) return found;
    }
  }
  return found;
}

/** A sentence part without the words people warm up with. */
export function stripLead(text: string): string {
  let bare = text.trim().replace(/^[^\p{L}\p{N}"']+/u, "");
  for (let round = 0; round < 6; round += 1) {
    const next = bare.replace(LEAD, "");
    if (next === bare) break;
    bare = next;
  }
  return bare;
}

function split(sentence: string): string[] {
  const asked = /\?\W*$/.test(sentence);
  const parts = stripLead(sentence).replace(PAIR, "$1 & I").split(NEW_SUBJECT);
  return parts.flatMap((part, index) => {
    const bare = withoutAdverbs(stripLead(part));
    if (asked && index === parts.length - 1) return [`${bare.replace(/\?\W*$/, "")}?`];
    if (!/^(?:i|we)\b/i.test(bare)) return [bare];
    const subject = /^we\b/i.test(bare) ? "We" : "I";
    return shared(bare).map((piece, at) => (at === 0 ? piece : withoutAdverbs(`${subject} ${piece}`)));
  });
}

/** `I live in Porto and work as a nurse` → both halves; not if the first has another verb or subject to go on with. */
function shared(text: string): string[] {
  // After a taste, `and love …` may as well go on with the noun: `peace and love songs`.
  const pieces = /^i (?:love|like|enjoy|adore)\b.* and love\b/i.test(text) ? [text] : text.split(SHARED_SUBJECT);
  const open =
    /\b(?:you|he|she|they|it|who|how|that|what|which|when|if|let|(?:want|wants|like|love|need|hope|plan|going|trying|try|able|used|have|start(?:ed)?|learn(?:ed|ing)?) to)\b/i;
  const end = pieces.findIndex((piece) => open.test(piece));
  return end < 0 ? pieces : pieces.slice(0, end + 1);
}

/** People leave out the "I": "just moved to Madrid", "allergic to nuts". */
const BARE_STATE =
  /^(?:just |still )*((?:living|working|studying|learning|moving|flying|allergic|addicted|obsessed|planning|retired|married) (?:in|at|as|for|to|with|on)\b)/i;
const BARE_DEED =
  /^(?:just )*((?:moved to|got (?:a (?:new )?job|married|engaged|divorced|promoted)|broke up with|quit my|started (?:a new|working)|graduated (?:from|in)|turned \d\d|adopted an?|work (?:at|for|as)|live in)\b)/i;

/** `Working with them is fun` has a subject after all, and one that no rule wants. */
const GERUND_SUBJECT =
  /^\w+ing\b.* (?:is|are|was|were|has|can|makes?|helps?|feels?|brings?|gives?|means?|takes?|keeps?)\b.*$/i;

/** `im` → `I'm`, `I really do love` → `I love`: rules then need only one form. */
function withoutAdverbs(text: string): string {
  const plain = text
    .replace(
      /^(tomorrow|tonight|(?:next|this|on) (?:\w+)|in (?:\w+|two \w+)),? (i(?:'m|'ll|'ve)? .*)$/i,
      (_, when: string, said: string) => `${said} ${when.toLowerCase()}`,
    )
    .replace(GERUND_SUBJECT, "")
    .replace(BARE_STATE, "I'm $1")
    .replace(BARE_DEED, "I $1")
    .replace(/^im\b/i, "I'm")
    .replace(/^ive\b/i, "I've")
    .replace(/^i (?:am|are)\b/i, "I'm")
    .replace(/^i have (?=been|always|just|recently|started|moved|got|had)\b/i, "I've ");
  const adverbs =
    /^(i(?:'m|'ve|'ll)?|we(?:'re|'ve|'ll)?|my name)\s+(?:really|also|actually|just|currently|absolutely|mostly|usually|often|sometimes|always|definitely|certainly|totally|truly|simply|basically|personally|particularly|especially|quite|generally|mainly|normally|only|do (?=really|also|like|love|enjoy|hate|have|want|play|live|work|speak|know|teach|drive|own)|both|recently|finally|still|very much|kind of|sort of|proudly|officially|originally)\b(?!'|-)\s*/i;
  let bare = plain;
  for (let round = 0; round < 4; round += 1) {
    const next = bare.replace(adverbs, "$1 ");
    if (next === bare) break;
    bare = next;
  }
  return bare;
}
