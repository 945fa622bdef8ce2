import { Agent } from "../agent/agent.ts";
import type { AgentOverrides } from "../agent/deps.ts";
import { withCurrentCounts } from "../agent/counts.ts";
import { blockHistory } from "../agent/history.ts";
import {
  type AgentEntry,
  agentsIn,
  existingAgent,
  freeName,
  nameTaken,
  notFound,
  openToRead,
} from "./agent-directory.ts";
import { createEmbedder, createLlm, withinBounds } from "../compose.ts";
import { HASH_EMBEDDING } from "../schema/built-in.ts";
import { type Config, type Origin, loadConfig } from "../settings/config.ts";
import { type Credentials, loadCredentials } from "../settings/credentials.ts";
import { MemGPTError } from "../errors.ts";
import { type ExportOptions, exportText } from "./export.ts";
import { BASE_FUNCTIONS, selectFunctions } from "../functions/registry.ts";
import { type FindRequest, type FindResult, checkRequest, find } from "../agent/find.ts";
import { type AgentInspection, inspectAgent, storedState } from "./inspect.ts";
import { lazyEmbedder } from "./lazy-embedder.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { Llm } from "../ports/llm.ts";
import { peopleIn } from "../memory/people.ts";
import { type NewAgent, newAgentState, rebornState, withOverrides } from "./new-agent.ts";
import { type Home, agentFolder, homeAt } from "../storage/files/paths.ts";
import { tokenizerOf } from "../llm/tokenizer.ts";
import { priceOf } from "../settings/prices.ts";
import { fileQuirks } from "../settings/quirks-file.ts";
import { type Resource, type ResourceKind, listResources } from "../settings/resources.ts";
import { type ReindexEvent, type ReindexOptions, chosenEmbedding, reindex } from "./reindex.ts";
import type { AgentSettings, AgentState, EmbeddingSettings } from "../schema/state.ts";
import type { BlockEdit, CheckpointEntry } from "../schema/timeline.ts";
import { type Checkpoint, CheckpointFolder } from "../storage/files/checkpoints.ts";
import { checkpointsOf, findIn } from "./agent-checkpoints.ts";
import {
  agentExists,
  createAgentFiles,
  removeAgentFiles,
  renameAgentFiles,
  sweep,
} from "../storage/repository/agent-files.ts";
import { copyAgentFiles } from "../storage/repository/copy-agent.ts";
import { type OpenedAgent, openAgentFiles } from "../storage/repository/open-agent.ts";
import type { AgentStore } from "../ports/storage.ts";

export type MemGPTOptions = {
  /** Home directory; `MEMGPT_DIR` or `~/.memgpt` if absent. */
  readonly dir?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Makes the model of an agent; by its settings if absent. */
  readonly llm?: ((settings: AgentSettings) => Llm) | undefined;
  /** Makes what embeds an agent's passages; by its settings if absent. */
  readonly embedder?: ((settings: EmbeddingSettings) => Embedder) | undefined;
  /** Now, ISO 8601 in UTC. */
  readonly now?: (() => string) | undefined;
  readonly newId?: (() => string) | undefined;
};

export type SessionOptions = {
  /** Steps that one turn may take; as configured if absent. */
  readonly maxSteps?: number | undefined;
  /** US dollars that the session may cost, as far as prices are known; no limit if absent. */
  readonly maxCost?: number | undefined;
  /** Only to be looked after: its model is not made before a turn needs it. False if absent. */
  readonly withoutModel?: boolean | undefined;
  /** Whether a brand-new agent's first answer is checked; true if absent. */
  readonly verify?: boolean | undefined;
};

/** A home directory of agents: the way in to the library. Holds no agent open itself. */
export class MemGPT {
  readonly home: Home;
  readonly config: Config;
  /** Where each value of the configuration is from, by its key. */
  readonly origins: Readonly<Record<string, Origin>>;
  /** The keys there are, each for its endpoint. */
  readonly credentials: Credentials;
  /** What was wrong with the configuration, for a person to read. */
  readonly notices: readonly string[];
  readonly #llm: (settings: AgentSettings) => Llm;
  readonly #embedder: (settings: EmbeddingSettings) => Embedder;
  readonly #now: () => string;
  readonly #newId: () => string;
  readonly #open = new Set<Agent>();

  /** Opens a home directory, which is made when the first agent is. */
  static async open(options: MemGPTOptions = {}): Promise<MemGPT> {
    return new MemGPT(options);
  }

  private constructor({ dir, env = process.env, llm, embedder, now, newId }: MemGPTOptions) {
    this.home = homeAt(dir, env);
    const { config, origins, notices } = loadConfig(this.home, env);
    const sources = { home: this.home, env, config, configKeyOrigin: origins["openai_api_key"] };
    const { credentials, notices: more } = loadCredentials(sources);
    this.config = config;
    this.origins = origins;
    this.credentials = credentials;
    this.notices = [...notices, ...more];
    const make =
      llm ??
      ((settings) =>
        createLlm(settings, credentials.configFor(settings.endpoint), fileQuirks(this.home.quirksFile, settings)));
    this.#llm = (settings) => withinBounds(make(settings), config);
    this.#embedder = embedder ?? ((settings) => createEmbedder(settings, credentials.configFor(settings.endpoint)));
    this.#now = now ?? (() => new Date().toISOString());
    this.#newId = newId ?? (() => crypto.randomUUID());
  }

