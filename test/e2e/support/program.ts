import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, onTestFinished } from "vitest";
import * as z from "zod";

/** Longest wait of a test; generous, because a machine under load is slow. */
export const DEADLINE_MS = 15_000;

export const MAIN = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));

export type Options = { input?: string | Buffer; env?: Record<string, string> };

export type Finished = { code: number | null; signal: string | null; stdout: string; stderr: string };

/** A new, unused home folder. */
export function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), "memgpt-e2e-"));
  onTestFinished(() => {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });
  return home;
}

/** Homes that begin alike: `fill` is run once in a test file, and each test gets a copy of what it made. */
export function homesLike(fill: (home: string) => Promise<unknown>): () => Promise<string> {
  let template: Promise<string> | undefined;
  const make = async (): Promise<string> => {
    const home = mkdtempSync(join(tmpdir(), "memgpt-e2e-"));
    await fill(home);
    return home;
  };
  afterAll(async () => {
    if (template !== undefined) rmSync(await template, { recursive: true, force: true, maxRetries: 5 });
  });
  return async () => {
    const home = newHome();
    cpSync(await (template ??= make()), home, { recursive: true, preserveTimestamps: true });
    return home;
  };
}

/** The value of `MEMGPT_DIR` for `home`. */
export function dataFolder(home: string, ...path: string[]): string {
  return join(home, "data", ...path);
}

/** A home with this configuration, and these keys. */
export function homeWith(config: object, credentials?: object): string {
  const home = newHome();
  mkdirSync(dataFolder(home), { mode: 0o700 });
  const write = (name: string, content: object): void => {
    writeFileSync(dataFolder(home, name), JSON.stringify(content), { mode: 0o600 });
  };
  write("config.json", config);
  if (credentials !== undefined) write("credentials.json", credentials);
  return home;
}

/** What a home's file of settings or keys contains. */
export function settingsIn(home: string, name: "config.json" | "credentials.json"): unknown {
  return JSON.parse(readFileSync(dataFolder(home, name), "utf8"));
}

/** The environment of a program under test: of the machine's own settings only the path. */
export function environment(home: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    USERPROFILE: home,
    MEMGPT_DIR: dataFolder(home),
    TZ: "UTC",
    LANG: "C.UTF-8",
    // Tests must not find servers that run on this machine.
    MEMGPT_PROBE_PORTS: "",
    ...more,
  };
}

/** A memgpt process with pipes for its three streams. */
export class Running {
  readonly finished: Promise<Finished>;
  readonly #child: ChildProcessWithoutNullStreams;
  #stdout = "";
  #stderr = "";
  #changed: () => void = () => undefined;

  constructor(home: string, args: readonly string[], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [MAIN, ...args], { env: environment(home, env), cwd: home });
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#changed();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      this.#changed();
    });
    // A program that has exited does not read pending input.
    child.stdin.on("error", () => undefined);
    this.finished = new Promise((resolve) => {
      child.on("close", (code, signal) => {
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
  }

  /** Standard output so far. */
  get stdout(): string {
    return this.#stdout;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  write(text: string): void {
    this.#child.stdin.write(text);
  }

  end(input: string | Buffer = ""): void {
    this.#child.stdin.end(input);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves once standard output or standard error contains the expected text. */
  async until(stream: "stdout" | "stderr", expected: RegExp): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${stream} never showed ${String(expected)}:\n${this.#stdout}\n--\n${this.#stderr}`));
      }, DEADLINE_MS);
      this.#changed = () => {
        if (!expected.test(stream === "stdout" ? this.#stdout : this.#stderr)) return;
        clearTimeout(timer);
        resolve();
      };
      this.#changed();
    });
  }
}

/** Runs `memgpt …` until it exits. */
export async function memgpt(
  home: string,
  args: readonly string[],
  { input = "", env = {} }: Options = {},
): Promise<Finished> {
  const running = new Running(home, args, env);
  running.end(input);
  return running.finished;
}

