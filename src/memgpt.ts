import { existsSync, readdirSync } from "node:fs";
import { Agent } from "./agent/agent.ts";
import { withCurrentCounts } from "./agent/counts.ts";
import { createEmbedder, createLlm } from "./compose.ts";
import { type Config, loadConfig } from "./config.ts";
import { MemGPTError, describe, didYouMean } from "./errors.ts";
import { selectFunctions } from "./functions/registry.ts";
import { type FindRequest, type FindResult, find } from "./find.ts";
import { type AgentInspection, inspectAgent } from "./inspect.ts";
import type { Llm } from "./llm/llm.ts";
import { type AgentOverrides, type NewAgent, newAgentState, withOverrides } from "./new-agent.ts";
import { type AgentFolder, type Home, agentFolder, homeAt } from "./paths.ts";
import { type Resource, type ResourceKind, listResources } from "./resources.ts";
import type { AgentSettings, AgentState } from "./schema/state.ts";
import { timeOf } from "./storage/files/checkpoint-name.ts";
import { CheckpointFolder } from "./storage/files/checkpoints.ts";
import { agentExists, createAgentFiles, removeAgentFiles } from "./storage/agent-files.ts";
import { type OpenOptions, type OpenedAgent, openAgentFiles, writeCheckpoint } from "./storage/open-agent.ts";
import type { AgentStore } from "./storage/interfaces.ts";
import { SqliteAgentStore } from "./storage/sqlite/agent-store.ts";

export type MemGPTOptions = {
  /** Home directory; `MEMGPT_DIR` or `~/.memgpt` if absent. */
  readonly dir?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Makes the model of an agent; by its settings if absent. */
  readonly llm?: ((settings: AgentSettings) => Llm) | undefined;
  /** Now, ISO 8601 in UTC. */
  readonly now?: (() => string) | undefined;
  readonly newId?: (() => string) | undefined;
};

export type SessionOptions = {
  /** Whether a brand-new agent's first answer is checked; true if absent. */
  readonly verify?: boolean | undefined;
};

/** An agent in a list. `lastUsedAt` is the time of its newest checkpoint, ISO 8601 in UTC; empty if it has none. */
export type AgentEntry = { readonly name: string; readonly lastUsedAt: string };

/** A home directory of agents: the way in to the library. Holds no agent open itself. */
export class MemGPT {
  readonly home: Home;
  readonly config: Config;
  /** What was wrong with the configuration, for a person to read. */
  readonly notices: readonly string[];
  readonly #llm: (settings: AgentSettings) => Llm;
  readonly #now: () => string;
  readonly #newId: () => string;
  readonly #open = new Set<Agent>();

  /** Opens a home directory, which is made when the first agent is. */
  static async open(options: MemGPTOptions = {}): Promise<MemGPT> {
    return new MemGPT(options);
  }

  private constructor({ dir, env = process.env, llm, now, newId }: MemGPTOptions) {
    this.home = homeAt(dir, env);
    const { config, notices } = loadConfig(this.home, env);
    this.config = config;
    this.notices = notices;
    this.#llm = llm ?? ((settings) => createLlm(settings, config));
    this.#now = now ?? (() => new Date().toISOString());
    this.#newId = newId ?? (() => crypto.randomUUID());
  }

  /** The agents there are, the last used first. */
  async listAgents(): Promise<AgentEntry[]> {
    if (!existsSync(this.home.agents)) return [];
    return readdirSync(this.home.agents)
      .filter((name) => isAgent(this.home, name))
      .map((name) => ({ name, lastUsedAt: lastUsed(agentFolder(this.home, name)) }))
      .sort((a, b) => b.lastUsedAt.localeCompare(a.lastUsedAt) || a.name.localeCompare(b.name));
  }

  async hasAgent(name: string): Promise<boolean> {
    return agentExists(agentFolder(this.home, name));
  }

