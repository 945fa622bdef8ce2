import { MemGPTError } from "../../errors.ts";
import { traitsOf } from "../../search/recall/traits.ts";
import { readCheckpointText } from "../files/checkpoint-text.ts";
import { gistNumber } from "../stored-values.ts";

// The tables that an agent has in both SQLite and PostgreSQL. Everything else derives from them: indexes, counts, graphs.

export type Cell = string | number | boolean | Uint8Array | null;
export type Row = Readonly<Record<string, Cell>>;

type Type = "bigint" | "text" | "boolean" | "bytea";
type Layout = {
  /** A unique column that orders the rows. */
  readonly key: string;
  readonly columns: Readonly<Record<string, Type>>;
  /** Rows that are read and written at a time. */
  readonly portion: number;
};

/** The columns moved from each table. For agents in files, the checkpoints are the files. */
export const TABLES = {
  messages: {
    key: "seq",
    columns: {
      ...{ seq: "bigint", id: "text", created_at: "text", role: "text", live: "boolean" },
      ...{ n: "bigint", session: "bigint", speaker: "text", text: "text", json: "text" },
    },
    portion: 500,
  },
  speakers: { key: "name", columns: { name: "text" }, portion: 500 },
  passages: {
    key: "seq",
    columns: {
      ...{ seq: "bigint", id: "text", created_at: "text", live: "boolean" },
      ...{ text: "text", embedding: "bytea", origin: "text" },
    },
    portion: 500,
  },
  journal: {
    key: "op",
    columns: {
      ...{ op: "bigint", at: "text", cause: "text", kind: "text" },
      ...{ ref: "text", before: "text", after: "text", origin: "text" },
    },
    portion: 500,
  },
  actions: {
    key: "seq",
    columns: {
      ...{ seq: "bigint", id: "text", at: "text", label: "text" },
      ...{ first_op: "bigint", last_op: "bigint", undone: "bigint" },
    },
    portion: 500,
  },
  quarantine: { key: "seq", columns: { seq: "bigint", id: "text", json: "text" }, portion: 100 },
  said_vectors: {
    key: "seq",
    columns: { seq: "bigint", n: "bigint", model: "text", embedding: "bytea" },
    portion: 500,
  },
  reindexed: { key: "seq", columns: { seq: "bigint", embedding: "bytea" }, portion: 500 },
  checkpoints: { key: "file", columns: { file: "text", json: "text" }, portion: 10 },
} as const satisfies Record<string, Layout>;

export type Table = keyof typeof TABLES;

export const TABLE_NAMES = Object.keys(TABLES) as Table[];

export function layoutOf(table: Table): Layout {
  return TABLES[table];
}

/** An agent's values outside the tables, each as JSON. */
export type MovedHead = {
  readonly state: string;
  readonly spent: string | null;
  /** The embedder of its passages, and of an unfinished reindexing. */
  readonly collection: string | null;
  readonly reindex: string | null;
};

/** One agent, read row by row. */
export interface AgentRows {
  readonly head: MovedHead;
  /** The next portion of rows after `key`, ordered by key; empty at the end. */
  after(table: Table, key: string | number): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Reads and creates whole agents of one owner. */
export interface RowStorage {
  /** Undefined if there is no agent of that name. */
  read(name: string): Promise<AgentRows | undefined>;
  /**
   * Creates an agent, all or nothing, after removing what an interrupted attempt left.
   *
   * @param check sees the copy before it becomes an agent; if it throws, the copy is removed.
   * @throws MemGPTError `agent_exists`, `agent_locked` if another process makes it, `storage_failed`.
   */
  make(name: string, from: Source, check: (copy: AgentRows) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** The content for a new agent. */
export type Source = {
  readonly head: MovedHead;
  portions(table: Table): AsyncGenerator<readonly Row[], void, void>;
};

/** All rows of a table, a portion at a time, except unreadable checkpoints. */
export async function* portionsOf(
  rows: AgentRows,
  table: Table,
  signal?: AbortSignal,
): AsyncGenerator<readonly Row[], void, void> {
  const { key, columns } = layoutOf(table);
  let last: string | number = columns[key] === "text" ? "" : Number.MIN_SAFE_INTEGER;
  for (;;) {
    if (signal?.aborted === true) throw stopped();
    const portion = await rows.after(table, last);
    const newest = portion.at(-1)?.[key];
    if (typeof newest !== "string" && typeof newest !== "number") return;
    last = newest;
    yield table === "checkpoints" ? portion.filter(isReadable) : portion;
  }
}

/** Adds the columns that searches need, which are computed, not moved. */
export function withTraits(row: Row, table: Table): Row {
  if (table !== "messages" || typeof row["text"] !== "string") return row;
  return { ...row, traits: traitsOf(row["text"]), gist: gistNumber(row["text"]) };
}

export function stopped(): MemGPTError {
  const message = "Stopped. What was moved before stays, and the originals are unchanged. Repeat the command to go on.";
  return new MemGPTError("interrupted", message);
}

function isReadable({ json }: Row): boolean {
  return "state" in readCheckpointText(String(json));
}
