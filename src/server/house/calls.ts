import { MemGPTError } from "../../index.ts";

/** Calls whose outcome is remembered, the newest ones. */
const MOST_CALLS = 1000;

/** What callers asked for by a name of their own: asked again under the same name, nothing is done twice. */
export class Calls {
  readonly #outcomes = new Map<string, Promise<unknown>>();

  /**
   * Does `work`, or returns what came of it before.
   *
   * @param isRepeat Whether it may have been asked for before. Then, if nothing is known of it, it is not done.
   * @throws MemGPTError `interrupted` in that case, and what `work` throws.
   */
  async once<T>(key: string, isRepeat: boolean, work: () => Promise<T>): Promise<T> {
    const known = this.#outcomes.get(key);
    // The same name means the same call.
    if (known !== undefined) return known as Promise<T>;
    if (isRepeat) throw restarted();
    const outcome = work();
    this.#outcomes.set(key, outcome);
    outcome.catch((error: unknown) => {
      // Nothing was done, and it may be asked for again.
      if (error instanceof MemGPTError && error.code === "queue_full") this.#outcomes.delete(key);
    });
    for (const [oldest] of this.#outcomes) {
      if (this.#outcomes.size <= MOST_CALLS) break;
      this.#outcomes.delete(oldest);
    }
    return outcome;
  }
}

/** What is said of work that another process of the server may have done. */
export function restarted(): MemGPTError {
  const text =
    "The server was restarted meanwhile. Look at the agent to see whether this was done before; it was not repeated.";
  return new MemGPTError("interrupted", text, { kept: "unknown" });
}
