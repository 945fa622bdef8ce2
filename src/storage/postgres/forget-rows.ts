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

/** The rows of one agent that go, and those that say something else from then on. */
export type Forgotten = {
  readonly messages: readonly StoredRow[];
  readonly passages: readonly StoredText[];
  readonly rewritten: readonly { readonly seq: number; readonly json: string }[];
  readonly journal: readonly JournalEntry[];
  /** Actions, by their number, whose label goes; and those that go as a whole. */
  readonly relabelled: readonly number[];
  readonly actions: readonly number[];
  readonly quarantined: readonly string[];
  /** Without `json`, the checkpoint goes as a whole. */
  readonly checkpoints: readonly {
    readonly file: string;
    readonly json: string | undefined;
    readonly name: string | null;
  }[];
};

export type Forgetful = {
  readonly order: ForgetOrder;
  readonly gone: Forgotten;
  /** All messages there are. */
  readonly messages: readonly StoredRow[];
};

/**
 * Removes and rewrites rows by one statement, if the agent is still at operation `from`. Postings say what is forgotten, too: they
 * go as a whole, and are packed again from what is left.
 *
 * @param before What the head is but for what this changes.
 * @returns the head that it leaves.
 * @throws MemGPTError `agent_locked`, `storage_failed`.
 */
export async function forgetRows(
  database: Queryable,
  before: Head,
  from: number,
  { order, gone, messages }: Forgetful,
): Promise<Head> {
  const ids = new Set(gone.messages.map(({ id }) => id));
  const left = messages.filter(({ id }) => !ids.has(id));
  const head = { ...before, ...figures(before, left, gone), op: from + 1 };
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
  parts.remove("speakers", "name", "text", without(gone.messages, left));
  parts.update("messages", changed(left, gone), MESSAGE, "seq");
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
  parts.add("unpacked", "DELETE FROM postings t USING moved WHERE t.agent = moved.agent");
  // An entry that changes nothing says when, and who asked.
  const id = JSON.stringify(head.state?.id ?? "");
  const note = {
    op: head.op,
    at: order.at,
    cause: `forget: ${order.by}`,
    kind: "state",
    ref: "id",
    before: id,
    after: id,
  };
  parts.insert("journal", [note], JOURNAL);
  await carryOut(database, before.agent, { sql: parts.toString(), values: parts.values, token });
  return head;
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

/** What the head says of the rows that are left. */
function figures(head: Head, left: readonly StoredRow[], { messages, passages }: Forgotten): Partial<Head> {
  const live = messages.filter((row) => row.live);
  const said = live.filter(({ n }) => n !== null);
  const kept = passages.filter((row) => row.live);
  const session = sessionsOf(left).get(head.session);
  return {
    messages: head.messages - live.length,
    said: head.said - said.length,
    said_terms: head.said_terms - sum(said),
    passages: head.passages - kept.length,
    passage_terms: head.passage_terms - sum(kept),
    // Searches read everything again.
    rewritten: head.rewritten + 1,
    toggled: head.toggled + 1,
    messages_packed: 0,
    passages_packed: 0,
    // Where nothing of the last session is left, whatever is said next begins another.
    ...(session === undefined ? { said_at: null } : { session }),
  };
}

/** The number that each session has from now on, which is that of its first line. */
function sessionsOf(rows: readonly StoredRow[]): ReadonlyMap<number, number> {
  const first = new Map<number, number>();
  for (const { n, session } of rows) {
    if (n !== null && session !== null) first.set(session, Math.min(n, first.get(session) ?? n));
  }
  return first;
}

/** The messages that stay and are another than before. None is stale once everything is packed again. */
function changed(
  left: readonly StoredRow[],
  { rewritten }: Forgotten,
): Record<keyof typeof MESSAGE, string | number | boolean | null>[] {
  const json = new Map(rewritten.map((row) => [row.seq, row.json]));
  const sessions = sessionsOf(left);
  return left.flatMap((row) => {
    const session = row.session === null ? null : (sessions.get(row.session) ?? row.session);
    const isSame = !json.has(row.seq) && session === row.session && !row.is_stale;
    return isSame ? [] : [{ seq: row.seq, json: json.get(row.seq) ?? row.json, session, is_stale: false }];
  });
}

/** The speakers of `gone` who say nothing of what is left. */
function without(gone: readonly StoredRow[], left: readonly StoredRow[]): string[] {
  const speaking = new Set(left.map(({ speaker }) => speaker));
  return [...new Set(gone.flatMap(({ speaker }) => (speaker === null || speaking.has(speaker) ? [] : speaker)))];
}

function sum(rows: readonly { readonly terms: number | null }[]): number {
  return rows.reduce((total, { terms }) => total + (terms ?? 0), 0);
}

function seqOf({ seq }: { readonly seq: number }): number {
  return seq;
}
