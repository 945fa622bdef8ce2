import type { Statement } from "better-sqlite3";
import type { StateChange } from "../../memory/diff.ts";
import { jsonOf } from "../../memory/json-of.ts";
import { journalled, descentTest } from "../../memory/journey.ts";
import type { Journal, JournalEntry, JournalReader } from "../../ports/journal.ts";
import type { Message } from "../../schema/message.ts";
import type { AgentState } from "../../schema/state.ts";
import { guarded } from "./database.ts";
import type { Database } from "./load-sqlite.ts";
import type { MessageRows } from "./message-rows.ts";

type NewEntry = Omit<JournalEntry, "op">;
type Position = { readonly op: number; readonly kind: string; readonly after: string | null };

/**
 * The journal in the `journal` table. memory/journey.ts explains its entries. Queue items are journalled by message id if recall
 * storage has the message unchanged, so that the journal does not store its text again.
 */
export class SqliteJournal implements Journal, JournalReader {
  readonly #db: Database;
  readonly #rows: MessageRows;
  readonly #insert: Statement<[string, string, string, string, string | null, string | null, string | null]>;
  readonly #insertAs: Statement<[op: number, string, string, string, string, string | null, string | null]>;
  readonly #head: Statement<[], { op: number | null }>;
  readonly #first: Statement<[], { op: number | null }>;
  readonly #newest: Statement<[op: number], Position>;
  readonly #between: Statement<[from: number, to: number], JournalEntry>;
  readonly #journeyBefore: Statement<[op: number], { op: number; after: string }>;
  readonly #blocks: Statement<[], JournalEntry>;
  readonly #block: Statement<[label: string], JournalEntry>;
  readonly #causedBy: Statement<[{ cause: string }], JournalEntry>;

  constructor(db: Database, rows: MessageRows) {
    this.#db = db;
    this.#rows = rows;
    this.#insert = db.prepare(
      "INSERT INTO journal (at, cause, kind, ref, before, after, origin) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#insertAs = db.prepare(
      "INSERT INTO journal (op, at, cause, kind, ref, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#head = db.prepare("SELECT max(op) AS op FROM journal");
    this.#first = db.prepare("SELECT min(op) AS op FROM journal");
    this.#newest = db.prepare("SELECT op, kind, after FROM journal WHERE op <= ? ORDER BY op DESC LIMIT 1");
    this.#between = db.prepare("SELECT * FROM journal WHERE op > ? AND op <= ? ORDER BY op");
    this.#journeyBefore = db.prepare(
      "SELECT op, after FROM journal WHERE kind = 'position' AND op < ? ORDER BY op DESC LIMIT 1",
    );
    this.#blocks = db.prepare("SELECT * FROM journal WHERE kind = 'block' ORDER BY op");
    this.#block = db.prepare("SELECT * FROM journal WHERE kind = 'block' AND ref = ? ORDER BY op");
    // An index has the entries of blocks and passages. Those of the state follow the entry by which the message was added, which is
    // looked for from the newest on: few ask for an old one.
    this.#causedBy = db.prepare(
      `SELECT * FROM journal WHERE cause = :cause AND kind IN ('block', 'passage')
       UNION ALL
       SELECT * FROM journal WHERE cause = :cause AND kind = 'state' AND op > coalesce((
         SELECT op FROM journal WHERE kind = 'message' AND ref = :cause AND cause = :cause AND before IS NULL
         ORDER BY op DESC LIMIT 1
       ), 0)
       ORDER BY op`,
    );
  }

  async head(): Promise<number> {
    return guarded(this.#db, () => this.headOp());
  }

  async first(): Promise<number> {
    return guarded(this.#db, () => this.#first.get()?.op ?? 0);
  }

  async newest(op: number): Promise<{ op: number; to: number | undefined } | undefined> {
    const row = guarded(this.#db, () => this.#newest.get(op));
    return row === undefined ? undefined : { op: row.op, to: row.kind === "position" ? Number(row.after) : undefined };
  }

  async journeyBefore(op: number): Promise<{ op: number; to: number } | undefined> {
    const row = guarded(this.#db, () => this.#journeyBefore.get(op));
    return row === undefined ? undefined : { op: row.op, to: Number(row.after) };
  }

  async entries(from: number, to: number): Promise<JournalEntry[]> {
    return guarded(this.#db, () => this.#between.all(from, to));
  }

  async messages(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return guarded(this.#db, () => {
      const found = ids.map((id) => [id, this.#rows.json(id)] as const);
      return new Map(found.filter((it): it is readonly [string, string] => it[1] !== undefined));
    });
  }

  async blockEntries(label?: string): Promise<JournalEntry[]> {
    const isAncestor = await descentTest(this);
    const entries = guarded(this.#db, () => (label === undefined ? this.#blocks.all() : this.#block.all(label)));
    return entries.filter(({ op }) => isAncestor(op));
  }

  async causedBy(cause: string): Promise<JournalEntry[]> {
    return guarded(this.#db, () => this.#causedBy.all({ cause }));
  }

  /** Number of the newest operation, for use inside a transaction. */
  headOp(): number {
    return this.#head.get()?.op ?? 0;
  }

  /** Makes the next operation follow `op`, with an entry that changes nothing. */
  countFrom(op: number, state: AgentState, { cause, at }: Pick<JournalEntry, "cause" | "at">): void {
    const id = JSON.stringify(state.id);
    if (this.headOp() < op) this.#insertAs.run(op, at, cause, "state", "id", id, id);
  }

  append(entry: NewEntry): void {
    this.#insert.run(entry.at, entry.cause, entry.kind, entry.ref, entry.before, entry.after, entry.origin ?? null);
  }

  /** @param added Messages stored in the same transaction. */
  appendChange(change: StateChange, added: readonly Message[], by: Pick<NewEntry, "at" | "cause" | "origin">): void {
    const isRecalled = (id: string, json: string): boolean =>
      added.some((message) => message.id === id && jsonOf(message) === json) || this.#rows.json(id) === json;
    this.append({ ...by, ...journalled(change, isRecalled) });
  }
}
