import { Agent } from "../agent/agent.ts";
import { withCurrentCounts } from "../agent/counts.ts";
import type { AgentOverrides } from "../agent/deps.ts";
import { type FindResult, find as findIn } from "../agent/find.ts";
import { type FindAllResult, findAll as findAllIn } from "../agent/find-all.ts";
import type { FindAllRequest, FindRequest } from "../agent/find-request.ts";
import { blockHistory } from "../agent/history.ts";
import { MemGPTError } from "../errors.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import { tokenizerOf } from "../llm/tokenizer.ts";
import { peopleIn } from "../memory/people.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { Llm } from "../ports/llm.ts";
import type { AgentStore } from "../ports/storage.ts";
import { HASH_EMBEDDING } from "../schema/built-in.ts";
import type { AgentSettings, AgentState, EmbeddingSettings } from "../schema/state.ts";
import type { BlockEdit } from "../schema/timeline.ts";
import type { Config } from "../settings/config.ts";
import { priceOf } from "../settings/prices.ts";
import { type Checkpoint, CheckpointFolder } from "../storage/files/checkpoints.ts";
import { type Home, agentExists, agentFolder } from "../storage/files/paths.ts";
import { createAgentFiles, removeAgentFiles, renameAgentFiles, sweep } from "../storage/repository/agent-files.ts";
import { copyAgentFiles } from "../storage/repository/copy-agent.ts";
import { writeCheckpoint } from "../storage/repository/checkpoint-writer.ts";
import { type OpenedAgent, openAgentFiles } from "../storage/repository/open-agent.ts";
import { checkpointsOf, findIn as findCheckpoint } from "./agent-checkpoints.ts";
import { existingAgent, freeName, nameTaken, notFound, openToRead } from "./agent-directory.ts";
import { chosenEmbedding } from "./embedding-choice.ts";
import { type ExportOptions, exportText } from "./export.ts";
import { type AgentInspection, inspectAgent, storedState } from "./inspect.ts";
import { lazyEmbedder } from "./lazy-embedder.ts";
import { type NewAgent, newAgentState, initialState, withOverrides } from "./new-agent.ts";
import { type ReindexEvent, type ReindexOptions, reindex as reindexFiles } from "./reindex.ts";

// What `MemGPT` does with agents. It is loaded when the first is opened or read: listing them starts without it.

