import { type AgentState, agentStateSchema } from "../../schema/state.ts";
import { type Queryable, reading } from "./database.ts";

/** Numeric columns of `heads` that change with a commit. */
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

/** An agent's row of `heads`, which every commit replaces. */
export type Head = Counts & {
  agent: number;
  /** The fencing number of the last lease. Nothing can be stored without it. */
  fence: number;
  state: AgentState | undefined;
  spent: string | null;
  collection: string | null;
  said_at: string | null;
  messages_packed: number;
  passages_packed: number;
};

/** The head without the state, which is by far the largest column. */
type Figures = Omit<Head, "state">;

const FIGURES = ["agent", "fence", "spent", "collection", "said_at", "messages_packed", "passages_packed", ...COUNTS];

/** The head of an agent. The holder knows it from its last commit; others read it each time. */
export class PgHead {
  readonly agent: number;
  known: Head | undefined;
  readonly #database: Queryable;

  constructor(database: Queryable, agent: number, known?: Head) {
    this.#database = database;
    this.agent = agent;
    this.known = known;
  }

  async current(): Promise<Head> {
    return this.known ?? readHead(this.#database, this.agent);
  }

  async figures(): Promise<Figures> {
    return this.known ?? read<Figures>(this.#database, this.agent, FIGURES);
  }
}

/** @throws Error if there is no such agent; MemGPTError `storage_failed`. */
export async function readHead(database: Queryable, agent: number): Promise<Head> {
  const row = await read<Figures & { readonly state: string | null }>(database, agent, ["state", ...FIGURES]);
  const { state } = row;
  return reading(async () => ({
    ...row,
    state: state === null ? undefined : agentStateSchema().parse(JSON.parse(state)),
  }));
}

async function read<R>(database: Queryable, agent: number, columns: readonly string[]): Promise<R> {
  return reading(async () => {
    const [row] = await database.query<R>(`SELECT ${columns.join(", ")} FROM heads WHERE agent = $1`, [agent]);
    if (row === undefined) throw new Error("the agent no longer exists");
    return row;
  });
}
