import { MemGPTError } from "../../index.ts";

/** Milliseconds that a turn may wait before it begins. One that would wait longer is refused right away. */
const MOST_WAITED = 3000;

/** The most rounds of the event loop that accept connections before the next turn begins. */
const MOST_ROUNDS = 512;

/** The newest turn's weight in the moving average of `#each`. */
const NEWEST = 0.2;

type Clock = () => number;

/**
 * Lets turns begin one after another, each in its own round of the event loop. In each round, Node accepts one connection and
 * hands out all requests that have arrived; turns that all began at once would keep new clients from connecting until the last
 * of them yields. So waiting connections are accepted before the next turn begins, and refused at once if there are too many.
 */
export class Entrance {
  readonly #clock: Clock;
  readonly #nextRound: (work: () => void) => void;
  readonly #waiting: (() => void)[] = [];
  /** Whether a turn has begun in this round. */
  #isBusy = false;
  #connections = 0;
  #rounds = 0;
  /** Average milliseconds between the starts of two turns. */
  #each = 0;
  #lastAt = 0;

  constructor(
    clock: Clock = () => performance.now(),
    nextRound: (work: () => void) => void = (work) => void setImmediate(work),
  ) {
    this.#clock = clock;
    this.#nextRound = nextRound;
  }

  /** Must be called for every accepted connection: others may be waiting behind it. */
  connected(): void {
    this.#connections += 1;
  }

  /** Resolves when the turn may begin. @throws MemGPTError `queue_full` if it would wait for too long. */
  async enter(): Promise<void> {
    const now = this.#clock();
    if (!this.#isBusy) {
      this.#isBusy = true;
      this.#lastAt = now;
      this.#goOn();
      return;
    }
    const expected = (this.#waiting.length + 1) * this.#each;
    if (expected > MOST_WAITED) throw tooLate(expected);
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const waited = this.#clock() - now;
    if (waited > MOST_WAITED) throw tooLate(waited);
  }

  #goOn(): void {
    this.#nextRound(() => {
      const hasAccepted = this.#connections > 0;
      this.#connections = 0;
      if (hasAccepted && this.#rounds < MOST_ROUNDS) {
        this.#rounds += 1;
        this.#goOn();
        return;
      }
      this.#rounds = 0;
      const now = this.#clock();
      this.#each += NEWEST * (now - this.#lastAt - this.#each);
      this.#lastAt = now;
      const next = this.#waiting.shift();
      this.#isBusy = next !== undefined;
      if (next === undefined) return;
      next();
      this.#goOn();
    });
  }
}

function tooLate(waited: number): MemGPTError {
  const seconds = Math.round(waited / 1000);
  return new MemGPTError("queue_full", `The server is ${seconds} seconds behind. Nothing was done; try again later.`);
}
