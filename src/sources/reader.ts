import { availableParallelism } from "node:os";
import { moduleThread } from "../threads/module-thread.ts";
import { Thread } from "../threads/thread.ts";
import { Limiter } from "../threads/limiter.ts";
import type { Element } from "./element.ts";
import type { Whole } from "./identify.ts";
import { Binary, type Input, Unreadable, fileProblem } from "./input.ts";
import type { Answer, Question } from "./reader-thread.ts";
import type { Document } from "./whole.ts";

export type ReaderLimits = {
  /** Heap of the thread, in megabytes. */
  readonly memoryMb: number;
  /** Time for the next part of a document, in milliseconds, and the extra time for each megabyte of the document. */
  readonly ms: number;
  readonly msPerMb: number;
  /** How long the thread is kept once a document was read, in milliseconds. */
  readonly idleMs: number;
};

/** A PDF of 300 pages takes 5 s and 200 MB; a page of 250,000 tags 600 MB. */
const LIMITS: ReaderLimits = { memoryMb: 1_024, ms: 120_000, msPerMb: 60_000, idleMs: 10_000 };

/** Limits reading threads, to leave a core for conversations. */
const threads = new Limiter(Math.max(1, availableParallelism() - 1));

/**
 * Reads, in its own thread, documents that must be in memory as a whole. One that crashes the thread, needs too much memory or
 * takes too long counts as unreadable.
 */
export class Reader {
  readonly #limits: ReaderLimits;
  readonly #signal: AbortSignal | undefined;
  readonly #thread: Thread<Question, Answer>;

  constructor(signal?: AbortSignal, limits = LIMITS) {
    this.#signal = signal;
    this.#limits = limits;
    const start = () => moduleThread("sources/reader-thread", { maxOldGenerationSizeMb: limits.memoryMb });
    this.#thread = new Thread(start, { idleMs: limits.idleMs });
  }

  /** Opens a document, and closes the one before. Undefined if it must be read as text. */
  async open(input: Input, whole: Whole, say: (notice: string) => void): Promise<Document | undefined> {
    const { name, size, at } = input;
    const answer = await this.#ask({ type: "open", name, size, at, whole }, size);
    if (answer.type === "opened") return { kind: answer.kind, elements: this.#elements(size, say) };
    this.#thread.rest();
    return undefined;
  }

  close(): void {
    this.#thread.close();
  }

  async *#elements(size: number, say: (notice: string) => void): AsyncGenerator<Element, void, void> {
    try {
      for (;;) {
        const answer = await this.#ask({ type: "next" }, size);
        if (answer.type !== "part") return;
        answer.notices.forEach(say);
        yield* answer.elements;
        if (answer.isLast) return;
      }
    } finally {
      this.#thread.rest();
    }
  }

  async #ask(question: Question, size: number): Promise<Exclude<Answer, { readonly type: "unreadable" }>> {
    const ms = this.#limits.ms + Math.floor(size / 1e6) * this.#limits.msPerMb;
    const answer = await threads.run(() => this.#answer(question, ms));
    if (answer.type !== "unreadable") return answer;
    this.#thread.rest();
    throw answer.isBinary ? new Binary(answer.reason) : new Unreadable(answer.reason);
  }

  async #answer(question: Question, ms: number): Promise<Answer> {
    try {
      const { memoryMb: growthMb } = this.#limits;
      return await this.#thread.ask(question, { ms, growthMb, signal: this.#signal, stays: true });
    } catch (error) {
      if (this.#signal?.aborted === true) throw error;
      throw new Unreadable(`it cannot be read: ${fileProblem(error)}`, { cause: error });
    }
  }
}
