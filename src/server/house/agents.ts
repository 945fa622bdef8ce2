import { statSync } from "node:fs";
import * as z from "zod";
import { type Agent, type MemGPT, MemGPTError, type NewAgent, type Records, Table } from "../../index.ts";
import { bareId, folderName, idOf } from "./ids.ts";

/** What a server knows of an agent beside what the agent itself keeps. */
const agentSchema = z.object({
  /** Its name in the home directory. */
  folder: z.string(),
  /** What its user calls it: several agents may be called the same. */
  name: z.string(),
  createdAt: z.string(),
  description: z.string().nullable().default(null),
  agentType: z.string().default("letta_v1_agent"),
  tags: z.array(z.string()).default([]),
  metadata: z.record(z.string(), z.unknown()).default({}),
  timezone: z.string().default("UTC"),
  /** Ids of what is attached to it. */
  tools: z.array(z.string()).default([]),
  identities: z.array(z.string()).default([]),
  folders: z.array(z.string()).default([]),
  archives: z.array(z.string()).default([]),
  toolRules: z.array(z.unknown()).default([]),
  /** Names of its functions whose calls wait for approval. */
  approvals: z.array(z.string()).default([]),
  /** What it serves, where it is no agent that its user made: a thread of another, or a store of passages. */
  hidden: z.enum(["thread", "archive"]).optional(),
});
export type AgentRecord = z.infer<typeof agentSchema>;
export type AgentEntry = AgentRecord & { readonly id: string };

/** How often the home is looked through for agents that another program made or removed, in milliseconds. */
const LOOK_EVERY = 1000;

/** Agents whose ids are looked up before others get a word in. */
const AT_A_TIME = 25;

/** The agents of one user, by id. */
export class AgentBook {
  readonly #memgpt: MemGPT;
  readonly #records: Records;
  readonly #table: Table<AgentRecord>;
  readonly #changed: () => void;
  #looked = Number.NEGATIVE_INFINITY;
  /** When the folder of agents last changed before it was looked through. */
  #seen = Number.NaN;
  #looking: Promise<void> | undefined;

  /** @param changed Called whenever an agent was made, renamed or removed here. */
  constructor(memgpt: MemGPT, records: Records, changed: () => void) {
    this.#memgpt = memgpt;
    this.#records = records;
    this.#changed = changed;
    this.#table = new Table(records, "agent", agentSchema);
  }

