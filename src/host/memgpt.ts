import type { AgentInterface } from "../agent/agent.ts";
import { agentOverrides } from "../agent/arguments.ts";
import type { AgentOverrides } from "../agent/deps.ts";
import { aFunction, aText, expectArguments, optional } from "../agent/expect.ts";
import type { FindResult } from "../agent/find.ts";
import type { FindAllResult } from "../agent/find-all.ts";
import { type FindAllRequest, type FindRequest, checkAllRequest, checkRequest } from "../agent/find-request.ts";
import { createBackups, shownDatabase } from "../compose.ts";
import type { BackupOptions, BackupReport, RestoreBackupOptions, RestoreReport } from "../ports/backup.ts";
import type { Llm } from "../ports/llm.ts";
import type { MovedAgent } from "../ports/move.ts";
import type { AgentEntry, AgentOverview } from "../ports/repository.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { AgentSettings } from "../schema/state.ts";
import type { BlockEdit, CheckpointEntry } from "../schema/timeline.ts";
import type { Config } from "../settings/config.ts";
import type { Origin } from "../settings/load-config.ts";
import type { Credentials } from "../settings/credentials.ts";
import type { Home } from "../storage/files/paths.ts";
import type { SessionOptions } from "./agents.ts";
import type { AgentMemory } from "./closed-agents.ts";
import {
  type MemGPTOptions,
  agentNames,
  backupOptions,
  copyOptions,
  exportOptions,
  modelSettings,
  moveOptions,
  newAgent,
  openOptions,
  reindexOptions,
  restoreOptions,
  sessionOptions,
} from "./arguments.ts";
import { Blocks } from "./block-desk.ts";
import type { Household } from "./household.ts";
import type { ExportOptions } from "./export.ts";
import type { AgentInspection } from "./inspect.ts";
import type { MoveOptions } from "./move.ts";
import type { NewAgent } from "./new-agent.ts";
import type { ReindexEvent, ReindexOptions } from "./reindex.ts";
import { Imports } from "./import-desk.ts";
import { McpServers } from "./mcp-desk.ts";
import { Resources } from "./resource-shelf.ts";
import { LOCAL, type Settled, settle } from "./settle.ts";
import { Sources } from "./source-shelf.ts";

// What opens and reads agents is loaded with the first of them.
const agents = () => import("./agents.ts");
const closedAgents = () => import("./closed-agents.ts");

/** A home directory of agents, or a database of them: the way in to the library. Holds no agent open itself. */
export class MemGPT {
  readonly home: Home;
  readonly config: Config;
  /** Where each value of the configuration is from, by its key. */
  readonly origins: Readonly<Record<string, Origin>>;
  /** API keys, by endpoint. */
  readonly credentials: Credentials;
  /** Named sets of passages loaded from documents. */
  readonly sources: Sources;
  /** Brings along what agents and assistants elsewhere remember. */
  readonly imports: Imports;
  /** Blocks of core memory that agents can have in common. */
  readonly blocks: Blocks;
  /** Presets, personas and humans: the texts that agents are made of. */
  readonly resources: Resources;
  /** MCP servers, whose tools agents can be given. */
  readonly mcp: McpServers;
  /** What was wrong with the configuration, for a person to read. */
  readonly notices: readonly string[];
  readonly #house: Household;

  /**
   * Opens a home directory, which is made when the first agent is. A database is connected when the first agent is asked for.
   *
   * @throws MemGPTError `storage_failed` if the home is unusable; `config_invalid` for a database that is no such URL.
   */
  static async open(options: MemGPTOptions = {}): Promise<MemGPT> {
    expectArguments({ options: [options, openOptions] });
    const memgpt = new MemGPT(await settle(options));
    // Two functions of the same name are an error of the caller that opens the home, not of its first agent.
    if (options.functions !== undefined) await memgpt.#house.functions();
    return memgpt;
  }

