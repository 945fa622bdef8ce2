import { eventsOf } from "../../memory/queue.ts";
import { parseJson } from "../../memory/envelope.ts";
import type { Message } from "../../schema/message.ts";
import type { AgentState } from "../../schema/state.ts";
import type { Database } from "../sqlite/load-sqlite.ts";
import { WORDS_ONLY, wordsOf } from "./index-words.ts";
import { type NewRows, saidAgain } from "./new-rows.ts";
import type { Scan } from "./scan.ts";
import { asId, asKept, asLine } from "./shapes.ts";

// Recovers unreadable rows from elsewhere: indexes have their ids, times and words; checkpoints and the journal have whole
// messages; messages have the passages that they stored.

/**
 * Recovers messages whose rows are lost: whole if a checkpoint or the journal has them, else as words of the full-text index.
 *
 * @param keepDoubted Writes the changed rows of which no better copy was found. Called before words are used.
 * @returns how many were recovered as words only.
 */
export async function bringBackMessages(
  db: Database,
  from: string,
  found: Scan,
  rows: NewRows,
  states: () => Iterable<AgentState>,
  keepDoubted: () => void,
): Promise<number> {
  const isThere = db.prepare<[seq: number]>("SELECT 1 FROM messages WHERE seq = ?");
  const hasId = db.prepare<[id: string]>("SELECT 1 FROM messages WHERE id = ?");
  const wasLive = livenessIn(db);
  const ids = new Map<string, number>();
  for (const { id, seq } of found.entries("sqlite_autoindex_messages_1", asId)) {
    if (isThere.get(seq) === undefined) ids.set(id, seq);
  }
  const lines = new Map<number, NonNullable<ReturnType<typeof asLine>>>();
  for (const line of found.entries("messages_lines", asLine)) {
    if (isThere.get(line.seq) === undefined) lines.set(line.seq, line);
  }
  const bringBack = (message: Message): void => {
    if (hasId.get(message.id) !== undefined) return;
    const seq = ids.get(message.id) ?? null;
    const line = seq === null ? undefined : lines.get(seq);
    const live = line !== undefined || wasLive("message", message.id) ? 1 : 0;
    const place = { n: line?.n ?? null, session: line?.session ?? null, speaker: line?.speaker ?? null };
    rows.message({ seq, message, live, ...place });
  };
  for (const state of states()) for (const message of eventsOf(state)) bringBack(message);
  keepDoubted();

  const missing = [...lines.values()].filter(({ seq }) => isThere.get(seq) === undefined);
  const words = await wordsOf(from, "messages_fts", new Set(missing.flatMap(({ n }) => n ?? [])));
  const idOf = new Map([...ids].map(([id, seq]) => [seq, id]));
  let count = 0;
  for (const line of missing) {
    const text = line.n === null ? undefined : words.get(line.n);
    if (text === undefined) continue;
    const id = idOf.get(line.seq) ?? crypto.randomUUID();
    const message = saidAgain({ ...line, id }, `${WORDS_ONLY} ${text}`);
    if (rows.message({ ...line, message })) count += 1;
  }
  return count;
}

/**
 * Recovers passages whose rows are lost: whole if the message that stored them has their text, else as words of the full-text
 * index. They have no vectors.
 *
 * @param keepDoubted As for messages.
 * @returns how many were recovered as words only.
 */
