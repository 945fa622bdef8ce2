import type { RecallStorage } from "../../src/ports/recall.ts";
import { type Figures, summarize, timed } from "../figures.ts";

const WARM_UP = 30;
const PAGE = { page: 0, size: 5 };

/** The time of questions about the conversation, each asked once. */
export async function questionFigures(recall: RecallStorage, questions: readonly string[]): Promise<Figures> {
  const first: number[] = [];
  await timed(first, () => recall.search({ text: questions[0] ?? "" }, PAGE));
  for (const text of questions.slice(0, WARM_UP)) await recall.search({ text }, PAGE);
  const times: number[] = [];
  for (const text of questions) await timed(times, () => recall.search({ text }, PAGE));
  return { first: summarize(first), question: summarize(times) };
}
