import { FORGET, ForgetOrders, type StoredOrder } from "../../ports/forget-orders.ts";
import type { Records } from "../../ports/records.ts";
import type { ForgetOrder } from "../../schema/forgetting.ts";
import { type AgentState, agentStateSchema } from "../../schema/state.ts";
import { blocksWithout, recordedBlocks } from "../records/forget-blocks.ts";
import { ordersOfSharers } from "../records/sharer-orders.ts";
import { type Queryable, reading } from "./database.ts";
import { ForgettableRows } from "./forgettable-rows.ts";

// An order to forget is stored with the blocks of its owner before it is carried out: for the agent that forgets, and for each
// that has or had one of its blocks. Every agent carries its orders out itself, so under its own lease.

/** An agent, and the number of its rows. */
export type Numbered = { readonly agent: number; readonly name: string };

type Options = {
  readonly owner: string;
  readonly blocks: Records;
  /** The database as the owner sees it. */
  readonly connect: () => Promise<Queryable>;
  /** Opens and closes an agent, which carries out its orders. Fails if somebody has it open, who does that. */
  readonly visit: (agent: Numbered) => Promise<void>;
};

/** The orders to forget of one owner. */
export class WaitingOrders {
  readonly #options: Options;
  readonly #orders: ForgetOrders;

  constructor(options: Options) {
    this.#options = options;
    this.#orders = new ForgetOrders(options.blocks);
  }

  async refresh(): Promise<void> {
    await this.#options.blocks.refresh();
  }

  /** Those for one agent, oldest first, as of the last refresh. */
  of(agent: number): StoredOrder[] {
    return this.#orders.all().filter(({ number }) => number === agent);
  }

  /** Stores an order, and those for the agents that share a block, and removes what is forgotten from the blocks: all or nothing. */
  async store(agent: number, order: ForgetOrder): Promise<void> {
    while (!(await this.#isStored(agent, order)));
  }

  /** @returns false, having stored nothing, if somebody else has just been given a block. */
  async #isStored(agent: number, order: ForgetOrder): Promise<boolean> {
    const { blocks } = this.#options;
    await blocks.refresh();
    const asked = ordersOfSharers(recordedBlocks(blocks), order);
    const found = await this.#withIds([...asked.keys()]);
    let isStored = false;
    await blocks.change(() => {
      const theirs = ordersOfSharers(recordedBlocks(blocks), order);
      isStored = [...theirs.keys()].every((id) => asked.has(id));
      if (!isStored) return [];
      const others = found.flatMap(({ agent: number, id }) => {
        const its = theirs.get(id);
        return its === undefined ? [] : [this.#orders.added(number, its)];
      });
      return [this.#orders.added(agent, order), ...others, ...blocksWithout(blocks, order)];
    });
    return isStored;
  }

  /** Removes an order that was carried out. */
  async done({ id }: StoredOrder): Promise<void> {
    const { blocks } = this.#options;
    await blocks.write([this.#orders.removed(id)]);
  }

  /** Gives a copy of an agent the orders that wait for the agent. */
  async copy(from: number, to: { readonly agent: number; readonly id: string }): Promise<void> {
    const { blocks } = this.#options;
    await blocks.refresh();
    await blocks.write(this.of(from).map(({ order }) => this.#orders.added(to.agent, { ...order, agent: to.id })));
  }

  /** Has every agent that nobody has open carry out its orders. Those of agents that no longer exist are removed. */
  async settle(): Promise<void> {
    const { blocks, visit } = this.#options;
    const tried = new Set<string>();
    for (;;) {
      await blocks.refresh();
      const waiting = this.#orders.all().filter(({ id }) => !tried.has(id));
      if (waiting.length === 0) return;
      for (const { id } of waiting) tried.add(id);
      const numbers = [...new Set(waiting.map(({ number }) => number))];
      const agents = await this.#rows<Numbered>(
        "SELECT agent, name FROM agents WHERE owner = $1 AND agent = ANY ($2)",
        numbers,
      );
      const there = new Set(agents.map(({ agent }) => agent));
      await blocks.write(waiting.flatMap(({ id, number }) => (there.has(number) ? [] : [this.#orders.removed(id)])));
      // The next opening repeats what fails.
      for (const agent of agents) await visit(agent).catch(() => undefined);
    }
  }

  /** As `settle`, if an order waits for this agent. */
  async settleAfter(agent: number): Promise<void> {
    await this.refresh();
    if (this.of(agent).length > 0) await this.settle();
  }

  /** The names of the agents with forgotten text in a block that they share, or shared, with the order's agent. */
  async sharers(order: ForgetOrder): Promise<string[]> {
    const { blocks, connect } = this.#options;
    await blocks.refresh();
    const orders = ordersOfSharers(recordedBlocks(blocks), order);
    const names: string[] = [];
    for (const { agent, name, id, state } of await this.#withIds([...orders.keys()])) {
      const its = orders.get(id);
      const rows = new ForgettableRows(await connect(), agent);
      if (its !== undefined && (await rows.sayInBlocks(its, state))) names.push(name);
    }
    return names;
  }

  async #withIds(ids: readonly string[]): Promise<(Numbered & { readonly id: string; readonly state: AgentState })[]> {
    if (ids.length === 0) return [];
    const rows = await this.#rows<Numbered & { readonly state: string }>(
      `SELECT a.agent, a.name, h.state FROM agents a JOIN heads h ON h.agent = a.agent
       WHERE a.owner = $1 AND EXISTS (SELECT FROM unnest($2::text[]) id WHERE strpos(h.state, id) > 0) ORDER BY a.name`,
      ids,
    );
    return rows.flatMap(({ state: json, ...row }) => {
      const state = agentStateSchema().parse(JSON.parse(json));
      return ids.includes(state.id) ? [{ ...row, id: state.id, state }] : [];
    });
  }

  async #rows<Row>(sql: string, among: readonly string[] | readonly number[]): Promise<Row[]> {
    const { connect, owner } = this.#options;
    const database = await connect();
    return reading(() => database.query<Row>(sql, [owner, among]));
  }
}

/** Whether orders wait for any agent of the owner `$1`. */
export const ORDERS_WAIT = `EXISTS (
  SELECT FROM records WHERE owner = $1 AND book = 'blocks' AND kind = '${FORGET}' AND body IS NOT NULL
)`;
