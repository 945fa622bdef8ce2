import { parentPort } from "node:worker_threads";
import { describe } from "../errors.ts";

/** Runs in a `Thread`'s worker, and answers its questions. */
export function answerQuestions(answer: (question: never) => Promise<unknown>): void {
  const reply = async ({ id, question }: { readonly id: number; readonly question: never }): Promise<void> => {
    try {
      parentPort?.postMessage({ id, answer: await answer(question) });
    } catch (error) {
      parentPort?.postMessage({ id, error: describe(error) });
    }
  };
  parentPort?.on("message", (asked) => void reply(asked as Parameters<typeof reply>[0]));
}
