import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type AgentEntry, shownTime } from "../../index.ts";
import { type SlashCommand, type SlashCommands, type SlashContext, type SlashResult, print } from "./command.ts";

const create: SlashCommand = {
  usage: "/new [NAME]",
  summary: "save this agent, create another and talk to it",
  details: ["The flags of this session apply to it, too. /switch NAME comes back."],
  example: "/new work",
  run: async (name, context) => change(context, () => context.agents.create(name === "" ? undefined : name)),
};

const agents: SlashCommand = {
  usage: "/agents",
  summary: "list the agents, last used first",
  details: ["memgpt list agents shows more about each."],
  example: "/agents",
  async run(_, context) {
    const entries = await listAndRemember(context);
    // The sort order comes from files, which may not have the latest turn yet.
    const current = (entry: AgentEntry): number => Number(entry.name === context.agent.name);
    const sorted = entries.toSorted((a, b) => current(b) - current(a));
    return print(sorted.map((entry) => agentLine(entry, context.agent.name)).join("\n"));
  },
};

const goTo: SlashCommand = {
  usage: "/switch NAME",
  summary: "save this agent and talk to another",
  details: ["If the other cannot be opened, you stay with this one. Tab completes names."],
  example: "/switch ada",
  complete(_, context) {
    // The names are ready for the next press of Tab.
    if (!seen.has(context.agents)) listAndRemember(context).catch(() => undefined);
    return seen.get(context.agents) ?? [];
  },
  async run(name, context) {
    if (name === context.agent.name) return print(`You are already talking to ${name}.`);
    await listAndRemember(context);
    return change(context, () => context.agents.open(name));
  },
};

const incognito: SlashCommand = {
  usage: "/incognito",
  summary: "begin or end a session that stores nothing",
  details: [
    "The agent remembers what it knew before. Until the session ends, what is said and noted stays in memory:",
    "no file is touched, and typed lines are not kept.",
  ],
  example: "/incognito",
  async run(_, { agent, agents: home }) {
    const { agent: next, lines } = await home.open(agent.name, !agent.isIncognito);
    const end = agent.isIncognito ? ["What was said since /incognito is gone."] : ["/incognito again ends it."];
    return { type: "switch", agent: next, lines: [...lines, ...end] };
  },
};

const exportFile: SlashCommand = {
  usage: "/export [FILE]",
  summary: "write the whole conversation and memory to a file: JSON (.json), an agent file (.af) or Markdown",
  details: ["Does not overwrite files. memgpt export has more options."],
  example: "/export talk.md",
  async run(argument, { agent, agents: home }) {
    const file = argument === "" ? freeFile(agent.name) : argument;
    await home.export(agent.name, file);
    const what = agent.isIncognito ? ", as it was before /incognito; this session is not in it" : "";
    return print(`Exported ${agent.name} to ${resolve(file)}${what}.`);
  },
};

export const AGENT_COMMANDS: SlashCommands = { new: create, agents, switch: goTo, incognito, export: exportFile };

/** Agents' names when last listed: completion cannot wait for the disk. */
const seen = new WeakMap<SlashContext["agents"], readonly string[]>();

async function listAndRemember({ agents: home }: Pick<SlashContext, "agents">): Promise<readonly AgentEntry[]> {
  const entries = await home.list();
  seen.set(
    home,
    entries.map(({ name }) => name),
  );
  return entries;
}

async function change(
  { agent }: SlashContext,
  open: () => ReturnType<SlashContext["agents"]["open"]>,
): Promise<SlashResult> {
  const { agent: next, lines } = await open();
  return { type: "switch", agent: next, lines: [...lines, `Saved ${agent.name}. You are talking to ${next.name}.`] };
}

function agentLine({ name, lastUsedAt }: AgentEntry, current: string): string {
  if (name === current) return `${name}  (current)`;
  return lastUsedAt === "" ? name : `${name}  last used ${shownTime(lastUsedAt)}`;
}

/** `ada.md`, or `ada-2.md` if that exists. */
function freeFile(name: string): string {
  const base = name.replace(/[^\p{L}\p{N}._-]+/gu, "_");
  for (let number = 1; ; number += 1) {
    const file = number === 1 ? `${base}.md` : `${base}-${number}.md`;
    if (!existsSync(file)) return file;
  }
}