  /** The agent of that id. @throws MemGPTError `agent_not_found`, which says nothing of anybody else's. */
  async get(id: string): Promise<AgentEntry> {
    if (this.#table.get(id) === undefined) await this.#look();
    const record = this.#table.get(id);
    if (record === undefined || !(await this.#memgpt.hasAgent(record.folder))) throw agentNotFound(id);
    return { id, ...record };
  }

  /** Those that the user made, oldest first. */
  async list(): Promise<AgentEntry[]> {
    await this.#look();
    return this.all().filter(({ hidden }) => hidden === undefined);
  }

  /** Those that are known so far, the hidden ones as well. */
  all(): AgentEntry[] {
    return this.#table.all().map(({ id, value }) => ({ id, ...value }));
  }

  /** Where an agent stands in the list, also after it was removed; undefined for one that never was. */
  place(id: string): number | undefined {
    return this.#table.place(id);
  }

  /**
   * Makes an agent, in a folder of a like name where the name is taken or cannot be one, or of a free one if it has no name.
   *
   * @param prepare What else belongs to its making; if it throws, there is no agent.
   */
  async create(
    options: NewAgent,
    fields: Partial<AgentRecord>,
    prepare: (agent: Agent) => Promise<void> = async () => undefined,
  ): Promise<AgentEntry> {
    const make = (name?: string): Promise<Agent> => this.#memgpt.createAgent({ ...options, name });
    const agent = await (fields.name === undefined ? make() : this.#free(fields.name, make));
    try {
      await prepare(agent);
      const { id, createdAt, name: folder } = agent.state;
      const record = agentSchema.parse({ name: folder, ...fields, folder, createdAt });
      await agent.close();
      this.#table.put(`agent-${id}`, record);
      this.#changed();
      return { id: `agent-${id}`, ...record };
    } catch (error) {
      await agent.close();
      await this.#memgpt.deleteAgent(agent.name);
      throw error;
    }
  }

  update(id: string, changes: Partial<AgentRecord>): AgentEntry {
    const record = this.#table.get(id);
    if (record === undefined) throw agentNotFound(id);
    const entry = { id, ...this.#table.put(id, { ...record, ...changes }) };
    this.#changed();
    return entry;
  }

  /** Makes an agent that remembers all that another does, or did at the checkpoint `at`. */
  async copy({ id: _, folder: from, ...record }: AgentEntry, name: string, at?: string): Promise<AgentEntry> {
    const fields = { ...record, name, createdAt: new Date().toISOString() };
    const { entry } = await this.adopt(fields, (folder) => this.#memgpt.copyAgent(from, folder, { at }));
    return entry;
  }

  /** Takes in the agent that `make` makes in a folder of a like name. */
  async adopt<T>(
    fields: Partial<AgentRecord> & { readonly name: string },
    make: (folder: string) => Promise<T>,
  ): Promise<{ readonly entry: AgentEntry; readonly made: T }> {
    const { folder, made } = await this.#free(fields.name, async (free) => {
      if (await this.#memgpt.hasAgent(free)) throw new MemGPTError("agent_exists", `There is an agent ${free}.`);
      return { folder: free, made: await make(free) };
    });
    const state = await this.#memgpt.readAgent(folder, (store) => store.load());
    if (state === undefined) throw agentNotFound(folder);
    const id = `agent-${state.id}`;
    const record = agentSchema.parse({ createdAt: state.createdAt, ...fields, folder });
    const entry = { id, ...this.#table.put(id, record) };
    this.#changed();
    return { entry, made };
  }

  /** Removes an agent that is closed. */
  async remove({ id, folder }: AgentEntry): Promise<void> {
    await this.#memgpt.deleteAgent(folder);
    this.#table.remove(id);
    this.#changed();
  }

  /** Does something with a folder's name like `name`, or with another where that one is taken or cannot be one. */
  async #free<T>(name: string, use: (folder: string) => Promise<T>): Promise<T> {
    const first = folderName(name, "agent");
    try {
      return await use(first);
    } catch (error) {
      const isTaken = error instanceof MemGPTError && (error.code === "agent_exists" || error.code === "invalid_name");
      if (!isTaken) throw error;
      return use(`${first}-${crypto.randomUUID().slice(0, 8)}`);
    }
  }

  /** Agents may come and go by other programs, such as the terminal's. */
  async #look(): Promise<void> {
    // Requests that come meanwhile wait for the same result.
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
    const folders = new Set((await this.#memgpt.listAgents()).map(({ name }) => name));
    const gone = this.all().filter(({ folder }) => !folders.delete(folder));
    this.#records.write(gone.map(({ id }) => this.#table.change(id, undefined)));
    let areAllKnown = true;
    for (let rest = [...folders]; rest.length > 0; rest = rest.slice(AT_A_TIME)) {
      const found = await Promise.all(rest.slice(0, AT_A_TIME).map((folder) => this.#found(folder)));
      this.#records.write(found.flatMap((change) => change ?? []));
      areAllKnown &&= !found.includes(undefined);
      // Other requests are answered in between.
      await new Promise(setImmediate);
    }
    // One that cannot be read now may be later.
    this.#seen = areAllKnown ? changed : Number.NaN;
  }

  /** What is kept of an agent that another program made; undefined for one that cannot be read. */
  async #found(folder: string): Promise<ReturnType<Table<AgentRecord>["change"]> | undefined> {
    const known = await this.#memgpt.overview(folder).catch(() => undefined);
    if (known === undefined) return undefined;
    const { id, createdAt } = known;
    return this.#table.change(`agent-${id}`, agentSchema.parse({ folder, name: folder, createdAt }));
  }

  /** Changes whenever an agent comes or goes, unless that was a moment ago; NaN where nothing tells. */
  #changedAt(): number {
    if (this.#memgpt.database !== undefined) return Number.NaN;
    const at = statSync(this.#memgpt.home.agents, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - at > LOOK_EVERY ? at : Number.NaN;
  }
}

function agentNotFound(id: string): MemGPTError {
  return new MemGPTError("agent_not_found", `There is no agent ${id}.`);
}

/** The id of an agent in its own state. */
export function stateId({ id }: Pick<AgentEntry, "id">): string {
  return bareId("agent", id) ?? id;
}

/** The id of the store that an agent's own passages are in. */
export function archiveOf(agentId: string): string {
  return idOf("archive", agentId);
}
