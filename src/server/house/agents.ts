import { statSync } from "node:fs";
import * as z from "zod";
import {
  type Agent,
  type MemGPT,
  MemGPTError,
  type NewAgent,
  type Records,
  Table,
  hiddenName,
  shownName,
} from "../../index.ts";
import { bareId, folderName, idOf } from "./ids.ts";

/** What the server stores about an agent, besides the agent's own state. */
const agentSchema = z.object({
  /** Its name in the home directory. */
  folder: z.string(),
  /** The user's name for it; need not be unique. */
  name: z.string(),
  createdAt: z.string(),
  description: z.string().nullable().default(null),
  agentType: z.string().default("letta_v1_agent"),
  tags: z.array(z.string()).default([]),
  metadata: z.record(z.string(), z.unknown()).default({}),
  timezone: z.string().default("UTC"),
  /** Ids of attachments. */
  tools: z.array(z.string()).default([]),
  identities: z.array(z.string()).default([]),
  folders: z.array(z.string()).default([]),
  /** Archives attached before agents themselves searched them; attached when the server starts. */
  archives: z.array(z.string()).default([]),
  toolRules: z.array(z.unknown()).default([]),
  /** Names of functions whose calls wait for approval. */
  approvals: z.array(z.string()).default([]),
  /** Set on agents that the server made for itself: a thread of another agent, or the store of an archive. */
  hidden: z.enum(["thread", "archive"]).optional(),
});
export type AgentRecord = z.infer<typeof agentSchema>;
export type AgentEntry = AgentRecord & { readonly id: string };

/** Least time between two scans for agents that another program made or removed, in milliseconds. */
const LOOK_EVERY = 1000;

/** Agents that a scan reads before it yields to other requests. */
const AT_A_TIME = 25;

/** The agents of one user, by id. */
export class AgentBook {
  readonly #memgpt: MemGPT;
  readonly #records: Records;
  readonly #table: Table<AgentRecord>;
  readonly #changed: () => void;
  #looked = Number.NEGATIVE_INFINITY;
  /** Modification time of the agents' folder at the last complete scan. */
  #seen = Number.NaN;
  #looking: Promise<void> | undefined;

  /** @param changed Called after an agent was created, renamed or removed here. */
  constructor(memgpt: MemGPT, records: Records, changed: () => void) {
    this.#memgpt = memgpt;
    this.#records = records;
    this.#changed = changed;
    this.#table = new Table(records, "agent", agentSchema);
  }

