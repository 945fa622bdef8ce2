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
import { recordLineSchema as lineSchema } from "../../schema/record.ts";
import { writeFileAtomic } from "./atomic.ts";
import { exclusively } from "./exclusive.ts";

type Change = { readonly kind: string; readonly id: string; readonly value: unknown };
type Entry = { readonly place: number; value: unknown; checked: boolean };

/** Bytes of a file below which nobody compacts it. */
const SMALL = 262_144;

/** Ids of removed records whose places are kept, the newest ones. */
const MOST_REMOVED = 10_000;

const NEWLINE = 0x0a;

/**
 * What is kept beside agents: small values by kind and id. Each change is one line of JSON at the end of a file, on disk
 * before it counts, and the last line of an id says what it is. Other processes may append to the same file. When most lines
 * are outdated, whoever writes next puts a file of the others in its place.
 */
export class Records {
  readonly #file: string;
  readonly #kinds = new Map<string, Map<string, Entry>>();
  #read = 0;
  /** Which file was read: another stands in its place after a compaction. */
  #identity = "";
  /** The bytes after the last whole line. */
  #rest = Buffer.alloc(0);
  #places = 0;
  #lines = 0;

  readonly #changed: () => void;

  /** @param changed Called whenever anything was taken in. */
  constructor(file: string, changed: () => void = () => undefined) {
    this.#file = file;
    this.#changed = changed;
    this.refresh();
  }

  /** Takes in what was appended since. */
  refresh(): void {
    const stats = statSync(this.#file, { throwIfNoEntry: false });
    if (stats === undefined) return;
    // Numbers of inodes are used again.
    const identity = `${stats.ino} ${stats.birthtimeMs}`;
    if (identity !== this.#identity || stats.size < this.#read) this.#forget(identity);
    if (stats.size === this.#read) return;
    this.#changed();
    const fd = openSync(this.#file, "r");
    try {
      const bytes = Buffer.alloc(fstatSync(fd).size - this.#read);
      const length = readSync(fd, bytes, 0, bytes.length, this.#read);
      this.#read += length;
      const unread = Buffer.concat([this.#rest, bytes.subarray(0, length)]);
      // A line may end in the middle of a character as long as it is being written.
      const end = unread.lastIndexOf(NEWLINE) + 1;
      this.#rest = unread.subarray(end);
      for (const line of unread.toString("utf8", 0, end).split("\n")) this.#take(line);
    } finally {
      closeSync(fd);
    }
  }

  get(kind: string, id: string): Entry | undefined {
    const entry = this.#kinds.get(kind)?.get(id);
    return entry?.value === undefined ? undefined : entry;
  }

  /** In the order in which they were first put. */
  entries(kind: string): [id: string, entry: Entry][] {
    return [...(this.#kinds.get(kind) ?? [])].filter(([, { value }]) => value !== undefined);
  }

  /** Where `id` stands in that order, also after it was removed; undefined if it never was. */
  place(kind: string, id: string): number | undefined {
    return this.#kinds.get(kind)?.get(id)?.place;
  }

  /** Every change that is in the file, outdated ones included. */
  lines(): Change[] {
    this.refresh();
    const text = existsSync(this.#file) ? readFileSync(this.#file, "utf8") : "";
    return text.split("\n").flatMap((line) => {
      const change = parsed(line);
      return change === undefined ? [] : [{ ...change, value: change.value }];
    });
  }

  /** Stores the changes that `work` makes, as `change` does, and leaves no outdated line in the file. */
  rewrite(work: () => readonly Change[]): void {
    exclusively(this.#file, () => {
      this.refresh();
      const changes = work();
      if (changes.length > 0) this.#append(changes);
      this.#compact();
    });
  }

  /** Stores changes in one go. A value that is undefined removes. */
  write(changes: readonly Change[]): void {
    if (changes.length > 0) this.change(() => changes);
  }

  /** Stores the changes that `work` makes of what is stored now: no other process writes meanwhile. */
  change(work: () => readonly Change[]): void {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    exclusively(this.#file, () => {
      this.refresh();
      const changes = work();
      if (changes.length === 0) return;
      this.#append(changes);
      this.refresh();
      if (this.#isOutdated()) this.#compact();
    });
  }

  #append(changes: readonly Change[]): void {
    const fd = openSync(this.#file, "a", 0o600);
    try {
      // A line that a crash cut off ends here, and not in the middle of this one.
      const start = this.#rest.length === 0 ? "" : "\n";
      writeSync(fd, start + changes.map((change) => `${JSON.stringify(change)}\n`).join(""));
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }

  #isOutdated(): boolean {
    const current = [...this.#kinds.values()].reduce((sum, { size }) => sum + size, 0);
    return this.#read > SMALL && this.#lines > 2 * current;
  }

  /** Keeps the last line of each id, as it is written, in the order in which they were first put. */
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
    const kept = lines.filter((it) => !outdated.has(it));
    writeFileAtomic(this.#file, kept.map(({ line }) => `${line}\n`).join(""));
    this.refresh();
  }

  #forget(identity: string): void {
    this.#kinds.clear();
    this.#identity = identity;
    this.#read = 0;
    this.#lines = 0;
    this.#rest = Buffer.alloc(0);
  }

  #take(line: string): void {
    const change = parsed(line);
    if (change === undefined) return;
    const kind = this.#kinds.get(change.kind) ?? new Map<string, Entry>();
    this.#kinds.set(change.kind, kind);
    const known = kind.get(change.id);
    this.#lines += 1;
    this.#places += known === undefined ? 1 : 0;
    kind.set(change.id, { place: known?.place ?? this.#places, value: change.value, checked: false });
  }
}

/** @returns undefined for what a crash cut off, which was never acknowledged, and for what is no record. */
function parsed(line: string): ReturnType<typeof lineSchema.parse> | undefined {
  if (line === "") return undefined;
  try {
    return lineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

type Schema<T> = { safeParse(value: unknown): { readonly data?: T | undefined } };

/** The records of one kind. */
export class Table<T> {
  readonly #records: Records;
  readonly #kind: string;
  readonly #schema: Schema<T>;

  constructor(records: Records, kind: string, schema: Schema<T>) {
    this.#records = records;
    this.#kind = kind;
    this.#schema = schema;
  }

  get(id: string): T | undefined {
    const entry = this.#records.get(this.#kind, id);
    return entry === undefined ? undefined : this.#checked(entry);
  }

  all(): { readonly id: string; readonly value: T }[] {
    return this.#records.entries(this.#kind).flatMap(([id, entry]) => {
      const value = this.#checked(entry);
      return value === undefined ? [] : [{ id, value }];
    });
  }

  put(id: string, value: T): T {
    this.#records.write([this.change(id, value)]);
    return value;
  }

  remove(id: string): void {
    this.#records.write([this.change(id, undefined)]);
  }

  /** For `Records.write`, where several must change together. */
  change(id: string, value: T | undefined): Change {
    return { kind: this.#kind, id, value };
  }

  place(id: string): number | undefined {
    return this.#records.place(this.#kind, id);
  }

  /** A value is checked once; one that a newer version wrote and this one cannot read is as if it were not there. */
  #checked(entry: Entry): T | undefined {
    if (!entry.checked) {
      entry.value = this.#schema.safeParse(entry.value).data;
      entry.checked = true;
    }
    // It was checked by this table's schema, the only one for its kind.
    return entry.value as T | undefined;
  }
}
