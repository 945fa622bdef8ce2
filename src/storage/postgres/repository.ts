import { MemGPTError } from "../../errors.ts";
import type {
  AgentEntry,
  AgentOverview,
  AgentReader,
  AgentRepository,
  CopyOptions,
  OpenOptions,
  OpenedAgent,
  ReadOptions,
  ServingProcess,
} from "../../ports/repository.ts";
import type { AgentState } from "../../schema/state.ts";
import type { CheckpointEntry } from "../../schema/timeline.ts";
import { shownTimeOf, timeOf } from "../files/checkpoint-name.ts";
import { checkName } from "../files/paths.ts";
import { byLastUse, nameTaken, noSuchAgent } from "../names.ts";
import { findIn } from "../repository/open-checkpoints.ts";
import { PgAgentStore } from "./agent-store.ts";
import { addAgent, copyRows, nameAgent, removeRows } from "./agents.ts";
import { CheckpointRows } from "./checkpoint-rows.ts";
import type { Connected, Connection } from "./connect.ts";
import { type Database, type Value, reading } from "./database.ts";
import type { CommonMemory } from "./forgetting.ts";
import { readHead } from "./head.ts";
import { vectorEngineOf } from "./near-vectors.ts";
import { type Named, openRows, stateless } from "./open-rows.ts";
import { PgRecords } from "./records.ts";
import { bytesOf } from "./stored-bytes.ts";
import { type Numbered, ORDERS_WAIT, WaitingOrders } from "./waiting-orders.ts";

/** A fencing number that no holder has, for readers. */
const READING = -1;

/** Prefix of the names of unfinished copies, which no agent can have. */
const UNFINISHED = ".new-";

export type PgRepositoryOptions = {
  readonly owner: string;
  /** The present time, ISO 8601 in UTC. */
  readonly now: () => string;
  /** What agents share; forgetting removes it there too. */
  readonly common?: Partial<CommonMemory> | undefined;
};

/** The agents of one owner in a PostgreSQL database, which any number of processes share. */
export class PgAgentRepository implements AgentRepository {
  readonly #connection: Connection;
  readonly #owner: string;
  readonly #now: () => string;
  readonly #common: CommonMemory;
  readonly #waiting: WaitingOrders;

