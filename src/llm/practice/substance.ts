import { clauses } from "./clauses.ts";
import { TIME_WORDS } from "./dates.ts";
import { RELATION } from "./lexicon.ts";
import { askedKey } from "./nested.ts";
import { memoryRequests, readRequest } from "./requests.ts";
import { contentWords, isQuestion, sentences, stems, tidy } from "./text.ts";

const MAX_LENGTH = 200;

/** Praise, thanks, encouragement and remarks on what was just said: nothing that anybody would look for later. */
const REMARK =
  /^(?:wow|woah|whoa|aww*|nice|cool|way to go|sorry|but it|must have|being|having|loving|we can|we all|we both|they|he|she|there's|never|good|best|thanks|thank|yeah|yes|yep|no|sure|sounds|congrat\w*|glad|good luck|great|awesome|amazing|absolutely|totally|definitely|that's|that|this is|it's|it is|it|so (?:glad|happy|proud|cool)|what an?|keep|enjoy|let's|let me|don't|take care|have (?:a|fun)|can't wait|check|look|here's|here are|hope|good to|love|appreciate|remember|just|well done|bravo|you|your|no worries|hey|hi|hello|oh|i'm (?:so )?(?:glad|happy|proud|sorry|here|sure|grateful|thankful)|i (?:appreciate|(?:totally |completely |really )?agree|can (?:see|tell|imagine)|hear you|see|know|think|guess|believe|hope))\b/i;
const MOMENT =
  /\b(?:you|your|yours|you're|you've|you'll|this(?! (?:week|weekend|month|year|spring|summer|autumn|fall|winter)\b)|these|those)\b/i;

/** The whole sentences of a message that tell something, in their order. None is cut: one that is too long is left out. */
export function telling(message: string): string[] {
  return whole(tidy(message)).filter((sentence) => {
    if (sentence.length > MAX_LENGTH || isQuestion(sentence) || contentWords(sentence).length < 3) return false;
    if (isRemark(sentence) || MOMENT.test(sentence) || clauses(sentence).length === 0) return false;
    if (!OWN.test(sentence) && contentWords(sentence).length < (marks(sentence) === 0 ? 5 : 4)) return false;
    if (readRequest(sentence) !== undefined || memoryRequests(sentence).length > 0) return false;
    return askedKey(sentence) === undefined;
  });
}

/** Whether a sentence only answers another: praise, thanks, agreement. */
export function isRemark(sentence: string): boolean {
  return REMARK.test(sentence) || /\bsounds?\b/i.test(sentence);
}

const OWN = /\b(?:i|i'm|i've|my|we|we're|we've|our)\b/i;

/** The sentences of a text, not parted at semicolons, without what they begin with that is no word. */
export function whole(text: string): string[] {
  const found: string[] = [];
  for (const part of sentences(text)) {
    const last = found.at(-1);
    if (last?.endsWith(";") === true) found[found.length - 1] = `${last} ${part}`;
    else found.push(part.replace(/^[^\p{L}\p{N}"'(]+/u, ""));
  }
  return found.map((sentence) => sentence.replace(/;$/, "."));
}

/** How much a sentence tells for its length: people, names, numbers, plans and dates. */
export function worth(sentence: string): number {
  const own = /^(?:i|we|my|our)\b/i.test(sentence) ? 0.5 : 0;
  return marks(sentence) / Math.sqrt(sentence.split(/\s+/).length) + own + contentWords(sentence).length / 40;
}

/** How many names, numbers, relatives and times a sentence has. */
function marks(sentence: string): number {
  const names = sentence.match(/\p{N}+|(?<=\s)(?!I\b)\p{Lu}[\p{L}]+/gu)?.length ?? 0;
  const people = new RegExp(`\\b(?:my|our) ${RELATION}`, "i").test(sentence) ? 1 : 0;
  const time = TIME_WORDS.test(sentence) || /\b(?:last|ago|since)\b/i.test(sentence) ? 1 : 0;
  return names + people + time;
}

/** Whether a sentence tells more than the facts that were learned from it. */
export function saysMore(sentence: string, facts: readonly string[]): boolean {
  const known = stems(facts.join(" "));
  return facts.length === 0 || [...stems(sentence)].filter((word) => !known.has(word)).length >= 3;
}

/** A sentence with its full stop. */
export function closed(sentence: string): string {
  return /[.!?…]["')\]]*$/.test(sentence) ? sentence : `${sentence.replace(/[,;:\s]+$/, "")}.`;
}
