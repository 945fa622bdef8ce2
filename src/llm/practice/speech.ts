import { FIRST_NAMES, NOT_NAMES } from "./lexicon.ts";
import { quote } from "./text.ts";

/** What was said, and by whom if the message says so, as the lines of a transcript do. */
export type Speech = { readonly speaker: string | undefined; readonly text: string };

const PREFIX = /^\s*(\p{Lu}[\p{L}'’-]{1,20}(?: \p{Lu}[\p{L}'’.-]{0,20})?):\s+(?=\S)/u;

/** Words that stand before a colon without speaking. */
const LABELS = new Set(
  (
    "note notes reminder update correction question answer ps edit summary fact facts warning todo plan plans name email phone subject " +
    "quote example user assistant system human memgpt goal dream address age birthday hint news title topic task key value save remember " +
    "forget store archive tip idea ideas hobby hobbies job spoiler result results list groceries date time place link source"
  ).split(" "),
);
const TALK = /\b(?:i|i'm|i've|my|we|our|me|you|your|thanks|thank|hey|hi|hello|wow|congrats)\b/i;

/** Takes `Ana: I live in Porto` apart. A label such as `Reminder:` is nobody. */
export function readSpeech(message: string): Speech {
  const found = PREFIX.exec(message.slice(0, 200));
  const speaker = found?.[1];
  if (found === null || speaker === undefined) return { speaker: undefined, text: message };
  const first = speaker.split(" ")[0]?.toLowerCase() ?? "";
  const text = message.slice(found[0].length);
  if (LABELS.has(first) || NOT_NAMES.has(first)) return { speaker: undefined, text: message };
  return FIRST_NAMES.has(first) || TALK.test(text.slice(0, 400))
    ? { speaker, text }
    : { speaker: undefined, text: message };
}

/** A user message as it is told again: `you said "…"`, or `Ana said "…"` for a line of a transcript. */
export function retell(message: string, length: number): string {
  const { speaker, text } = readSpeech(message);
  return `${speaker ?? "you"} said ${quote(text, length)}`;
}
