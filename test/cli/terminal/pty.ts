import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import { onTestFinished } from "vitest";
import { Screen } from "./screen.ts";

const DEADLINE_MS = 15_000;

export type Options = {
  columns?: number;
  rows?: number;
  /** Passed to the driver as JSON. */
  options?: object;
  env?: Record<string, string>;
  /** Starts an interactive shell with the driver's command in `$DRIVER`. */
  shell?: boolean;
};

/** A program of `drivers/` in a real pseudo-terminal, with the screen that a person would see. */
export class Terminal {
  readonly #screen: Screen;
  readonly #pty: ReturnType<typeof spawn>;
  #raw = "";
  #exited = false;
  #changed: () => void = () => undefined;

  constructor(driver: string, { columns = 40, rows = 12, options = {}, env = {}, shell = false }: Options = {}) {
    this.#screen = new Screen(columns, rows);
    const path = fileURLToPath(new URL(`drivers/${driver}.ts`, import.meta.url));
    const command = [process.execPath, "--import", "tsx", path, JSON.stringify(options)];
    const [program = "", ...args] = shell ? ["/bin/sh", "-i"] : command;
    this.#pty = spawn(program, args, {
      name: env["TERM"] ?? "xterm-256color",
      cols: columns,
      rows,
      env: { ...process.env, ...(shell ? { DRIVER: command.join(" "), ENV: "", PS1: "$ " } : {}), ...env },
    });
    this.#pty.onData((data) => {
      this.#raw += data;
      this.#screen.write(data, () => {
        this.#changed();
      });
    });
    this.#pty.onExit(() => {
      this.#exited = true;
      this.#screen.write("", () => {
        this.#changed();
      });
    });
    onTestFinished(() => {
      if (!this.#exited) this.#pty.kill("SIGKILL");
      this.#screen.dispose();
    });
  }

  /** All output, escape codes included. */
  get raw(): string {
    return this.#raw;
  }

  get exited(): boolean {
    return this.#exited;
  }

  get text(): string {
    return this.#screen.text;
  }

  get lines(): string[] {
    return this.#screen.lines;
  }

  get rows(): string[] {
    return this.#screen.rows;
  }

  get cursor(): Screen["cursor"] {
    return this.#screen.cursor;
  }

  write(data: string): void {
    this.#pty.write(data);
  }

  signal(name: string): void {
    this.#pty.kill(name);
  }

  resize(columns: number, rows: number): void {
    this.#screen.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** Resolves once the screen satisfies `condition` or contains the text. */
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
}
