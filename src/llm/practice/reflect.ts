import { stripLead } from "./clauses.ts";
import { isRemark } from "./substance.ts";
import { capitalise, contentWords, isQuestion, lowerFirst, pick, quote, sentences, stripPolite } from "./text.ts";

const SAD =
  /\b(?:sad|tired|exhausted|lonely|depressed|awful|terrible|horrible|stressed|anxious|worried|scared|upset|angry|sick|ill|hurt|hurts|lost|died|bad day|rough|heartbroken|miss|cry|crying|hate|frustrat\w*|overwhelmed|:\(|☹|😢|😭)/i;
const HAPPY =
  /\b(?:happy|excited|glad|great|amazing|wonderful|awesome|fantastic|love|loved|fun|won|passed|proud|best|yay|finally|celebrat\w*|delicious|beautiful|:\)|😀|😊|🎉)/i;

const MOOD = new RegExp(`${SAD.source}|${HAPPY.source}`, "i");

/** What a message mainly says, from the listener's side or as a quotation; undefined if it is not worth repeating. */
export function gist(tidied: string): { readonly sentence: string; readonly echo: string } | undefined {
  const told = sentences(tidied)
    .map((sentence) => stripLead(stripPolite(sentence)).replace(/\s+[–—-]+\s.*$/, ""))
    .filter((sentence) => sentence !== "" && !isQuestion(sentence) && !isRemark(sentence));
  const echoes = told.flatMap((sentence) => {
    const echo = turned(sentence);
    const own = /^(?:i|i'm|im|i've|we|my|we're|our)\b/i.test(sentence);
    return echo === undefined || contentWords(sentence).length < (own && MOOD.test(sentence) ? 1 : 2)
      ? []
      : [{ sentence, echo, own }];
  });
  const main = echoes.find(({ own }) => own) ?? echoes[0];
  if (main !== undefined) return main;
  const quotable = told.find(
    (sentence) =>
      sentence.length <= 80 && contentWords(sentence).length >= 4 && !/\b(?:you|your|you're)\b/i.test(sentence),
  );
  return quotable === undefined ? undefined : { sentence: quotable, echo: quote(capitalise(quotable), 80) };
}

/** A short reply that says a message back; `name` begins with a comma, or is empty. */
export function reflect({ sentence, echo }: { sentence: string; echo: string }, name: string): string {
  if (echo.startsWith('"'))
    return pick(sentence, [
      `${echo}: I'll keep that in our history${name}.`,
      `I have ${echo} in our history now${name}. Tell me more if you like.`,
    ]);
  if (SAD.test(sentence))
    return pick(sentence, [
      `I'm sorry to hear that${name}. You say ${echo}; it stays in our history if you want to come back to it.`,
      `That sounds hard${name}: ${echo}. I'm here if you want to tell me more.`,
    ]);
  if (HAPPY.test(sentence))
    return pick(sentence, [
      `How nice${name}: ${echo}! Tell me more if you like.`,
      `Good to hear that ${echo}${name}. I'll be able to find it again.`,
    ]);
  return pick(sentence, [
    `So ${echo}${name}. I have that in our history now; tell me more if you like.`,
    `I see${name}: ${echo}. What else?`,
    `Noted in our conversation${name}: ${echo}. Is there something in it I should remember about you?`,
  ]);
}

const TURNS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    i: "you",
    "i'm": "you're",
    "i've": "you've",
    "i'll": "you'll",
    "i'd": "you'd",
    im: "you're",
    my: "your",
    me: "you",
    mine: "yours",
    myself: "yourself",
    am: "are",
    we: "you",
    "we're": "you're",
    our: "your",
    us: "you",
    you: "I",
    your: "my",
    "you're": "I'm",
    yourself: "myself",
  }),
);

/** A short sentence from the listener's side: `I walked my dog` → `you walked your dog`. */
function turned(sentence: string): string | undefined {
  const bare = lowerFirst(sentence.replace(/[.!?\s]+$/, "")).replace(/"/g, "'");
  if (
    bare.length > 90 ||
    /[\n:;]/.test(bare) ||
    /\b(?:you|your|you're)\b/i.test(bare) ||
    !/^(?:i|i'm|im|i've|we|my|we're|our|the|it|it's|there|today|yesterday|he|she|they)\b/i.test(bare)
  )
    return undefined;
  const swapped = bare.split(" ").map((word) => {
    const [, core = "", tail = ""] = /^(.*?)([,.!?)]*)$/.exec(word) ?? [];
    return (TURNS.get(core.toLowerCase()) ?? core) + tail;
  });
  return swapped.join(" ").replace(/\byou was\b/g, "you were");
}
