import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import headless from "@xterm/headless";
import type { Terminal as XtermTerminal } from "@xterm/headless";
import { onTestFinished } from "vitest";

const DEADLINE_MS = 15_000;

export type Options = { columns?: number; rows?: number; options?: object; env?: Record<string, string> };

/** A program of `drivers/` in a real pseudo-terminal, and the screen that a person would see. */
export class Terminal {
  readonly #xterm: XtermTerminal;
  readonly #pty: ReturnType<typeof spawn>;
  #raw = "";
  #exited = false;
  #changed: () => void = () => undefined;

  constructor(driver: string, { columns = 40, rows = 12, options = {}, env = {} }: Options = {}) {
    this.#xterm = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 5_000 });
    const path = fileURLToPath(new URL(`drivers/${driver}.ts`, import.meta.url));
    this.#pty = spawn(process.execPath, ["--import", "tsx", path, JSON.stringify(options)], {
      name: env["TERM"] ?? "xterm-256color",
      cols: columns,
      rows,
      env: { ...process.env, ...env },
    });
    this.#pty.onData((data) => {
      this.#raw += data;
      this.#xterm.write(data, () => this.#changed());
    });
    this.#pty.onExit(() => {
      this.#exited = true;
      this.#xterm.write("", () => this.#changed());
    });
    onTestFinished(() => {
      if (!this.#exited) this.#pty.kill("SIGKILL");
      this.#xterm.dispose();
    });
  }

  /** Everything the program has written, escape codes included. */
  get raw(): string {
    return this.#raw;
  }

  get exited(): boolean {
    return this.#exited;
  }

  /** Scrollback and screen, without what is blank at the ends. Rows that the terminal itself broke are joined. */
  get text(): string {
    return this.lines.join("\n").trimEnd();
  }

  get lines(): string[] {
    const lines: string[] = [];
    for (const row of this.#rows()) {
      if (row.wrapped) lines.push((lines.pop() ?? "") + row.text);
      else lines.push(row.text);
    }
    return lines.map((line) => line.trimEnd());
  }

  /** The rows as they are on the screen. */
  get rows(): string[] {
    return this.#rows().map((row) => row.text.trimEnd());
  }

  /** What is at the cursor, and what the cursor's row holds before it. */
  get cursor(): { before: string; at: string; column: number; row: number } {
    const buffer = this.#xterm.buffer.active;
    const row = buffer.baseY + buffer.cursorY;
    const line = buffer.getLine(row);
    return {
      before: line?.translateToString(false, 0, buffer.cursorX) ?? "",
      at: line?.getCell(buffer.cursorX)?.getChars() ?? "",
      column: buffer.cursorX,
      row,
    };
  }

  write(data: string): void {
    this.#pty.write(data);
  }

  signal(name: string): void {
    this.#pty.kill(name);
  }

  resize(columns: number, rows: number): void {
    this.#xterm.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** Resolves as soon as the screen satisfies `condition`, or holds the text. */
  async until(condition: string | RegExp | (() => boolean)): Promise<void> {
    const holds = (): boolean => {
      if (typeof condition === "function") return condition();
      return typeof condition === "string" ? this.text.includes(condition) : condition.test(this.text);
    };
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`The screen never showed ${String(condition)}:\n${this.rows.join("\n")}`));
      }, DEADLINE_MS);
      this.#changed = () => {
        if (!holds()) return;
        clearTimeout(timer);
        resolve();
      };
      this.#changed();
    });
  }

  async typed(keys: string, then: string | RegExp | (() => boolean)): Promise<void> {
    this.write(keys);
    await this.until(then);
  }

  #rows(): { text: string; wrapped: boolean }[] {
    const buffer = this.#xterm.buffer.active;
    return Array.from({ length: buffer.length }, (_, index) => {
      const line = buffer.getLine(index);
      const wrapped = line?.isWrapped ?? false;
      // A row that goes on below keeps its trailing blanks: they are part of the text.
      const goesOn = buffer.getLine(index + 1)?.isWrapped ?? false;
      return { text: line?.translateToString(!goesOn) ?? "", wrapped };
    });
  }
}
