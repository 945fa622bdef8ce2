import { nearest } from "../../errors.ts";
import { type Agent, type AgentEntry, type AgentSettings, type MemGPT, MemGPTError, shownTime } from "../../index.ts";
import type { RunOptions } from "../setup/run-options.ts";

/** An open agent, and what a person should know of how it came to be chosen. */
export type Choice = {
  readonly agent: Agent;
  readonly lines: readonly string[];
  /** Where its journal began, if it was made just now. */
  readonly bornAt?: number;
};

/** Whether there is somebody to ask, and what ends a question without an answer. */
export type Asking = { readonly interactive: boolean; readonly signal: AbortSignal };

/**
 * Opens the agent that the flags name, or the one picked from the list, or a new one, and says which.
 *
 * Without a terminal nothing is asked: the agent used last goes on, or the first one is made.
 */
export async function chooseAgent(
  memgpt: MemGPT,
  options: RunOptions,
  { interactive, signal }: Asking,
): Promise<Choice> {
  const asking = { interactive: interactive && options.yes !== true, signal };
  const name = options.agent ?? (await pick(memgpt, options, asking));
  if (name !== undefined && (await memgpt.hasAgent(name))) return useExisting(memgpt, name, options);
  if (name !== undefined && asking.interactive) await confirmNearMiss(memgpt, name, signal);
  return createNew(memgpt, name, options, interactive);
}

/** @returns the name of an agent there is, or undefined for a new one. */
async function pick(memgpt: MemGPT, options: RunOptions, asking: Asking): Promise<string | undefined> {
  const agents = await memgpt.listAgents();
  if (options.resume === true) return resume(agents, asking);
  const [last, ...others] = agents;
  if (last === undefined || isForNew(options)) return undefined;
  if (!asking.interactive || (await wants(last, asking))) return last.name;
  const answer = await select(
    agents,
    { more: [{ value: "", name: "a new one" }], first: others[0]?.name ?? "" },
    asking,
  );
  return answer === "" ? undefined : answer;
}

/** @throws MemGPTError `agent_not_found` if there is nothing to resume. */
async function resume(agents: readonly AgentEntry[], asking: Asking): Promise<string> {
  const [last, ...others] = agents;
  if (last === undefined) {
    throw new MemGPTError("agent_not_found", "There is no agent to go on with yet. `memgpt run` makes one.");
  }
  return asking.interactive && others.length > 0 ? select(agents, { more: [], first: last.name }, asking) : last.name;
}

async function wants({ name, lastUsedAt }: AgentEntry, { signal }: Asking): Promise<boolean> {
  const { default: confirm } = await import("@inquirer/confirm");
  return confirm({ message: `Go on with ${name}${describeUse(lastUsedAt)}?`, default: true }, { signal });
}

type Choices = {
  /** What can be chosen beside the agents. */
  readonly more: readonly { readonly value: string; readonly name: string }[];
  /** What is marked when the list appears. */
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

/** Whether a flag was given that only means something for a new agent. */
function isForNew({ persona, human, preset, coreMemoryLimit }: RunOptions): boolean {
  return persona !== undefined || human !== undefined || preset !== undefined || coreMemoryLimit !== undefined;
}

/** A name near that of an agent is more often a slip than a new agent, unless agents are numbered. */
async function confirmNearMiss(memgpt: MemGPT, name: string, signal: AbortSignal): Promise<void> {
  const names = (await memgpt.listAgents()).map((agent) => agent.name);
  const near = nearest(
    name,
    names.filter((other) => withoutNumbers(other) !== withoutNumbers(name)),
  );
  if (near === undefined) return;
  const { default: confirm } = await import("@inquirer/confirm");
  const message = `There is no agent named ${name} (there is ${near}). Make a new one?`;
  const yes = await confirm({ message, default: true }, { signal });
  if (!yes) throw new MemGPTError("agent_not_found", "Nothing was created.");
}

function withoutNumbers(name: string): string {
  return name.replace(/\p{N}+/gu, "");
}

/** Opens an agent there is, as the flags say. */
export async function useExisting(memgpt: MemGPT, name: string, options: RunOptions): Promise<Choice> {
  const before = (await memgpt.readAgent(name, (store) => store.load()).catch(() => undefined))?.settings;
  const { model, modelEndpoint: endpoint, contextWindow, verify, maxSteps, maxCost } = options;
  const agent = await memgpt.openAgent(name, { model, endpoint, contextWindow }, { verify, maxSteps, maxCost });
  const lines = [`Using existing agent ${name}.`];
  if (before !== undefined) lines.push(...changes(before, agent.state.settings));
  if (isForNew(options)) {
    lines.push(`--persona, --human, --preset and --core-memory-limit are for new agents: ${name} stays as it is.`);
  }
  return { agent, lines };
}

function changes(before: AgentSettings, after: AgentSettings): string[] {
  const names = { model: "model", endpoint: "endpoint", contextWindow: "context window" } as const;
  return (["model", "endpoint", "contextWindow"] as const)
    .filter((key) => before[key] !== after[key])
    .map(
      (key) =>
        `Its ${names[key]} was ${String(before[key] ?? "the default")} and is now ${String(after[key] ?? "the default")}.`,
    );
}

/** Makes an agent as the flags say. */
export async function createNew(
  memgpt: MemGPT,
  name: string | undefined,
  options: RunOptions,
  interactive: boolean,
): Promise<Choice> {
  const { modelEndpoint: endpoint, verify, maxSteps, maxCost, ...rest } = options;
  const { persona, human, preset, model, contextWindow, coreMemoryLimit } = rest;
  const wanted = { name, persona, human, preset, model, endpoint, contextWindow, coreMemoryLimit };
  const agent = await memgpt.createAgent(wanted, { verify, maxSteps, maxCost });
  const { settings } = agent.state;
  const made = `persona ${settings.persona}, human ${settings.human}, preset ${settings.preset}`;
  // The chat says so itself.
  const practice = interactive || settings.model !== "practice" ? "" : practiceText(memgpt, options);
  const lines = [`Created agent ${agent.name} (${made}).${practice}`];
  return { agent, lines, bornAt: await agent.journal.head() };
}

/** What somebody who chose no model, and could not be asked, should know of the one that is used. */
function practiceText({ origins, credentials }: MemGPT, { model }: RunOptions): string {
  if (model !== undefined || origins["model"]?.from !== "default") return "";
  const key = credentials.keyFor(null);
  const hint = key === undefined ? "" : ` ${key.origin} is set: --model gpt-4.1-mini uses it.`;
  return ` No model is set up (memgpt configure, or --model), so it speaks through the practice model: rule-based, offline.${hint}`;
}
