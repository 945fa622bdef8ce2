import { MemGPTError } from "../../errors.ts";
import { forgetInMessage, forgetInState, mentions } from "../../memory/forgetting.ts";
import { forgetInEntry } from "../../memory/forgetting-journal.ts";
import { undoneBranches } from "../../memory/journey.ts";
import { isIn } from "../../memory/phrases.ts";
import type { ForgetOptions } from "../../ports/forgetting.ts";
import type { JournalEntry } from "../../ports/journal.ts";
import { FORGOTTEN, type ForgetOrder, type ForgetRequest } from "../../schema/forgetting.ts";
import { type Message, messageSchema } from "../../schema/message.ts";
import type { AgentState } from "../../schema/state.ts";
import { type NotedEntry, notesOf } from "../forget-notes.ts";
import {
  type ForgetSubject,
  type Named,
  type StoredMessage,
  type StoredPassage,
  type Wanted,
  namedBy,
  quotingLabels,
  wantedBy,
} from "../forget-order.ts";
import { guarded, storing } from "./database.ts";
import type { SqliteJournal } from "./journal.ts";
import type { Database } from "./load-sqlite.ts";
import { StateRow } from "./state-row.ts";

type MessageRow = { readonly id: string; readonly created_at: string; readonly json: string; readonly live: number };
type PassageRow = { readonly id: string; readonly created_at: string; readonly text: string; readonly live: number };

/** Numbers of rows that forgetting changes. */
export type RowsForgotten = {
  readonly messages: number;
  readonly passages: number;
  readonly journal: number;
  readonly quarantined: number;
};

/** Forgets in the rows of one database. */
export class SqliteForgetting {
  readonly #db: Database;
  readonly #journal: SqliteJournal;
  readonly #row: StateRow;

  constructor(db: Database, journal: SqliteJournal) {
    this.#db = db;
    this.#journal = journal;
    this.#row = new StateRow(db);
  }

