import type { Statement } from "better-sqlite3";
import { MemGPTError } from "../../errors.ts";
import { type StateChange, undoChange } from "../../memory/diff.ts";
import { messageSchema } from "../../schema/message.ts";
import type { Passage } from "../../schema/passage.ts";
import { type AgentState, agentStateSchema } from "../../schema/state.ts";
import type { Journal, JournalEntry, Travel } from "../../ports/storage.ts";
import { guarded } from "./database.ts";
import type { Database } from "./load-sqlite.ts";
import type { MessageRows } from "./message-rows.ts";

type NewEntry = Omit<JournalEntry, "op">;
type PassageRow = { id: string; text: string; created_at: string };

/**
 * The journal in the `journal` table. Queue items are journalled by message id wherever the message is in recall word
 * for word, so that the journal grows by what changed and not by what was said.
 *
 * A `position` entry says that the state after it is that after an earlier operation. So every operation has one that
 * it was made on, the operations are a tree, and going from one to another undoes those up to where the two ways meet
 * and redoes those down to the other: however often somebody goes back and forth, each time costs what lies between.
 */
export class SqliteJournal implements Journal {
  readonly #rows: MessageRows;
  readonly #insert: Statement<[string, string, string, string, string | null, string | null]>;
  readonly #insertAs: Statement<[op: number, string, string, string, string, string | null, string | null]>;
  readonly #head: Statement<[], { op: number | null }>;
  readonly #first: Statement<[], { op: number | null }>;
  readonly #newest: Statement<[op: number], { op: number; kind: string; after: string | null }>;
  readonly #entry: Statement<[op: number], JournalEntry>;
  readonly #between: Statement<[from: number, to: number], JournalEntry>;
  readonly #jumpBefore: Statement<[op: number], { op: number; after: string }>;
  readonly #blocks: Statement<[], JournalEntry>;
  readonly #block: Statement<[label: string], JournalEntry>;
  readonly #causedBy: Statement<[cause: string], JournalEntry>;
  readonly #setPassageLive: Statement<[live: number, id: string], PassageRow>;

