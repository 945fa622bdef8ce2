import { MemGPTError, describe } from "../../errors.ts";
import { forgetInMessage, forgetInState, mentions, rewritesOf } from "../../memory/forgetting.ts";
import { forgetInEntry } from "../../memory/forgetting-journal.ts";
import { undoneBranches } from "../../memory/journey.ts";
import { isIn } from "../../memory/phrases.ts";
import type { ForgetOptions, Forgetting } from "../../ports/forgetting.ts";
import type { JournalEntry } from "../../ports/journal.ts";
import type { Records } from "../../ports/records.ts";
import { FORGOTTEN, type ForgetOrder, type ForgetRequest, type Forgettable } from "../../schema/forgetting.ts";
import { messageSchema } from "../../schema/message.ts";
import type { AgentState } from "../../schema/state.ts";
import { readCheckpointText } from "../files/checkpoint-text.ts";
import { forgetInCheckpointText } from "../files/forget-in-checkpoints.ts";
import { forgetTyped } from "../files/typed-lines.ts";
import { forgetInBlocks, forgetNotes } from "../records/forget-blocks.ts";
import { type NotedEntry, notesOf } from "../forget-notes.ts";
import { type Named, namedBy, quotingLabels, wantedBy } from "../forget-order.ts";
import type { PgAgentStore } from "./agent-store.ts";
import type { CheckpointRows } from "./checkpoint-rows.ts";
import { type Queryable, reading } from "./database.ts";
import { type Forgotten, type StoredRow, type StoredText, forgetRows } from "./forget-rows.ts";
import type { Head } from "./head.ts";

/** What agents share: the file of lines typed in the chat, the records of blocks, and a server's records. */
export type CommonMemory = {
  readonly typed?: string | undefined;
  readonly blocks?: Records | undefined;
  readonly server?: Records | undefined;
};

/**
 * Forgets in the rows of one agent, atomically. What PostgreSQL retains of removed rows (in pages until they are vacuumed and
 * overwritten, in its log, replicas and backups) is up to its operator.
 */
export class PgForgetting implements Forgetting {
  readonly #database: Queryable;
  readonly #agent: number;
  readonly #store: PgAgentStore;
  readonly #checkpoints: CheckpointRows;
  readonly #common: CommonMemory;

  constructor(
    database: Queryable,
    { agent, common }: { readonly agent: number; readonly common: CommonMemory },
    { store, rows }: { readonly store: PgAgentStore; readonly rows: CheckpointRows },
  ) {
    this.#database = database;
    this.#agent = agent;
    this.#store = store;
    this.#checkpoints = rows;
    this.#common = common;
  }

  async preview(
    request: ForgetRequest,
    options: ForgetOptions,
  ): Promise<{ readonly order: ForgetOrder; readonly found: Forgettable }> {
    const state = await this.#store.history.load();
    const branches = request.allUndone === true ? await undoneBranches(this.#store.history.journal) : [];
    const [messages, passages] = [await this.#messages(), await this.#passages()];
    const named = namedBy(request, { messages, passages });
    const notes = notesOf(await this.#noted(named.noting), options.keep);
    const found = { agent: state?.id ?? "", branches, named, notes };
    const { order: partial, asked, ...shown } = wantedBy(request, options, found, { messages, passages });
    const order = { ...partial, labels: await this.#labels(asked, partial.words) };
    const affected = await this.#gone(order, { messages, passages });
    const forgettable = {
      messages: affected.messages.length,
      passages: affected.passages.length,
      journal: affected.journal.length + affected.relabelled.length + affected.actions.length,
      quarantined: affected.quarantined.length,
      checkpoints: affected.checkpoints.length,
      ...(await this.#forgetInCommon(order, { isDry: true })),
      copies: [],
      sharers: [],
      backups: [],
      rewrites: state === undefined ? [] : rewritesOf(state, order),
      ...shown,
      remains:
        "Backups, exports and replicas of the database are unchanged; its pages and its log keep it until PostgreSQL has " +
        "vacuumed and overwritten them.",
    };
    return { order, found: forgettable };
  }

  async forget(order: ForgetOrder): Promise<AgentState> {
    let remaining: AgentState | undefined;
    await this.#store.history.exclusively(async (head) => {
      const [messages, passages] = [await this.#messages(), await this.#passages()];
      const gone = await this.#gone(order, { messages, passages });
      const state = head.state === undefined ? undefined : forgetInState(head.state, order);
      const next: Head = await forgetRows(this.#database, { ...head, state }, head.op, { order, gone, messages });
      remaining = state;
      return next;
    });
    this.#store.reset();
    this.#checkpoints.reset();
    try {
      await this.#forgetInCommon(order);
    } catch (cause) {
      const message =
        `It is forgotten, but the home still has what was typed or the record of blocks (${describe(cause)}). ` +
        "Forget it again to remove the rest.";
      throw new MemGPTError("storage_failed", message, { cause, kept: "all" });
    }
    if (remaining !== undefined) return remaining;
    throw new MemGPTError("storage_failed", "The state of the agent cannot be read.");
  }

  /** @returns the number of typed lines and block records concerned. `isDry` only counts them. */
  async #forgetInCommon(
    order: ForgetOrder,
    options: { readonly isDry?: boolean } = {},
  ): Promise<{ readonly typed: number; readonly blockLines: number }> {
    const { typed, blocks, server } = this.#common;
    if (options.isDry !== true && server !== undefined) await forgetNotes(server, order);
    return {
      typed: forgetTyped(typed, order, options),
      blockLines: blocks === undefined ? 0 : await forgetInBlocks(blocks, order, options),
    };
  }

  /** The rows that an order removes and rewrites. */
  async #gone(
    order: ForgetOrder,
    { messages, passages }: { readonly messages: readonly StoredRow[]; readonly passages: readonly StoredText[] },
  ): Promise<Forgotten> {
    const ids = { messages: new Set(order.messages), passages: new Set(order.passages) };
    const removed = messages.filter(({ id }) => ids.messages.has(id));
    const known = new Map(removed.map(({ id, message }) => [id, message]));
    const journal = await this.#rows<JournalEntry>(
      "SELECT op, at, cause, kind, ref, before, after, origin FROM journal WHERE agent = $1 ORDER BY op",
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
      quarantined: held.filter(({ json }) => mentions(json, order.words)).map(({ id }) => id),
      checkpoints: checkpoints.flatMap(({ file, json }) => {
        const left = forgetInCheckpointText(json, order);
        return left === json ? [] : [{ file, json: left, name: left === undefined ? null : nameIn(left) }];
      }),
    };
  }

  /** Labels of the turns and commands that quote what is forgotten. */
  async #labels(asked: readonly string[], words: readonly string[]): Promise<string[]> {
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
  async #noted({ asked, answered }: Named["noting"]): Promise<NotedEntry[]> {
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

function nameIn(text: string): string | null {
  const read = readCheckpointText(text);
  return "state" in read ? read.name : FORGOTTEN;
}
