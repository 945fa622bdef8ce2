// Runs in the thread of a `Reader`.
import { answerQuestions } from "../threads/answer-questions.ts";
import type { Element } from "./element.ts";
import type { Kind, Whole } from "./identify.ts";
import { Binary, type Input, Unreadable, inputAt, inputOf } from "./input.ts";
import { partsOf } from "./parts.ts";
import { readWhole } from "./whole.ts";

export type Question =
  ({ readonly type: "open"; readonly whole: Whole } & Pick<Input, "name" | "size" | "at">) | { readonly type: "next" };

export type Answer =
  | { readonly type: "opened"; readonly kind: Kind }
  /** Must be read as text. */
  | { readonly type: "text" }
  | {
      readonly type: "part";
      readonly elements: readonly Element[];
      readonly notices: readonly string[];
      readonly isLast: boolean;
    }
  | { readonly type: "unreadable"; readonly reason: string; readonly isBinary: boolean };

/** Characters sent at a time. */
const PART = 64 * 1024;
/** A longer element is sent in parts, so that checking and splitting it does not block the main thread. In UTF-16 units. */
const LONGEST_ELEMENT = 16 * 1024;

let open: AsyncGenerator<Element, void, void> | undefined;
const notices: string[] = [];

answerQuestions(async (question: Question): Promise<Answer> => {
  try {
    return await (question.type === "open" ? opened(question) : next());
  } catch (error) {
    const isKnown = error instanceof Unreadable;
    if (!isKnown && error instanceof Error && "syscall" in error) throw error;
    // Parsers' messages are written for programmers.
    const reason = isKnown ? error.message : "it is damaged: reading it failed in the middle";
    return { type: "unreadable", reason, isBinary: error instanceof Binary };
  }
});

async function opened({ name, size, at, whole }: Extract<Question, { readonly type: "open" }>): Promise<Answer> {
  await open?.return();
  open = undefined;
  notices.splice(0);
  const input = typeof at === "string" ? inputAt(at, { name, size }) : inputOf(name, at);
  const document = await readWhole(input, whole, (notice) => notices.push(notice));
  if (document === undefined) return { type: "text" };
  open = inParts(document.elements);
  return { type: "opened", kind: document.kind };
}

async function* inParts(elements: AsyncIterable<Element> | Iterable<Element>): AsyncGenerator<Element, void, void> {
  for await (const element of elements) {
    for (const text of partsOf(element.text, LONGEST_ELEMENT)) yield { ...element, text };
  }
}

async function next(): Promise<Answer> {
  // The thread that opened the document has ended; the rest alone would pass for the whole.
  if (open === undefined) throw new Unreadable("it cannot be read: its thread ended");
  const elements: Element[] = [];
  let [length, isLast] = [0, false];
  while (length < PART && !isLast) {
    const found = await open.next();
    if (found.done === true) {
      isLast = true;
    } else {
      elements.push(found.value);
      length += found.value.text.length;
    }
  }
  return { type: "part", elements, notices: notices.splice(0), isLast };
}
