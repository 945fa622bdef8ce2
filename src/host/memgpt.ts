import type { AgentInterface } from "../agent/agent.ts";
import { isHiddenName } from "../schema/hidden-name.ts";
import { agentOverrides } from "../agent/arguments.ts";
import type { AgentOverrides } from "../agent/deps.ts";
import { aFunction, aText, expectArguments, optional } from "../agent/expect.ts";
import type { FindResult } from "../agent/find.ts";
import type { FindAllResult } from "../agent/find-all.ts";
import { type FindAllRequest, type FindRequest, checkAllRequest, checkRequest } from "../agent/find-request.ts";
import type { FunctionListOptions } from "../functions/registry.ts";
import type { Llm } from "../ports/llm.ts";
import type { Moved } from "../ports/move.ts";
import type { Records } from "../ports/records.ts";
import type { AgentEntry, AgentOverview } from "../ports/repository.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { AgentSettings } from "../schema/state.ts";
import type { BlockEdit, CheckpointEntry } from "../schema/timeline.ts";
import type { Config } from "../settings/config.ts";
import type { Origin } from "../settings/load-config.ts";
import type { Credentials } from "../settings/credentials.ts";
import { type Home, checkName } from "../storage/files/paths.ts";
import { AgentDatabase } from "./agent-database.ts";
import type { SessionOptions } from "./agents.ts";
import type { AgentMemory } from "./closed-agents.ts";
import {
  type MemGPTOptions,
  agentNames,
  copyOptions,
  exportOptions,
  modelSettings,
  moveOptions,
  newAgent,
  openOptions,
  reindexOptions,
  sessionOptions,
} from "./arguments.ts";
import { AgentBackups } from "./backup-desk.ts";
import { Blocks } from "./block-desk.ts";
import { type Household, awaitCheckpoints } from "./household.ts";
import type { ExportOptions } from "./export.ts";
import type { AgentInspection } from "./inspect.ts";
import type { MoveOptions } from "./move.ts";
import type { NewAgent } from "./new-agent.ts";
import type { ReindexEvent, ReindexOptions } from "./reindex.ts";
import { Imports } from "./import-desk.ts";
import { McpServers } from "./mcp-desk.ts";
import { Resources } from "./resource-shelf.ts";
import { type Settled, settle } from "./settle.ts";
import { Sources } from "./source-shelf.ts";

// Loaded with the first agent to open or read.
const agents = () => import("./agents.ts");
const closedAgents = () => import("./closed-agents.ts");

/** A home directory or database of agents: the entry point of the library. Keeps no agent open itself. */
export class MemGPT {
  readonly home: Home;
  readonly config: Config;
  /** The origin of each configuration value, by its key. */
  readonly origins: Readonly<Record<string, Origin>>;
  /** API keys, by endpoint. */
  readonly credentials: Credentials;
  /** Named sets of passages loaded from documents. */
  readonly sources: Sources;
  /** Imports the memory of other agents and assistants. */
  readonly imports: Imports;
  /** Blocks of core memory that agents can share. */
  readonly blocks: Blocks;
  /** Presets, personas and humans: the texts of new agents. */
  readonly resources: Resources;
  /** MCP servers, whose tools agents can call. */
  readonly mcp: McpServers;
  /** Backs up agents to a file and restores them. */
  readonly backups: AgentBackups;
  /** The database of the agents; undefined if they are in files. */
  readonly database: AgentDatabase | undefined;
  /** Problems with the configuration, for a person to read. */
  readonly notices: readonly string[];
  readonly #house: Household;
  readonly #owner: string;

  /**
   * Opens a home directory, which is created along with the first agent. Connects to a database when the first agent is needed.
   *
   * @throws MemGPTError `storage_failed` if the home is unusable; `config_invalid` if `database` is not a PostgreSQL URL.
   */
  static async open(options: MemGPTOptions = {}): Promise<MemGPT> {
    expectArguments({ options: [options, openOptions] });
    const memgpt = new MemGPT(await settle(options));
    // Reports two functions of one name here rather than with the first agent.
    if (options.functions !== undefined) await memgpt.#house.functions();
    return memgpt;
  }

