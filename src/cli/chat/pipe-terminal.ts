import { MemGPTError } from "../../index.ts";
import type { SlashTerminal } from "../slash/command.ts";
import type { HeadlessSession } from "./headless-output.ts";
import { print } from "../terminal/print.ts";

/** What slash commands see without a terminal: nobody to ask, though `--yes` confirms. */
export class PipeTerminal implements SlashTerminal {
  readonly width = 80;
  readonly interactive = false;
  readonly isPlain: boolean;
  readonly #session: HeadlessSession;

  constructor(session: HeadlessSession) {
    this.isPlain = session.options.stripUi === true || process.env["TERM"] === "dumb";
    this.#session = session;
  }

  show(text: string): void {
    if (this.#session.options.outputFormat === "text") print(text);
  }

  async confirm(): Promise<boolean> {
    if (this.#session.options.yes === true) return true;
    throw needsTerminal("This command asks first, so it", "Pass --yes to skip the question.");
  }

  async pick(): Promise<string | undefined> {
    throw needsTerminal("Choosing from a list", "Name your choice instead.");
  }

  async edit<T>(): Promise<T> {
    throw needsTerminal("Editing");
  }

  copy(): boolean {
    return false;
  }

  clear(): boolean {
    return false;
  }

  toggleVerbose(): boolean {
    this.#session.verbose = !this.#session.verbose;
    return this.#session.verbose;
  }
}

export function needsTerminal(what: string, instead = "Run memgpt in a terminal."): MemGPTError {
  return new MemGPTError("invalid_input", `${what} needs a terminal. Nothing was changed. ${instead}`);
}
