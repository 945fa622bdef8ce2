import { reply, type Answer } from "./answer.ts";
import { readPage } from "./search-page.ts";
import { sentences, stems, tidy } from "./text.ts";
import { ownCalls, type View } from "./view.ts";

const LONGEST_QUESTION = 500;

/** The question of a message that sets a task: to answer it from archival memory, or from documents. */
export function askedOfDocuments(message: string): string | undefined {
  if (!/\b(?:archival memory|archive|documents?)\b/i.test(message)) return undefined;
  if (!/\b(?:answer|search|look)\b/i.test(message)) return undefined;
  const question = /\bquestion\s*:\s*(\S[^\n]*)$/i.exec(message.trim())?.[1];
  return question?.slice(0, LONGEST_QUESTION).trim();
}

/** One search for the question, then the best passage, in the form that the message asks for. */
export function answerFromDocuments(question: string, message: string, view: View): Answer | undefined {
  if (!view.can("archival_memory_search")) return undefined;
  const last = ownCalls(view).findLast(({ name }) => name === "archival_memory_search");
  if (last === undefined) {
    const args = { query: question, request_heartbeat: true };
    return {
      thought: "The answer must be in archival memory, so I search there.",
      calls: [{ name: "archival_memory_search", args }],
    };
  }
  const passage = readPage(last.output).hits[0]?.text ?? "";
  const sentence = mostShared(question, passage);
  if (sentence === undefined) return reply("Nothing there answers this, so I say so.", "INSUFFICIENT INFORMATION");
  const answer = /\bDOCUMENT\b/.test(message) ? `ANSWER: ${sentence}, DOCUMENT: ${passage}` : sentence;
  return reply("I answer with the passage that fits the question best.", answer);
}

/** The sentence that has most of the question's words, of equal ones the longest; undefined if none has any. */
function mostShared(question: string, text: string): string | undefined {
  const wanted = stems(question);
  const shared = (sentence: string): number => [...stems(sentence)].filter((word) => wanted.has(word)).length;
  const all = sentences(tidy(text)).map((sentence) => ({ sentence, count: shared(sentence) }));
  const [best] = all.sort((a, b) => b.count - a.count || b.sentence.length - a.sentence.length);
  return best === undefined || best.count === 0 ? undefined : best.sentence;
}
