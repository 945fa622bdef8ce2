import { Agent } from "../agent/agent.ts";
import { withCurrentCounts } from "../agent/counts.ts";
import type { AgentOverrides } from "../agent/deps.ts";
import { type FindResult, find as findIn } from "../agent/find.ts";
import { type FindAllResult, findAll as findAllIn } from "../agent/find-all.ts";
import type { FindAllRequest, FindRequest } from "../agent/find-request.ts";
import { blockHistory } from "../agent/history.ts";
import { MemGPTError } from "../errors.ts";
import { tokenizerOf } from "../llm/tokenizer.ts";
import { peopleIn } from "../memory/people.ts";
import type { AgentStore } from "../ports/agent-store.ts";
import type { ArchivalStorage } from "../ports/archival.ts";
import type { Journal } from "../ports/journal.ts";
import type { RecallStorage } from "../ports/recall.ts";
import { NoticeList } from "../ports/notices.ts";
import type { AgentReader, OpenedAgent, ReadOptions } from "../ports/repository.ts";
import type { PassageCollection } from "../ports/archival.ts";
import type { AskConsent } from "../functions/consent.ts";
import { Collections } from "../search/passages/collections.ts";
import { HASH_EMBEDDING } from "../schema/built-in.ts";
import type { AgentSettings, AgentState } from "../schema/state.ts";
import type { BlockEdit } from "../schema/timeline.ts";
import { priceOf } from "../settings/prices.ts";
import { chosenEmbedding } from "./embedding-choice.ts";
import { type ExportOptions, exportText } from "./export.ts";
import { type AgentInspection, inspectAgent, storedState } from "./inspect.ts";
import type { Household } from "./household.ts";
import { AttachedSources } from "./attached-sources.ts";
import { lazyEmbedder } from "./lazy-embedder.ts";
import { type NewAgent, newAgentState, initialState, withOverrides } from "./new-agent.ts";
import { type ReindexEvent, type ReindexOptions, reindex as reindexOpened } from "./reindex.ts";

// What `MemGPT` does with agents. It is loaded when the first is opened or read: listing them starts without it.

/** What an agent remembers, to be read. */
export type AgentMemory = {
  readonly recall: RecallStorage;
  readonly archival: ArchivalStorage;
  readonly journal: Journal;
  /** The present state; undefined in a new store. */
  load(): Promise<AgentState | undefined>;
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
  /** Decides about calls that act outside memory; if absent, only those that are allowed are made. */
  readonly consent?: AskConsent | undefined;
  /** Functions that act outside memory and may be called without asking. */
  readonly allow?: readonly string[] | undefined;
  /** The agent remembers what it knows, and nothing of the session is stored: no file is touched. False if absent. */
  readonly incognito?: boolean | undefined;
};

/** @throws as `MemGPT.createAgent` does. */
export async function createAgent(house: Household, options: NewAgent, session: SessionOptions): Promise<Agent> {
  const { repository } = house;
  if (session.incognito === true) {
    const message = "An incognito session needs an agent that exists: it stores nothing. Nothing was created.";
    throw new MemGPTError("agent_not_found", message);
  }
  const name = await repository.newName(options.name);
  const state = await newAgentState(name, options, house);
  // A model that is unavailable is no reason to leave an agent behind.
  await house.llm(state.settings).ready?.();
  house.embedder(state.settings.embedding);
  await repository.create(name, state);
  return openAgent(house, name, {}, session).catch((cause: unknown) => {
    if (!(cause instanceof MemGPTError)) throw cause;
    const message = `Agent ${name} was created, but cannot be opened now. ${cause.message}`;
    throw new MemGPTError(cause.code, message, { cause, kept: "all" });
  });
}