  /** The order for a request, and what to show about it. */
  async order(
    request: ForgetRequest,
    options: ForgetOptions,
  ): Promise<Pick<Wanted, "excerpts" | "notes"> & { readonly order: ForgetOrder }> {
    const branches = request.allUndone === true ? await undoneBranches(this.#journal) : [];
    return guarded(this.#db, () => {
      const agent = this.#row.get()?.id ?? "";
      const named = namedBy(request, this.#all());
      const notes = notesOf(this.#noted(named.noting), options.keep);
      const { order, asked, ...shown } = wantedBy(request, options, { agent, branches, named, notes }, this.#all());
      return { order: { ...order, labels: this.#labelsOf(asked, order.words) }, ...shown };
    });
  }

  /** Counts what an order changes, by executing it in a transaction that is rolled back. */
  count(order: ForgetOrder): RowsForgotten {
    const isCounted = new Error("counted");
    let rows: RowsForgotten = { messages: 0, passages: 0, journal: 0, quarantined: 0 };
    try {
      this.#db
        .transaction(() => {
          rows = this.#apply(order);
          throw isCounted;
        })
        .immediate();
    } catch (error) {
      if (error !== isCounted) throw error;
    }
    return rows;
  }

  /** Executes an order, and records in the journal that something was forgotten. Idempotent. */
  apply(order: ForgetOrder): AgentState | undefined {
    storing(this.#db, () => {
      this.#db.pragma("secure_delete = ON");
      this.#db
        .transaction(() => {
          this.#apply(order);
          this.#note(order);
        })
        .immediate();
    });
    return this.#row.get();
  }

  /** Clears free pages and the log. @throws MemGPTError `storage_failed` if another program is reading the database. */
  scrub(): void {
    storing(this.#db, () => this.#db.exec("VACUUM"));
    // SQLite waits for readers, up to its busy timeout.
    const [answer] = this.#db.pragma("wal_checkpoint(TRUNCATE)") as readonly { readonly busy: number }[];
    if (answer?.busy === 0) return;
    throw new MemGPTError(
      "storage_failed",
      "It is forgotten, but another program is reading the agent, so its database file still has it. " +
        "Close that program and open the agent again: that removes the rest.",
      { kept: "all" },
    );
  }

  #apply(order: ForgetOrder): RowsForgotten {
    if (order.only === undefined) for (const stored of this.#messages()) this.#rewrite(stored, order);
    const json = this.#db.prepare<[id: string], { json: string }>("SELECT json FROM messages WHERE id = ?");
    const journal = this.#applyToJournal(order, (id) => {
      const row = json.get(id);
      return row === undefined ? undefined : messageSchema().parse(JSON.parse(row.json));
    });
    const run = (sql: string, ids: readonly string[]): number => this.#db.prepare(sql).run(JSON.stringify(ids)).changes;
    const listed = "id IN (SELECT value FROM json_each(?))";
    // Triggers remove them from the full-text indexes and the totals.
    run(`UPDATE messages SET live = 0 WHERE live = 1 AND ${listed}`, order.messages);
    run(`DELETE FROM said_vectors WHERE n IN (SELECT n FROM messages WHERE ${listed})`, order.messages);
    const messages = run(`DELETE FROM messages WHERE ${listed}`, order.messages);
    run(`UPDATE passages SET live = 0 WHERE live = 1 AND ${listed}`, order.passages);
    run(`DELETE FROM reindexed WHERE seq IN (SELECT seq FROM passages WHERE ${listed})`, order.passages);
    const passages = run(`DELETE FROM passages WHERE ${listed}`, order.passages);
    this.#db.exec(TIDYING);
    const state = this.#row.get();
    if (state !== undefined) this.#row.set(forgetInState(state, order));
    return { messages, passages, journal, quarantined: this.#applyToQuarantine(order) };
  }

  /** Summaries stay, without the sentences that mention it. */
  #rewrite(stored: StoredMessage, order: ForgetOrder): void {
    if (isIn(order.messages, stored.id) || !mentions(stored.json, order.words)) return;
    const { message } = stored;
    const left = forgetInMessage(message, order);
    if (left === message) return;
    this.#db.prepare("UPDATE messages SET json = ? WHERE id = ?").run(JSON.stringify(left), message.id);
  }

  #applyToJournal(order: ForgetOrder, lookup: (id: string) => Message | undefined): number {
    const set = this.#db.prepare<[string, string, string, string | null, string | null, number]>(
      "UPDATE journal SET cause = ?, kind = ?, ref = ?, before = ?, after = ? WHERE op = ?",
    );
    let changed = 0;
    const entries = this.#pages<JournalEntry>("SELECT *, op AS place FROM journal WHERE op > ? ORDER BY op");
    for (const entry of entries) {
      const left = forgetInEntry(entry, order, lookup);
      if (left === entry) continue;
      set.run(left.cause, left.kind, left.ref, left.before, left.after, left.op);
      changed += 1;
    }
    const relabel = this.#db.prepare<[string, number]>("UPDATE actions SET label = ? WHERE seq = ?");
    const actions = this.#db.prepare<[], { seq: number; label: string }>("SELECT seq, label FROM actions").all();
    for (const { seq, label } of actions) {
      if (!isIn(order.labels, label)) continue;
      relabel.run(FORGOTTEN, seq);
      changed += 1;
    }
    if (order.branches.length > 0)
      changed += this.#db.prepare("DELETE FROM actions WHERE undone IS NOT NULL").run().changes;
    return changed;
  }

  #applyToQuarantine({ words, only }: ForgetOrder): number {
    if (only !== undefined) return 0;
    const held = this.#db.prepare<[], { id: string; json: string }>("SELECT id, json FROM quarantine").all();
    const matching = held.filter(({ json }) => mentions(json, words));
    const remove = this.#db.prepare<[string]>("DELETE FROM quarantine WHERE id = ?");
    for (const { id } of matching) remove.run(id);
    return matching.length;
  }

  /** Adds a journal entry that changes nothing, to record who asked and when. */
  #note({ at, by }: ForgetOrder): void {
    const cause = `forget: ${by}`;
    const known = this.#db.prepare("SELECT 1 FROM journal WHERE at = ? AND cause = ?").get(at, cause);
    if (known !== undefined) return;
    const id = JSON.stringify(this.#row.get()?.id ?? "");
    this.#journal.append({ at, cause, kind: "state", ref: "id", before: id, after: id });
  }

