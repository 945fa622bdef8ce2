import type { AgentState } from "../../schema/state.ts";
import { MESSAGE_COLUMNS } from "./rows.ts";
import { type Queryable, reading, storing } from "./database.ts";

// Whole agents: their rows in every table.

/** Creates an agent with an empty memory. @returns its number; undefined if the name is taken. */
export async function addAgent(
  database: Queryable,
  owner: string,
  name: string,
  state?: AgentState,
): Promise<number | undefined> {
  const [row] = await storing(() =>
    database.query<{ agent: number }>(
      `WITH named AS (
         INSERT INTO agents (owner, name) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING agent
       ), begun AS (INSERT INTO heads (agent, state) SELECT agent, $3::text FROM named)
       SELECT agent FROM named`,
      [owner, name, state === undefined ? null : JSON.stringify(state)],
    ),
  );
  return row?.agent;
}

/** The number of an owner's agent; undefined if the owner has no agent with that name. */
export async function agentNamed(database: Queryable, owner: string, name: string): Promise<number | undefined> {
  const sql = "SELECT agent FROM agents WHERE owner = $1 AND name = $2";
  return (await reading(() => database.query<{ agent: number }>(sql, [owner, name])))[0]?.agent;
}

type Naming = { readonly agent: number; readonly owner: string; readonly name: string };

/** Renames an agent. @returns false if another agent of the owner has the name. */
export async function nameAgent(database: Queryable, { agent, owner, name }: Naming): Promise<boolean> {
  const named = await storing(() =>
    database.query(
      `UPDATE agents SET name = $3 WHERE agent = $1 AND NOT EXISTS (
         SELECT FROM agents o WHERE o.owner = $2 AND o.name = $3
       ) RETURNING agent`,
      [agent, owner, name],
    ),
  );
  return named.length > 0;
}

/** The columns of all tables of an agent or a source except `heads`, without the agent's number. */
const TABLES: Readonly<Record<string, string>> = {
  messages: Object.keys(MESSAGE_COLUMNS).join(", "),
  speakers: "name",
  passages: "seq, id, created_at, live, terms, text, embedding, origin",
  postings: "kind, term, block, bytes",
  journal: "op, at, cause, kind, ref, before, after, origin",
  actions: "seq, id, at, label, first_op, last_op, undone",
  quarantine: "op, place, id, json",
  said_vectors: "n, model, seq, embedding",
  reindexed: "seq, embedding",
  checkpoints: "file, op, time, name, json",
  sources: "settings",
  documents: "id, root, name, kind, hash, bytes, passages, complete, loaded_at",
  places: "seq, document, position, page, line, heading",
};

const HEAD = `op, spent, collection, reindex, seq, n, session, said_at, action, messages, said, said_terms, rewritten, retracted,
  passage, passages, passage_terms, toggled, messages_packed, passages_packed, vectors`;

export type Copying = {
  readonly from: number;
  /** The operation at which to copy it. */
  readonly op: number;
  readonly state: AgentState;
  readonly owner: string;
  readonly name: string;
};

/** Copies an agent atomically. @returns the number of the copy; undefined if the agent is no longer at `op`. */
export async function copyRows(database: Queryable, copying: Copying): Promise<number | undefined> {
  const { from, op, state, owner, name } = copying;
  const copies = Object.entries(TABLES).map(
    ([table, columns]) =>
      `copied_${table} AS (INSERT INTO ${table} (agent, ${columns})
         SELECT named.agent, ${columns
           .split(", ")
           .map((it) => `t.${it}`)
           .join(", ")} FROM named, ${table} t WHERE t.agent = $1)`,
  );
  const [row] = await storing(() =>
    database.query<{ agent: number }>(
      `WITH named AS (
         INSERT INTO agents (owner, name) SELECT $4::text, $5::text FROM heads WHERE agent = $1 AND op = $2 RETURNING agent
       ), begun AS (
         INSERT INTO heads (agent, state, ${HEAD}) SELECT named.agent, $3::text, ${HEAD.split(", ")
           .map((it) => `t.${it.trim()}`)
           .join(", ")}
         FROM named, heads t WHERE t.agent = $1
       ), ${copies.join(",\n")}
       SELECT agent FROM named`,
      [from, op, JSON.stringify(state), owner, name],
    ),
  );
  return row?.agent;
}

/** Removes an agent from every table. @returns whether it existed and was held with that fencing number. */
export async function removeRows(database: Queryable, agent: number, fence: number): Promise<boolean> {
  const removals = Object.keys(TABLES).map(
    (table) => `removed_${table} AS (DELETE FROM ${table} t USING gone WHERE t.agent = gone.agent)`,
  );
  const rows = await storing(() =>
    database.query(
      `WITH gone AS (DELETE FROM heads WHERE agent = $1 AND fence = $2 RETURNING agent),
       unnamed AS (DELETE FROM agents t USING gone WHERE t.agent = gone.agent),
       ${removals.join(",\n")}
       SELECT agent FROM gone`,
      [agent, fence],
    ),
  );
  return rows.length > 0;
}
