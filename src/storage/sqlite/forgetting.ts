import { MemGPTError } from "../../errors.ts";
import { forgetInMessage, forgetInState, mentions } from "../../memory/forgetting.ts";
import { forgetInEntry } from "../../memory/forgetting-journal.ts";
import { undoneBranches } from "../../memory/journey.ts";
import type { ForgetOptions } from "../../ports/forgetting.ts";
import type { JournalEntry } from "../../ports/journal.ts";
import { FORGOTTEN, type ForgetOrder, type ForgetRequest } from "../../schema/forgetting.ts";
import { type Message, messageSchema } from "../../schema/message.ts";
import type { AgentState } from "../../schema/state.ts";
import { quotingLabels, wantedBy } from "../forget-order.ts";
import { guarded, storing } from "./database.ts";
import type { SqliteJournal } from "./journal.ts";
import type { Database } from "./load-sqlite.ts";
import { StateRow } from "./state-row.ts";

type MessageRow = { readonly id: string; readonly created_at: string; readonly json: string; readonly live: number };
type PassageRow = { readonly id: string; readonly created_at: string; readonly text: string; readonly live: number };

/** How many rows of a database a forgetting changes. */
export type RowsForgotten = {
  readonly messages: number;
  readonly passages: number;
  readonly journal: number;
  readonly quarantined: number;
};

/** Forgetting in the rows of one database. */
export class SqliteForgetting {
  readonly #db: Database;
  readonly #journal: SqliteJournal;
  readonly #row: StateRow;

  constructor(db: Database, journal: SqliteJournal) {
    this.#db = db;
    this.#journal = journal;
    this.#row = new StateRow(db);
  }

  /** The order that a request amounts to, with the beginnings of what goes. */
  async order(
    request: ForgetRequest,
    options: ForgetOptions,
  ): Promise<{ readonly order: ForgetOrder; readonly texts: readonly string[] }> {
    const branches = request.allUndone === true ? await undoneBranches(this.#journal) : [];
    return guarded(this.#db, () => {
      const messages = this.#messages().map(({ row, message }) => ({ ...row, live: row.live === 1, message }));
      const passages = this.#db
        .prepare<[], PassageRow>("SELECT id, created_at, text, live FROM passages")
        .all()
        .map((row) => ({ ...row, live: row.live === 1 }));
      const agent = this.#row.get()?.id ?? "";
      const { order, asked, texts } = wantedBy(request, options, { agent, messages, passages, branches });
      return { order: { ...order, labels: this.#labelsOf(asked, order.words) }, texts };
    });
  }

  /** Counts what an order changes, by carrying it out in a transaction that is taken back. */
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

  /** Rewrites every row that an order concerns, and notes in the journal that something was forgotten. Can be repeated. */
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

  /** Leaves nothing of it in free pages or the log. @throws MemGPTError `storage_failed` if something still reads the database. */
  scrub(): void {
    storing(this.#db, () => this.#db.exec("VACUUM"));
    // SQLite itself waits for readers, as long as for any lock.
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
    const known = new Map<string, Message>();
    for (const { row, message } of this.#messages()) {
      if (order.messages.includes(row.id)) known.set(row.id, message);
      else this.#rewrite(message, order);
    }
    const journal = this.#applyToJournal(order, (id) => known.get(id));
    const run = (sql: string, ids: readonly string[]): number => this.#db.prepare(sql).run(JSON.stringify(ids)).changes;
    const listed = "id IN (SELECT value FROM json_each(?))";
    // Triggers take them out of the full-text indexes and the totals.
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

  /** Summaries stay, without what says it. */
  #rewrite(message: Message, order: ForgetOrder): void {
    const left = forgetInMessage(message, order);
    if (left === message) return;
    this.#db.prepare("UPDATE messages SET json = ? WHERE id = ?").run(JSON.stringify(left), message.id);
  }

  #applyToJournal(order: ForgetOrder, lookup: (id: string) => Message | undefined): number {
    const set = this.#db.prepare<[string, string, string, string | null, string | null, number]>(
      "UPDATE journal SET cause = ?, kind = ?, ref = ?, before = ?, after = ? WHERE op = ?",
    );
    let changed = 0;
    for (const entry of this.#db.prepare<[], JournalEntry>("SELECT * FROM journal").all()) {
      const left = forgetInEntry(entry, order, lookup);
      if (left === entry) continue;
      set.run(left.cause, left.kind, left.ref, left.before, left.after, left.op);
      changed += 1;
    }
    const relabel = this.#db.prepare<[string, number]>("UPDATE actions SET label = ? WHERE seq = ?");
    const actions = this.#db.prepare<[], { seq: number; label: string }>("SELECT seq, label FROM actions").all();
    for (const { seq, label } of actions) {
      if (!order.labels.includes(label)) continue;
      relabel.run(FORGOTTEN, seq);
      changed += 1;
    }
    if (order.branches.length > 0)
      changed += this.#db.prepare("DELETE FROM actions WHERE undone IS NOT NULL").run().changes;
    return changed;
  }

  #applyToQuarantine({ words }: ForgetOrder): number {
    const held = this.#db.prepare<[], { id: string; json: string }>("SELECT id, json FROM quarantine").all();
    const gone = held.filter(({ json }) => mentions(json, words));
    const remove = this.#db.prepare<[string]>("DELETE FROM quarantine WHERE id = ?");
    for (const { id } of gone) remove.run(id);
    return gone.length;
  }

  /** An entry that changes nothing says when, and who asked. */
  #note({ at, by }: ForgetOrder): void {
    const cause = `forget: ${by}`;
    const known = this.#db.prepare("SELECT 1 FROM journal WHERE at = ? AND cause = ?").get(at, cause);
    if (known !== undefined) return;
    const id = JSON.stringify(this.#row.get()?.id ?? "");
    this.#journal.append({ at, cause, kind: "state", ref: "id", before: id, after: id });
  }

  #messages(): { readonly row: MessageRow; readonly message: Message }[] {
    const rows = this.#db.prepare<[], MessageRow>("SELECT id, created_at, json, live FROM messages").all();
    return rows.map((row) => ({ row, message: messageSchema.parse(JSON.parse(row.json)) }));
  }

  /** The turns and commands that quote what goes: those of the messages, and those that say one of the words. */
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

/** A session begins with its first message that is left. What was deleted stays in the index until its parts are merged. */
const TIDYING = `
  UPDATE messages SET session = (SELECT min(n) FROM messages other WHERE other.session = messages.session)
  WHERE session IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages first WHERE first.n = messages.session);
  DELETE FROM speakers WHERE name NOT IN (SELECT speaker FROM messages WHERE speaker IS NOT NULL);
  UPDATE totals SET value = value + 1 WHERE name = 'rewritten';
  INSERT INTO messages_fts (messages_fts) VALUES ('optimize');
  INSERT INTO passages_fts (passages_fts) VALUES ('optimize');
`;