  /** @throws MemGPTError `agent_not_found`, also for another user's agent. */
  async get(id: string): Promise<AgentEntry> {
    if (this.#table.get(id) === undefined) await this.#look();
    const record = this.#table.get(id);
    if (record === undefined || !(await this.#memgpt.hasAgent(record.folder))) throw agentNotFound(id);
    return { id, ...record };
  }

  /** The user's agents without the hidden ones, oldest first. */
  async list(): Promise<AgentEntry[]> {
    await this.#look();
    return this.all().filter(({ hidden }) => hidden === undefined);
  }

  /** Every agent known so far, hidden ones included. */
  all(): AgentEntry[] {
    return this.#table.all().map(({ id, value }) => ({ id, ...value }));
  }

  /** An agent's position in the list, even after its removal; undefined for an unknown id. */
  place(id: string): number | undefined {
    return this.#table.place(id);
  }

  /**
   * Creates an agent. Its folder has a similar name if `fields.name` is taken or not a valid folder name, and a generated one if
   * no name is given.
   *
   * @param prepare Runs before the agent is listed; if it throws, the agent is deleted.
   */
  async create(
    options: NewAgent,
    fields: Partial<AgentRecord>,
    prepare: (agent: Agent) => Promise<void> = async () => undefined,
  ): Promise<AgentEntry> {
    const make = (name?: string): Promise<Agent> => this.#memgpt.createAgent({ ...options, name });
    const agent = await (fields.name === undefined ? make() : this.#free({ ...fields, name: fields.name }, make));
    try {
      await prepare(agent);
      const { id, createdAt, name: folder } = agent.state;
      const record = agentSchema.parse({ name: folder, ...fields, folder, createdAt });
      await agent.close();
      await this.#table.put(`agent-${id}`, record);
      this.#changed();
      return { id: `agent-${id}`, ...record };
    } catch (error) {
      await agent.close();
      await this.#memgpt.deleteAgent(agent.name);
      throw error;
    }
  }

  /** @param change The changed fields, or a function that returns them. */
  async update(
    id: string,
    change: Partial<AgentRecord> | ((record: AgentRecord) => Partial<AgentRecord>),
  ): Promise<AgentEntry> {
    let changed: AgentRecord | undefined;
    await this.#records.change(() => {
      const record = this.#table.get(id);
      if (record === undefined) throw agentNotFound(id);
      changed = { ...record, ...(typeof change === "function" ? change(record) : change) };
      return [this.#table.change(id, changed)];
    });
    this.#changed();
    if (changed === undefined) throw agentNotFound(id);
    return { id, ...changed };
  }

  /** Copies an agent with its whole memory, as it is or as it was at the checkpoint `at`. */
  async copy({ id: _, folder: from, ...record }: AgentEntry, name: string, at?: string): Promise<AgentEntry> {
    const fields = { ...record, name, createdAt: new Date().toISOString() };
    const { entry } = await this.adopt(fields, (folder) => this.#memgpt.copyAgent(from, folder, { at }));
    return entry;
  }

  /** Lists the agent that `make` creates in a folder named after it. */
  async adopt<T>(
    fields: Partial<AgentRecord> & { readonly name: string },
    make: (folder: string) => Promise<T>,
  ): Promise<{ readonly entry: AgentEntry; readonly made: T }> {
    const { folder, made } = await this.#free(fields, async (free) => {
      if (await this.#memgpt.hasAgent(free)) throw new MemGPTError("agent_exists", `There is an agent ${free}.`);
      return { folder: free, made: await make(free) };
    });
    const state = await this.#memgpt.readAgent(folder, (store) => store.load());
    if (state === undefined) throw agentNotFound(folder);
    const id = `agent-${state.id}`;
    const record = agentSchema.parse({ createdAt: state.createdAt, ...fields, folder });
    const entry = { id, ...(await this.#table.put(id, record)) };
    this.#changed();
    return { entry, made };
  }

  /** Removes an agent, which must be closed. */
  async remove({ id, folder }: AgentEntry): Promise<void> {
    await this.#memgpt.deleteAgent(folder);
    await this.#table.remove(id);
    this.#changed();
  }

  /** Calls `use` with a folder name made from `name`, and once more with a unique one if that is taken or invalid. */
  async #free<T>(
    { name, hidden }: Pick<AgentRecord, "name"> & { readonly hidden?: AgentRecord["hidden"] },
    use: (folder: string) => Promise<T>,
  ): Promise<T> {
    const first = folderName(name, "agent");
    const marked = (folder: string): string => (hidden === undefined ? folder : hiddenName(folder, hidden));
    try {
      return await use(marked(first));
    } catch (error) {
      const isTaken = error instanceof MemGPTError && (error.code === "agent_exists" || error.code === "invalid_name");
      if (!isTaken) throw error;
      return use(marked(`${first}-${crypto.randomUUID().slice(0, 8)}`));
    }
  }

  /** Finds agents that other programs, such as the terminal, made or removed. */
  async #look(): Promise<void> {
    // Concurrent requests share one scan.
    this.#looking ??= this.#lookThrough().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookThrough(): Promise<void> {
    if (performance.now() - this.#looked < LOOK_EVERY) return;
    this.#looked = performance.now();
    const changed = this.#changedAt();
    if (changed === this.#seen) return;
    // Read before the folders are listed: an agent created in between is in neither.
    const before = this.all();
    const folders = new Set((await this.#memgpt.listAgents({ hidden: true })).map(({ name }) => name));
    const removed = before.filter(({ folder }) => !folders.has(folder));
    for (const { folder } of this.all()) folders.delete(folder);
    await this.#records.write(removed.map(({ id }) => this.#table.change(id, undefined)));
    let areAllKnown = true;
    for (let rest = [...folders]; rest.length > 0; rest = rest.slice(AT_A_TIME)) {
      const found = await Promise.all(rest.slice(0, AT_A_TIME).map((folder) => this.#found(folder)));
      const known = found.flatMap((change) => change ?? []);
      // A record that another server process has written meanwhile holds more: keep it.
      if (known.length > 0)
        await this.#records.change(() => known.filter(({ id }) => this.#table.get(id) === undefined));
      areAllKnown &&= !found.includes(undefined);
      // Yield to other requests.
      await new Promise(setImmediate);
    }
    // Scan again if an agent could not be read.
    this.#seen = areAllKnown ? changed : Number.NaN;
  }

  /** The record for an agent that another program made; undefined if the agent cannot be read. */
  async #found(folder: string): Promise<ReturnType<Table<AgentRecord>["change"]> | undefined> {
    const known = await this.#memgpt.overview(folder).catch(() => undefined);
    if (known === undefined) return undefined;
    const { id, createdAt } = known;
    const name = shownName(folder);
    const hidden = name === folder ? {} : { hidden: folder.slice(name.length + 1) };
    return this.#table.change(`agent-${id}`, agentSchema.parse({ folder, name, createdAt, ...hidden }));
  }

  /** Modification time of the agents' folder; NaN, which forces a scan, if it is too recent to trust or agents are in a database. */
  #changedAt(): number {
    if (this.#memgpt.database !== undefined) return Number.NaN;
    const at = statSync(this.#memgpt.home.agents, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - at > LOOK_EVERY ? at : Number.NaN;
  }
}

function agentNotFound(id: string): MemGPTError {
  return new MemGPTError("agent_not_found", `There is no agent ${id}.`);
}

/** The id in the agent's own state, without the prefix. */
export function stateId({ id }: Pick<AgentEntry, "id">): string {
  return bareId("agent", id) ?? id;
}

/** The id of the archive of an agent's own passages. */
export function archiveOf(agentId: string): string {
  return idOf("archive", agentId);
}
