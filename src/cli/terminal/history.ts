import * as fs from "node:fs";
import { dirname } from "node:path";

const KEPT_ENTRIES = 1_000;
/** Lines in the file beyond which it is rewritten: rarely, so that appending stays one small write. */
const MAX_LINES = 2 * KEPT_ENTRIES;
/** A longer text, such as a pasted book, is remembered for this run only, in characters. */
const MAX_STORED_LENGTH = 64_000;

/** An entry found by `History.search`, and its place for the next search. */
export type Found = { text: string; index: number };

/**
 * What was typed before, oldest first, kept in a JSON-lines file that several processes may share.
 *
 * The file is read once, at the first look at the entries. A missing, damaged or unwritable file costs memory of the past, never the chat.
 */
export class History {
  readonly #path: string | undefined;
  #entries: string[] | undefined;
  #appended = false;

  /** Without a path, nothing outlives the process. */
  constructor(path?: string) {
    this.#path = path;
  }

  get entries(): readonly string[] {
    return this.#load();
  }

  /** Remembers `text`, unless it is blank or what was typed just before. */
  append(text: string): void {
    const entries = this.#load();
    if (text.trim() === "" || entries.at(-1) === text) return;
    entries.push(text);
    const path = this.#path;
    if (path === undefined || text.length > MAX_STORED_LENGTH) return;
    quietly(() => {
      fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      // A line that a crash cut short must not swallow this one.
      fs.appendFileSync(path, `${this.#appended ? "" : "\n"}${JSON.stringify(text)}\n`, { mode: 0o600 });
      this.#appended = true;
    });
  }

  /**
   * The newest entry at or before index `from` that contains `fragment`. A fragment without capitals matches either case.
   */
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
  return entries;
}

function parseLine(line: string): string[] {
  const value = line === "" ? undefined : quietly((): unknown => JSON.parse(line));
  return typeof value === "string" ? [value] : [];
}

/**
 * Replaces the file by `entries`. What another process appends meanwhile lands in the old file, behind the
 * `consumed` bytes: it is carried over. False if another process has just rewritten the file.
 */
function rewrite(path: string, entries: readonly string[], consumed: number): boolean {
  const temporary = `${path}.${String(process.pid)}.tmp`;
  const old = fs.openSync(path, "r");
  try {
    fs.writeFileSync(temporary, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""), { mode: 0o600 });
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

/** History is a convenience: whatever goes wrong with its file must not reach the chat. */
function quietly<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
