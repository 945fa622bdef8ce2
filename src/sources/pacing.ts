import { setImmediate } from "node:timers/promises";

/** Milliseconds for which others wait at most, where what is done between two pauses takes less. */
const SLICE_MS = 10;

/** Lets others have their turn in the middle of long work: a server loads documents beside the conversations of everybody. */
export class Pacing {
  readonly #now: () => number;
  #since: number;

  constructor(now = (): number => performance.now()) {
    this.#now = now;
    this.#since = now();
  }

  /** Pauses if the last pause was some time ago. */
  async pause(): Promise<void> {
    if (this.#now() - this.#since < SLICE_MS) return;
    await setImmediate();
    this.#since = this.#now();
  }
}