/** @throws as `MemGPT.openAgent` does. */
export async function openAgent(
  house: Household,
  name: string,
  overrides: AgentOverrides,
  session: SessionOptions,
): Promise<Agent> {
  const notices = new NoticeList();
  const { incognito = false } = session;
  const opened = await house.repository.open(name, { notify: notices.add, incognito });
  try {
    const { state: found, store } = opened;
    const state = await override(house, store, found, overrides);
    const current = await withCurrentCounts(state, store);
    const isSaved = state === found && !opened.isCheckpointDue;
    return await agentOf(house, { opened, notices, state: current, isSaved }, session);
  } catch (error) {
    await opened.release();
    throw error;
  }
}

/** Runs `read` on an agent that is not opened. */
export async function readAgent<T>(
  { repository }: Household,
  name: string,
  read: (reader: AgentReader) => Promise<T>,
  options: ReadOptions = {},
): Promise<T> {
  const reader = await repository.read(name, options);
  try {
    return await read(reader);
  } finally {
    await reader.close();
  }
}

export async function inspect(house: Household, name: string): Promise<AgentInspection> {
  const checkpoints = await house.repository.checkpoints(name);
  return readAgent(house, name, (reader) => inspectAgent(name, reader, checkpoints));
}

export async function find(house: Household, name: string, request: FindRequest): Promise<FindResult> {
  const notices = new NoticeList();
  const search = async (reader: AgentReader): Promise<FindResult> => {
    // Conversations are searched even if the state is unreadable.
    const reading = storedState(name, reader);
    const state = await (request.in === "archival" ? reading : reading.catch(() => undefined));
    const embedder = lazyEmbedder(() => house.embedder(state?.settings.embedding ?? HASH_EMBEDDING));
    const people = peopleIn(state?.blocks ?? []);
    return withSources(house, state, notices, (attached) => {
      const collections = new Collections(
        { source: null, archival: reader.archival, embedder },
        attached,
        house.reranking(),
      );
      return findIn(request, reader.recall, { collections, people, notify: notices.add, now: house.now() });
    });
  };
  return withNotices(await readAgent(house, name, search, { notify: notices.add }), notices);
}

export async function findAll(house: Household, name: string, request: FindAllRequest): Promise<FindAllResult> {
  const notices = new NoticeList();
  const search = async (reader: AgentReader): Promise<FindAllResult> => {
    const state = await storedState(name, reader);
    const { settings, blocks } = state;
    const embedder = lazyEmbedder(() => house.embedder(settings.embedding));
    return withSources(house, state, notices, (attached) => {
      const collections = new Collections(
        { source: null, archival: reader.archival, embedder },
        attached,
        house.reranking(),
      );
      const finding = { collections, people: peopleIn(blocks), notify: notices.add, now: house.now() };
      return findAllIn(request, blocks, reader.recall, finding);
    });
  };
  return withNotices(await readAgent(house, name, search, { notify: notices.add }), notices);
}

/** Lets `search` have the sources that are attached, and closes them behind it. */
async function withSources<T>(
  house: Household,
  state: AgentState | undefined,
  notices: NoticeList,
  search: (attached: readonly PassageCollection[]) => Promise<T>,
): Promise<T> {
  const names = state?.sources ?? [];
  const sources = new AttachedSources(house, notices.add);
  try {
    for (const notice of await sources.prepare(names)) notices.add(notice);
    return await search(names.flatMap((name) => sources.collection(name) ?? []));
  } finally {
    sources.close();
  }
}

function withNotices<T extends object>(
  found: T,
  { all }: NoticeList,
): T | (T & { readonly notices: readonly string[] }) {
  return all.length === 0 ? found : { ...found, notices: all };
}

export async function history(house: Household, name: string, label: string | undefined): Promise<BlockEdit[]> {
  return readAgent(house, name, async (reader) => blockHistory(await storedState(name, reader), reader, label));
}

export async function* exportAgent(
  { repository }: Household,
  name: string,
  options: ExportOptions,
): AsyncGenerator<string, void, void> {
  const reader = await repository.read(name, { snapshot: true });
  try {
    const state = { ...(await storedState(name, reader)), name: reader.name };
    const checkpoints = await repository.checkpoints(name);
    yield* exportText({ state, recall: reader.recall, archival: reader.archival, checkpoints }, options);
  } finally {
    await reader.close();
  }
}

