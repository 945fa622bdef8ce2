import { closeSync, fdatasyncSync, fstatSync, mkdirSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";

const lineSchema = z.object({ kind: z.string(), id: z.string(), value: z.unknown().optional() });

type Entry = { readonly place: number; value: unknown; checked: boolean };

/**
 * What a server keeps beside agents: small values by kind and id. Each change is one line of JSON at the end of a file, on disk
 * before it counts, and the last line of an id says what it is. Other processes may append to the same file.
 */
export class Records {
  readonly #file: string;
  readonly #kinds = new Map<string, Map<string, Entry>>();
  #read = 0;
  #inode = 0;
  #rest = "";
  #places = 0;

  constructor(file: string) {
    this.#file = file;
    this.refresh();
  }

  /** Takes in what was appended since. */
  refresh(): void {
    const stats = statSync(this.#file, { throwIfNoEntry: false });
    if (stats === undefined) return;
    if (stats.ino !== this.#inode || stats.size < this.#read) this.#forget(stats.ino);
    if (stats.size === this.#read) return;
    const fd = openSync(this.#file, "r");
    try {
      const bytes = Buffer.alloc(fstatSync(fd).size - this.#read);
      const length = readSync(fd, bytes, 0, bytes.length, this.#read);
      this.#read += length;
      const lines = (this.#rest + bytes.toString("utf8", 0, length)).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
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

  /** Stores changes in one go. A value that is undefined removes. */
  write(changes: readonly { readonly kind: string; readonly id: string; readonly value: unknown }[]): void {
    if (changes.length === 0) return;
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    const fd = openSync(this.#file, "a", 0o600);
    try {
      // A line that a crash cut off ends here, and not in the middle of this one.
      const start = this.#rest === "" ? "" : "\n";
      writeSync(fd, start + changes.map((change) => `${JSON.stringify(change)}\n`).join(""));
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
    this.refresh();
  }

  #forget(inode: number): void {
    this.#kinds.clear();
    this.#inode = inode;
    this.#read = 0;
    this.#rest = "";
  }

  #take(line: string): void {
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch {
      // What a crash cut off was never acknowledged.
      return;
    }
    const { success, data } = lineSchema.safeParse(parsed);
    if (!success) return;
    const kind = this.#kinds.get(data.kind) ?? new Map<string, Entry>();
    this.#kinds.set(data.kind, kind);
    const known = kind.get(data.id);
    this.#places += known === undefined ? 1 : 0;
    kind.set(data.id, { place: known?.place ?? this.#places, value: data.value, checked: false });
  }
}

/** The records of one kind. */
export class Table<T> {
  readonly #records: Records;
  readonly #kind: string;
  readonly #schema: z.ZodType<T>;

  constructor(records: Records, kind: string, schema: z.ZodType<T>) {
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
  change(id: string, value: T | undefined): { kind: string; id: string; value: unknown } {
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