  private constructor({ home, config, origins, credentials, notices, house }: Settled) {
    this.home = home;
    this.config = config;
    this.origins = origins;
    this.credentials = credentials;
    this.notices = notices;
    this.#house = house;
    this.sources = new Sources(this.#house);
    this.imports = new Imports(this.#house);
    this.mcp = new McpServers(this.#house);
    this.blocks = new Blocks(this.#house);
    this.resources = new Resources(this.#house);
  }

  /** The PostgreSQL database that the agents are in, without a password; undefined where they are in files. */
  get database(): string | undefined {
    const { database } = this.#house;
    return database === undefined ? undefined : shownDatabase(database.url);
  }

  /** What compares vectors in that database, such as "pgvector 0.8.7"; undefined if this program does. */
  async vectorEngine(): Promise<string | undefined> {
    return this.#house.repository.vectorEngine?.();
  }

  /** The model that `settings` ask for, with the keys of this home; its first answer, or `ready`, says what rules it out. */
  llm(settings: AgentSettings): Llm {
    expectArguments({ settings: [settings, modelSettings] });
    return this.#house.llm(settings);
  }

  /** The agents there are, the last used first. */
  async listAgents(): Promise<AgentEntry[]> {
    return this.#house.repository.list();
  }

  async hasAgent(name: string): Promise<boolean> {
    expectArguments({ name: [name, aText] });
    return this.#house.repository.has(name);
  }

  /**
   * Makes an agent and opens it.
   *
   * @throws MemGPTError `agent_exists`, `invalid_name`, `not_found` for a preset, persona or human that does not exist,
   *   `invalid_input` for a window or limit that cannot be.
   */
  async createAgent(options: NewAgent = {}, session: SessionOptions = {}): Promise<AgentInterface> {
    expectArguments({ options: [options, newAgent], session: [session, sessionOptions] });
    // Awaited, so that a stack trace leads to the caller.
    return await (await agents()).createAgent(this.#house, options, session);
  }

  /**
   * Opens an agent that exists. It stays locked for other processes until it is closed.
   *
   * @throws MemGPTError `agent_not_found`, listing those there are; `agent_locked`, naming the holder.
   */
  async openAgent(name: string, overrides: AgentOverrides = {}, session: SessionOptions = {}): Promise<AgentInterface> {
    expectArguments({
      name: [name, aText],
      overrides: [overrides, agentOverrides],
      session: [session, sessionOptions],
    });
    return (await agents()).openAgent(this.#house, name, overrides, session);
  }

  /** Removes an agent and all it remembers, for good. @throws MemGPTError `agent_not_found`, `agent_locked`. */
  async deleteAgent(name: string): Promise<void> {
    expectArguments({ name: [name, aText] });
    await this.#house.repository.delete(name);
  }

  /** Reads an agent's storage without opening the agent: also while another process talks to it. */
  async readAgent<T>(name: string, read: (memory: AgentMemory) => Promise<T>): Promise<T> {
    expectArguments({ name: [name, aText], read: [read, aFunction] });
    return (await closedAgents()).readAgent(this.#house, name, ({ history, recall, archival }) =>
      read({ recall, archival, journal: history.journal, load: async () => history.load() }),
    );
  }

  /** What a list says of an agent: far less work than `inspect`. */
  async overview(name: string): Promise<AgentOverview> {
    expectArguments({ name: [name, aText] });
    return this.#house.repository.overview(name);
  }

  /** What an agent is made of and how much it remembers. */
  async inspect(name: string): Promise<AgentInspection> {
    expectArguments({ name: [name, aText] });
    await this.#written(name);
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

  /** The checkpoints of an agent, newest first, without opening it. Those that cannot be loaded say why. */
  async checkpoints(name: string): Promise<CheckpointEntry[]> {
    expectArguments({ name: [name, aText] });
    await this.#written(name);
    return this.#house.repository.checkpoints(name);
  }

  /**
   * How an agent's core memory came to say what it says, oldest edit first, without opening the agent.
   *
   * @throws MemGPTError `not_found` for a label there is not.
   */
  async history(name: string, label?: string): Promise<BlockEdit[]> {
    expectArguments({ name: [name, aText], label: [label, optional(aText)] });
    return (await closedAgents()).history(this.#house, name, label);
  }

  /** An agent as one text, in chunks of whole lines, as it is at one instant: also while another process talks to it. */
  async *exportAgent(name: string, options: ExportOptions): AsyncGenerator<string, void, void> {
    expectArguments({ name: [name, aText], options: [options, exportOptions] });
    await this.#written(name);
    yield* (await closedAgents()).exportAgent(this.#house, name, options);
  }

  /**
   * Gives an agent another name.
   *
   * @throws MemGPTError `agent_not_found`, `invalid_name`; `agent_exists`; `agent_locked` while it is in use.
   */
  async renameAgent(from: string, to: string): Promise<void> {
    expectArguments({ from: [from, aText], to: [to, aText] });
    await this.#house.repository.rename(from, to);
  }

  /**
   * Makes an agent that remembers all that another does, also while that one is in use. From then on neither knows of the
   * other.
   *
   * @param options.at A checkpoint that the copy goes to, by its name, number, file or time.
   * @throws MemGPTError `agent_not_found`, `invalid_name`; `agent_exists`; `not_found` for the checkpoint.
   */
  async copyAgent(from: string, to: string, options: { readonly at?: string | undefined } = {}): Promise<void> {
    expectArguments({ from: [from, aText], to: [to, aText], options: [options, copyOptions] });
    await this.#house.repository.copy(from, to, { id: this.#house.newId(), at: options.at });
  }

  /**
   * Writes agents into one file, also while other processes talk to them: each as it was after one of its steps, with its
   * database and checkpoints, compressed and checksummed. All or nothing; memory does not grow with their size.
   *
   * @throws MemGPTError `agent_not_found`; `invalid_input` if there is a file already or no agent to back up, or if the agents
   *   are in a database; `storage_failed` and `storage_damaged` if an agent cannot be read or the file not be written.
   */
  async backup(names: readonly string[] | "all", file: string, options: BackupOptions = {}): Promise<BackupReport> {
    expectArguments({ names: [names, agentNames], file: [file, aText], options: [options, backupOptions] });
    const chosen = await this.#chosen(names);
    for (const name of chosen) await this.#written(name);
    return (await createBackups(this.#house, this.#house)).write(chosen, file, options);
  }

  /**
   * Makes agents from a backup, after every byte of it was checked. Nothing outside the home directory is written.
   *
   * @throws MemGPTError `not_found` if there is no such file; `storage_damaged`, naming each damaged part; `agent_exists`
   *   unless `as` or `force` is given; `storage_failed` if the file is not a backup or cannot be read.
   */
  async restoreBackup(file: string, options: RestoreBackupOptions = {}): Promise<RestoreReport> {
    expectArguments({ file: [file, aText], options: [options, restoreOptions] });
    return (await createBackups(this.#house, this.#house)).restore(file, options);
  }

  /**
   * Copies agents, whole and compared, from files to PostgreSQL or back. The originals stay; whoever repeats a move skips what is
   * there. Sources, shared blocks and settings stay in the home.
   *
   * @throws MemGPTError `agent_not_found`, `agent_locked`; `agent_exists` if another is there, or the same and used since;
   *   `interrupted`, `invalid_input` for a move from one kind to the same, `config_invalid`, `storage_failed`.
   */
  async *move(names: readonly string[] | "all", options: MoveOptions): AsyncGenerator<MovedAgent, void, void> {
    expectArguments({ names: [names, agentNames], options: [options, moveOptions] });
    const { moveAgents } = await import("./move.ts");
    const owner = this.#house.database?.owner ?? LOCAL;
    yield* moveAgents(this.#house, await this.#chosen(names), { ...options, owner });
  }

  /**
   * Re-embeds archival memory, with another model or to add missing vectors. The agent is
   * locked meanwhile, and is as it was until `done`: a caller who stops, or who is killed, loses nothing, and the next
   * reindexing with the same embedding goes on from there. No undo takes it back.
   *
   * @throws MemGPTError `agent_not_found`, `agent_locked`; `interrupted` if `signal` is aborted; `config_invalid` and
   *   `llm_unavailable` if the embedder is unavailable; `invalid_input` for an unusable embedding.
   */
  async *reindex(name: string, options: ReindexOptions = {}): AsyncGenerator<ReindexEvent, void, void> {
    expectArguments({ name: [name, aText], options: [options, reindexOptions] });
    yield* (await closedAgents()).reindex(this.#house, name, options);
  }

  /**
   * Looks at all of an agent's files and mends what is wrong: what can be read of a damaged database is brought into a new one,
   * and the old one is set aside.
   *
   * @returns what was mended and what is missing, for a person to read; nothing where nothing is wrong.
   * @throws MemGPTError `agent_not_found`, `agent_locked`; `storage_failed` if too little can be read; `invalid_input` for agents
   *   in a database.
   */
  async repair(name: string): Promise<readonly string[]> {
    expectArguments({ name: [name, aText] });
    return (await closedAgents()).repair(this.#house, name);
  }

  /** The functions that a model can be given, as it is shown them; those of the person's files and MCP servers if `withOwn`. */
  async listFunctions({ withOwn = false }: { readonly withOwn?: boolean } = {}): Promise<readonly FunctionSchema[]> {
    const registry = await this.#house.functions();
    if (withOwn) await registry.refresh();
    return registry.schemas;
  }

  async #chosen(names: readonly string[] | "all"): Promise<readonly string[]> {
    return names === "all" ? (await this.#house.repository.list()).map(({ name }) => name) : names;
  }

  /** Waits for the checkpoints of an agent that is open here. One that cannot be written is that agent's own affair. */
  async #written(name: string): Promise<void> {
    const open = [...this.#house.open].find((agent) => agent.name === name);
    await open?.save().catch(() => undefined);
  }

  /** Says at which URL this process serves its agents, to servers of the same database that are asked for one of them. */
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
