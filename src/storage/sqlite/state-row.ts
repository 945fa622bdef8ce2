import type { Statement } from "better-sqlite3";
import { jsonOf } from "../../memory/json-of.ts";
import { type AgentState, agentStateSchema } from "../../schema/state.ts";
import { WrongSum } from "./damage.ts";
import type { Database } from "./load-sqlite.ts";
import { STATE_AND_FIT, WRONG_STATE } from "./sums.ts";

/** Bytes of a page of the database. */
const PAGE = 4096;

/** Most bytes of spaces after a state that shrinks. */
const MOST_SPARE = 4 * PAGE;

/** The only row of the `state` table: the present state. */
export class StateRow {
  readonly #get: Statement<[], { json: string; fits: number }>;
  readonly #set: Statement<[json: string]>;
  /** The state as last read. */
  #read: { readonly json: string; readonly state: AgentState } | undefined;
  /** The first part of the last JSON. */
  #start: { readonly fields: Readonly<Record<string, unknown>>; readonly json: string } | undefined;
  /** Length of the row, in bytes. */
  #room = 0;

  constructor(db: Database) {
    this.#get = db.prepare(STATE_AND_FIT);
    this.#set = db.prepare("INSERT INTO state VALUES (1, ?) ON CONFLICT DO UPDATE SET json = excluded.json");
  }

  /** @throws WrongSum if it does not match its checksum; ZodError if it is not a state. */
  get(): AgentState | undefined {
    const row = this.#get.get();
    if (row === undefined) return undefined;
    if (row.fits === 0) throw new WrongSum(WRONG_STATE);
    if (row.json !== this.#read?.json) {
      this.#read = { json: row.json, state: agentStateSchema().parse(JSON.parse(row.json)) };
    }
    return this.#read.state;
  }

  set(state: AgentState): void {
    this.#set.run(this.#layOut(state));
  }

  /**
   * The JSON of a state, laid out so that a step changes few of its pages: first what rarely changes, then the queue, which
   * grows at its end, then the rest, and spaces up to a whole page. SQLite overwrites a row of equal length in place and writes
   * only the pages that differ.
   */
  #layOut({
    queue,
    blocks,
    shown,
    pressure,
    evicted,
    greeted,
    heartbeatsPausedUntil,
    lastActiveAt,
    ...rest
  }: AgentState): string {
    const start = this.#startOf(rest);
    const end = JSON.stringify({ shown, pressure, evicted, greeted, heartbeatsPausedUntil, lastActiveAt });
    const json = `${start},"queue":[${queue.map(jsonOf).join(",")}],"blocks":[${blocks.map(jsonOf).join(",")}],${end.slice(1)}`;
    const bytes = Buffer.byteLength(json);
    const fits = bytes <= this.#room && bytes > this.#room - MOST_SPARE;
    if (!fits) this.#room = Math.ceil(bytes / PAGE) * PAGE;
    return json + " ".repeat(this.#room - bytes);
  }

  /** The JSON of the fields that rarely change, without its last brace. */
  #startOf(fields: Readonly<Record<string, unknown>>): string {
    const known = this.#start;
    const isKnown = known !== undefined && isSame(known.fields, fields);
    this.#start = isKnown ? known : { fields, json: JSON.stringify(fields).slice(0, -1) };
    return this.#start.json;
  }
}

function isSame(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(other);
  return keys.length === Object.keys(one).length && keys.every((key) => key in one && one[key] === other[key]);
}
