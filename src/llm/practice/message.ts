import { ASKING, FORGET, PLEASANTRIES, QUESTION_END, REMEMBER, TAIL_QUESTION } from "./speech-acts.ts";
import { fold, sentences, words } from "./text.ts";
import { STOP_WORDS, WEAK_WORDS } from "./words.ts";

/** A message by what its sentences do. Statements are whole as they were said, those side by side in one piece. */
export type Reading = {
  readonly statements: readonly string[];
  readonly questions: readonly string[];
  /** Topics to forget. */
  readonly forget: readonly string[];
  /** Statements that are asked to be remembered. */
  readonly remember: readonly string[];
  readonly pleasantry: (typeof PLEASANTRIES)[number]["kind"] | undefined;
};

/** A statement in one piece is no longer than this; longer ones are parted at sentences. */
export const MAX_NOTE = 240;

export function readMessage(message: string): Reading {
  const [statements, questions, forget, remember]: [string[], string[], string[], string[]] = [[], [], [], []];
  let pleasantry: Reading["pleasantry"];
  let isOpen = false;
  for (const sentence of sentences(message)) {
    const kind = pleasantryOf(sentence);
    pleasantry ??= kind;
    const topic = kind === undefined ? topicToForget(sentence) : undefined;
    const asked = kind === undefined && topic === undefined ? REMEMBER.exec(sentence)?.[1] : undefined;
    if (topic !== undefined) forget.push(topic);
    if (asked !== undefined) remember.push(asked.replace(/\?$/, ""));
    const isTalk = kind === undefined && topic === undefined && asked === undefined;
    const [before, question] = isTalk ? partAtQuestion(sentence) : ["", ""];
    const last = statements.at(-1) ?? "";
    if (before !== "" && isOpen && last.length + before.length < MAX_NOTE)
      statements.splice(-1, 1, `${last} ${before}`);
    else if (before !== "") statements.push(before);
    if (question !== "") questions.push(question);
    isOpen = before !== "" && question === "";
  }
  return { statements, questions, forget, remember, pleasantry };
}

/** Whether a sentence asks, with or without its mark. */
function isQuestion(sentence: string): boolean {
  const bare = sentence.trim();
  if (QUESTION_END.test(bare)) return true;
  const start = bare.slice(0, 200).replace(/^(?:hi|hello|hey|ok|okay|so|and|but|well|oh|um|please)[\s,!]+/i, "");
  return ASKING.some((pattern) => pattern.test(start));
}

/** Only what a message states: neither questions, nor requests, nor pleasantries. */
export function statementsOf(message: string): readonly string[] {
  const { statements, remember } = readMessage(message);
  return [...statements, ...remember];
}

/** Whether a text has a word that could be a topic. */
export function hasSubstance(text: string): boolean {
  return words(text).some((word) => {
    const folded = fold(word);
    return !STOP_WORDS.has(folded) && !WEAK_WORDS.has(folded) && (folded.length > 1 || /[\p{N}\p{Lo}]/u.test(folded));
  });
}

function pleasantryOf(sentence: string): Reading["pleasantry"] {
  if (sentence.length > 60) return undefined;
  const bare = sentence
    .replace(/[^\p{L}\p{M}\p{N}'’-]+/gu, " ")
    .replaceAll("’", "'")
    .trim();
  return PLEASANTRIES.find(({ is }) => is.test(bare))?.kind;
}

function topicToForget(sentence: string): string | undefined {
  if (sentence.length > 300) return undefined;
  const bare = sentence.replaceAll("’", "'").replace(/^(?:ok|okay|now|and|so|then|well|no)[\s,]+/i, "");
  return FORGET.map((pattern) => pattern.exec(bare)?.[1]).find((topic) => topic !== undefined);
}

/** "My name is Ana, what's yours?" in its two parts; either may be empty. */
function partAtQuestion(sentence: string): readonly [statement: string, question: string] {
  if (!isQuestion(sentence)) return [sentence, ""];
  const [, before = "", tail = ""] = TAIL_QUESTION.exec(sentence.slice(0, 1000)) ?? [];
  return before !== "" && !isQuestion(before) ? [before, tail] : ["", sentence.slice(0, 1000)];
}
