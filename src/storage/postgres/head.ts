import { type AgentState, agentStateSchema } from "../../schema/state.ts";
import { type Queryable, reading } from "./database.ts";

/** Columns of `heads` that are numbers and change with a commit. */
export const COUNTS = [
  "op",
  "seq",
  "n",
  "session",
  "action",
  "messages",
  "said",
  "said_terms",
  "rewritten",
  "retracted",
  "passage",
  "passages",
  "passage_terms",
  "toggled",
] as const;

type Counts = Record<(typeof COUNTS)[number], number>;

/** What is known of an agent as a whole: the row of `heads`, of which every commit makes another. */
export type Head = Counts & {
  agent: number;
  /** The number that whoever took the agent last was given. Only with it can anything be stored. */
  fence: number;
  state: AgentState | undefined;
  spent: string | null;
  collection: string | null;
  said_at: string | null;
  messages_packed: number;
  passages_packed: number;
};

type Row = Omit<Head, "state"> & { readonly state: string | null };

const COLUMNS = ["agent", "fence", "state", "spent", "collection", "said_at", "messages_packed", "passages_packed"];

/** @throws Error if there is no such agent; MemGPTError `storage_failed`. */
export async function readHead(database: Queryable, agent: number): Promise<Head> {
  return reading(async () => {
    const sql = `SELECT ${[...COLUMNS, ...COUNTS].join(", ")} FROM heads WHERE agent = $1`;
    const [row] = await database.query<Row>(sql, [agent]);
    if (row === undefined) throw new Error("the agent is gone");
    const { state } = row;
    return { ...row, state: state === null ? undefined : agentStateSchema.parse(JSON.parse(state)) };
  });
}
