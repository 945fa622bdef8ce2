import type { Key } from "node:readline";
import type { ChatRenderer } from "./chat-renderer.ts";
import { editExternally } from "./external-editor.ts";
import type { Choice, SlashTerminal } from "../slash/command.ts";
import { History } from "../terminal/history.ts";
import type { LineEditor } from "../terminal/line-editor.ts";
import { visible } from "../terminal/sanitize.ts";

/** Errors of inquirer for a cancelled question: Ctrl-C, or an aborted signal. */
const CANCELLED: ReadonlySet<string> = new Set(["ExitPromptError", "AbortPromptError"]);

/** Rows of a list shown at once. */
const PAGE_SIZE = 12;

export type ChatTerminalOptions = {
  readonly renderer: ChatRenderer;
  readonly editor: LineEditor;
  /** Cancels any question. */
  readonly signal: AbortSignal;
};

/** The chat's terminal as slash commands see it. Ctrl-C, Ctrl-D and Esc cancel every question. */
export class ChatTerminal implements SlashTerminal {
  readonly interactive = true;
  readonly #options: ChatTerminalOptions;

  constructor(options: ChatTerminalOptions) {
    this.#options = options;
  }

  get width(): number {
    return this.#options.renderer.width;
  }

  get isPlain(): boolean {
    return this.#options.renderer.isPlain;
  }

  show(text: string): void {
    this.#options.renderer.text(text);
  }

  toggleVerbose(): boolean {
    return this.#options.renderer.toggleVerbose();
  }

  copy(text: string): boolean {
    if (this.isPlain) return false;
    process.stdout.write(`\x1b]52;c;${Buffer.from(text).toString("base64")}\x07`);
    return true;
  }

  clear(): boolean {
    if (this.#options.editor.isDumb) return false;
    this.#options.editor.clearScreen();
    return true;
  }

  async confirm(question: string): Promise<boolean> {
    if (this.isPlain) return /^y(es)?$/i.test((await this.#ask(`${question} (y/N)`)) ?? "");
    const { default: confirm } = await import("@inquirer/confirm");
    const answer = await this.#answer((signal) => confirm({ message: visible(question), default: false }, { signal }));
    return answer ?? false;
  }

  async pick(question: string, choices: readonly Choice[]): Promise<string | undefined> {
    if (this.isPlain) {
      const rows = choices.map(({ name }, index) => `${index + 1}. ${name}`);
      const answer = await this.#ask([...rows, `${question} Type its number, or press Enter to cancel.`].join("\n"));
      return /^\d+$/.test(answer ?? "") ? choices[Number(answer) - 1]?.value : undefined;
    }
    const { default: select } = await import("@inquirer/select");
    const shown = choices.map(({ value, name }) => ({ value, name: visible(name) }));
    return this.#answer((signal) => select({ message: question, choices: shown, pageSize: PAGE_SIZE }, { signal }));
  }

  async edit<T>(text: string, name: string, use: (edited: string) => Promise<T>): Promise<T> {
    return editExternally(text, name, use, this.#options.signal);
  }

  /** Asks for one line; undefined if cancelled. */
  async #ask(question: string): Promise<string | undefined> {
    const { renderer, editor, signal } = this.#options;
    renderer.lines(question.split("\n"));
    const prompt = renderer.prompt("answer");
    const empty = editor.isDumb ? {} : { initial: "" };
    const result = await editor.read({ prompt, signal, ...empty, cancellable: true, history: new History() });
    return result.type === "line" ? result.text.trim() : undefined;
  }

  async #answer<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const { signal } = this.#options;
    const escape = new AbortController();
    // On Ctrl-D, inquirer would stop reading and never settle.
    const onKey = (_: string | undefined, { name, ctrl }: Key): void => {
      if (name === "escape" || (ctrl === true && name === "d")) escape.abort();
    };
    process.stdin.on("keypress", onKey);
    try {
      return await ask(AbortSignal.any([signal, escape.signal]));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Error && CANCELLED.has(error.name)) return undefined;
      throw error;
    } finally {
      process.stdin.off("keypress", onKey);
    }
  }
}
