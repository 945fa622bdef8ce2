import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { built } from "../built.ts";
import { type Figures, rounded } from "../figures.ts";

/** A server in a separate process. */
export class Program {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** Starts `memgpt server` and waits for its address. */
  static async server(home: string, mostOpen: number, env: Readonly<Record<string, string>> = {}): Promise<Program> {
    const flags = ["--port", "0", "--quiet", "--rate", "1000000", "--most-open", String(mostOpen)];
    return Program.#started([built("cli/main.js"), "server", "--home", home, ...flags], env);
  }

  /** Starts a bare hono route. */
  static async bare(): Promise<Program> {
    const driver = fileURLToPath(new URL("drivers/bare-route.ts", import.meta.url));
    return Program.#started(["--import", "tsx", driver]);
  }

  static async #started(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Program> {
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "inherit"],
      env: { PATH: process.env["PATH"], MEMGPT_PROBE_PORTS: "", ...env },
    });
    const url = await new Promise<string>((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (data: Buffer) => {
        text += data.toString();
        const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(text) ?? [];
        if (found !== undefined) resolve(found);
      });
      child.once("exit", (code) => {
        reject(new Error(`the server ended with ${String(code)}: ${text}`));
      });
    });
    return new Program(child, url);
  }

  /** Memory in MB, and open files. Linux only. */
  usage(): Figures {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
      const [, kilobytes = "0"] = /VmRSS:\s+(\d+)/.exec(status) ?? [];
      return {
        memory_mb: rounded(Number(kilobytes) / 1024, 0),
        files: readdirSync(`/proc/${this.#child.pid}/fd`).length,
      };
    } catch {
      return {};
    }
  }

  /** Kills it, without any chance to clean up. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGTERM");
    await once(this.#child, "exit");
  }
}