/** What an open home gives to its agents. */
export type Household = {
  readonly home: Home;
  readonly config: Config;
  readonly llm: (settings: AgentSettings) => Llm;
  readonly embedder: (settings: EmbeddingSettings) => Embedder;
  /** The functions that agents can be given. Loaded when the first agent is opened. */
  readonly functions: () => Promise<FunctionRegistry>;
  /** What a person should know of the keys that an agent uses. */
  readonly keyWarnings: (settings: AgentSettings) => readonly string[];
  readonly now: () => string;
  readonly newId: () => string;
  /** The agents that are open. */
  readonly open: Set<Agent>;
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

/** @throws as `MemGPT.createAgent` does. */
export async function createAgent(house: Household, options: NewAgent, session: SessionOptions): Promise<Agent> {
  const name = options.name ?? freeName(house.home);
  const folder = agentFolder(house.home, name);
  if (agentExists(folder)) throw nameTaken(name);
  const state = await newAgentState(folder.name, options, house);
  // A model that is unavailable is no reason to leave an agent behind.
  await house.llm(state.settings).ready?.();
  house.embedder(state.settings.embedding);
  await createAgentFiles(folder, state, { now: house.now });
  return openAgent(house, folder.name, {}, session).catch((cause: unknown) => {
    if (!(cause instanceof MemGPTError)) throw cause;
    const message = `Agent ${folder.name} is made, but cannot be opened now. ${cause.message}`;
    throw new MemGPTError(cause.code, message, { cause, kept: "all" });
  });
}

export async function sweepAgents({ home }: Household): Promise<void> {
  await sweep(home.agents);
}

/** @throws as `MemGPT.openAgent` does. */
export async function openAgent(
  house: Household,
  name: string,
  overrides: AgentOverrides,
  session: SessionOptions,
): Promise<Agent> {
  const { files, state: found } = await openFiles(house, name);
  try {
    const state = await override(house, files.store, found, overrides);
    const current = await withCurrentCounts(state, files.store);
    const isSaved = state === found && !files.isCheckpointDue;
    return await agentOf(house, files, { state: current, isSaved }, session);
  } catch (error) {
    files.release();
    throw error;
  }
}

export async function deleteAgent({ home }: Household, name: string): Promise<void> {
  await removeAgentFiles(existingAgent(home, name));
}

export async function renameAgent({ home }: Household, from: string, to: string): Promise<void> {
  const target = agentFolder(home, to);
  await renameAgentFiles(existingAgent(home, from), target);
}

export async function copyAgent(
  { home, now, newId }: Household,
  from: string,
  to: string,
  at: string | undefined,
): Promise<void> {
  const target = agentFolder(home, to);
  const source = existingAgent(home, from);
  if (agentExists(target)) throw nameTaken(target.name);
  const find =
    at === undefined
      ? undefined
      : (checkpoints: CheckpointFolder): Promise<Checkpoint> => findCheckpoint(checkpoints, at, now());
  try {
    await copyAgentFiles(source, target, { now, id: newId(), find });
  } catch (error) {
    // Another process may have removed it meanwhile.
    if (!agentExists(source)) throw notFound(home, from);
    throw error;
  }
}

export async function readAgent<T>(
  { home }: Household,
  name: string,
  read: (store: AgentStore) => Promise<T>,
): Promise<T> {
  const store = await openToRead(home, name);
  try {
    return await read(store);
  } finally {
    store.close();
  }
}

export async function inspect(house: Household, name: string): Promise<AgentInspection> {
  return readAgent(house, name, (store) => inspectAgent(name, store, agentFolder(house.home, name)));
}

export async function find(house: Household, name: string, request: FindRequest): Promise<FindResult> {
  return readAgent(house, name, async (store) => {
    // Conversations are searched also where the state cannot be read.
    const reading = storedState(name, store);
    const state = await (request.in === "archival" ? reading : reading.catch(() => undefined));
    const embedder = lazyEmbedder(() => house.embedder(state?.settings.embedding ?? HASH_EMBEDDING));
    const people = peopleIn(state?.blocks ?? []);
    const found = await findIn(request, store, { embedder, people, now: house.now() });
    return store.notices.length === 0 ? found : { ...found, notices: store.notices };
  });
}

export async function findAll(house: Household, name: string, request: FindAllRequest): Promise<FindAllResult> {
  return readAgent(house, name, async (store) => {
    const { settings, blocks } = await storedState(name, store);
    const embedder = lazyEmbedder(() => house.embedder(settings.embedding));
    const found = await findAllIn(request, blocks, store, { embedder, people: peopleIn(blocks), now: house.now() });
    return store.notices.length === 0 ? found : { ...found, notices: store.notices };
  });
}

export async function history(house: Household, name: string, label: string | undefined): Promise<BlockEdit[]> {
  return readAgent(house, name, async (store) => blockHistory(await storedState(name, store), store, label));
}

export async function* exportAgent(
  { home }: Household,
  name: string,
  options: ExportOptions,
): AsyncGenerator<string, void, void> {
  const folder = existingAgent(home, name);
  const store = await openToRead(home, name, { snapshot: true });
  try {
    const state = { ...(await storedState(name, store)), name: folder.name };
    const checkpoints = new CheckpointFolder(folder.checkpoints).list();
    yield* exportText({ state, recall: store.recall, archival: store.archival, checkpoints }, options);
  } finally {
    store.close();
  }
}

export async function* reindex(
  house: Household,
  name: string,
  options: ReindexOptions,
): AsyncGenerator<ReindexEvent, void, void> {
  const { files, state: found } = await openFiles(house, name);
  try {
    for (const text of files.notices) yield { type: "notice", text };
    const embedding = chosenEmbedding(found.settings.embedding, options.embedding ?? {}, house.config);
    const state = { ...found, settings: { ...found.settings, embedding } };
    const { now, newId } = house;
    yield* reindexFiles(files, { state, embedder: house.embedder(embedding), now, newId, signal: options.signal });
  } finally {
    files.release();
  }
}

/** @throws MemGPTError `agent_not_found`, listing those there are; `agent_locked`; `storage_failed`. */
export async function repair(house: Household, name: string): Promise<readonly string[]> {
  const { files, state } = await openFiles(house, name, { thorough: true });
  try {
    if (files.isCheckpointDue) await writeCheckpoint(files, state, { time: house.now() });
    return files.notices;
  } finally {
    files.release();
  }
}

async function openFiles(
  { home, now }: Household,
  name: string,
  options: { readonly thorough?: boolean } = {},
): Promise<{ files: OpenedAgent; state: AgentState }> {
  const folder = existingAgent(home, name);
  const files = await openAgentFiles(folder, { now, ...options });
  // A copied or renamed folder is an agent of the folder's name.
  if (files.state !== undefined) return { files, state: { ...files.state, name: folder.name } };
  files.release();
  const message = `Agent ${name} has neither a database nor a checkpoint that can be read, in ${folder.root}.`;
  throw new MemGPTError("storage_failed", message);
}

async function agentOf(
  house: Household,
  files: OpenedAgent,
  { state, isSaved }: { readonly state: AgentState; readonly isSaved: boolean },
  session: SessionOptions,
): Promise<Agent> {
  const { config, now, newId } = house;
  const { verify = true, withoutModel = false, maxSteps, maxCost } = session;
  const llm = withoutModel ? undefined : house.llm(state.settings);
  // Better now than in the middle of a conversation.
  await llm?.ready?.();
  const parts = {
    store: files.store,
    checkpoints: checkpointsOf(files, now),
    // What is said needs no vectors: an agent whose embedder is unavailable talks and is looked after all the same.
    embedder: lazyEmbedder(() => house.embedder(state.settings.embedding)),
    llm: house.llm,
    functions: await house.functions(),
    override: withOverrides,
    initialState: (current: AgentState) => initialState(current, house),
    now,
    newId,
    tokenizer: (settings: AgentSettings) => tokenizerOf(settings.model),
    price: (settings: AgentSettings) => priceOf(settings, config.prices),
    secrets: config.secrets === "keep" ? ("keep" as const) : ("redact" as const),
    maxSteps: maxSteps ?? config.max_steps,
    maxCost: maxCost ?? Number.POSITIVE_INFINITY,
  };
  const agent: Agent = new Agent({
    state,
    parts,
    llm,
    isSaved,
    verify,
    notices: [...files.notices, ...house.keyWarnings(state.settings)],
    release: () => {
      house.open.delete(agent);
      files.release();
    },
  });
  house.open.add(agent);
  return agent;
}

async function override(
  { now, newId }: Household,
  store: AgentStore,
  state: AgentState,
  overrides: AgentOverrides,
): Promise<AgentState> {
  const changed = withOverrides(state, overrides);
  if (changed !== state) {
    const action = { id: newId(), label: "the settings given at the start" };
    await store.commit({ action, cause: "settings", at: now(), state: changed, messages: [], passages: [] });
  }
  return changed;
}
