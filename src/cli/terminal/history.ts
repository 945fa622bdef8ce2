import * as fs from "node:fs";
import { dirname } from "node:path";

const KEPT_ENTRIES = 1_000;
/** Lines in the file beyond which it is rewritten. Rewriting is rare, so that appending stays one small write. */
const MAX_LINES = 2 * KEPT_ENTRIES;
/** Characters beyond which a text, such as a pasted book, is remembered for this run only. */
const MAX_STORED_LENGTH = 64_000;

/** A command whose argument no file should keep. */
const UNSTORED = /^\/forget\b/i;

/** A typed text, and the id of the agent it was sent to, if known. */
type Line = { readonly text: string; readonly agent: string | undefined };

/** An entry found by `History.search`, and its index for the next search. */
export type Found = { text: string; index: number };

/**
 * Earlier typed texts, oldest first, in a JSON-lines file that several processes may share.
 *
 * The file is read once, on first use. A missing, damaged or unwritable file loses history but never disturbs the chat.
 */
export class History {
  readonly #path: string | undefined;
  readonly #agent: string | undefined;
  #entries: string[] | undefined;
  #appended = false;

  /** Without a path, nothing outlives the process. `agent`: the id of the agent that the texts go to. */
  constructor(path?: string, agent?: string) {
    this.#path = path;
    this.#agent = agent;
  }

  /** Removes an agent's texts from the file. @throws Error if that fails. */
  static forget(path: string, agent: string): void {
    if (!fs.existsSync(path)) return;
    for (;;) {
      const content = fs.readFileSync(path);
      const lines = content.toString("utf8").split("\n").flatMap(parseLine);
      const kept = lines.filter((line) => line.agent !== agent);
      // Another process rewriting the file at the same time may bring lines back.
      if (kept.length === lines.length || rewrite(path, kept, content.length)) return;
    }
  }

  get entries(): readonly string[] {
    return this.#load();
  }

  /** Remembers `text`, unless it is blank or repeats the last one. */
  append(text: string): void {
    const entries = this.#load();
    if (text.trim() === "" || entries.at(-1) === text) return;
    entries.push(text);
    const path = this.#path;
    if (path === undefined || text.length > MAX_STORED_LENGTH || UNSTORED.test(text)) return;
    quietly(() => {
      fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      // Starts a new line in case a crash cut the last one short.
      const line = serialize({ text, agent: this.#agent });
      fs.appendFileSync(path, `${this.#appended ? "" : "\n"}${line}\n`, { mode: 0o600 });
      this.#appended = true;
    });
  }

  /** Replaces the newest entry, if it is `text`, in memory and in the file. */
  replaceNewest(text: string, replacement: string): void {
    const entries = this.#load();
    if (entries.at(-1) !== text) return;
    entries[entries.length - 1] = replacement;
    const path = this.#path;
    if (path === undefined) return;
    quietly(() => {
      for (;;) {
        const content = fs.readFileSync(path);
        const lines = content.toString("utf8").split("\n").flatMap(parseLine);
        const index = lines.findLastIndex((line) => line.text === text);
        const line = lines[index];
        if (line === undefined) return;
        lines[index] = { ...line, text: replacement };
        if (rewrite(path, lines, content.length)) return;
      }
    });
  }

  /** The newest entry at or before index `from` that contains `fragment`. Lower case in `fragment` ignores case. */
  search(fragment: string, from: number = this.entries.length - 1): Found | undefined {
    const anyCase = fragment === fragment.toLowerCase();
    const index = this.#load().findLastIndex(
      (entry, at) => at <= from && (anyCase ? entry.toLowerCase() : entry).includes(fragment),
    );
    const text = this.#load()[index];
    return text === undefined ? undefined : { text, index };
  }

  #load(): string[] {
    this.#entries ??= this.#path === undefined ? [] : readNewest(this.#path);
    return this.#entries;
  }
}

function readNewest(path: string): string[] {
  const content = quietly(() => fs.readFileSync(path));
  if (content === undefined) return [];
  const lines = content.toString("utf8").split("\n");
  const entries = lines.flatMap(parseLine).slice(-KEPT_ENTRIES);
  if (lines.length > MAX_LINES) quietly(() => rewrite(path, entries, content.length));
  return entries.map(({ text }) => text);
}

/** Older versions wrote only the text. */
function parseLine(line: string): Line[] {
  const value = line === "" ? undefined : quietly((): unknown => JSON.parse(line));
  if (typeof value === "string") return [{ text: value, agent: undefined }];
  if (typeof value !== "object" || value === null || !("text" in value) || typeof value.text !== "string") return [];
  const agent = "agent" in value && typeof value.agent === "string" ? value.agent : undefined;
  return [{ text: value.text, agent }];
}

function serialize({ text, agent }: Line): string {
  return JSON.stringify(agent === undefined ? text : { agent, text });
}

/**
 * Replaces the file's content with `entries`. Carries over what other processes append meanwhile to the old file, after
 * its first `consumed` bytes. Returns false if another process has just rewritten the file.
 */
function rewrite(path: string, entries: readonly Line[], consumed: number): boolean {
  const temporary = `${path}.${String(process.pid)}.tmp`;
  const old = fs.openSync(path, "r");
  try {
    fs.writeFileSync(temporary, entries.map((entry) => `${serialize(entry)}\n`).join(""), { mode: 0o600 });
    if (fs.statSync(path).ino !== fs.fstatSync(old).ino) return false;
    fs.renameSync(temporary, path);
    const late = Buffer.alloc(fs.fstatSync(old).size - consumed);
    if (late.length > 0) fs.appendFileSync(path, late.subarray(0, fs.readSync(old, late, 0, late.length, consumed)));
    return true;
  } finally {
    fs.closeSync(old);
    fs.rmSync(temporary, { force: true });
  }
}

/** Ignores errors: history is a convenience and must not disturb the chat. */
function quietly<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
