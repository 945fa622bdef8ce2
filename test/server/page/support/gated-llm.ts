import type { Completion, Llm, LlmDelta, LlmRequest } from "memgpt";

/** One answer: what it calls, and how much of the arguments is written before the gate. */
export type GatedAnswer = {
  readonly call: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Whether it waits in the middle until `open` is called. */
  readonly waits?: boolean;
};

/** A model that stops in the middle of an answer until it is let go on, so that tests need no clock. */
export class GatedLlm implements Llm {
  readonly model = "gated";
  readonly #answers: GatedAnswer[];
  readonly #gate: Promise<void>;
  #open: (() => void) | undefined;

  constructor(answers: readonly GatedAnswer[]) {
    this.#answers = [...answers];
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open?.();
  }

  async *complete({ signal }: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    const answer = this.#answers.shift();
    if (answer === undefined) throw new Error("the gated model has no answer left");
    const { call: name, args, waits = false } = answer;
    const text = JSON.stringify(args);
    const half = Math.floor(text.length / 2);
    yield { type: "call", index: 0, name, arguments: text.slice(0, half) };
    if (waits) await Promise.race([this.#gate, aborted(signal)]);
    signal?.throwIfAborted();
    yield { type: "call", index: 0, name, arguments: text.slice(half) };
    const call = { id: crypto.randomUUID(), name, arguments: text };
    return { content: null, calls: [call], usage: null, finishReason: "function_calls" };
  }
}

async function aborted(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    signal?.addEventListener("abort", () => {
      resolve();
    });
  });
}
