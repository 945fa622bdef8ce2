import type { Completion } from "../schema/context.ts";
import type { LlmDelta } from "../ports/llm.ts";

/** Tracks what has been shown of an answer, so that in the end exactly the answer has been shown. */
export class Shown {
  #content = "";
  readonly #calls: { name: string; arguments: string }[] = [];

  get content(): string {
    return this.#content;
  }

  get calls(): readonly { readonly name: string; readonly arguments: string }[] {
    return this.#calls;
  }

  /** The arguments shown so far of call number `index`. */
  argumentsOf(index: number): string {
    return this.#calls[index]?.arguments ?? "";
  }

  /** Records `delta`, which is about to be yielded. */
  add(delta: LlmDelta): LlmDelta {
    switch (delta.type) {
      case "content":
        this.#content += delta.text;
        break;
      case "call": {
        const { index, name } = delta;
        this.#calls[index] = { name, arguments: this.argumentsOf(index) + delta.arguments };
        break;
      }
      case "retry":
        this.clear();
        break;
      case "reasoning":
        break;
    }
    return delta;
  }

  /** Forgets what was shown. */
  clear(): void {
    this.#content = "";
    this.#calls.length = 0;
  }

  /**
   * Yields what remains to be shown of `completion`. If it differs from what was shown so far, withdraws that first with a
   * `retry`.
   */
  *rest({ content, calls }: Completion): Generator<LlmDelta, void, void> {
    if (!this.#begins(content ?? "", calls)) yield this.add(RESTART);
    const text = (content ?? "").slice(this.#content.length);
    if (text !== "") yield this.add({ type: "content", text });
    for (const [index, { name, arguments: args }] of calls.entries()) {
      const piece = args.slice(this.argumentsOf(index).length);
      if (piece !== "" || this.#calls[index] === undefined) {
        yield this.add({ type: "call", index, name, arguments: piece });
      }
    }
  }

  #begins(content: string, calls: Completion["calls"]): boolean {
    if (!content.startsWith(this.#content) || this.#calls.length > calls.length) return false;
    return calls.every(({ name, arguments: args }, index) => {
      const shown = this.#calls[index];
      return shown === undefined || (shown.name === name && args.startsWith(shown.arguments));
    });
  }
}

const RESTART: LlmDelta = { type: "retry", reason: "The model's answer had to be corrected.", seconds: 0 };