export async function* reindex(
  house: Household,
  name: string,
  options: ReindexOptions,
): AsyncGenerator<ReindexEvent, void, void> {
  const notices = new NoticeList();
  const opened = await house.repository.open(name, { notify: notices.add });
  try {
    for (const text of opened.notices) yield { type: "notice", text };
    const { settings } = opened.state;
    const embedding = chosenEmbedding(settings.embedding, options.embedding ?? {}, house.config);
    const state = { ...opened.state, settings: { ...settings, embedding } };
    const { now, newId } = house;
    const embedder = house.embedder(embedding);
    yield* reindexOpened(opened, { state, embedder, notices, now, newId, signal: options.signal });
  } finally {
    await opened.release();
  }
}

/** @throws MemGPTError `agent_not_found`, listing the agents; `agent_locked`; `storage_failed`; `invalid_input` for a database. */
export async function repair({ repository, database }: Household, name: string): Promise<readonly string[]> {
  if (database !== undefined) {
    const message =
      "Only files are repaired, and these agents are in PostgreSQL: its own tools, such as pg_amcheck, check it, and its backups " +
      "bring it back. Nothing was changed.";
    throw new MemGPTError("invalid_input", message);
  }
  const opened = await repository.open(name, { thorough: true });
  try {
    if (opened.isCheckpointDue) await opened.checkpoints.write(opened.state, { name: null, kept: false });
    return opened.notices;
  } finally {
    await opened.release();
  }
}

type Opening = {
  readonly opened: OpenedAgent;
  readonly notices: NoticeList;
  readonly state: AgentState;
  readonly isSaved: boolean;
};

async function agentOf(
  house: Household,
  { opened, notices, state, isSaved }: Opening,
  session: SessionOptions,
): Promise<Agent> {
  const { config, now, newId } = house;
  const { verify = true, withoutModel = false, maxSteps, maxCost, consent, allow = [] } = session;
  const llm = withoutModel ? undefined : house.llm(state.settings);
  // Better now than in the middle of a conversation.
  await llm?.ready?.();
  const sources = new AttachedSources(house, notices.add);
  const missing = await sources.prepare(state.sources ?? []);
  const functions = await house.functions();
  await functions.prepare(state.functions);
  const parts = {
    store: opened.store,
    notices,
    checkpoints: opened.checkpoints,
    forgetting: opened.forgetting,
    // What is said needs no vectors: an agent whose embedder is unavailable talks and is looked after all the same.
    embedder: lazyEmbedder(() => house.embedder(state.settings.embedding)),
    reranking: house.reranking(),
    sources,
    llm: house.llm,
    functions,
    override: withOverrides,
    initialState: (current: AgentState) => initialState(current, house),
    now,
    newId,
    tokenizer: (settings: AgentSettings) => tokenizerOf(settings.model),
    price: (settings: AgentSettings) => priceOf(settings, config.prices),
    secrets: config.secrets === "keep" ? ("keep" as const) : ("redact" as const),
    quarantine: config.quarantine,
    askConsent: consent,
    allowed: new Map([
      ...config.allow_functions.map((name) => [name, "the setting allow_functions allows it"] as const),
      ...allow.map((name) => [name, "allowed for this session"] as const),
    ]),
    isIncognito: session.incognito === true,
    maxSteps: maxSteps ?? config.max_steps,
    maxCost: maxCost ?? Number.POSITIVE_INFINITY,
  };
  const agent: Agent = new Agent({
    state,
    parts,
    llm,
    isSaved,
    verify,
    notices: [...opened.notices, ...missing, ...functions.problems, ...house.keyWarnings(state.settings)],
    release: async () => {
      house.open.delete(agent);
      sources.close();
      await opened.release();
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
    await store.history.commit({ action, cause: "settings", at: now(), state: changed, messages: [], passages: [] });
  }
  return changed;
}
