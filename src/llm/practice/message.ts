import { ASKING, FORGET, FORGETTING, PLEASANTRIES, QUESTION_END, REMEMBER, TAIL_QUESTION } from "./speech-acts.ts";
import { sentences } from "./text.ts";

/** A message sorted by what its sentences do. Statements are verbatim; adjacent ones are joined. */
export type Reading = {
  readonly statements: readonly string[];
  readonly questions: readonly string[];
  /** Topics to forget. */
  readonly forget: readonly string[];
  readonly pleasantry: keyof typeof PLEASANTRIES | undefined;
};

/** Most characters of joined statements. */
export const MAX_NOTE = 240;

/** The reading of the newest message, which every step of its turn needs again. */
let newest: { readonly message: string; readonly reading: Reading } | undefined;

export function readMessage(message: string): Reading {
  if (newest?.message !== message) newest = { message, reading: read(message) };
  return newest.reading;
}

function read(message: string): Reading {
  const [statements, questions, forget]: [string[], string[], string[]] = [[], [], []];
  let pleasantry: Reading["pleasantry"];
  let isOpen = false;
  for (const sentence of sentences(message)) {
    const kind = pleasantryOf(sentence);
    const topic = kind === undefined ? topicToForget(sentence) : undefined;
    pleasantry ??= kind;
    if (topic !== undefined) forget.push(topic);
    const asked = REMEMBER.exec(sentence)?.[1]?.replace(/\?$/, "");
    const isTalk = kind === undefined && topic === undefined;
    const [said, question] = !isTalk ? ["", ""] : asked === undefined ? partAtQuestion(sentence) : [asked, ""];
    const last = statements.at(-1) ?? "";
    const isJoined = said !== "" && isOpen && last.length + said.length < MAX_NOTE;
    if (isJoined) statements.splice(-1, 1, `${last} ${said}`);
    else if (said !== "") statements.push(said);
    if (question !== "") questions.push(question);
    isOpen = said !== "" && question === "" && asked === undefined;
  }
  return { statements, questions, forget, pleasantry };
}

/** Whether a sentence asks, with or without a question mark. */
function isQuestion(sentence: string): boolean {
  const bare = sentence.trim();
  const start = bare.slice(0, 200).replace(/^(?:hi|hello|hey|ok|okay|so|and|but|well|oh|um|please)[\s,!]+/i, "");
  return QUESTION_END.test(bare) || ASKING.some((pattern) => pattern.test(start));
}

const KINDS = ["greeting", "thanks", "bye", "ok", "wellbeing"] as const;

/** The kind of a sentence that is mere courtesy, even one that names somebody: "Thanks a lot, Emil!" */
export function pleasantryOf(sentence: string): Reading["pleasantry"] {
  if (sentence.length > 60) return undefined;
  const words = sentence.replace(/[^\p{L}\p{M}\p{N}'’-]+/gu, " ").replaceAll("’", "'");
  const bare = words.trim();
  const unnamed = bare.replace(/(?<=\p{L}) \p{Lu}[\p{L}'-]+$/u, "");
  return KINDS.find((kind) => PLEASANTRIES[kind].test(bare) || PLEASANTRIES[kind].test(unnamed));
}

function topicToForget(sentence: string): string | undefined {
  if (sentence.length > 300 || !FORGETTING.test(sentence)) return undefined;
  const bare = sentence.replaceAll("’", "'").replace(/^(?:ok|okay|now|and|so|then|well|no)[\s,]+/i, "");
  return FORGET.map((pattern) => pattern.exec(bare)?.[1]).find((topic) => topic !== undefined);
}

/** Splits "My name is Ana, what's yours?" in two. Either part may be empty. */
function partAtQuestion(sentence: string): readonly [statement: string, question: string] {
  if (!isQuestion(sentence)) return [sentence, ""];
  const [, before = "", tail = ""] = TAIL_QUESTION.exec(sentence.slice(0, 1000)) ?? [];
  return before !== "" && !isQuestion(before) ? [before, tail] : ["", sentence.slice(0, 1000)];
}
