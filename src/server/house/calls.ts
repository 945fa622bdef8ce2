import { MemGPTError } from "../../index.ts";

/** Number of newest calls whose outcome is remembered. */
const MOST_CALLS = 1000;

/** Outcomes by idempotency key: work requested again under the same key is not done twice. */
export class Calls {
  readonly #outcomes = new Map<string, Promise<unknown>>();

  /**
   * Does `work`, or returns the earlier outcome under the same key.
   *
   * @param isRepeat Whether this may be a repetition. If so, and the key is unknown, `work` is not done.
   * @throws MemGPTError `interrupted` in that case; what `work` throws.
   */
  async once<T>(key: string, isRepeat: boolean, work: () => Promise<T>): Promise<T> {
    const known = this.#outcomes.get(key);
    // The same key means the same call, and so the same type.
    if (known !== undefined) return known as Promise<T>;
    if (isRepeat) throw restarted();
    const outcome = work();
    this.#outcomes.set(key, outcome);
    outcome.catch((error: unknown) => {
      // Nothing was done, so a repetition may try again.
      if (error instanceof MemGPTError && error.code === "queue_full") this.#outcomes.delete(key);
    });
    for (const [oldest] of this.#outcomes) {
      if (this.#outcomes.size <= MOST_CALLS) break;
      this.#outcomes.delete(oldest);
    }
    return outcome;
  }
}

/** The error for work that an earlier server process may have done. */
export function restarted(): MemGPTError {
  const text =
    "The server was restarted meanwhile. This was not repeated; look at the agent to see whether it was done before.";
  return new MemGPTError("interrupted", text, { kept: "unknown" });
}
