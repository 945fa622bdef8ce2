import { describe, expect, test } from "vitest";
import type { Llm, LlmDelta } from "../../src/ports/llm.ts";
import type { Completion, MainContext } from "../../src/schema/context.ts";
import { userMessage } from "../memory/support.ts";

/** A model that answers with a thought and a call of `send_message`, every time. */
export type OpenLlm = () => Promise<Llm>;

const context: MainContext = {
  system: "You remember.",
  queue: [userMessage("hello")],
  functions: [
    {
      name: "send_message",
      description: "Sends a message.",
      parameters: { type: "object", properties: { message: { type: "string" } }, required: ["message"] },
    },
  ],
};

/** What every Llm must do. */
export function llmContract(name: string, open: OpenLlm): void {
  describe(`llm: ${name}`, () => {
    test("the streamed pieces add up to what it returns", async () => {
      const { deltas, completion } = await answerOf(await open());

      const [call] = completion.calls;
      expect(completion.calls).toHaveLength(1);
      expect(call?.name).toBe("send_message");
      expect(JSON.parse(call?.arguments ?? "")).toEqual({ message: expect.any(String) });
      const pieces = deltas.filter((delta) => delta.type === "call");
      expect(pieces.map((piece) => piece.arguments).join("")).toBe(call?.arguments);
      expect(new Set(pieces.map((piece) => `${piece.index} ${piece.name}`))).toEqual(new Set(["0 send_message"]));
      const said = deltas.flatMap((delta) => (delta.type === "content" ? [delta.text] : [])).join("");
      expect(said).toBe(completion.content);
      expect(said).not.toBe("");
      expect(completion.finishReason).toBe("function_calls");
    });

    test("concurrent requests are answered independently", async () => {
      const llm = await open();

      const [one, other] = await Promise.all([answerOf(llm), answerOf(llm)]);

      expect(one.completion.calls.map((it) => it.name)).toEqual(["send_message"]);
      expect(other.completion.calls.map((it) => it.name)).toEqual(["send_message"]);
    });

    test("counts tokens in whole numbers, or reports no count", async () => {
      const { completion } = await answerOf(await open());

      for (const count of Object.values(completion.usage ?? {}))
        expect(Number.isInteger(count) && count >= 0).toBe(true);
    });

    test("throws the signal's reason, before a request and during an answer", async () => {
      const llm = await open();
      const reason = new Error("enough");
      await expect(answerOf(llm, AbortSignal.abort(reason))).rejects.toBe(reason);

      const abort = new AbortController();
      const answer = llm.complete({ context, maxTokens: 200, contextWindow: 8192, signal: abort.signal });
      await answer.next();
      abort.abort(reason);

      await expect(rest(answer)).rejects.toBe(reason);
    });

    test("a caller that stops listening ends the request", async () => {
      const llm = await open();
      const answer = llm.complete({ context, maxTokens: 200, contextWindow: 8192 });
      await answer.next();

      await answer.return({ content: null, calls: [], usage: null, finishReason: "stop" });

      expect((await answerOf(llm)).completion.calls).toHaveLength(1);
    });

    test("has a name", async () => {
      expect((await open()).model).not.toBe("");
    });
  });
}

async function answerOf(llm: Llm, signal?: AbortSignal): Promise<{ deltas: LlmDelta[]; completion: Completion }> {
  return rest(llm.complete({ context, maxTokens: 200, contextWindow: 8192, signal }));
}

async function rest(answer: ReturnType<Llm["complete"]>): Promise<{ deltas: LlmDelta[]; completion: Completion }> {
  const deltas: LlmDelta[] = [];
  for (;;) {
    const { done, value } = await answer.next();
    if (done === true) return { deltas, completion: value };
    deltas.push(value);
  }
}
