import type { Statement } from "better-sqlite3";
import { type AgentState, agentStateSchema } from "../../schema/state.ts";
import { WrongSum } from "./damage.ts";
import type { Database } from "./load-sqlite.ts";
import { STATE_AND_FIT } from "./sums.ts";

/** The only row of the `state` table: the present state. */
export class StateRow {
  readonly #get: Statement<[], { json: string; fits: number }>;
  readonly #set: Statement<[json: string]>;

  constructor(db: Database) {
    this.#get = db.prepare(STATE_AND_FIT);
    this.#set = db.prepare("INSERT INTO state VALUES (1, ?) ON CONFLICT DO UPDATE SET json = excluded.json");
  }

  /** @throws WrongSum if a bit of it was changed; what zod throws if it is no state. */
  get(): AgentState | undefined {
    const row = this.#get.get();
    if (row === undefined) return undefined;
    if (row.fits === 0) throw new WrongSum("the state does not fit its checksum");
    return agentStateSchema.parse(JSON.parse(row.json));
  }

  set(state: AgentState): void {
    this.#set.run(JSON.stringify(state));
  }
}
