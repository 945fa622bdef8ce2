import type { Worker } from "node:worker_threads";
import { describe } from "../errors.ts";

export type AskOptions = {
  /** Time limit for the answer, in milliseconds. */
  readonly ms?: number | undefined;
  /** How much the process may grow meanwhile, in megabytes. A thread's own limits cover only its heap, not buffers. */
  readonly growthMb?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Keeps the thread, even if idle, until `rest` is called, because later questions need what it holds in memory. */
  readonly stays?: boolean | undefined;
};

const CHECK_MS = 100;
const TOO_MUCH_MEMORY = "it needs too much memory";

type Reply<Answer> = { readonly id: number } & ({ readonly answer: Answer } | { readonly error: string });
type Waiting<Answer> = { readonly resolve: (answer: Answer) => void; readonly reject: (error: unknown) => void };

/**
 * A worker thread that answers questions. It starts with the first question and does not keep the program running. If it
 * crashes, runs out of memory or takes too long, its pending questions fail; the next question starts a new thread.
 */
export class Thread<Question, Answer> {
  readonly #start: () => Worker;
  readonly #idleMs: number | undefined;
  readonly #waiting = new Map<number, Waiting<Answer>>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #count = 0;

  /** @param options `idleMs`: the thread ends after this long without a question. */
  constructor(start: () => Worker, { idleMs }: { readonly idleMs?: number } = {}) {
    this.#start = start;
    this.#idleMs = idleMs;
  }

  /**
   * Aborting ends the thread, since nothing else stops it.
   *
   * @throws Error that says why there is no answer; the reason of `signal`.
   */
  async ask(
    question: Question,
    { ms = Infinity, growthMb = Infinity, signal, stays = false }: AskOptions = {},
  ): Promise<Answer> {
    signal?.throwIfAborted();
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= this.#begin());
    const id = (this.#count += 1);
    const abort = (): void => {
      this.#end(worker, signal?.reason);
    };
    const until = performance.now() + ms;
    const most = process.memoryUsage.rss() + growthMb * 1e6;
    const watch = setInterval(() => {
      if (performance.now() >= until) this.#end(worker, new Error(`it took longer than ${duration(ms)}`));
      else if (process.memoryUsage.rss() > most) this.#end(worker, new Error(TOO_MUCH_MEMORY));
    }, CHECK_MS);
    worker.ref();
    signal?.addEventListener("abort", abort);
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        worker.postMessage({ id, question });
      });
    } finally {
      clearInterval(watch);
      signal?.removeEventListener("abort", abort);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) worker.unref();
      if (this.#waiting.size === 0 && !stays) this.rest();
    }
  }

  /** Lets the thread end when it has been idle for a while. */
  rest(): void {
    clearTimeout(this.#idle);
    if (this.#idleMs === undefined) return;
    this.#idle = setTimeout(() => {
      this.close();
    }, this.#idleMs).unref();
  }

  /** Ends the thread; another question would start a new one. */
  close(): void {
    clearTimeout(this.#idle);
    if (this.#worker !== undefined) this.#end(this.#worker, new Error("it was closed"));
  }

  #begin(): Worker {
    const worker = this.#start();
    worker.on("message", (reply: Reply<Answer>) => {
      const waiting = this.#waiting.get(reply.id);
      if ("error" in reply) waiting?.reject(new Error(reply.error));
      else waiting?.resolve(reply.answer);
    });
    worker.on("error", (error) => {
      this.#end(worker, new Error(isOutOfMemory(error) ? TOO_MUCH_MEMORY : describe(error)));
    });
    worker.on("exit", () => {
      this.#end(worker, new Error("its thread ended"));
    });
    worker.unref();
    return worker;
  }

  #end(worker: Worker, reason: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(reason);
    void worker.terminate();
  }
}

function isOutOfMemory(error: Error): boolean {
  return "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}

function duration(ms: number): string {
  return ms < 60_000 ? `${ms / 1000} s` : `${Math.round(ms / 60_000)} min`;
}
