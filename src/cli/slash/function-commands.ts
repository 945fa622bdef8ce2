import type { Agent, ConsentSetting } from "../../index.ts";
import { type SlashCommand, type SlashCommands, print, refuseUsage } from "./command.ts";

/** The verbs of `/functions` and `memgpt functions`. Each changes one function of an agent and says what it did. */
export const FUNCTION_VERBS = {
  add: async (agent, name) => {
    await agent.addFunction(name);
    return `Added ${name}: ${agent.name} can call it now.`;
  },
  remove: async (agent, name) => {
    await agent.removeFunction(name);
    return `Removed ${name}: ${agent.name} can no longer call it.`;
  },
  allow: async (agent, name) => consent(agent, name, "always", "may call it without asking"),
  deny: async (agent, name) => consent(agent, name, "never", "may not call it, and does not ask"),
  ask: async (agent, name) => consent(agent, name, "ask", "asks each time"),
} as const satisfies Record<string, (agent: Agent, name: string) => Promise<string>>;

export type FunctionVerb = keyof typeof FUNCTION_VERBS;

function isFunctionVerb(word: string): word is FunctionVerb {
  return Object.hasOwn(FUNCTION_VERBS, word);
}

async function consent(agent: Agent, name: string, setting: ConsentSetting, outcome: string): Promise<string> {
  await agent.setConsent(name, setting);
  return `${name}: ${agent.name} ${outcome}.`;
}

/** The functions of an agent, whether it may call each, and why. */
export async function renderFunctions(agent: Agent): Promise<string> {
  const problems = await agent.refreshFunctions();
  const rows = agent.permissions();
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, may, why }) => `  ${name.padEnd(width)}  ${may.padEnd(3)}  ${why}`);
  const others = agent.availableFunctions.filter((name) => !agent.state.functions.includes(name));
  const more = others.length === 0 ? [] : ["", `It can be given: ${others.join(", ")}`];
  return [`What ${agent.name} may call:`, ...lines, ...more, ...problems.flatMap((problem) => ["", problem])].join(
    "\n",
  );
}

const functions: SlashCommand = {
  usage: "/functions [VERB NAME]",
  argument: "where VERB is add, remove, allow, deny or ask",
  summary: "show what the agent may call and why, or change it",
  details: [
    "A function that acts outside memory asks first. allow: never ask again; deny: always refuse; ask: ask each time.",
  ],
  example: "/functions add http_request",
  complete(argument, { agent }) {
    const [verb = "", ...rest] = argument.split(" ");
    if (rest.length === 0 || !isFunctionVerb(verb)) return Object.keys(FUNCTION_VERBS);
    const owned = agent.state.functions;
    const names = verb === "add" ? agent.availableFunctions.filter((name) => !owned.includes(name)) : owned;
    return names.map((name) => `${verb} ${name}`);
  },
  async run(argument, { agent }) {
    if (argument === "") return { type: "print", text: await renderFunctions(agent), asIs: true };
    const [verb = "", name = "", ...more] = argument.split(/\s+/);
    if (!isFunctionVerb(verb) || name === "" || more.length > 0) return refuseUsage(functions);
    return print(`${await FUNCTION_VERBS[verb](agent, name)} /undo reverts it.`);
  },
};

export const FUNCTION_COMMANDS: SlashCommands = { functions };