  private constructor({ home, config, origins, credentials, notices, house, owner }: Settled) {
    this.home = home;
    this.config = config;
    this.origins = origins;
    this.credentials = credentials;
    this.notices = notices;
    this.#house = house;
    this.#owner = owner;
    this.sources = new Sources(this.#house);
    this.imports = new Imports(this.#house);
    this.mcp = new McpServers(this.#house);
    this.blocks = new Blocks(this.#house);
    this.resources = new Resources(this.#house);
    this.backups = new AgentBackups(this.#house);
    if (house.database !== undefined) this.database = new AgentDatabase(house.database.url, house.repository);
  }

  /** A program's own records, stored in the agents' database or in `server/BOOK.jsonl`. @throws MemGPTError `invalid_name`. */
  records(book: string): Records {
    expectArguments({ book: [book, aText] });
    return this.#house.records(checkName(book, "book"));
  }

  /** The model for `settings`, with the keys of this home. Problems show with its first answer or `ready`. */
  llm(settings: AgentSettings): Llm {
    expectArguments({ settings: [settings, modelSettings] });
    return this.#house.llm(settings);
  }

  /** All agents, last used first. `hidden`: include those that only serve a server, such as its archives. */
  async listAgents({ hidden = false }: { readonly hidden?: boolean | undefined } = {}): Promise<AgentEntry[]> {
    const all = await this.#house.repository.list();
    return hidden ? all : all.filter(({ name }) => !isHiddenName(name));
  }

  async hasAgent(name: string): Promise<boolean> {
    expectArguments({ name: [name, aText] });
    return this.#house.repository.has(name);
  }

  /**
   * Creates an agent and opens it.
   *
   * @throws MemGPTError `agent_exists`, `invalid_name`, `not_found` for a preset, persona or human that does not exist,
   *   `invalid_input` for an invalid window or limit.
   */
  async createAgent(options: NewAgent = {}, session: SessionOptions = {}): Promise<AgentInterface> {
    expectArguments({ options: [options, newAgent], session: [session, sessionOptions] });
    // Awaited, so that a stack trace leads to the caller.
    return await (await agents()).createAgent(this.#house, options, session);
  }

  /**
   * Opens an existing agent. It stays locked for other processes until it is closed.
   *
   * @throws MemGPTError `agent_not_found`, listing the agents; `agent_locked`, naming the holder.
   */
  async openAgent(name: string, overrides: AgentOverrides = {}, session: SessionOptions = {}): Promise<AgentInterface> {
    expectArguments({
      name: [name, aText],
      overrides: [overrides, agentOverrides],
      session: [session, sessionOptions],
    });
    return (await agents()).openAgent(this.#house, name, overrides, session);
  }

  /** Deletes an agent and its memory for good. @throws MemGPTError `agent_not_found`, `agent_locked`. */
  async deleteAgent(name: string): Promise<void> {
    expectArguments({ name: [name, aText] });
    await this.#house.repository.delete(name);
  }

  /** Reads an agent's storage without opening the agent, even while another process talks to it. */
  async readAgent<T>(name: string, read: (memory: AgentMemory) => Promise<T>): Promise<T> {
    expectArguments({ name: [name, aText], read: [read, aFunction] });
    return (await closedAgents()).readAgent(this.#house, name, ({ history, recall, archival }) =>
      read({ recall, archival, journal: history.journal, load: async () => history.load() }),
    );
  }

  /** What a list shows of an agent, at far less cost than `inspect`. */
  async overview(name: string): Promise<AgentOverview> {
    expectArguments({ name: [name, aText] });
    return this.#house.repository.overview(name);
  }

  /** An agent's settings, core memory and sizes. */
  async inspect(name: string): Promise<AgentInspection> {
    expectArguments({ name: [name, aText] });
    await awaitCheckpoints(this.#house, name);
    return (await closedAgents()).inspect(this.#house, name);
  }

  /** Searches an agent's memory as its own functions do. @throws MemGPTError `invalid_input` if the request cannot be understood. */
  async find(name: string, request: FindRequest): Promise<FindResult> {
    expectArguments({ name: [name, aText] });
    checkRequest(request);
    return (await closedAgents()).find(this.#house, name, request);
  }

  /** Searches core memory, recall and archival storage of an agent. @throws MemGPTError `invalid_input`, `agent_not_found` */
  async findAll(name: string, request: FindAllRequest): Promise<FindAllResult> {
    expectArguments({ name: [name, aText] });
    checkAllRequest(request);
    return (await closedAgents()).findAll(this.#house, name, request);
  }

  /** The checkpoints of an agent, newest first, without opening it. `problem` says why one cannot be loaded. */
  async checkpoints(name: string): Promise<CheckpointEntry[]> {
    expectArguments({ name: [name, aText] });
    await awaitCheckpoints(this.#house, name);
    return this.#house.repository.checkpoints(name);
  }

  /**
   * The edits that led to an agent's current core memory, oldest first, without opening the agent.
   *
   * @throws MemGPTError `not_found` for an unknown label.
   */
  async history(name: string, label?: string): Promise<BlockEdit[]> {
    expectArguments({ name: [name, aText], label: [label, optional(aText)] });
    return (await closedAgents()).history(this.#house, name, label);
  }

  /** Exports a snapshot of an agent as text, in chunks of whole lines, even while another process talks to it. */
  async *exportAgent(name: string, options: ExportOptions): AsyncGenerator<string, void, void> {
    expectArguments({ name: [name, aText], options: [options, exportOptions] });
    await awaitCheckpoints(this.#house, name);
    yield* (await closedAgents()).exportAgent(this.#house, name, options);
  }

  /** Renames an agent. @throws MemGPTError `agent_not_found`, `invalid_name`, `agent_exists`, `agent_locked`. */
  async renameAgent(from: string, to: string): Promise<void> {
    expectArguments({ from: [from, aText], to: [to, aText] });
    await this.#house.repository.rename(from, to);
  }

  /**
   * Copies an agent with all its memory, even while it is in use. Afterwards the two are independent.
   *
   * @param options.at The checkpoint to copy, by its name, number, file or time (default: the current state).
   * @throws MemGPTError `agent_not_found`, `invalid_name`; `agent_exists`; `not_found` for the checkpoint.
   */
  async copyAgent(from: string, to: string, options: { readonly at?: string | undefined } = {}): Promise<void> {
    expectArguments({ from: [from, aText], to: [to, aText], options: [options, copyOptions] });
    await this.#house.repository.copy(from, to, { id: this.#house.newId(), at: options.at });
  }

  /**
   * Copies agents and their sources from files to PostgreSQL or back, and verifies the copies; for "all", other records too. The
   * originals stay. A repeated move skips what is already there.
   *
   * @throws MemGPTError `agent_not_found`, `agent_locked`; `agent_exists` if the target has another agent of the name, or the
   *   same one, used since; `interrupted`; `invalid_input` for a move to the same kind of storage; `config_invalid`,
   *   `storage_failed`.
   */
  async *move(names: readonly string[] | "all", options: MoveOptions): AsyncGenerator<Moved, void, void> {
    expectArguments({ names: [names, agentNames], options: [options, moveOptions] });
    const { moveAgents } = await import("./move.ts");
    yield* moveAgents(this.#house, names, { ...options, owner: this.#owner });
  }

  /**
   * Re-embeds an agent's memory, with another model or to add missing vectors. The agent is locked meanwhile and unchanged until
   * `done`: a caller who stops, or is killed, loses nothing, and the next reindexing with the same embedding resumes. Cannot be
   * undone.
   *
   * @throws MemGPTError `agent_not_found`, `agent_locked`; `interrupted` if `signal` is aborted; `config_invalid` and
   *   `llm_unavailable` if the embedder is unavailable; `invalid_input` for an unusable embedding.
   */
  async *reindex(name: string, options: ReindexOptions = {}): AsyncGenerator<ReindexEvent, void, void> {
    expectArguments({ name: [name, aText], options: [options, reindexOptions] });
    yield* (await closedAgents()).reindex(this.#house, name, options);
  }

  /**
   * Checks all of an agent's files and repairs them: moves what is readable in a damaged database to a new one, and sets the old
   * one aside.
   *
   * @returns what was repaired and what is missing, for a person to read; empty if nothing is damaged.
   * @throws MemGPTError `agent_not_found`, `agent_locked`; `storage_failed` if too little can be read; `invalid_input` for agents
   *   in a database.
   */
  async repair(name: string): Promise<readonly string[]> {
    expectArguments({ name: [name, aText] });
    return (await closedAgents()).repair(this.#house, name);
  }

  /** The schemas of all functions that agents can be given. */
  async listFunctions(options: FunctionListOptions = {}): Promise<readonly FunctionSchema[]> {
    return (await this.#house.functions()).list(options);
  }

  /** Publishes the URL at which this process serves its agents, for other processes that are asked for them. */
  async announce(url: string): Promise<void> {
    expectArguments({ url: [url, aText] });
    await this.#house.repository.announce(url);
  }

  /** Closes every agent that is still open. */
  async close(): Promise<void> {
    await Promise.all([...this.#house.open].map((agent) => agent.close()));
    await this.#house.repository.close();
    await this.#house.mcp.close();
  }
}
