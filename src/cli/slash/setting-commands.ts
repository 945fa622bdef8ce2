import type { Agent } from "../../index.ts";
import { renderDiff } from "../terminal/line-diff.ts";
import { counted } from "../terminal/one-line.ts";
import { spentText } from "../terminal/spent-text.ts";
import { type SlashCommand, type SlashCommands, print } from "./command.ts";

const model: SlashCommand = {
  usage: "/model [name]",
  summary: "show which model the agent speaks through, or change it; kept with the agent",
  details: ["memgpt run --model-endpoint URL and --context-window change the rest."],
  example: "/model gpt-4o",
  async run(name, { agent }) {
    if (name === "") return print(describeModel(agent));
    const { changes } = await agent.configure({ model: name });
    return print(
      changes.length === 0 ? `The model is ${name} already.` : `Changed ${changes.join("; ")}. /undo goes back.`,
    );
  },
};

const cost: SlashCommand = {
  usage: "/cost",
  summary: "show what the model has cost: tokens in, cached and out, and money where prices are known",
  details: ["Undone turns are counted: they were paid for. `prices` in config.json says what a model costs."],
  example: "/cost",
  async run(_, { agent }) {
    const { session, agent: all } = await agent.spent();
    return print(`This session: ${spentText(session)}\n${agent.name} in all: ${spentText(all)}`);
  },
};

const systemswap: SlashCommand = {
  usage: "/systemswap TEXT",
  summary: "replace the system prompt; shows what changes and asks first",
  details: ["Core memory stays. /undo brings the old prompt back."],
  example: "/systemswap You are a patient teacher of Portuguese.",
  async run(text, { agent, terminal }) {
    const diff = renderDiff(agent.state.system, text);
    if (diff === "") return print("The system prompt says that already.");
    terminal.show(diff);
    if (!(await terminal.confirm("Replace the system prompt?"))) return print("The system prompt stays as it is.");
    const { before, after } = await agent.setSystem(text);
    return print(
      `Replaced the system prompt of ${counted(before.length, "character")} by one of ${counted(after.length, "character")}. /undo brings the old one back.`,
    );
  },
};

const addFunction: SlashCommand = {
  usage: "/add_function NAME",
  summary: "let the agent call one more function",
  details: ["Tab lists those it lacks."],
  example: "/add_function pause_heartbeats",
  complete: (_, { agent }) => agent.availableFunctions.filter((name) => !agent.state.functions.includes(name)),
  async run(name, { agent }) {
    await agent.addFunction(name);
    return print(`Added ${name}: the agent can call it from now on. /undo takes it back.`);
  },
};

const removeFunction: SlashCommand = {
  usage: "/remove_function NAME",
  summary: "take a function from the agent",
  details: ["Tab lists those it has."],
  example: "/remove_function pause_heartbeats",
  complete: (_, { agent }) => agent.state.functions,
  async run(name, { agent }) {
    await agent.removeFunction(name);
    return print(`Removed ${name}: the agent can no longer call it. /undo gives it back.`);
  },
};

const verbose: SlashCommand = {
  usage: "/verbose",
  summary: "show function calls and what they return, or no longer",
  example: "/verbose",
  run: (_, { terminal }) =>
    print(
      terminal.toggleVerbose()
        ? "Function calls and their returns are shown now."
        : "Function calls and their returns are no longer shown.",
    ),
};

const wipe: SlashCommand = {
  usage: "/wipe",
  summary: "start over: empty recall and archival memory, core memory as at first; asks first",
  details: ["Model, system prompt and functions stay. /undo brings everything back."],
  example: "/wipe",
  async run(_, { agent, terminal }) {
    const question = `Start ${agent.name} over? All that it remembers is emptied; /undo brings it back.`;
    if (!(await terminal.confirm(question))) return print("Nothing was changed.");
    const { messages, passages } = await agent.wipe();
    const gone = `${counted(messages.removed, "message")} and ${counted(passages.removed.length, "archival passage")}`;
    return print(`Started over: ${gone} forgotten, core memory as at first. /undo brings everything back.`);
  },
};

export const SETTING_COMMANDS: SlashCommands = {
  model,
  cost,
  systemswap,
  add_function: addFunction,
  remove_function: removeFunction,
  verbose,
  wipe,
};

function describeModel({ state }: Agent): string {
  const { model: name, endpoint, contextWindow } = state.settings;
  const where = endpoint === null ? (name === "practice" ? ", built in" : "") : ` at ${endpoint}`;
  return `The model is ${name}${where}, with a context window of ${contextWindow.toLocaleString("en-US")} tokens. /model NAME changes it.`;
}
