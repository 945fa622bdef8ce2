import { descentTest } from "../../memory/journey.ts";
import type { Journal, JournalEntry, JournalReader } from "../../ports/journal.ts";
import { type Queryable, reading } from "./database.ts";
import type { PgHead } from "./head.ts";

const COLUMNS = "op, at, cause, kind, ref, before, after, origin";

/** The journal in the `journal` table. memory/journey.ts explains its entries. */
export class PgJournal implements Journal, JournalReader {
  readonly #database: Queryable;
  readonly #agent: number;
  readonly #head: PgHead;

  constructor(database: Queryable, head: PgHead) {
    this.#database = database;
    this.#agent = head.agent;
    this.#head = head;
  }

  async head(): Promise<number> {
    return (await this.#head.figures()).op;
  }

  async first(): Promise<number> {
    return (await this.#one<{ op: number | null }>("SELECT min(op) AS op FROM journal WHERE agent = $1"))?.op ?? 0;
  }

  async newest(op: number): Promise<{ op: number; to: number | undefined } | undefined> {
    const row = await this.#one<Pick<JournalEntry, "op" | "kind" | "after">>(
      "SELECT op, kind, after FROM journal WHERE agent = $1 AND op <= $2 ORDER BY op DESC LIMIT 1",
      op,
    );
    return row === undefined ? undefined : { op: row.op, to: row.kind === "position" ? Number(row.after) : undefined };
  }

  async journeyBefore(op: number): Promise<{ op: number; to: number } | undefined> {
    const row = await this.#one<{ op: number; after: string }>(
      "SELECT op, after FROM journal WHERE agent = $1 AND kind = 'position' AND op < $2 ORDER BY op DESC LIMIT 1",
      op,
    );
    return row === undefined ? undefined : { op: row.op, to: Number(row.after) };
  }

  async entries(from: number, to: number): Promise<JournalEntry[]> {
    return this.#all("op > $2 AND op <= $3", from, to);
  }

  async messages(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await reading(() =>
      this.#database.query<{ id: string; json: string }>(
        "SELECT id, json FROM messages WHERE agent = $1 AND id = ANY ($2::text[])",
        [this.#agent, ids],
      ),
    );
    return new Map(rows.map(({ id, json }) => [id, json]));
  }

  async blockEntries(label?: string): Promise<JournalEntry[]> {
    const isAncestor = await descentTest(this);
    const entries =
      label === undefined ? await this.#all("kind = 'block'") : await this.#all("kind = 'block' AND ref = $2", label);
    return entries.filter(({ op }) => isAncestor(op));
  }

  async causedBy(cause: string): Promise<JournalEntry[]> {
    return this.#all("cause = $2 AND kind IN ('block', 'passage', 'state')", cause);
  }

  async #all(where: string, ...values: (string | number)[]): Promise<JournalEntry[]> {
    const sql = `SELECT ${COLUMNS} FROM journal WHERE agent = $1 AND ${where} ORDER BY op`;
    return reading(() => this.#database.query<JournalEntry>(sql, [this.#agent, ...values]));
  }

  async #one<Row>(sql: string, ...values: number[]): Promise<Row | undefined> {
    const [row] = await reading(() => this.#database.query<Row>(sql, [this.#agent, ...values]));
    return row;
  }
}
