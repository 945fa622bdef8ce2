import type { JournalEntry } from "../../ports/journal.ts";
import { FORGOTTEN, type ForgetOrder } from "../../schema/forgetting.ts";
import type { Message } from "../../schema/message.ts";
import type { Queryable } from "./database.ts";
import type { Head } from "./head.ts";
import { JOURNAL, Parts, carryOut } from "./statement.ts";

export type StoredRow = {
  readonly seq: number;
  readonly id: string;
  readonly created_at: string;
  readonly live: boolean;
  readonly n: number | null;
  readonly session: number | null;
  readonly speaker: string | null;
  readonly terms: number | null;
  readonly is_stale: boolean;
  readonly json: string;
  readonly message: Message;
};
export type StoredText = {
  readonly seq: number;
  readonly id: string;
  readonly created_at: string;
  readonly live: boolean;
  readonly terms: number;
  readonly text: string;
};

/** The rows of one agent that are removed, and those that are rewritten. */
export type Forgotten = {
  readonly messages: readonly StoredRow[];
  readonly passages: readonly StoredText[];
  readonly rewritten: readonly { readonly seq: number; readonly json: string }[];
  readonly journal: readonly JournalEntry[];
  /** Numbers of actions that lose their label, and of actions that are removed. */
  readonly relabelled: readonly number[];
  readonly actions: readonly number[];
  readonly quarantined: readonly string[];
  /** Without `json`, the checkpoint is removed. */
  readonly checkpoints: readonly {
    readonly file: string;
    readonly json: string | undefined;
    readonly name: string | null;
  }[];
};

export type Forgetful = {
  readonly order: ForgetOrder;
  readonly gone: Forgotten;
  /** All messages of the agent; none where only blocks change. */
  readonly messages: readonly StoredRow[];
};

/**
 * Removes and rewrites rows in one statement, if the agent is still at operation `from`. Postings contain forgotten words too: all
 * are removed, and packed again from the remaining texts, unless only blocks change.
 *
 * @param before The head, with its new state.
 * @returns the new head.
 * @throws MemGPTError `agent_locked`, `storage_failed`.
 */
export async function forgetRows(
  database: Queryable,
  before: Head,
  from: number,
  { order, gone, messages }: Forgetful,
): Promise<Head> {
  const ids = new Set(gone.messages.map(({ id }) => id));
  const remaining = messages.filter(({ id }) => !ids.has(id));
  const isLimited = order.only !== undefined;
  const head = { ...before, ...(isLimited ? {} : figures(before, remaining, gone)), op: from + 1 };
  const parts = new Parts();
  const token = crypto.randomUUID();
  parts.move(before, from, [
    ["token", token, "uuid"],
    ["state", head.state === undefined ? null : JSON.stringify(head.state), "text"],
    ["said_at", head.said_at, "text"],
    ...COLUMNS.map((name): [string, number, string] => [name, head[name], "bigint"]),
  ]);
  const seqs = gone.passages.map(({ seq }) => seq);
  parts.remove("messages", "seq", "bigint", gone.messages.map(seqOf));
  parts.remove(
    "said_vectors",
    "n",
    "bigint",
    gone.messages.flatMap(({ n }) => n ?? []),
  );
  parts.remove("passages", "seq", "bigint", seqs);
  parts.remove("reindexed", "seq", "bigint", seqs);
  parts.remove("actions", "seq", "bigint", gone.actions);
  parts.remove("quarantine", "id", "text", gone.quarantined);
  parts.remove("speakers", "name", "text", without(gone.messages, remaining));
  parts.update("messages", changed(remaining, gone), MESSAGE, "seq");
  const journal = gone.journal.map((entry) => ({ ...entry, origin: entry.origin ?? null }));
  parts.update("journal", journal, JOURNAL, "op");
  parts.update(
    "actions",
    gone.relabelled.map((seq) => ({ seq, label: FORGOTTEN })),
    { seq: "bigint", label: "text" },
    "seq",
  );
  const rest = gone.checkpoints.flatMap(({ file, name, json }) => (json === undefined ? [] : [{ file, name, json }]));
  parts.update("checkpoints", rest, { file: "text", name: "text", json: "text" }, "file");
  parts.remove(
    "checkpoints",
    "file",
    "text",
    gone.checkpoints.flatMap(({ file, json }) => (json === undefined ? file : [])),
  );
  if (!isLimited) parts.add("unpacked", "DELETE FROM postings t USING moved WHERE t.agent = moved.agent");
  // A journal entry that changes nothing, to record who asked and when.
  const id = JSON.stringify(head.state?.id ?? "");
  const note = {
    op: head.op,
    at: order.at,
    cause: forgetCause(order.by),
    kind: "state",
    ref: "id",
    before: id,
    after: id,
  };
  parts.insert("journal", [note], JOURNAL);
  await carryOut(database, before.agent, { sql: parts.toString(), values: parts.values, token });
  return head;
}

