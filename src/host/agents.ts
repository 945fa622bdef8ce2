import { Agent } from "../agent/agent.ts";
import { withCurrentCounts } from "../agent/counts.ts";
import type { AgentOverrides } from "../agent/deps.ts";
import { MemGPTError } from "../errors.ts";
import { tokenizerOf } from "../llm/tokenizer.ts";
import type { Forgetting } from "../ports/forgetting.ts";
import type { AgentStore } from "../ports/agent-store.ts";
import { NoticeList } from "../ports/notices.ts";
import type { OpenedAgent } from "../ports/repository.ts";
import type { AskConsent } from "../functions/consent.ts";
import type { AgentSettings, AgentState, Block } from "../schema/state.ts";
import { secretPolicy } from "../settings/config.ts";
import { priceOf } from "../settings/prices.ts";
import type { Household } from "./household.ts";
import { AttachedSources } from "./attached-sources.ts";
import { lazyEmbedder } from "./lazy-embedder.ts";
import { type NewAgent, newAgentState, initialState, withOverrides } from "./new-agent.ts";

// Opens agents to talk to. Loaded with the first one, because listing agents does not need it.

export type SessionOptions = {
  /** Most steps of a turn (default: as configured). */
  readonly maxSteps?: number | undefined;
  /** Most US dollars that the session may cost, as far as prices are known (default: no limit). */
  readonly maxCost?: number | undefined;
  /** Creates the model only when a turn needs it, for commands that do not talk (default: false). */
  readonly withoutModel?: boolean | undefined;
  /** Whether to check the form of a brand-new agent's first answer (default: true). */
  readonly verify?: boolean | undefined;
  /** Decides about calls that act outside memory (default: only allowed ones are made). */
  readonly consent?: AskConsent | undefined;
  /** Functions that act outside memory and may be called without asking. */
  readonly allow?: readonly string[] | undefined;
  /** Stores nothing of the session and touches no file; the agent still remembers earlier ones (default: false). */
  readonly incognito?: boolean | undefined;
};

/** @throws as `MemGPT.createAgent` does. */
export async function createAgent(house: Household, options: NewAgent, session: SessionOptions): Promise<Agent> {
  const { repository } = house;
  if (session.incognito === true) {
    const message = "An incognito session stores nothing, so it needs an existing agent. Nothing was created.";
    throw new MemGPTError("agent_not_found", message);
  }
  const name = await repository.newName(options.name);
  const notices = new NoticeList();
  const state = await newAgentState(name, options, house, notices);
  // Checked first, so that an unavailable model leaves no agent behind.
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
  // Fails now rather than in the middle of a conversation.
  await llm?.ready?.();
  const sources = new AttachedSources(house, state.name, notices.add);
  const missing = await sources.prepare(state.sources ?? []);
  const functions = await house.functions();
  await functions.prepare(state.functions);
  const parts = {
    store: opened.store,
    notices,
    checkpoints: opened.checkpoints,
    forgetting: withOthers(opened.forgetting, () => [...house.open].filter((other) => other !== agent)),
    // Lazy, because an agent whose embedder is unavailable must still talk and open.
    embedder: lazyEmbedder(() => house.embedder(state.settings.embedding)),
    reranking: house.reranking(),
    sources,
    sharedBlocks: house.blocks,
    llm: house.llm,
    functions,
    override: withOverrides,
    initialState: (current: AgentState, blocks: readonly Block[] | undefined) => initialState(current, blocks, house),
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
    notices: [
      ...opened.notices,
      ...missing,
      // Without a model, nothing calls them.
      ...(withoutModel ? [] : functions.problems),
      ...house.keyWarnings(state.settings),
    ],
    release: async () => {
      house.open.delete(agent);
      await sources.close();
      await opened.release();
    },
  });
  house.open.add(agent);
  return agent;
}

/** Makes other open agents that share a block forget the same at once; an agent in a turn does when the turn ends. */
function withOthers(forgetting: Forgetting, others: () => readonly Agent[]): Forgetting {
  return {
    preview: (request, options) => forgetting.preview(request, options),
    catchUp: async (before) => forgetting.catchUp?.(before),
    forget: async (order) => {
      const state = await forgetting.forget(order);
      for (const other of others()) await other.receiveBlocks().catch(() => undefined);
      return state;
    },
  };
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