/** Runs `memgpt …`, which must succeed, and returns its standard output. */
export async function output(home: string, args: readonly string[], options: Options = {}): Promise<string> {
  const { code, signal, stdout, stderr } = await memgpt(home, args, options);
  if (code !== 0)
    throw new Error(`memgpt ${args.join(" ")} left with ${String(code ?? signal)}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** The reply to one message. */
export async function say(home: string, agent: string, message: string, ...flags: string[]): Promise<string> {
  return (await output(home, ["run", "--agent", agent, ...flags, "-p", message])).trim();
}

/** Every line of `text` as JSON. */
export function jsonLines(text: string): unknown[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
}

/** Checks for an error of one or two lines without a stack trace. */
export function errorLines(stderr: string): string[] {
  return stderr
    .trim()
    .split("\n")
    .filter((line) => !/^(Created|Using existing) agent /.test(line));
}

const sections = z.strictObject({
  system: z.number(),
  functions: z.number(),
  core_memory: z.number(),
  summary: z.number(),
  queue: z.number(),
});

const total = z.object({ total: z.number() });

/** The output of `--output-format json`. */
export const Answer = z.strictObject({
  agent: z.string(),
  reply: z.string(),
  messages: z.array(z.string()),
  steps: z.number(),
  events: z.array(z.looseObject({ type: z.string() })),
  usage: z.unknown(),
  context: z.strictObject({ window: z.number(), used: z.number(), sections }),
  recall: total,
  archival: total,
});

/** The output of `inspect --json`. */
export const Inspection = z.strictObject({
  name: z.string(),
  created_at: z.iso.datetime(),
  model: z.string(),
  preset: z.string(),
  context_window: z.number(),
  blocks: z.array(z.strictObject({ id: z.string(), label: z.string(), value: z.string(), limit: z.number() })),
  queue: z.strictObject({ messages: z.number(), tokens: z.number() }),
  recall: total,
  archival: z.strictObject({
    total: z.number(),
    embedding: z.string().nullable(),
    dimensions: z.number().nullable(),
    without_vector: z.number(),
    index: z.strictObject({
      kind: z.enum(["none", "exact", "graph"]),
      vectors: z.number(),
      pending: z.number(),
      removed: z.number(),
      memory_bytes: z.number(),
      file_bytes: z.number(),
    }),
  }),
  sources: z.array(z.unknown()),
  checkpoints: z.array(z.strictObject({ file: z.string(), op: z.number(), time: z.iso.datetime() })),
  journal: z.object({ operations: z.number() }),
  disk: z.strictObject({ database: z.number(), index: z.number(), checkpoints: z.number() }),
});

/** The output of `search --json`. */
export const Found = z.strictObject({
  total: z.number(),
  page: z.number(),
  pages: z.number(),
  /** How many of `total` were found by meaning, and by which model; whether a quoted text was looked for by its words. */
  byMeaning: z.number().optional(),
  model: z.string().optional(),
  isLoose: z.boolean().optional(),
  results: z.array(
    z.strictObject({
      id: z.string(),
      time: z.iso.datetime(),
      role: z.string(),
      speaker: z.string().optional(),
      session: z.number().optional(),
      text: z.string(),
      score: z.number(),
      matches: z.array(z.tuple([z.number(), z.number()])),
      signals: z.record(z.string(), z.number()),
      origin: z.string().optional(),
    }),
  ),
});

export async function inspect(home: string, agent: string): Promise<z.infer<typeof Inspection>> {
  return Inspection.parse(JSON.parse(await output(home, ["inspect", agent, "--json"])));
}

/** The text of one core memory block. */
export async function block(home: string, agent: string, label: string): Promise<string> {
  const found = (await inspect(home, agent)).blocks.find((candidate) => candidate.label === label);
  if (found === undefined) throw new Error(`${agent} has no block ${label}`);
  return found.value;
}

export async function search(
  home: string,
  agent: string,
  query: string,
  ...flags: string[]
): Promise<z.infer<typeof Found>> {
  return Found.parse(JSON.parse(await output(home, ["search", agent, query, ...flags, "--json"])));
}

const Named = z.array(z.looseObject({ name: z.string() }));

/** The names in the output of `list … --json`. */
export function names(json: string): string[] {
  return Named.parse(JSON.parse(json)).map((entry) => entry.name);
}

/** Every file below `folder` with its content. */
export function contents(folder: string): Map<string, string> {
  return new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => [path, readFileSync(path, "latin1")] as const),
  );
}
