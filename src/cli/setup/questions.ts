import type { Key } from "node:readline";
import { visible } from "../terminal/sanitize.ts";

/** A person does not want to go on: nothing is to be changed. */
export class SetupCancelled extends Error {
  constructor() {
    super("Cancelled.");
    this.name = "SetupCancelled";
  }
}

export type Option<T> = { readonly value: T; readonly name: string };

/** What is wrong with an answer, or true. */
export type Validate = (answer: string) => string | true;

/** How questions of inquirer end without an answer: Ctrl-C, or a signal that is aborted. */
const CANCELLED: ReadonlySet<string> = new Set(["ExitPromptError", "AbortPromptError"]);

const PAGE_SIZE = 14;

/** Questions in a terminal. Every one throws `SetupCancelled` at Ctrl-C and Esc, and the signal's reason when it is aborted. */
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

  /** One of `names`, found by typing a part of it, or whatever else is typed. */
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

  /** What is typed is not shown. */
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
