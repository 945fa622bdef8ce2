import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { spawn } from "@lydell/node-pty";
import { onTestFinished } from "vitest";
import { Screen } from "../../cli/terminal/screen.ts";
import { DEADLINE_MS, MAIN, dataFolder, environment } from "./program.ts";

export type Options = {
  columns?: number;
  rows?: number;
  env?: Record<string, string>;
  /** Whether no model is chosen yet, so that the first `memgpt run` asks for one (default: false). */
  isNew?: boolean;
};

/** `memgpt …` in a real pseudo-terminal, with the screen that a person would see. */
export class Terminal {
  readonly #screen: Screen;
  readonly #pty: ReturnType<typeof spawn>;
  #raw = "";
  #exit: number | undefined;
  #changed: () => void = () => undefined;

  constructor(home: string, args: readonly string[], options: Options = {}) {
    const { columns = 100, rows = 40, env = {}, isNew = false } = options;
    if (!isNew) choosePractice(home);
    this.#screen = new Screen(columns, rows);
    const term = env["TERM"] ?? "xterm-256color";
    this.#pty = spawn(process.execPath, [MAIN, ...args], {
      name: term,
      cols: columns,
      rows,
      cwd: home,
      env: environment(home, { TERM: term, ...env }),
    });
    this.#pty.onData((data) => {
      this.#raw += data;
      this.#screen.write(data, () => {
        this.#changed();
      });
    });
    this.#pty.onExit(({ exitCode }) => {
      this.#exit = exitCode;
      this.#screen.write("", () => {
        this.#changed();
      });
    });
    onTestFinished(() => {
      if (this.#exit === undefined) this.#pty.kill("SIGKILL");
      this.#screen.dispose();
    });
  }

  /** All output, escape sequences included. */
  get raw(): string {
    return this.#raw;
  }

  /** Scrollback and screen, with wrapped rows joined. */
  get text(): string {
    return this.#screen.text;
  }

  /** The rows on the screen. */
  get rows(): string[] {
    return this.#screen.rows;
  }

  /** The cursor's row up to the cursor. */
  get typed(): string {
    return this.#screen.cursor.before;
  }

  write(data: string): void {
    this.#pty.write(data);
  }

  signal(name: string): void {
    this.#pty.kill(name);
  }

  /** Resolves once the screen satisfies `condition` or contains the text. */
  async until(condition: string | RegExp | (() => boolean)): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`The screen never showed ${String(condition)}:\n${this.rows.join("\n")}`));
      }, DEADLINE_MS);
      this.#changed = () => {
        if (!holds(condition, this.text)) return;
        clearTimeout(timer);
        resolve();
      };
      this.#changed();
    });
  }

  /** Resolves when the line editor waits for input: bracketed paste is on, the line is empty and a prompt is shown. */
  async ready(): Promise<void> {
    await this.until(() => {
      const paste = this.#raw.lastIndexOf("\x1b[?2004h");
      return paste > this.#raw.lastIndexOf("\x1b[?2004l") && /^(?:>|\?|"""|\.\.\.) $/.test(this.typed);
    });
  }

  /** Sends a line once the program reads, and returns the output until it reads again. */
  async say(line: string): Promise<string> {
    await this.ready();
    const before = this.text.length;
    this.write(line);
    await this.until(() => this.typed.trimEnd().endsWith(line.slice(-10)));
    const reads = count(this.#raw, "\x1b[?2004h");
    this.write("\r");
    await this.until(() => this.#exit !== undefined || count(this.#raw, "\x1b[?2004h") > reads);
    if (this.#exit === undefined) await this.ready();
    return this.text.slice(before);
  }

  /** As `say`, with the output as one line. */
  async answer(line: string): Promise<string> {
    return (await this.say(line)).replace(/\s+/g, " ");
  }

  /** Resolves with the exit code. */
  async exited(): Promise<number> {
    await this.until(() => this.#exit !== undefined);
    return this.#exit ?? -1;
  }
}

/** The configuration after choosing the practice model at the first question. */
function choosePractice(home: string): void {
  const file = dataFolder(home, "config.json");
  if (existsSync(file)) return;
  mkdirSync(dataFolder(home), { recursive: true, mode: 0o700 });
  writeFileSync(file, '{"model":"practice"}');
}

function holds(condition: string | RegExp | (() => boolean), text: string): boolean {
  if (typeof condition === "function") return condition();
  return typeof condition === "string" ? text.includes(condition) : condition.test(text);
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
