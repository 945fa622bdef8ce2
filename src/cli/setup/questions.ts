import type { Key } from "node:readline";
import { visible } from "../terminal/sanitize.ts";

/** The person cancelled the setup: nothing may change. */
export class SetupCancelled extends Error {
  constructor() {
    super("Cancelled.");
    this.name = "SetupCancelled";
  }
}

export type Option<T> = { readonly value: T; readonly name: string };

/** What is wrong with an answer, or true. */
export type Validate = (answer: string) => string | true;

/** Errors of inquirer for a cancelled question: Ctrl-C, or an aborted signal. */
const CANCELLED: ReadonlySet<string> = new Set(["ExitPromptError", "AbortPromptError"]);

const PAGE_SIZE = 14;

/** Asks questions in a terminal. Each throws `SetupCancelled` on Ctrl-C and Esc, or the reason of the aborted signal. */
export class Questions {
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  async select<T>(message: string, options: readonly Option<T>[], first?: T): Promise<T> {
    const { default: select } = await import("@inquirer/select");
    const choices = options.map(({ value, name }) => ({ value, name: visible(name) }));
    return this.#ask((signal) =>
      select<T>(
        { message, choices, pageSize: PAGE_SIZE, ...(first === undefined ? {} : { default: first }) },
        { signal },
      ),
    );
  }

  /** One of `names`, found by typing a part of it, or any other text. */
  async search(message: string, names: readonly string[]): Promise<string> {
    const { default: search } = await import("@inquirer/search");
    const source = (typed: string | undefined): { value: string; name: string }[] => {
      const term = typed?.trim() ?? "";
      const found = names.filter((name) => name.toLowerCase().includes(term.toLowerCase()));
      const shown = found.map((value) => ({ value, name: visible(value) }));
      return term === "" || names.includes(term)
        ? shown
        : [...shown, { value: term, name: `as typed: ${visible(term)}` }];
    };
    return this.#ask((signal) => search<string>({ message, source, pageSize: PAGE_SIZE }, { signal }));
  }

  async input(message: string, { initial, validate }: { initial?: string; validate?: Validate } = {}): Promise<string> {
    const { default: input } = await import("@inquirer/input");
    const more = {
      ...(initial === undefined ? {} : { default: initial }),
      ...(validate === undefined ? {} : { validate }),
    };
    return (await this.#ask((signal) => input({ message, ...more }, { signal }))).trim();
  }

  /** Hides the input. */
  async password(message: string, validate: Validate): Promise<string> {
    const { default: password } = await import("@inquirer/password");
    return this.#ask((signal) =>
      password({ message, mask: "*", validate: (key) => validate(key.trim()) }, { signal }),
    ).then((key) => key.trim());
  }

  async confirm(message: string, initial: boolean): Promise<boolean> {
    const { default: confirm } = await import("@inquirer/confirm");
    return this.#ask((signal) => confirm({ message, default: initial }, { signal }));
  }

  async #ask<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#signal.throwIfAborted();
    const escape = new AbortController();
    const onKey = (_: string | undefined, { name }: Key): void => {
      if (name === "escape") escape.abort();
    };
    process.stdin.on("keypress", onKey);
    try {
      return await ask(AbortSignal.any([this.#signal, escape.signal]));
    } catch (error) {
      this.#signal.throwIfAborted();
      if (error instanceof Error && CANCELLED.has(error.name)) throw new SetupCancelled();
      throw error;
    } finally {
      process.stdin.off("keypress", onKey);
    }
  }
}
