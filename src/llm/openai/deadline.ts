/** The server took too long. */
export class TooSlowError extends Error {
  constructor(what: string, milliseconds: number) {
    super(`${what} for ${milliseconds / 1000} s`);
    this.name = "TooSlowError";
  }
}

/** Aborts a request when nothing has happened for the time last allowed. */
export class Deadline {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Restarts the clock: `milliseconds` may pass from now on. `what` names what is missing then, as in "no answer". */
  allow(milliseconds: number, what: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#controller.abort(new TooSlowError(what, milliseconds));
    }, milliseconds);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  /** Ends the request, and drops whatever is still in transit. */
  end(): void {
    this.clear();
    this.#controller.abort();
  }
}