  #all(): ForgetSubject {
    return { messages: this.#messages(), passages: this.#passages() };
  }

  *#messages(): Generator<StoredMessage> {
    const rows = this.#pages<MessageRow>(
      "SELECT seq AS place, id, created_at, json, live FROM messages WHERE seq > ? ORDER BY seq",
    );
    for (const { id, created_at, json, live } of rows) {
      yield {
        id,
        created_at,
        json,
        live: live === 1,
        get message(): Message {
          return messageSchema().parse(JSON.parse(json));
        },
      };
    }
  }

  *#passages(): Generator<StoredPassage> {
    const rows = this.#pages<PassageRow>(
      "SELECT seq AS place, id, created_at, text, live FROM passages WHERE seq > ? ORDER BY seq",
    );
    for (const row of rows) yield { ...row, live: row.live === 1 };
  }

  /** The rows of a query in pages: they may not fit into memory, and rows are changed meanwhile. */
  *#pages<Row>(sql: string): Generator<Row> {
    const page = this.#db.prepare<[after: number], Row & { readonly place: number }>(`${sql} LIMIT ${PAGE}`);
    let after = -1;
    for (;;) {
      const rows = page.all(after);
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return;
      after = last.place;
    }
  }

  /** What the agent noted in the turns of the person's messages `asked`, and in its own messages `answered`. */
  #noted({ asked, answered }: Named["noting"]): NotedEntry[] {
    if (asked.length + answered.length === 0) return [];
    return this.#db
      .prepare<[asked: string, answered: string], NotedEntry>(NOTED)
      .all(JSON.stringify(asked), JSON.stringify(answered));
  }

  /** Labels of the turns and commands that quote what is forgotten: those of the messages, and those with one of the words. */
  #labelsOf(messages: readonly string[], words: readonly string[]): string[] {
    const quoting = this.#db
      .prepare<[ids: string], { label: string }>(
        `SELECT DISTINCT (SELECT label FROM actions WHERE first_op <= j.op ORDER BY first_op DESC LIMIT 1) AS label
         FROM journal j WHERE j.kind = 'message' AND j.ref IN (SELECT value FROM json_each(?))`,
      )
      .all(JSON.stringify(messages))
      .map(({ label }) => label);
    const all = this.#db.prepare<[], { label: string }>("SELECT DISTINCT label FROM actions").all();
    return quotingLabels(
      quoting,
      all.map(({ label }) => label),
      words,
    );
  }
}

/** Rows read at a time. */
const PAGE = 500;

const NOTED = `
  WITH turns AS (
    SELECT DISTINCT a.first_op, a.last_op FROM journal m JOIN actions a ON m.op BETWEEN a.first_op AND a.last_op
    WHERE m.kind = 'message' AND m.ref IN (SELECT value FROM json_each(?))
  ), answers AS (
    SELECT m.id FROM turns t JOIN journal j ON j.op BETWEEN t.first_op AND t.last_op JOIN messages m ON m.id = j.cause
    WHERE m.role = 'assistant'
    UNION SELECT value FROM json_each(?)
  )
  SELECT j.cause, j.kind, j.ref, j.before, j.after, p.text FROM journal j LEFT JOIN passages p
    ON j.kind = 'passage' AND p.id = j.ref
  WHERE j.cause IN (SELECT id FROM answers) AND j.kind IN ('block', 'passage') AND j.after IS NOT NULL
  ORDER BY j.op
`;

/** Renumbers sessions by their first remaining message. Optimizes the indexes, since deleted words stay until segments merge. */
const TIDYING = `
  UPDATE messages SET session = (SELECT min(n) FROM messages other WHERE other.session = messages.session)
  WHERE session IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages first WHERE first.n = messages.session);
  DELETE FROM speakers WHERE name NOT IN (SELECT speaker FROM messages WHERE speaker IS NOT NULL);
  UPDATE totals SET value = value + 1 WHERE name = 'rewritten';
  INSERT INTO messages_fts (messages_fts) VALUES ('optimize');
  INSERT INTO passages_fts (passages_fts) VALUES ('optimize');
`;
