import { longDay, TIME_WORDS, type Day } from "./dates.ts";
import { thirdPerson } from "./facts.ts";
import { inThirdPerson } from "./phrase.ts";
import { capitalise } from "./text.ts";

const ERRAND =
  /^to (?:call|ring|phone|buy|pay|pick|book|send|e-?mail|text|write|bring|water|feed|renew|cancel|return|post|visit|meet|order|get|collect|submit|check|ask|tell|drop|wash|clean|fix|repair|charge|invite|schedule|sign|print|pack|finish|file|apply|register|back up|update|install|wish|congratulate|(?:take|put) (?:out|the|my|a)|go to|do (?:the|my)|make an? (?:appointment|reservation|doctor))\b/i;

/** Advice, encouragement and whatever only the conversation explains. */
const ADVICE =
  /\b(?:you|your|you're|yourself|u)\b|^(?:just|always|never|sometimes|everyone|everything|nothing|nobody|life|love|people|it|it's|he|he's|she|she's|they|they're|this|that|there|there's|there is|believe|keep|stay|be|do|don't|take|have|trust|breathe|smile|relax|enjoy|go|let|we're all|i'm (?:always )?(?:here|proud|sorry)|i (?:believe|think|care|love you|appreciate))\b|^(?!\w*(?:wedding|meeting|building|parking|evening|morning)\b)\w+ing\b.* (?:is|are)\b/i;
/** `Jon, …`: someone is spoken to. */
const CALL = /^\p{Lu}\p{L}+, /u;
const TELLS =
  /^(?:i|i'm|i've|my|our|we)\b|\b(?:is|are|was|were|has|have|will|can|can't|won't|costs?|lives?|works?|likes?|goes|starts|opens|closes|hangs?|lies|sits|stands)\b|:/i;

/** What a person asks to have remembered and no rule understands, as a line of its own; undefined for mere advice. */
export function keepsake(content: string, today: Day): string | undefined {
  const bare = content.replace(/[.!?\s]+$/, "").replace(/^that /i, "");
  if (/^to /i.test(bare)) {
    const errand = (ERRAND.test(bare) || TIME_WORDS.test(bare)) && !ADVICE.test(bare.slice(3));
    return errand ? `Reminder: ${inThirdPerson(bare)} (said on ${longDay(today)})` : undefined;
  }
  if (ERRAND.test(`to ${bare}`)) return keepsake(`to ${bare}`, today);
  const dated = /\d/.test(bare) || TIME_WORDS.test(bare);
  if (ADVICE.test(bare) || CALL.test(bare) || !(dated || TELLS.test(bare))) return undefined;
  const line = bare
    .replace(/^i(?:'m| am) /i, "Is ")
    .replace(/^i(?:'ve| have) (?!\w+ed\b)/i, "Has ")
    .replace(/^i (?=\p{L}+ed\b)/iu, "")
    .replace(/^i (?:can't|cannot) /i, "Can't ")
    .replace(/^i (?:don't|do not) /i, "Doesn't ")
    .replace(/^i (\p{Ll}+)\b/iu, (_, verb: string) => thirdPerson(verb.toLowerCase()))
    .replace(/^(?:my|our) /i, "");
  const relative = TIME_WORDS.test(line) && !/\b20\d\d\b/.test(line);
  return capitalise(inThirdPerson(line)) + (relative ? ` (said on ${longDay(today)})` : "");
}