  /**
   * Makes an agent and opens it.
   *
   * @throws MemGPTError `agent_exists`, `invalid_name`, `not_found` for a preset, persona or human that does not exist,
   *   `invalid_input` for a window or limit that cannot be.
   */
  async createAgent(options: NewAgent = {}, session: SessionOptions = {}): Promise<Agent> {
    const name = options.name ?? (await this.#freeName());
    const folder = agentFolder(this.home, name);
    if (agentExists(folder)) {
      throw new MemGPTError(
        "agent_exists",
        `There is an agent named ${name} already. Open it, or choose another name.`,
      );
    }
    const make = { home: this.home, config: this.config, now: this.#now, newId: this.#newId };
    const state = newAgentState(folder.name, options, make);
    // A model that cannot be had is no reason to leave an agent behind.
    this.#llm(state.settings);
    await createAgentFiles(folder, state, this.#openOptions());
    return this.openAgent(folder.name, {}, session);
  }

  /**
   * Opens an agent that exists. It stays locked for other processes until it is closed.
   *
   * @throws MemGPTError `agent_not_found`, listing those there are; `agent_locked`, naming the holder.
   */
  async openAgent(name: string, overrides: AgentOverrides = {}, session: SessionOptions = {}): Promise<Agent> {
    const folder = agentFolder(this.home, name);
    if (!agentExists(folder)) throw await this.#notFound(name);
    const files = await openAgentFiles(folder, this.#openOptions());
    try {
      if (files.state === undefined) {
        throw new MemGPTError(
          "storage_failed",
          `Agent ${name} has neither a database nor a checkpoint that can be read, in ${folder.root}.`,
        );
      }
      // A copied or renamed folder is an agent of the folder's name.
      const state = await this.#override(files.store, { ...files.state, name: folder.name }, overrides);
      return this.#agent(files, await withCurrentCounts(state, files.store), session);
    } catch (error) {
      files.release();
      throw error;
    }
  }

  /** Removes an agent and all it remembers, for good. @throws MemGPTError `agent_not_found`, `agent_locked`. */
  async deleteAgent(name: string): Promise<void> {
    const folder = agentFolder(this.home, name);
    if (!agentExists(folder)) throw await this.#notFound(name);
    await removeAgentFiles(folder);
  }

  /** Reads an agent's storage without opening the agent: also while another process talks to it. */
  async readAgent<T>(
    name: string,
    read: (store: Pick<AgentStore, "recall" | "archival" | "journal" | "load">) => Promise<T>,
  ): Promise<T> {
    const folder = agentFolder(this.home, name);
    if (!agentExists(folder)) throw await this.#notFound(name);
    const { dimensions } = createEmbedder();
    const store = await SqliteAgentStore.open({ file: folder.database, readonly: true, dimensions }).catch(
      async (cause: unknown) => {
        // Another process may have removed it since.
        if (!agentExists(folder)) throw await this.#notFound(name);
        throw new MemGPTError(
          "storage_failed",
          `${describe(cause)} Opening the agent (memgpt run --agent) restores what it can.`,
          { cause },
        );
      },
    );
    try {
      return await read(store);
    } finally {
      store.close();
    }
  }

  /** What an agent is made of and how much it remembers. */
  async inspect(name: string): Promise<AgentInspection> {
    return this.readAgent(name, (store) => inspectAgent(name, store, agentFolder(this.home, name)));
  }

  /** Searches an agent's memory as its own functions do. @throws MemGPTError `invalid_input` if a date cannot be understood. */
  async find(name: string, request: FindRequest): Promise<FindResult> {
    return this.readAgent(name, (store) => find(request, store, createEmbedder(), this.#now()));
  }

  /** Presets, personas or humans: the person's own and the shipped ones. */
  listResources(kind: ResourceKind): Resource[] {
    return listResources(this.home, kind);
  }

  /** Closes every agent that is still open. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((agent) => agent.close()));
  }

  #openOptions(): OpenOptions {
    return { dimensions: createEmbedder().dimensions, now: this.#now };
  }

  #agent(files: OpenedAgent, state: AgentState, { verify = true }: SessionOptions): Agent {
    const functions = selectFunctions(state.functions);
    const deps = {
      llm: this.#llm(state.settings),
      embedder: createEmbedder(),
      store: files.store,
      functions,
      schemas: [...functions.values()].map((fn) => fn.schema),
      now: this.#now,
      newId: this.#newId,
      maxSteps: this.config.max_steps,
    };
    const agent: Agent = new Agent({
      state,
      deps,
      verify,
      checkpoint: (current) => writeCheckpoint(files, current, this.#now()),
      notices: files.notices,
      release: () => {
        this.#open.delete(agent);
        files.release();
      },
    });
    this.#open.add(agent);
    return agent;
  }

  async #override(store: AgentStore, state: AgentState, overrides: AgentOverrides): Promise<AgentState> {
    const changed = withOverrides(state, overrides);
    if (changed !== state)
      await store.commit({ cause: "settings", at: this.#now(), state: changed, messages: [], passages: [] });
    return changed;
  }

  async #freeName(): Promise<string> {
    const taken = new Set((await this.listAgents()).map((agent) => agent.name));
    for (let n = taken.size + 1; ; n += 1) if (!taken.has(`agent_${n}`)) return `agent_${n}`;
  }

  async #notFound(name: string): Promise<MemGPTError> {
    const names = (await this.listAgents()).map((agent) => agent.name);
    const there = names.length === 0 ? "There are none yet." : `There are: ${names.join(", ")}.`;
    return new MemGPTError("agent_not_found", `There is no agent named ${name}.${didYouMean(name, names)} ${there}`);
  }
}

function isAgent(home: Home, name: string): boolean {
  try {
    return agentExists(agentFolder(home, name));
  } catch {
    // A folder that somebody else put there.
    return false;
  }
}

function lastUsed(folder: AgentFolder): string {
  const newest = new CheckpointFolder(folder.checkpoints).files().at(-1);
  return newest === undefined ? "" : new Date(timeOf(newest)).toISOString();
}
