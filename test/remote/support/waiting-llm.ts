import type { Completion, Llm, LlmDelta } from "memgpt";
import { type ScriptedAnswer, ScriptedLlm } from "memgpt/testing";

/** A scripted model that waits for `go`, or for its caller to leave, before its answer number `at`. */
export function waitingLlm(
  script: readonly ScriptedAnswer[],
  at: number,
): { llm: Llm; go: () => void; asked: () => number } {
  const inner = new ScriptedLlm(script);
  let asked = 0;
  let go = (): void => undefined;
  const gate = new Promise<void>((resolve) => (go = resolve));
  const llm: Llm = {
    model: "waiting",
    async *complete(request): AsyncGenerator<LlmDelta, Completion, void> {
      asked += 1;
      const left = new Promise<void>((resolve) => {
        request.signal?.addEventListener("abort", () => {
          resolve();
        });
      });
      if (asked === at) await Promise.race([gate, left]);
      return yield* inner.complete(request);
    },
  };
  return { llm, go, asked: () => asked };
}
