import { FIRST_NAMES } from "./lexicon.ts";
import { asksForEverything, asksOfConversation } from "./question.ts";
import type { Speech } from "./speech.ts";
import { contentWords, isQuestion, sentences, stripPolite, tidy, words } from "./text.ts";

const COMMAND = /^(?:search|look up|look for|find|check|recall)\b(?! (?:out|it|this)\b)/i;

/** The question of a message, if it asks one: the last that memory could answer, or else the last. */
export function questionIn({ speaker, text }: Speech): string | undefined {
  const tidied = tidy(text);
  const whole = stripPolite(tidied);
  if (speaker === undefined && COMMAND.test(whole)) return whole.slice(0, 1000);
  if (asksForEverything(whole.slice(0, 500))) return whole.slice(0, 500);
  const all = sentences(tidied).map((sentence) => stripLeadIn(sentence));
  const asked = all.filter((sentence) => isQuestion(sentence) && !isTag(sentence, all.length > 1));
  return (
    (asked.findLast(recalls) ?? asked.at(-1))?.slice(0, 1000) ??
    (/^(?:help|introduce yourself|tell me (?:a|another) joke|make me laugh)\b/i.test(whole) ? whole : undefined)
  );
}

/** "It was cold, right?" and, after something told, "What do you think?" tell more than they ask. */
function isTag(sentence: string, after: boolean): boolean {
  if (after && /^what (?:do|did) you (?:think|reckon|say)(?: (?:about|of) (?:it|that|this))?\W*$/i.test(sentence))
    return true;
  const tag = /,? (?:right|huh|eh|ya know|you know|isn't it|don't you think|yeah|ok|okay)\?\W*$/i.exec(sentence);
  return tag !== null && tag.index > 0 && !isQuestion(sentence.slice(0, tag.index));
}

/** "My name is Ana, what's yours?": the question is what comes after the comma. */
function stripLeadIn(sentence: string): string {
  const bare = stripPolite(sentence.slice(-1000));
  const tail =
    /[,;:–—-]\s*(?:and |but |so )?((?:what|who|where|when|why|how|which|do|does|did|can|could|are|is|have)\b[^,;]{3,}\?)\W*$/i.exec(
      bare,
    )?.[1];
  return tail !== undefined && !isQuestion(bare.slice(0, -tail.length)) ? tail : bare;
}

/**
 * Whether an answer is worth looking for. Not for what is asked in passing after a statement, for what only another
 * person could say, and for questions without a topic.
 */
export function worthSearching(question: string, { speaker, text }: Speech): boolean {
  // In a transcript people ask each other, and only what was said before is anything that memory could know.
  if (speaker !== undefined) return TALKED.test(question);
  if (recalls(question)) return true;
  if (ofListener(question)) return false;
  if (named(question)) return true;
  const topic = contentWords(question);
  const stated = sentences(tidy(text)).filter((sentence) => !isQuestion(stripLeadIn(sentence)));
  if (contentWords(stated.join(" ")).length > topic.length) return false;
  const open = /^(?:who|whose|where|when|what|which|why|how)\b/i.test(question);
  return topic.length > (open ? 1 : 2);
}

const TALKED =
  /\b(?:do|can|don't) (?:you|u) (?:still )?(?:remember|recall)\b|\b(?:did|have) (?:i|we) (?:ever |already )?(?:tell|told|mention\w*|say|said|talk\w*)\b/i;

/** Whether a question is about what was said before or about the one who asks. */
function recalls(question: string): boolean {
  if (COMMAND.test(question) || asksForEverything(question) || asksOfConversation(question)) return true;
  if (REMEMBERS.test(question)) return true;
  return OWN.test(question) && !ofListener(question) && !ADVICE.test(question);
}

const REMEMBERS =
  /\b(?:do|can|don't) (?:you|u) (?:still )?(?:remember|recall)\b|^(?:remember|remind me|tell me)\b(?! (?:more|all|about (?:it|you))\b)/i;
const OWN = /\b(?:i|my|mine|we|our|i'm|i've|about me)\b/i;
/** "How can I help?" asks what to do, not what was. */
const ADVICE =
  /\b(?:can|could|should|shall|may|might|would|will|do|how) (?:i|we) (?!live|work|study|like|love|hate|eat|own|have|speak|come)/i;

/** Whether a question is about the one it is put to: "how was your trip?", but not "do you know where I live?". */
export function ofListener(question: string): boolean {
  const rest = question.replace(
    /\b(?:do|did|can|could|would|will) you (?:still |please )*(?:know|tell|find|search|look|show|have any)\b/gi,
    "",
  );
  return /\b(?:you|your|yours|you're|you've|u|ur)\b/i.test(rest);
}

function named(question: string): boolean {
  return (
    /(?<=\S )\p{Lu}\p{L}+/u.test(question) || words(question).some((word) => FIRST_NAMES.has(word.replace(/'s$/, "")))
  );
}