  constructor(connection: Connection, { owner, now, common = {} }: PgRepositoryOptions) {
    this.#connection = connection;
    this.#owner = owner;
    this.#now = now;
    const { blocks = new PgRecords(connection, { owner, book: "blocks" }) } = common;
    this.#common = { ...common, blocks };
    const connect = async (): Promise<Database> => (await this.#connect()).database;
    const visit = async (agent: Numbered): Promise<void> => (await this.#open({ ...agent, waits: true })).release();
    this.#waiting = new WaitingOrders({ owner, blocks, connect, visit });
  }

  async list(): Promise<AgentEntry[]> {
    const rows = await this.#rows<{ name: string; newest: string | null }>(
      `SELECT a.name, (SELECT max(c.file) FROM checkpoints c WHERE c.agent = a.agent) AS newest
       FROM agents a WHERE a.owner = $1 AND a.name NOT LIKE '.%'`,
    );
    return rows
      .map(({ name, newest }) => ({ name, lastUsedAt: newest === null ? "" : new Date(timeOf(newest)).toISOString() }))
      .sort(byLastUse);
  }

  async has(name: string): Promise<boolean> {
    return (await this.#find(checkName(name, "agent"))) !== undefined;
  }

  async newName(wanted?: string): Promise<string> {
    if (wanted !== undefined) {
      const name = checkName(wanted, "agent");
      if (await this.has(name)) throw nameTaken(name);
      return name;
    }
    const taken = new Set(await this.#names());
    for (let n = taken.size + 1; ; n += 1) if (!taken.has(`agent_${n}`)) return `agent_${n}`;
  }

  async create(name: string, state: AgentState): Promise<void> {
    const { database } = await this.#connect();
    const checked = checkName(name, "agent");
    if ((await addAgent(database, this.#owner, checked, state)) === undefined) throw nameTaken(checked);
  }

  async open(name: string, { notify, incognito = false }: OpenOptions = {}): Promise<OpenedAgent> {
    if (incognito) {
      const message = `Incognito sessions are not available with PostgreSQL. ${name} was not opened.`;
      throw new MemGPTError("invalid_input", message);
    }
    const named = await this.#existing(name);
    const opened = await this.#open(named, notify);
    // The next opening repeats what fails.
    if (named.waits) await this.#waiting.settle().catch(() => undefined);
    const release = async (): Promise<void> => {
      await opened.release();
      // What others forgot while it was open.
      await this.#waiting.settleAfter(named.agent).catch(() => undefined);
    };
    return { ...opened, release };
  }

  async read(name: string, { notify, snapshot = false }: ReadOptions = {}): Promise<AgentReader> {
    const { database } = await this.#connect();
    const { agent, name: checked, waits } = await this.#existing(name);
    if (waits) await this.#waiting.settleAfter(agent);
    const instant = snapshot ? await reading(() => database.snapshot()) : undefined;
    const read = instant ?? database;
    const { history, recall, archival, maintenance } = new PgAgentStore(read, { agent, fence: READING }, notify);
    const close = async (): Promise<void> => instant?.close();
    return { name: checked, history, recall, archival, maintenance, bytes: async () => bytesOf(read, agent), close };
  }

  async overview(name: string): Promise<AgentOverview> {
    const { database } = await this.#connect();
    const { agent, name: checked } = await this.#existing(name);
    const { state, messages, passages } = await readHead(database, agent);
    if (state === undefined) throw stateless(checked);
    const { id, createdAt, settings } = state;
    return { id, model: settings.model, createdAt, recall: messages, archival: passages };
  }

  async checkpoints(name: string): Promise<CheckpointEntry[]> {
    const { database } = await this.#connect();
    const { agent } = await this.#existing(name);
    return new CheckpointRows(database, { agent, fence: READING }).list();
  }

  async copy(from: string, to: string, { id, at }: CopyOptions): Promise<void> {
    const name = checkName(to, "agent");
    const source = await this.#existing(from);
    if (await this.has(name)) throw nameTaken(name);
    const draft = `${UNFINISHED}${crypto.randomUUID()}`;
    const copy = await this.#copyRows(source, { id, name, draft });
    if (source.waits) await this.#waiting.copy(source.agent, { agent: copy, id });
    const opened = await this.#open({ agent: copy, name, waits: source.waits });
    try {
      let { state } = opened;
      if (at !== undefined) state = await this.#goThere(opened, copy, at);
      await opened.checkpoints.write(state, { name: null, kept: false });
      await this.#name(copy, name);
    } catch (error) {
      const { database } = await this.#connect();
      const { fence } = await readHead(database, copy);
      await removeRows(database, copy, fence);
      throw error;
    } finally {
      await opened.release();
    }
  }

  async rename(from: string, to: string): Promise<void> {
    const name = checkName(to, "agent");
    const { database, leases } = await this.#connect();
    const named = await this.#existing(from);
    const fence = await leases.take(named.agent, named.name, database);
    try {
      await this.#name(named.agent, name);
    } finally {
      await leases.release(named.agent, fence, database);
    }
  }

  async delete(name: string): Promise<void> {
    const { database, leases } = await this.#connect();
    const named = await this.#existing(name);
    const fence = await leases.take(named.agent, named.name, database);
    try {
      await removeRows(database, named.agent, fence);
    } finally {
      await leases.release(named.agent, fence, database);
    }
    if (named.waits) await this.#waiting.settle().catch(() => undefined);
  }

  async announce(url: string): Promise<void> {
    await (await this.#connect()).leases.announce(url);
  }

  async processId(): Promise<string> {
    return (await this.#connect()).leases.process;
  }

  async others(): Promise<ServingProcess[]> {
    return (await this.#connect()).leases.others();
  }

  async vectorEngine(): Promise<string | undefined> {
    const { database } = await this.#connect();
    return vectorEngineOf(database);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #connect(): Promise<Pick<Connected, "database" | "leases">> {
    const { database, leases, as } = await this.#connection.connect();
    return { database: as?.(this.#owner) ?? database, leases };
  }

  async #open(named: Named, notify?: OpenOptions["notify"]): Promise<OpenedAgent> {
    const means = { ...(await this.#connect()), common: this.#common, waiting: this.#waiting, now: this.#now };
    return openRows(named, means, notify);
  }

  /** Copies the agent's rows, again if it moves on meanwhile. */
  async #copyRows(
    { agent, name: from }: Named,
    { id, name, draft }: { readonly id: string; readonly name: string; readonly draft: string },
  ): Promise<number> {
    const { database } = await this.#connect();
    for (;;) {
      const { op, state } = await readHead(database, agent);
      if (state === undefined) throw stateless(from);
      const copying = { from: agent, op, state: { ...state, id, name }, owner: this.#owner, name: draft };
      const copy = await copyRows(database, copying);
      if (copy !== undefined) return copy;
    }
  }

  async #goThere({ store, state, checkpoints }: OpenedAgent, agent: number, at: string): Promise<AgentState> {
    const { database } = await this.#connect();
    // Also a checkpoint of the copied state, so that it can be loaded later.
    await checkpoints.write(state, { name: null, kept: false });
    const rows = new CheckpointRows(database, { agent, fence: READING });
    const checkpoint = await findIn(rows, at, this.#now());
    const label = `copy --at ${checkpoint.name ?? shownTimeOf(checkpoint.file)}`;
    return (await store.history.goTo(checkpoint, { id: crypto.randomUUID(), label }, this.#now())).state;
  }

  /** @throws MemGPTError `agent_exists` if another agent has the name. */
  async #name(agent: number, name: string): Promise<void> {
    const { database } = await this.#connect();
    if (!(await nameAgent(database, { agent, owner: this.#owner, name }))) throw nameTaken(name);
  }

  /** @throws MemGPTError `agent_not_found`, which lists all agents; `invalid_name`. */
  async #existing(name: string): Promise<Named> {
    const checked = checkName(name, "agent");
    const named = await this.#find(checked);
    if (named === undefined) throw noSuchAgent(name, await this.#names());
    return named;
  }

  async #find(name: string): Promise<Named | undefined> {
    const sql = `SELECT agent, name, ${ORDERS_WAIT} AS waits FROM agents WHERE owner = $1 AND name = $2`;
    return (await this.#rows<Named>(sql, name))[0];
  }

  async #names(): Promise<string[]> {
    return (await this.list()).map(({ name }) => name);
  }

  async #rows<Row>(sql: string, ...values: Value[]): Promise<Row[]> {
    const { database } = await this.#connect();
    return reading(() => database.query<Row>(sql, [this.#owner, ...values]));
  }
}