  /** The model that `settings` ask for, with the keys of this home. @throws MemGPTError if there can be none. */
  llm(settings: AgentSettings): Llm {
    return this.#llm(settings);
  }

  /** The agents there are, the last used first. */
  async listAgents(): Promise<AgentEntry[]> {
    await sweep(this.home.agents);
    return agentsIn(this.home);
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
    const name = options.name ?? freeName(this.home);
    const folder = agentFolder(this.home, name);
    if (agentExists(folder)) throw nameTaken(name);
    const make = { home: this.home, config: this.config, now: this.#now, newId: this.#newId };
    const state = newAgentState(folder.name, options, make);
    // A model that cannot be had is no reason to leave an agent behind.
    this.#llm(state.settings);
    this.#embedder(state.settings.embedding);
    await createAgentFiles(folder, state, { now: this.#now });
    return this.openAgent(folder.name, {}, session).catch((cause: unknown) => {
      if (!(cause instanceof MemGPTError)) throw cause;
      throw new MemGPTError(cause.code, `Agent ${folder.name} is made, but cannot be opened now. ${cause.message}`, {
        cause,
      });
    });
  }

  /**
   * Opens an agent that exists. It stays locked for other processes until it is closed.
   *
   * @throws MemGPTError `agent_not_found`, listing those there are; `agent_locked`, naming the holder.
   */
  async openAgent(name: string, overrides: AgentOverrides = {}, session: SessionOptions = {}): Promise<Agent> {
    const { files, state: found } = await this.#openFiles(name);
    try {
      const state = await this.#override(files.store, found, overrides);
      return this.#agent(files, await withCurrentCounts(state, files.store), session);
    } catch (error) {
      files.release();
      throw error;
    }
  }

  /** Removes an agent and all it remembers, for good. @throws MemGPTError `agent_not_found`, `agent_locked`. */
  async deleteAgent(name: string): Promise<void> {
    await removeAgentFiles(existingAgent(this.home, name));
  }

  /** Reads an agent's storage without opening the agent: also while another process talks to it. */
  async readAgent<T>(
    name: string,
    read: (store: Pick<AgentStore, "recall" | "archival" | "journal" | "load">) => Promise<T>,
  ): Promise<T> {
    return this.#read(name, read);
  }

  /** What an agent is made of and how much it remembers. */
  async inspect(name: string): Promise<AgentInspection> {
    return this.readAgent(name, (store) => inspectAgent(name, store, agentFolder(this.home, name)));
  }

  /** Searches an agent's memory as its own functions do. @throws MemGPTError `invalid_input` if the request cannot be understood. */
  async find(name: string, request: FindRequest): Promise<FindResult> {
    checkRequest(request);
    return this.#read(name, async (store) => {
      // Conversations are searched also where the state cannot be read.
      const reading = storedState(name, store);
      const state = await (request.in === "archival" ? reading : reading.catch(() => undefined));
      const embedder = lazyEmbedder(() => this.#embedder(state?.settings.embedding ?? HASH_EMBEDDING));
      const people = peopleIn(state?.blocks ?? []);
      const found = await find(request, store, { embedder, people, now: this.#now() });
      return store.notices.length === 0 ? found : { ...found, notices: store.notices };
    });
  }

  /** The checkpoints of an agent, newest first, without opening it. */
  async checkpoints(name: string): Promise<CheckpointEntry[]> {
    return new CheckpointFolder(existingAgent(this.home, name).checkpoints).list();
  }

  /**
   * How an agent's core memory came to say what it says, oldest edit first, without opening the agent.
   *
   * @throws MemGPTError `not_found` for a label there is not.
   */
  async history(name: string, label?: string): Promise<BlockEdit[]> {
    return this.#read(name, async (store) => blockHistory(await storedState(name, store), store, label));
  }

  /** An agent as one text, in chunks of whole lines, as it is at one instant: also while another process talks to it. */
  async *exportAgent(name: string, options: ExportOptions): AsyncGenerator<string, void, void> {
    const folder = existingAgent(this.home, name);
    const store = await openToRead(this.home, name, { snapshot: true });
    try {
      const state = { ...(await storedState(name, store)), name: folder.name };
      const checkpoints = new CheckpointFolder(folder.checkpoints).list();
      yield* exportText({ state, recall: store.recall, archival: store.archival, checkpoints }, options);
    } finally {
      store.close();
    }
  }

  /**
   * Gives an agent another name.
   *
   * @throws MemGPTError `agent_not_found`, `invalid_name`; `agent_exists`; `agent_locked` while it is in use.
   */
  async renameAgent(from: string, to: string): Promise<void> {
    const target = agentFolder(this.home, to);
    await renameAgentFiles(existingAgent(this.home, from), target);
  }

  /**
   * Makes an agent that remembers all that another does, also while that one is in use. From then on neither knows of the
   * other.
   *
   * @param options.at A checkpoint that the copy goes to, by its name, number, file or time.
   * @throws MemGPTError `agent_not_found`, `invalid_name`; `agent_exists`; `not_found` for the checkpoint.
   */
  async copyAgent(from: string, to: string, { at }: { readonly at?: string | undefined } = {}): Promise<void> {
    const target = agentFolder(this.home, to);
    const source = existingAgent(this.home, from);
    if (agentExists(target)) throw nameTaken(target.name);
    const find =
      at === undefined
        ? undefined
        : (checkpoints: CheckpointFolder): Promise<Checkpoint> => findIn(checkpoints, at, this.#now());
    try {
      await copyAgentFiles(source, target, { now: this.#now, id: this.#newId(), find });
    } catch (error) {
      // Another process may have removed it meanwhile.
      if (!agentExists(source)) throw notFound(this.home, from);
      throw error;
    }
  }

  /**
   * Embeds all that an agent keeps in archival memory anew, by another model or to mend what has no vector. The agent is
   * locked meanwhile, and is as it was until `done`: a caller who stops, or who is killed, loses nothing, and the next
   * reindexing with the same embedding goes on from there. No undo takes it back.
   *
   * @throws MemGPTError `agent_not_found`, `agent_locked`; `interrupted` if `signal` is aborted; `config_invalid` and
   *   `llm_unavailable` if what embeds cannot be had; `invalid_input` for an embedding that cannot be.
   */
  async *reindex(name: string, options: ReindexOptions = {}): AsyncGenerator<ReindexEvent, void, void> {
    const { files, state: found } = await this.#openFiles(name);
    try {
      for (const text of files.notices) yield { type: "notice", text };
      const embedding = chosenEmbedding(found.settings.embedding, options.embedding ?? {}, this.config);
      const state = { ...found, settings: { ...found.settings, embedding } };
      const embedder = this.#embedder(embedding);
      yield* reindex(files, { state, embedder, now: this.#now, newId: this.#newId, signal: options.signal });
    } finally {
      files.release();
    }
  }

  /** Presets, personas or humans: the person's own and the shipped ones. */
  listResources(kind: ResourceKind): Resource[] {
    return listResources(this.home, kind);
  }

  /** Closes every agent that is still open. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((agent) => agent.close()));
  }

  async #read<T>(name: string, read: (store: AgentStore) => Promise<T>): Promise<T> {
    const store = await openToRead(this.home, name);
    try {
      return await read(store);
    } finally {
      store.close();
    }
  }

  /** @throws MemGPTError `agent_not_found`, listing those there are; `agent_locked`; `storage_failed`. */
  async #openFiles(name: string): Promise<{ files: OpenedAgent; state: AgentState }> {
    const folder = existingAgent(this.home, name);
    const files = await openAgentFiles(folder, { now: this.#now });
    // A copied or renamed folder is an agent of the folder's name.
    if (files.state !== undefined) return { files, state: { ...files.state, name: folder.name } };
    files.release();
    const message = `Agent ${name} has neither a database nor a checkpoint that can be read, in ${folder.root}.`;
    throw new MemGPTError("storage_failed", message);
  }

  #agent(files: OpenedAgent, state: AgentState, session: SessionOptions): Agent {
    const { verify = true, withoutModel = false, maxSteps, maxCost } = session;
    // Better now than in the middle of a conversation.
    const llm = withoutModel ? undefined : this.#llm(state.settings);
    const making = { home: this.home, config: this.config, now: this.#now, newId: this.#newId };
    const parts = {
      store: files.store,
      checkpoints: checkpointsOf(files, this.#now),
      // What is said needs no vectors: an agent whose embedder cannot be had talks and is looked after all the same.
      embedder: lazyEmbedder(() => this.#embedder(state.settings.embedding)),
      llm: this.#llm,
      functions: selectFunctions,
      functionNames: [...BASE_FUNCTIONS.keys()],
      override: withOverrides,
      reborn: (current: AgentState) => rebornState(current, making),
      now: this.#now,
      newId: this.#newId,
      tokenizer: (settings: AgentSettings) => tokenizerOf(settings.model),
      price: (settings: AgentSettings) => priceOf(settings, this.config.prices),
      maxSteps: maxSteps ?? this.config.max_steps,
      maxCost: maxCost ?? Number.POSITIVE_INFINITY,
    };
    const agent: Agent = new Agent({
      state,
      parts,
      llm,
      verify,
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
    if (changed !== state) {
      const action = { id: this.#newId(), label: "the settings given at the start" };
      await store.commit({ action, cause: "settings", at: this.#now(), state: changed, messages: [], passages: [] });
    }
    return changed;
  }
}
