import { setImmediate } from "node:timers/promises";

/** Milliseconds of work between two pauses. */
const SLICE_MS = 10;

/** Yields to the event loop during long work: a server loads documents while it serves conversations. */
export class Pacing {
  readonly #now: () => number;
  #since: number;

  constructor(now = (): number => performance.now()) {
    this.#now = now;
    this.#since = now();
  }

  /** Pauses if the last pause was at least `SLICE_MS` ago. */
  async pause(): Promise<void> {
    if (this.#now() - this.#since < SLICE_MS) return;
    await setImmediate();
    this.#since = this.#now();
  }
}
