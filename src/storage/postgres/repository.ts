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
  StoredBytes,
  ServingProcess,
} from "../../ports/repository.ts";
import type { AgentState } from "../../schema/state.ts";
import type { CheckpointEntry } from "../../schema/timeline.ts";
import { shownTimeOf, timeOf } from "../files/checkpoint-name.ts";
import { checkName } from "../files/paths.ts";
import { byLastUse, nameTaken, noSuchAgent } from "../names.ts";
import type { Writing } from "../repository/checkpoint-writer.ts";
import { findIn, openCheckpoints } from "../repository/open-checkpoints.ts";
import { PgAgentStore } from "./agent-store.ts";
import { addAgent, agentNamed, copyRows, nameAgent, removeRows } from "./agents.ts";
import { CheckpointRows } from "./checkpoint-rows.ts";
import type { Connected, Connection } from "./connect.ts";
import { type Queryable, type Value, reading } from "./database.ts";
import { type CommonMemory, PgForgetting } from "./forgetting.ts";
import { readHead } from "./head.ts";
import { vectorEngineOf } from "./near-vectors.ts";

type Named = { readonly agent: number; readonly name: string };

/** A fencing number that no holder has, for readers. */
const READING = -1;

/** Prefix of the names of unfinished copies, which no agent can have. */
const UNFINISHED = ".new-";

export type PgRepositoryOptions = {
  readonly owner: string;
  /** The present time, ISO 8601 in UTC. */
  readonly now: () => string;
  /** What agents share; forgetting removes it there too. */
  readonly common?: CommonMemory | undefined;
};

/** The agents of one owner in a PostgreSQL database, which any number of processes share. */
export class PgAgentRepository implements AgentRepository {
  readonly #connection: Connection;
  readonly #owner: string;
  readonly #now: () => string;
  readonly #common: CommonMemory;

  constructor(connection: Connection, { owner, now, common = {} }: PgRepositoryOptions) {
    this.#connection = connection;
    this.#owner = owner;
    this.#now = now;
    this.#common = common;
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
    return (await this.#numberOf(checkName(name, "agent"))) !== undefined;
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
    return this.#open(await this.#existing(name), notify);
  }

  async read(name: string, { notify, snapshot = false }: ReadOptions = {}): Promise<AgentReader> {
    const { database } = await this.#connect();
    const { agent, name: checked } = await this.#existing(name);
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
    const opened = await this.#open({ agent: copy, name });
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

  async #open({ agent, name }: Named, notify?: OpenOptions["notify"]): Promise<OpenedAgent> {
    const { database, leases } = await this.#connect();
    const fence = await leases.take(agent, name, database);
    const release = async (): Promise<void> => leases.release(agent, fence, database);
    try {
      const head = await readHead(database, agent);
      const { state, op } = head;
      if (state === undefined) throw stateless(name);
      const store = new PgAgentStore(database, { agent, fence }, notify, { ...head, fence });
      const rows = new CheckpointRows(database, { agent, fence });
      const writing: Writing = {
        store,
        present: async () => store.history.present(),
        write: async (checkpoint, newest) => rows.write(checkpoint, newest),
      };
      const [newest] = await rows.list();
      return {
        store,
        checkpoints: openCheckpoints(writing, rows, this.#now),
        forgetting: new PgForgetting(database, { agent, common: this.#common }, { store, rows }),
        state: { ...state, name },
        notices: [],
        isCheckpointDue: (newest?.op ?? -1) < op,
        release: async () => {
          await store.close();
          await release();
        },
      };
    } catch (error) {
      await release();
      throw error;
    }
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
    const agent = await this.#numberOf(checked);
    if (agent === undefined) throw noSuchAgent(name, await this.#names());
    return { agent, name: checked };
  }

  async #numberOf(name: string): Promise<number | undefined> {
    const { database } = await this.#connect();
    return agentNamed(database, this.#owner, name);
  }

  async #names(): Promise<string[]> {
    return (await this.list()).map(({ name }) => name);
  }

  async #rows<Row>(sql: string, ...values: Value[]): Promise<Row[]> {
    const { database } = await this.#connect();
    return reading(() => database.query<Row>(sql, [this.#owner, ...values]));
  }
}

async function bytesOf(database: Queryable, agent: number): Promise<StoredBytes> {
  const [row] = await reading(() =>
    database.query<StoredBytes>(
      `SELECT (SELECT coalesce(sum(pg_column_size(t)), 0) FROM messages t WHERE agent = $1)
            + (SELECT coalesce(sum(pg_column_size(t)), 0) FROM passages t WHERE agent = $1)
            + (SELECT coalesce(sum(pg_column_size(t)), 0) FROM journal t WHERE agent = $1)
            + (SELECT pg_column_size(t) FROM heads t WHERE agent = $1) AS database,
         (SELECT coalesce(sum(pg_column_size(t)), 0) FROM postings t WHERE agent = $1) AS index,
         (SELECT coalesce(sum(pg_column_size(t)), 0) FROM checkpoints t WHERE agent = $1) AS checkpoints`,
      [agent],
    ),
  );
  return row ?? { database: 0, index: 0, checkpoints: 0 };
}

function stateless(name: string): MemGPTError {
  return new MemGPTError("storage_failed", `Agent ${name} has no state in the database. Nothing was changed.`);
}
