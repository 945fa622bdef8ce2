import { nearest } from "../../errors.ts";
import {
  type Agent,
  type AgentEntry,
  type AgentOverrides,
  type AgentSettings,
  MemGPTError,
  shownTime,
} from "../../index.ts";
import type { RunOptions } from "../setup/run-options.ts";
import type { SessionHome } from "./session-home.ts";

/** An open agent, and lines that say how it was chosen. */
export type Choice = {
  readonly agent: Agent;
  readonly lines: readonly string[];
  /** The start of its journal, if it was just created. */
  readonly createdAtOp?: number;
};

/** Whether a person can answer, and the signal that cancels a question. */
export type Asking = { readonly interactive: boolean; readonly signal: AbortSignal };

/**
 * Opens the agent that the flags name, one chosen from the list, or a new one.
 *
 * Without a terminal it does not ask: it opens the agent used last, or creates the first one.
 */
export async function chooseAgent(
  home: SessionHome,
  options: RunOptions,
  { interactive, signal }: Asking,
): Promise<Choice> {
  const asking = { interactive: interactive && options.yes !== true, signal };
  const name = options.agent ?? (await pick(home, options, asking));
  if (name !== undefined && (await home.agents.hasAgent(name))) return useExisting(home, name, options);
  if (name !== undefined && asking.interactive) await confirmNearMiss(home, name, signal);
  return createNew(home, name, options, interactive);
}

/** @returns the name of an existing agent, or undefined for a new one. */
async function pick(home: SessionHome, options: RunOptions, asking: Asking): Promise<string | undefined> {
  const agents = await home.agents.listAgents();
  if (options.resume === true) return resume(agents, asking);
  const [last, ...others] = agents;
  if (last === undefined || isForNew(options)) return undefined;
  if (!asking.interactive || (await confirmLast(last, asking))) return last.name;
  const answer = await select(
    agents,
    { more: [{ value: "", name: "a new one" }], first: others[0]?.name ?? "" },
    asking,
  );
  return answer === "" ? undefined : answer;
}

/** @throws MemGPTError `agent_not_found` if no agent exists. */
async function resume(agents: readonly AgentEntry[], asking: Asking): Promise<string> {
  const [last, ...others] = agents;
  if (last === undefined) {
    throw new MemGPTError("agent_not_found", "No agents to resume yet. `memgpt run` creates one.");
  }
  return asking.interactive && others.length > 0 ? select(agents, { more: [], first: last.name }, asking) : last.name;
}

async function confirmLast({ name, lastUsedAt }: AgentEntry, { signal }: Asking): Promise<boolean> {
  const { default: confirm } = await import("@inquirer/confirm");
  return confirm({ message: `Continue with ${name}${describeUse(lastUsedAt)}?`, default: true }, { signal });
}

type Choices = {
  /** Choices after the agents. */
  readonly more: readonly { readonly value: string; readonly name: string }[];
  /** The choice selected when the list appears. */
  readonly first: string;
};

async function select(agents: readonly AgentEntry[], { more, first }: Choices, { signal }: Asking): Promise<string> {
  const { default: ask } = await import("@inquirer/select");
  const named = agents.map(({ name, lastUsedAt }) => ({ value: name, name: `${name}${describeUse(lastUsedAt)}` }));
  return ask({ message: "Which agent?", choices: [...named, ...more], default: first, pageSize: 12 }, { signal });
}

function describeUse(lastUsedAt: string): string {
  return lastUsedAt === "" ? "" : ` (last used ${shownTime(lastUsedAt)})`;
}

/** Whether a flag was passed that applies to new agents only. */
function isForNew({ persona, human, preset, coreMemoryLimit }: RunOptions): boolean {
  return persona !== undefined || human !== undefined || preset !== undefined || coreMemoryLimit !== undefined;
}