  constructor(db: Database, rows: MessageRows) {
    this.#rows = rows;
    this.#insert = db.prepare("INSERT INTO journal (at, cause, kind, ref, before, after) VALUES (?, ?, ?, ?, ?, ?)");
    this.#insertAs = db.prepare(
      "INSERT INTO journal (op, at, cause, kind, ref, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#head = db.prepare("SELECT max(op) AS op FROM journal");
    this.#first = db.prepare("SELECT min(op) AS op FROM journal");
    this.#newest = db.prepare("SELECT op, kind, after FROM journal WHERE op <= ? ORDER BY op DESC LIMIT 1");
    this.#entry = db.prepare("SELECT * FROM journal WHERE op = ?");
    this.#between = db.prepare("SELECT * FROM journal WHERE op > ? AND op <= ? ORDER BY op");
    this.#jumpBefore = db.prepare(
      "SELECT op, after FROM journal WHERE kind = 'position' AND op < ? ORDER BY op DESC LIMIT 1",
    );
    this.#blocks = db.prepare("SELECT * FROM journal WHERE kind = 'block' ORDER BY op");
    this.#block = db.prepare("SELECT * FROM journal WHERE kind = 'block' AND ref = ? ORDER BY op");
    this.#causedBy = db.prepare("SELECT * FROM journal WHERE cause = ? AND kind IN ('block', 'passage') ORDER BY op");
    this.#setPassageLive = db.prepare("UPDATE passages SET live = ? WHERE id = ? RETURNING id, text, created_at");
  }

  async head(): Promise<number> {
    return guarded(() => this.headOp());
  }

  async entries(from: number, to: number): Promise<JournalEntry[]> {
    return guarded(() => this.#between.all(from, to));
  }

  async blockEntries(label?: string): Promise<JournalEntry[]> {
    return guarded(() => {
      const isOnTheWay = this.#wayHere();
      const entries = label === undefined ? this.#blocks.all() : this.#block.all(label);
      return entries.filter(({ op }) => isOnTheWay(op));
    });
  }

  async causedBy(cause: string): Promise<JournalEntry[]> {
    return guarded(() => this.#causedBy.all(cause));
  }

  /** Number of the newest operation, for use inside a transaction. */
  headOp(): number {
    return this.#head.get()?.op ?? 0;
  }

  /** The operation whose result is the state after `op`: `op` itself, the nearest before it that there is, or where it went. */
  positionAt(op: number): number {
    const row = this.#newest.get(op);
    if (row !== undefined) return row.kind === "position" ? Number(row.after) : row.op;
    return this.reaches(op) ? 0 : (this.#first.get()?.op ?? 0);
  }

  /** Whether the journal goes back to the state after `op`. It does not where the database was lost since. */
  reaches(op: number): boolean {
    const first = this.#first.get()?.op ?? 0;
    return first <= 1 || op >= first;
  }

  /** Sees to it that the next operation comes after `op`, with an entry that changes nothing. */
  countFrom(op: number, state: AgentState, cause: string, at: string): void {
    const id = JSON.stringify(state.id);
    if (this.headOp() < op) this.#insertAs.run(op, at, cause, "state", "id", id, id);
  }

  append(entry: NewEntry): void {
    this.#insert.run(entry.at, entry.cause, entry.kind, entry.ref, entry.before, entry.after);
  }

  appendChange(change: StateChange, cause: string, at: string): void {
    const shorten =
      change.kind === "queue" ? (value: unknown) => this.#shortenSplice(value) : (value: unknown) => value;
    this.append({
      at,
      cause,
      kind: change.kind,
      ref: change.ref,
      before: JSON.stringify(shorten(change.before)),
      after: JSON.stringify(shorten(change.after)),
    });
  }

  /** Goes to the state right after `op`, and journals that. Must run inside a transaction. */
  travel(op: number, current: AgentState, cause: string, at: string): Travel {
    const [from, to] = [this.positionAt(this.headOp()), this.positionAt(op)];
    const trail = new Trail();
    let state = current;
    for (const entry of this.#path(from, to)) state = this.#apply(entry, state, trail);
    if (from !== to) this.append({ at, cause, kind: "position", ref: "", before: String(from), after: String(to) });
    const { id, name } = current;
    return { before: current, state: { ...agentStateSchema.parse(state), id, name }, ...trail.result() };
  }

  /** The present state, made from an earlier one as it was right after `op`. Changes nothing. */
  present(op: number, earlier: AgentState): AgentState {
    let state = earlier;
    for (const entry of this.#path(this.positionAt(op), this.positionAt(this.headOp()))) {
      if (entry.kind === "message" || entry.kind === "passage") continue;
      state = this.#applyToState(entry, state);
    }
    return agentStateSchema.parse(state);
  }

  /** The entries between two operations, in the order and direction in which they are to be applied. */
  *#path(from: number, to: number): Generator<JournalEntry, void, void> {
    let [here, there] = [from, to];
    const ahead: number[] = [];
    while (here !== there) {
      if (here > there) {
        const entry = this.#get(here);
        yield { ...entry, before: entry.after, after: entry.before };
        here = this.positionAt(here - 1);
      } else {
        ahead.push(there);
        there = this.positionAt(there - 1);
      }
    }
    for (const op of ahead.reverse()) yield this.#get(op);
  }

  #get(op: number): JournalEntry {
    const entry = this.#entry.get(op);
    if (entry === undefined)
      throw new MemGPTError("storage_failed", `Operation ${op} of the journal is missing. Nothing was changed.`);
    return entry;
  }

  /** Tells of an operation whether the present descends from it. Costs as much as there were journeys. */
  #wayHere(): (op: number) => boolean {
    const runs: { from: number; to: number }[] = [];
    for (let to = this.positionAt(this.headOp()); to > 0;) {
      const jump = this.#jumpBefore.get(to);
      runs.push({ from: jump?.op ?? 0, to });
      to = jump === undefined ? 0 : Number(jump.after);
    }
    return (op) => runs.some(({ from, to }) => op > from && op <= to);
  }

  #apply(entry: JournalEntry, state: AgentState, trail: Trail): AgentState {
    switch (entry.kind) {
      case "message":
        this.#applyToMessage(entry, trail);
        return state;
      case "passage": {
        const live = entry.after !== null;
        const row = this.#setPassageLive.get(live ? 1 : 0, entry.ref);
        if (row !== undefined)
          trail.passage({ id: row.id, text: row.text, createdAt: row.created_at }, live ? "added" : "removed");
        return state;
      }
      case "block":
      case "queue":
      case "state":
      case "position":
        return this.#applyToState(entry, state);
    }
  }

  /** A message comes or goes, or says something else: then both sides are the whole message. */
  #applyToMessage({ ref, before, after }: JournalEntry, trail: Trail): void {
    if (before !== null && after !== null) {
      this.#rows.rewrite(messageSchema.parse(JSON.parse(after)));
      trail.rewriting(ref, before, after);
      return;
    }
    const json = this.#rows.setLive(ref, after !== null);
    // A summary is no message that anybody sent.
    if (json !== undefined && !isSummary(json)) trail.message(ref, after === null ? "removed" : "added");
  }

  #applyToState(entry: JournalEntry, state: AgentState): AgentState {
    // What is undone by `undoChange` is the opposite of what is to be done.
    const [before, after] = [parsed(entry.after), parsed(entry.before)];
    switch (entry.kind) {
      case "block":
      case "state":
        return asState(undoChange(state, { kind: entry.kind, ref: entry.ref, before, after }));
      case "queue": {
        const change = { before: this.#wholeSplice(before), after: this.#wholeSplice(after) };
        return asState(undoChange(state, { kind: entry.kind, ref: entry.ref, ...change }));
      }
      case "message":
      case "passage":
      case "position":
        throw new MemGPTError("storage_failed", "An entry of the journal is damaged. Nothing was changed.");
    }
  }

  #shortenSplice(value: unknown): unknown {
    const { at, items } = splice(value);
    return { at, items: items.map((item) => (this.#isInRecall(item) ? idOf(item) : item)) };
  }

  #wholeSplice(value: unknown): { at: number; items: unknown[] } {
    const { at, items } = splice(value);
    return { at, items: items.map((item) => (typeof item === "string" ? this.#recalled(item) : item)) };
  }

  #isInRecall(item: unknown): boolean {
    const id = idOf(item);
    return id !== undefined && this.#rows.json(id) === JSON.stringify(item);
  }

  #recalled(id: string): unknown {
    const json = this.#rows.json(id);
    if (json === undefined)
      throw new MemGPTError("storage_failed", `Message ${id} of the journal is missing. Nothing was changed.`);
    return JSON.parse(json) as unknown;
  }
}

type Coming = "added" | "removed";

/** What came, went and was rewritten on the way. What did both is told by the first and the last of it. */
class Trail {
  readonly #messages = new Map<string, { readonly first: Coming; readonly last: Coming }>();
  readonly #passages = new Map<string, { readonly first: Coming; readonly last: Coming; readonly passage: Passage }>();
  readonly #wordings = new Map<string, { readonly first: string; readonly last: string }>();

  message(id: string, change: Coming): void {
    this.#messages.set(id, { first: this.#messages.get(id)?.first ?? change, last: change });
  }

  passage(passage: Passage, change: Coming): void {
    this.#passages.set(passage.id, { first: this.#passages.get(passage.id)?.first ?? change, last: change, passage });
  }

  rewriting(id: string, before: string, after: string): void {
    this.#wordings.set(id, { first: this.#wordings.get(id)?.first ?? before, last: after });
  }

  result(): Pick<Travel, "messages" | "passages"> {
    const messages = [...this.#messages];
    const passages = [...this.#passages.values()];
    const ids = (wanted: Coming): string[] => messages.filter(([, way]) => isOnly(wanted, way)).map(([id]) => id);
    const whole = (wanted: Coming): Passage[] =>
      passages.filter((way) => isOnly(wanted, way)).map(({ passage }) => passage);
    const rewritten = [...this.#wordings].filter(([id, { first, last }]) => first !== last && this.#stayed(id));
    return {
      messages: { removed: ids("removed"), added: ids("added"), rewritten: rewritten.map(([id]) => id) },
      passages: { removed: whole("removed"), added: whole("added") },
    };
  }

  /** Whether the message was there at the beginning and is at the end. */
  #stayed(id: string): boolean {
    const way = this.#messages.get(id);
    return way === undefined || (way.first === "removed" && way.last === "added");
  }
}

function isOnly(wanted: Coming, { first, last }: { readonly first: Coming; readonly last: Coming }): boolean {
  return first === wanted && last === wanted;
}

function isSummary(json: string): boolean {
  const message = messageSchema.parse(JSON.parse(json));
  return message.role === "user" && message.event === "summary";
}

function parsed(json: string | null): unknown {
  return JSON.parse(json ?? "null");
}

/** Fields are checked once all operations are undone; in between the state is only carried along. */
function asState(value: Record<string, unknown>): AgentState {
  return value as unknown as AgentState;
}

function splice(value: unknown): { at: number; items: unknown[] } {
  if (typeof value === "object" && value !== null && "at" in value && "items" in value) {
    if (typeof value.at === "number" && Array.isArray(value.items)) return { at: value.at, items: value.items };
  }
  throw new MemGPTError("storage_failed", "An entry of the journal is damaged. Nothing was changed.");
}

function idOf(item: unknown): string | undefined {
  if (typeof item !== "object" || item === null || !("id" in item)) return undefined;
  return typeof item.id === "string" ? item.id : undefined;
}
