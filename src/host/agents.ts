import { Agent } from "../agent/agent.ts";
import { withCurrentCounts } from "../agent/counts.ts";
import type { AgentOverrides } from "../agent/deps.ts";
import { MemGPTError } from "../errors.ts";
import { tokenizerOf } from "../llm/tokenizer.ts";
import type { AgentStore } from "../ports/agent-store.ts";
import { NoticeList } from "../ports/notices.ts";
import type { OpenedAgent } from "../ports/repository.ts";
import type { AskConsent } from "../functions/consent.ts";
import type { AgentSettings, AgentState } from "../schema/state.ts";
import { secretPolicy } from "../settings/config.ts";
import { priceOf } from "../settings/prices.ts";
import type { Household } from "./household.ts";
import { AttachedSources } from "./attached-sources.ts";
import { lazyEmbedder } from "./lazy-embedder.ts";
import { type NewAgent, newAgentState, initialState, withOverrides } from "./new-agent.ts";

// Agents to talk to. It is loaded when the first is opened: listing them starts without it.

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
  const notices = new NoticeList();
  const state = await newAgentState(name, options, house, notices);
  // A model that is unavailable is no reason to leave an agent behind.
  await house.llm(state.settings).ready?.();
  house.embedder(state.settings.embedding);
  await repository.create(name, state);
  return openAgent(house, name, {}, { ...session, notices }).catch((cause: unknown) => {
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
  session: SessionOptions & { readonly notices?: NoticeList },
): Promise<Agent> {
  const { incognito = false, notices = new NoticeList() } = session;
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
  const sources = new AttachedSources(house, state.name, notices.add);
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
    sharedBlocks: house.blocks,
    llm: house.llm,
    functions,
    override: withOverrides,
    initialState: (current: AgentState) => initialState(current, house),
    now,
    newId,
    tokenizer: (settings: AgentSettings) => tokenizerOf(settings.model),
    price: (settings: AgentSettings) => priceOf(settings, config.prices),
    secrets: secretPolicy(config),
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