/** Asks before creating an agent whose name is close to an existing one: probably a typo, unless only numbers differ. */
async function confirmNearMiss(home: SessionHome, name: string, signal: AbortSignal): Promise<void> {
  const names = (await home.agents.listAgents()).map((agent) => agent.name);
  const near = nearest(
    name,
    names.filter((other) => withoutNumbers(other) !== withoutNumbers(name)),
  );
  if (near === undefined) return;
  const { default: confirm } = await import("@inquirer/confirm");
  const message = `No agent named ${name} (did you mean ${near}?). Create a new one?`;
  const yes = await confirm({ message, default: true }, { signal });
  if (!yes) throw new MemGPTError("agent_not_found", "Nothing was created.");
}

function withoutNumbers(name: string): string {
  return name.replace(/\p{N}+/gu, "");
}

const INCOGNITO = "Incognito: nothing of this session is stored, and the agent will not remember it.";

/** Opens an existing agent with the session's flags. */
export async function useExisting(home: SessionHome, name: string, options: RunOptions): Promise<Choice> {
  const { model, modelEndpoint: endpoint, contextWindow, verify, maxSteps, maxCost } = options;
  const { allow, consent, incognito } = options;
  const overrides = { model, endpoint, contextWindow };
  const before = await settingsBefore(home, name, overrides);
  const agent = await home.agents.openAgent(name, overrides, { verify, maxSteps, maxCost, allow, consent, incognito });
  const lines = [`Using existing agent ${name}.`, ...(incognito === true ? [INCOGNITO] : [])];
  if (before !== undefined) lines.push(...settingChanges(before, agent.state.settings));
  if (isForNew(options)) {
    lines.push(`--persona, --human, --preset and --core-memory-limit apply to new agents only; ${name} is unchanged.`);
  }
  return { agent, lines };
}

/** The settings before `overrides` apply; undefined if they change nothing or the agent cannot be read. */
async function settingsBefore(
  { local, isRemote }: SessionHome,
  name: string,
  overrides: AgentOverrides,
): Promise<AgentSettings | undefined> {
  if (isRemote || Object.values(overrides).every((value) => value === undefined)) return undefined;
  return (await local.readAgent(name, (store) => store.load()).catch(() => undefined))?.settings;
}

function settingChanges(before: AgentSettings, after: AgentSettings): string[] {
  const names = { model: "model", endpoint: "endpoint", contextWindow: "context window" } as const;
  return (["model", "endpoint", "contextWindow"] as const)
    .filter((key) => before[key] !== after[key])
    .map(
      (key) =>
        `Its ${names[key]} was ${String(before[key] ?? "the default")} and is now ${String(after[key] ?? "the default")}.`,
    );
}

/** Creates an agent with the session's flags. */
export async function createNew(
  home: SessionHome,
  name: string | undefined,
  options: RunOptions,
  interactive: boolean,
): Promise<Choice> {
  const { modelEndpoint: endpoint, verify, maxSteps, maxCost, allow, consent, incognito, ...rest } = options;
  const { persona, human, preset, model, contextWindow, coreMemoryLimit } = rest;
  const overrides = { name, persona, human, preset, model, endpoint, contextWindow, coreMemoryLimit };
  const agent = await home.agents.createAgent(overrides, { verify, maxSteps, maxCost, allow, consent, incognito });
  const { settings } = agent.state;
  const parts = `persona ${settings.persona}, human ${settings.human}, preset ${settings.preset}`;
  // The chat says so itself.
  const practice = interactive || settings.model !== "practice" ? "" : practiceText(home, options);
  const lines = [`Created agent ${agent.name} (${parts}).${practice}`];
  return { agent, lines, createdAtOp: await agent.journal.head() };
}

/** A note for a person who chose no model and could not be asked. */
function practiceText({ local: { origins, credentials }, isRemote }: SessionHome, { model }: RunOptions): string {
  if (isRemote || model !== undefined || origins["model"]?.from !== "default") return "";
  const key = credentials.keyFor(null);
  const hint = key === undefined ? "" : ` ${key.origin} is set: --model gpt-4.1-mini uses it.`;
  return ` No model is set up (memgpt configure, or --model), so it uses the practice model: rule-based and offline.${hint}`;
}
