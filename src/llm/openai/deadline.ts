/** The server took too long. */
export class TooSlowError extends Error {
  constructor(what: string, milliseconds: number) {
    super(`${what} for ${milliseconds / 1000} s`);
    this.name = "TooSlowError";
  }
}

/** Aborts a request when the time last allowed runs out. */
export class Deadline {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Restarts the clock with `milliseconds`. `what` says what is missing after that, such as "no answer". */
  allow(milliseconds: number, what: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#controller.abort(new TooSlowError(what, milliseconds));
    }, milliseconds);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  /** Ends the request and drops whatever is still in transit. */
  end(): void {
    this.clear();
    this.#controller.abort();
  }
}
