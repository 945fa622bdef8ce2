import { forgetInMessage, forgetInState, mentions } from "../../memory/forgetting.ts";
import { forgetInEntry } from "../../memory/forgetting-journal.ts";
import { isIn } from "../../memory/phrases.ts";
import type { JournalEntry } from "../../ports/journal.ts";
import { FORGOTTEN, type ForgetOrder } from "../../schema/forgetting.ts";
import { messageSchema } from "../../schema/message.ts";
import type { AgentState } from "../../schema/state.ts";
import { readCheckpointText } from "../files/checkpoint-text.ts";
import { forgetInCheckpointText } from "../files/forget-in-checkpoints.ts";
import type { NotedEntry } from "../forget-notes.ts";
import { type Named, quotingLabels } from "../forget-order.ts";
import { type Queryable, reading } from "./database.ts";
import { type Forgotten, type StoredRow, type StoredText, forgetCause } from "./forget-rows.ts";

/** Everything of an agent. */
export type Texts = { readonly messages: readonly StoredRow[]; readonly passages: readonly StoredText[] };

/** Looks for what is to be forgotten in the rows of one agent. */
export class ForgettableRows {
  readonly #database: Queryable;
  readonly #agent: number;

  constructor(database: Queryable, agent: number) {
    this.#database = database;
    this.#agent = agent;
  }

  /** The rows that an order removes and rewrites. */
  async gone(order: ForgetOrder, { messages, passages }: Texts): Promise<Forgotten> {
    const ids = { messages: new Set(order.messages), passages: new Set(order.passages) };
    const removed = messages.filter(({ id }) => ids.messages.has(id));
    const known = new Map(removed.map(({ id, message }) => [id, message]));
    // In a shared block only.
    const isLimited = order.only !== undefined;
    const journal = await this.#rows<JournalEntry>(
      `SELECT op, at, cause, kind, ref, before, after, origin FROM journal
       WHERE agent = $1 ${isLimited ? "AND kind IN ('block', 'state')" : ""} ORDER BY op`,
    );
    const actions = await this.#rows<{ seq: number; label: string; undone: number | null }>(
      "SELECT seq, label, undone FROM actions WHERE agent = $1",
    );
    const held = await this.#rows<{ id: string; json: string }>("SELECT id, json FROM quarantine WHERE agent = $1");
    const checkpoints = await this.#rows<{ file: string; json: string }>(
      "SELECT file, json FROM checkpoints WHERE agent = $1",
    );
    const undone = order.branches.length > 0 ? actions.filter(({ undone }) => undone !== null) : [];
    return {
      messages: removed,
      passages: passages.filter(({ id }) => ids.passages.has(id)),
      // Summaries stay, without the sentences that mention it.
      rewritten: messages.flatMap((row) => {
        if (ids.messages.has(row.id)) return [];
        const left = forgetInMessage(row.message, order);
        return left === row.message ? [] : [{ seq: row.seq, json: JSON.stringify(left) }];
      }),
      journal: journal.flatMap((entry) => {
        const left = forgetInEntry(entry, order, (id) => known.get(id));
        return left === entry ? [] : [left];
      }),
      relabelled: actions.filter((it) => isIn(order.labels, it.label) && !undone.includes(it)).map(({ seq }) => seq),
      actions: undone.map(({ seq }) => seq),
      quarantined: isLimited ? [] : held.filter(({ json }) => mentions(json, order.words)).map(({ id }) => id),
      checkpoints: checkpoints.flatMap(({ file, json }) => {
        const left = forgetInCheckpointText(json, order);
        return left === json ? [] : [{ file, json: left, name: left === undefined ? null : nameIn(left) }];
      }),
    };
  }

  /** Whether blocks of the agent say what an order for a shared block forgets, or said it. */
  async sayInBlocks(order: ForgetOrder, state: AgentState): Promise<boolean> {
    if (forgetInState(state, order).blocks.some((it, at) => it !== state.blocks[at])) return true;
    return !isNothing(await this.gone(order, { messages: [], passages: [] }));
  }

  /** Whether an order was carried out before. */
  async isNoted({ at, by }: ForgetOrder): Promise<boolean> {
    const sql = "SELECT 1 FROM journal WHERE agent = $1 AND at = ANY ($2) AND cause = ANY ($3)";
    return (await this.#rows(sql, [at], [forgetCause(by)])).length > 0;
  }

  /** Labels of the turns and commands that quote what is forgotten. */
  async labels(asked: readonly string[], words: readonly string[]): Promise<string[]> {
    const quoting = await this.#rows<{ label: string | null }>(
      `SELECT DISTINCT (
         SELECT a.label FROM actions a WHERE a.agent = $1 AND a.first_op <= j.op ORDER BY a.first_op DESC LIMIT 1
       ) AS label FROM journal j WHERE j.agent = $1 AND j.kind = 'message' AND j.ref = ANY ($2::text[])`,
      asked,
    );
    const all = await this.#rows<{ label: string }>("SELECT DISTINCT label FROM actions WHERE agent = $1");
    return quotingLabels(
      quoting.flatMap(({ label }) => label ?? []),
      all.map(({ label }) => label),
      words,
    );
  }

  /** What the agent noted in the turns of the person's messages `asked`, and in its own messages `answered`. */
  async noted({ asked, answered }: Named["noting"]): Promise<NotedEntry[]> {
    if (asked.length + answered.length === 0) return [];
    return this.#rows<NotedEntry>(
      `WITH turns AS (
         SELECT DISTINCT a.first_op, a.last_op
         FROM journal m JOIN actions a ON a.agent = m.agent AND m.op BETWEEN a.first_op AND a.last_op
         WHERE m.agent = $1 AND m.kind = 'message' AND m.ref = ANY ($2::text[])
       ), answers AS (
         SELECT m.id FROM turns t JOIN journal j ON j.agent = $1 AND j.op BETWEEN t.first_op AND t.last_op
         JOIN messages m ON m.agent = $1 AND m.id = j.cause WHERE m.role = 'assistant'
         UNION SELECT unnest($3::text[])
       )
       SELECT j.cause, j.kind, j.ref, j.before, j.after, p.text
       FROM journal j LEFT JOIN passages p ON p.agent = $1 AND j.kind = 'passage' AND p.id = j.ref
       WHERE j.agent = $1 AND j.cause IN (SELECT id FROM answers) AND j.kind IN ('block', 'passage')
         AND j.after IS NOT NULL
       ORDER BY j.op`,
      asked,
      answered,
    );
  }

  async texts(): Promise<Texts> {
    return { messages: await this.#messages(), passages: await this.#passages() };
  }

  async #messages(): Promise<StoredRow[]> {
    const rows = await this.#rows<Omit<StoredRow, "message">>(
      `SELECT seq, id, created_at, live, n, session, speaker, terms, is_stale, json
       FROM messages WHERE agent = $1 ORDER BY seq`,
    );
    return rows.map((row) => ({ ...row, message: messageSchema().parse(JSON.parse(row.json)) }));
  }

  async #passages(): Promise<StoredText[]> {
    return this.#rows("SELECT seq, id, created_at, live, terms, text FROM passages WHERE agent = $1 ORDER BY seq");
  }

  async #rows<Row>(sql: string, ...values: (readonly string[])[]): Promise<Row[]> {
    return reading(() => this.#database.query<Row>(sql, [this.#agent, ...values]));
  }
}

export function isNothing(gone: Forgotten): boolean {
  return Object.values(gone).every((rows) => rows.length === 0);
}

function nameIn(text: string): string | null {
  const read = readCheckpointText(text);
  return "state" in read ? read.name : FORGOTTEN;
}
