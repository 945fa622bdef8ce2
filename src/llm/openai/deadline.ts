/** The server kept one waiting for too long. */
export class TooSlowError extends Error {
  constructor(what: string, milliseconds: number) {
    super(`${what} for ${milliseconds / 1000} s`);
    this.name = "TooSlowError";
  }
}

/** Ends a request when nothing has happened for the time last allowed. */
export class Deadline {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on `milliseconds` may pass. `what` is what did not happen, as in "no answer". */
  allow(milliseconds: number, what: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#controller.abort(new TooSlowError(what, milliseconds));
    }, milliseconds);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  /** The request is over: what is still on its way is given up. */
  end(): void {
    this.clear();
    this.#controller.abort();
  }
}