export async function bringBackPassages(
  db: Database,
  from: string,
  found: Scan,
  rows: NewRows,
  keepDoubted: () => void,
): Promise<number> {
  const isThere = db.prepare<[seq: number]>("SELECT 1 FROM passages WHERE seq = ?");
  const hasId = db.prepare<[id: string]>("SELECT 1 FROM passages WHERE id = ?");
  const ids = new Map<number, string>();
  for (const { id, seq } of found.entries("sqlite_autoindex_passages_1", asId)) {
    if (isThere.get(seq) === undefined) ids.set(seq, id);
  }
  const seqOf = new Map([...ids].map(([seq, id]) => [id, seq]));
  const kept = new Map<number, string>();
  for (const { seq, createdAt } of found.entries("passages_kept", asKept)) {
    if (isThere.get(seq) === undefined) kept.set(seq, createdAt);
  }
  for (const { id, createdAt, text, live } of keptByMessages(db)) {
    if (hasId.get(id) === undefined) {
      rows.passage({ seq: seqOf.get(id) ?? null, id, createdAt, text, embedding: null, live, origin: null });
    }
  }
  keepDoubted();
  const missing = new Set([...ids.keys(), ...kept.keys()].filter((seq) => isThere.get(seq) === undefined));
  const words = await wordsOf(from, "passages_fts", missing);
  let count = 0;
  for (const [seq, text] of words) {
    const id = ids.get(seq) ?? crypto.randomUUID();
    const createdAt = kept.get(seq) ?? timeOf(db, id);
    if (createdAt === undefined) continue;
    if (rows.passage({ seq, id, createdAt, text: `${WORDS_ONLY} ${text}`, embedding: null, live: 1, origin: null }))
      count += 1;
  }
  return count;
}

type Kept = { readonly id: string; readonly createdAt: string; readonly text: string; readonly live: 0 | 1 };

/** The passages that messages stored according to the journal, with their texts from the calls in those messages. */
function* keptByMessages(db: Database): Generator<Kept, void, void> {
  const added = db.prepare<[], { cause: string; ids: string; at: string }>(
    `SELECT cause, json_group_array(ref ORDER BY op) AS ids, min(at) AS at FROM journal
     WHERE kind = 'passage' AND before IS NULL GROUP BY cause`,
  );
  const message = db.prepare<[id: string], { json: string; created_at: string }>(
    "SELECT json, created_at FROM messages WHERE id = ?",
  );
  const wasLive = livenessIn(db);
  for (const { cause, ids, at } of added.all()) {
    const by = message.get(cause);
    const texts = by === undefined ? [] : keptIn(by.json);
    const all = parseJson(ids) as string[];
    // If a call failed, it is unknown which call stored which passage.
    if (all.length !== texts.length) continue;
    for (const [n, id] of all.entries()) {
      const live = wasLive("passage", id) ? 1 : 0;
      yield { id, createdAt: by?.created_at ?? at, text: texts[n] ?? "", live };
    }
  }
}

/** The texts that the calls in a message stored in archival memory. */
function keptIn(json: string): string[] {
  const message = parseJson(json) as Message;
  if (message.role !== "assistant") return [];
  return message.calls.flatMap(({ name, arguments: given }) => {
    const content =
      name === "archival_memory_insert" ? (parseJson(given) as { content?: unknown } | undefined)?.content : undefined;
    return typeof content === "string" ? [content] : [];
  });
}

/**
 * Returns a check of whether a message or passage is live according to the journal: whether the last entry about it among the
 * present's ancestors added it. What the journal does not know counts as live.
 */
function livenessIn(db: Database): (kind: "message" | "passage", id: string) => boolean {
  const isOnTheWay = wayHere(db);
  const changes = db.prepare<[kind: string, id: string], { op: number; after: string | null }>(
    "SELECT op, after FROM journal WHERE kind = ? AND ref = ? ORDER BY op DESC",
  );
  return (kind, id) => {
    const all = changes.all(kind, id);
    if (all.length === 0) return true;
    return (all.find(({ op }) => isOnTheWay(op))?.after ?? null) !== null;
  };
}

/** As in journal.ts, but for a journal that may have gaps. */
function wayHere(db: Database): (op: number) => boolean {
  const journeys = db
    .prepare<[], { op: number; after: string }>(
      "SELECT op, after FROM journal WHERE kind = 'position' ORDER BY op DESC",
    )
    .all();
  const runs: { from: number; to: number }[] = [];
  let to = Number.POSITIVE_INFINITY;
  for (const { op, after } of journeys) {
    if (op >= to) continue;
    runs.push({ from: op, to });
    to = Number(after);
  }
  runs.push({ from: 0, to });
  return (op) => runs.some(({ from, to: until }) => op > from && op <= until);
}

function timeOf(db: Database, id: string): string | undefined {
  return db
    .prepare<[id: string], { at: string }>("SELECT at FROM journal WHERE kind = 'passage' AND ref = ? LIMIT 1")
    .get(id)?.at;
}
