import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { RecordChange } from "../../ports/records.ts";
import { type RecordLine, recordLineSchema as lineSchema } from "../../schema/record.ts";
import { MappedRecords } from "../records/mapped-records.ts";
import { writeFileAtomic } from "./atomic.ts";
import { exclusively } from "./exclusive.ts";

/** Files up to this many bytes are not compacted. */
const SMALL = 262_144;

/** Most ids of removed records that are kept, to remember their places. */
const MOST_REMOVED = 10_000;

const NEWLINE = 0x0a;

/**
 * Records in a file. Each change appends one line of JSON, synced before it counts; the last line of an id is its value. Other
 * processes may append to the same file. When most lines are outdated, the next writer compacts the file.
 */
export class FileRecords extends MappedRecords {
  readonly #file: string;
  #read = 0;
  /** Identifies the file that was read: compaction replaces it. */
  #identity = "";
  /** The bytes after the last whole line. */
  #rest = Buffer.alloc(0);
  #lines = 0;

  constructor(file: string) {
    super();
    this.#file = file;
    this.#follow();
  }

  async refresh(): Promise<void> {
    this.#follow();
  }

  async change(work: () => readonly RecordChange[]): Promise<void> {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    exclusively(this.#file, () => {
      this.#follow();
      const changes = work();
      if (changes.length === 0) return;
      this.#append(changes);
      this.#follow();
      if (this.#isOutdated()) this.#compact();
    });
  }

  /** Every change in the file, including outdated ones. */
  lines(): RecordChange[] {
    this.#follow();
    const text = existsSync(this.#file) ? readFileSync(this.#file, "utf8") : "";
    return text.split("\n").flatMap((line) => {
      const change = parsed(line);
      return change === undefined ? [] : [{ ...change, value: change.value }];
    });
  }

  /** Stores the changes that `work` returns, as `change` does, and removes all outdated lines from the file. */
  rewrite(work: () => readonly RecordChange[]): void {
    exclusively(this.#file, () => {
      this.#follow();
      const changes = work();
      if (changes.length > 0) this.#append(changes);
      this.#compact();
    });
  }

  /** Reads what was appended since the last read. */
  #follow(): void {
    const stats = statSync(this.#file, { throwIfNoEntry: false });
    if (stats === undefined) return;
    // Inode numbers are reused.
    const identity = `${stats.ino} ${stats.birthtimeMs}`;
    if (identity !== this.#identity || stats.size < this.#read) this.#forget(identity);
    if (stats.size === this.#read) return;
    const fd = openSync(this.#file, "r");
    try {
      const bytes = Buffer.alloc(fstatSync(fd).size - this.#read);
      const length = readSync(fd, bytes, 0, bytes.length, this.#read);
      this.#read += length;
      const unread = Buffer.concat([this.#rest, bytes.subarray(0, length)]);
      // A line that is still being written may end in the middle of a character.
      const end = unread.lastIndexOf(NEWLINE) + 1;
      this.#rest = unread.subarray(end);
      for (const line of unread.toString("utf8", 0, end).split("\n")) this.#take(line);
    } finally {
      closeSync(fd);
    }
  }

  #append(changes: readonly RecordChange[]): void {
    const fd = openSync(this.#file, "a", 0o600);
    try {
      // Terminates a line that a crash cut off.
      const start = this.#rest.length === 0 ? "" : "\n";
      writeSync(fd, start + changes.map((change) => `${JSON.stringify(change)}\n`).join(""));
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }

  #isOutdated(): boolean {
    return this.#read > SMALL && this.#lines > 2 * this.map.size;
  }

  /** Keeps the last line of each id unchanged, in the order in which the ids first appeared. */
  #compact(): void {
    const last = new Map<string, { line: string; isRemoved: boolean }>();
    for (const line of readFileSync(this.#file, "utf8").split("\n")) {
      const change = parsed(line);
      if (change === undefined) continue;
      last.set(JSON.stringify([change.kind, change.id]), { line, isRemoved: change.value === undefined });
    }
    const lines = [...last.values()];
    const removed = lines.filter(({ isRemoved }) => isRemoved);
    const outdated = new Set(removed.slice(0, Math.max(0, removed.length - MOST_REMOVED)));
    const kept = lines.filter((line) => !outdated.has(line));
    writeFileAtomic(this.#file, kept.map(({ line }) => `${line}\n`).join(""));
    this.#follow();
  }

  #forget(identity: string): void {
    this.map.clear();
    this.#identity = identity;
    this.#read = 0;
    this.#lines = 0;
    this.#rest = Buffer.alloc(0);
  }

  #take(line: string): void {
    const change = parsed(line);
    if (change === undefined) return;
    this.#lines += 1;
    this.map.take({ ...change, value: change.value });
  }
}

/** @returns undefined for an invalid line, or one that a crash cut off, which was never acknowledged. */
function parsed(line: string): RecordLine | undefined {
  if (line === "") return undefined;
  try {
    return lineSchema().safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
