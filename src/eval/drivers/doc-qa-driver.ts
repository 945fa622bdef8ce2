import { Driver, type Found, say, search } from "./driver.ts";

/** Searches archival memory once for a question, and answers with the sentence of the first passage that shares most words. */
export class DocQaDriver extends Driver {
  readonly model = "doc-qa-driver";

  protected next(task: string, found: Found | undefined): ReturnType<typeof say> {
    const question = /question: ([^\n]+)$/.exec(task)?.[1] ?? task;
    if (found === undefined) return search(question);
    const passage = found.texts[0] ?? "";
    const wanted = stems(question);
    const shared = (sentence: string): number => [...stems(sentence)].filter((word) => wanted.has(word)).length;
    const sentences = passage.match(/[^.!?…\n]+(?:[.!?…]+(?!\s|$)[^.!?…\n]+)*[.!?…]*["')\]]*/g) ?? [];
    const [best] = sentences
      .map((sentence) => ({ sentence: sentence.trim(), count: shared(sentence) }))
      .sort((a, b) => b.count - a.count || b.sentence.length - a.sentence.length);
    if (best === undefined || best.count === 0) return say("INSUFFICIENT INFORMATION");
    return say(`ANSWER: ${best.sentence}, DOCUMENT: ${passage}`);
  }
}

const STOP_WORDS = new Set(
  (
    "a an the and or but if so as at by for from in into of off on onto out over to up with without about than then too very i me my we us " +
    "our you your he him his she her it its they them their this that these those there here what who whom whose which when where why how " +
    "is are was were be been being am do does did have has had can could will would shall should may might must not no nor"
  ).split(" "),
);

/** The content words of a text, without endings of plurals and tenses. */
function stems(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const kept = words.filter((word) => word.length > 1 && !STOP_WORDS.has(word));
  return new Set(kept.map((word) => (word.length < 4 ? word : word.replace(/(?:ies|es|s|ing|ed|e)$/, ""))));
}
