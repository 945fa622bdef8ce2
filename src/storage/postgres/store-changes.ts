import type { Queryable, Value } from "./database.ts";
import { COUNTS } from "./head.ts";
import { MESSAGE_COLUMNS, PASSAGE_COLUMNS } from "./rows.ts";
import { JOURNAL, Parts, carryOut } from "./statement.ts";
import type { WriteSet } from "./write-set.ts";

/**
 * Stores a set atomically, in one statement, if the agent is still at operation `from` and held with the set's fencing number.
 *
 * @throws MemGPTError `agent_locked` if another process has taken or changed the agent; `storage_failed`.
 */
export async function storeChanges(database: Queryable, set: WriteSet, from: number): Promise<void> {
  const token = crypto.randomUUID();
  const parts = partsOf(set, { token, from });
  await carryOut(database, set.head.agent, { sql: parts.toString(), values: parts.values, token });
}

/** The parts of the statement that stores a set; more can be added. */
export function partsOf(set: WriteSet, { token, from }: { readonly token: string; readonly from: number }): Parts {
  const { head } = set;
  const parts = new Parts();
  const columns: [name: string, value: Value, type: string][] = [
    ["token", token, "uuid"],
    ["state", head.state === undefined ? null : JSON.stringify(head.state), "text"],
    ["spent", head.spent, "text"],
    ["collection", head.collection, "text"],
    ["said_at", head.said_at, "text"],
    ...(set.isReindexed ? [["reindex", null, "text"] satisfies [string, Value, string]] : []),
    ...COUNTS.map((name): [string, Value, string] => [name, head[name], "bigint"]),
  ];
  parts.move(head, from, columns);
  const [messages, passages] = [[...set.messages.values()], [...set.passages.values()]];
  const isNew = ({ isNew }: { readonly isNew: boolean }): boolean => isNew;
  const isChanged = (it: { readonly isNew: boolean; readonly isChanged: boolean }): boolean =>
    !it.isNew && it.isChanged;
  parts.insert(
    "messages",
    messages.filter(isNew).map(({ row }) => row),
    MESSAGE_COLUMNS,
  );
  parts.update(
    "messages",
    messages.filter(isChanged).map(({ row }) => row),
    MESSAGE_COLUMNS,
    "seq",
  );
  const speakers = [...set.speakers].map((name) => ({ name }));
  parts.insert("speakers", speakers, { name: "text" }, "ON CONFLICT DO NOTHING");
  parts.insert(
    "passages",
    passages.filter(isNew).map(({ row }) => row),
    PASSAGE_COLUMNS,
  );
  const toggled = passages.filter(isChanged).map(({ row: { seq, live } }) => ({ seq, live }));
  parts.update("passages", toggled, { seq: "bigint", live: "boolean" }, "seq");
  parts.insert(
    "journal",
    set.entries.map((entry) => ({ ...entry, origin: entry.origin ?? null })),
    JOURNAL,
  );
  const actions = [...set.actions.values()];
  parts.insert("actions", actions, ACTION, "ON CONFLICT (agent, id) DO UPDATE SET last_op = excluded.last_op");
  parts.update("actions", set.undone, { seq: "bigint", undone: "bigint" }, "seq");
  const held = set.held.map((it, place) => ({ op: head.op, place, id: it.id, json: JSON.stringify(it) }));
  const columnsOfHeld = { op: "bigint", place: "integer", id: "text", json: "text" };
  parts.insert("quarantine", held, columnsOfHeld, "ON CONFLICT DO NOTHING");
  parts.remove("quarantine", "id", "text", set.released);
  parts.remove("said_vectors", "n", "bigint", set.stale);
  if (set.isReindexed) {
    parts.add(
      "swapped",
      `UPDATE passages t SET embedding = r.embedding FROM moved, reindexed r
      WHERE ${parts.ofAgent} AND r.agent = t.agent AND r.seq = t.seq`,
    );
    parts.add("cleared", `DELETE FROM reindexed t USING moved WHERE ${parts.ofAgent}`);
  }
  return parts;
}

const ACTION = {
  seq: "bigint",
  id: "text",
  at: "text",
  label: "text",
  first_op: "bigint",
  last_op: "bigint",
} as const;