/** The cause of the journal entry that records a forgetting. */
export function forgetCause(by: string): string {
  return `forget: ${by}`;
}

const COLUMNS = [
  "op",
  "session",
  "messages",
  "said",
  "said_terms",
  "rewritten",
  "passages",
  "passage_terms",
  "toggled",
  "messages_packed",
  "passages_packed",
] as const satisfies (keyof Head)[];

const MESSAGE = { seq: "bigint", json: "text", session: "bigint", is_stale: "boolean" } as const;

/** The head's figures for the remaining rows. */
function figures(head: Head, remaining: readonly StoredRow[], { messages, passages }: Forgotten): Partial<Head> {
  const live = messages.filter((row) => row.live);
  const said = live.filter(({ n }) => n !== null);
  const livePassages = passages.filter((row) => row.live);
  const session = sessionsOf(remaining).get(head.session);
  return {
    messages: head.messages - live.length,
    said: head.said - said.length,
    said_terms: head.said_terms - sum(said),
    passages: head.passages - livePassages.length,
    passage_terms: head.passage_terms - sum(livePassages),
    // Invalidates what searches have cached.
    rewritten: head.rewritten + 1,
    toggled: head.toggled + 1,
    messages_packed: 0,
    passages_packed: 0,
    // If nothing of the last session remains, the next message begins another.
    ...(session === undefined ? { said_at: null } : { session }),
  };
}

/** The new number of each session: that of its first remaining line. */
function sessionsOf(rows: readonly StoredRow[]): ReadonlyMap<number, number> {
  const first = new Map<number, number>();
  for (const { n, session } of rows) {
    if (n !== null && session !== null) first.set(session, Math.min(n, first.get(session) ?? n));
  }
  return first;
}

/** The remaining messages that change. None is stale, since all are packed again. */
function changed(
  remaining: readonly StoredRow[],
  { rewritten }: Forgotten,
): Record<keyof typeof MESSAGE, string | number | boolean | null>[] {
  const json = new Map(rewritten.map((row) => [row.seq, row.json]));
  const sessions = sessionsOf(remaining);
  return remaining.flatMap((row) => {
    const session = row.session === null ? null : (sessions.get(row.session) ?? row.session);
    const isSame = !json.has(row.seq) && session === row.session && !row.is_stale;
    return isSame ? [] : [{ seq: row.seq, json: json.get(row.seq) ?? row.json, session, is_stale: false }];
  });
}

/** The speakers of removed messages who have none left. */
function without(gone: readonly StoredRow[], remaining: readonly StoredRow[]): string[] {
  const speaking = new Set(remaining.map(({ speaker }) => speaker));
  return [...new Set(gone.flatMap(({ speaker }) => (speaker === null || speaking.has(speaker) ? [] : speaker)))];
}

function sum(rows: readonly { readonly terms: number | null }[]): number {
  return rows.reduce((total, { terms }) => total + (terms ?? 0), 0);
}

function seqOf({ seq }: { readonly seq: number }): number {
  return seq;
}
