import type { Agent } from "../../index.ts";
import { renderDiff } from "../terminal/line-diff.ts";
import { counted } from "../terminal/one-line.ts";
import { spentText } from "../terminal/spent-text.ts";
import { type SlashCommand, type SlashCommands, print } from "./command.ts";

const model: SlashCommand = {
  usage: "/model [name]",
  summary: "show the agent's model, or change it; saved with the agent",
  details: ["memgpt run --model-endpoint URL --context-window N change the server and window."],
  example: "/model gpt-4o",
  async run(name, { agent }) {
    if (name === "") return print(describeModel(agent));
    const { changes } = await agent.configure({ model: name });
    return print(
      changes.length === 0 ? `The model is already ${name}.` : `Changed ${changes.join("; ")}. /undo reverts it.`,
    );
  },
};

const cost: SlashCommand = {
  usage: "/cost",
  summary: "show what the model has cost in tokens, and in money where prices are known",
  details: ["Undone turns count: they were paid for. Set a model's price under `prices` in config.json."],
  example: "/cost",
  async run(_, { agent }) {
    const { session, agent: all } = await agent.spent();
    return print(`This session: ${spentText(session)}\n${agent.name} in total: ${spentText(all)}`);
  },
};

const systemswap: SlashCommand = {
  usage: "/systemswap TEXT",
  summary: "replace the system prompt; shows the change and asks first",
  details: ["Core memory stays. /undo brings the old prompt back."],
  example: "/systemswap You are a patient teacher of Portuguese.",
  async run(text, { agent, terminal }) {
    const diff = renderDiff(agent.state.system, text);
    if (diff === "") return print("The system prompt already says that.");
    terminal.show(diff);
    if (!(await terminal.confirm("Replace the system prompt?"))) return print("The system prompt is unchanged.");
    const { before, after } = await agent.setSystem(text);
    return print(
      `Replaced the system prompt (${counted(before.length, "character")}) with the new one (${counted(after.length, "character")}). /undo brings the old one back.`,
    );
  },
};

const addFunction: SlashCommand = {
  usage: "/add_function NAME",
  summary: "let the agent call another function",
  details: ["Tab lists the functions it does not have."],
  example: "/add_function pause_heartbeats",
  complete: (_, { agent }) => agent.availableFunctions.filter((name) => !agent.state.functions.includes(name)),
  async run(name, { agent }) {
    await agent.addFunction(name);
    return print(`Added ${name}: the agent can call it now. /undo removes it.`);
  },
};

const removeFunction: SlashCommand = {
  usage: "/remove_function NAME",
  summary: "stop the agent from calling a function",
  details: ["Tab lists the functions it has."],
  example: "/remove_function pause_heartbeats",
  complete: (_, { agent }) => agent.state.functions,
  async run(name, { agent }) {
    await agent.removeFunction(name);
    return print(`Removed ${name}: the agent can no longer call it. /undo adds it again.`);
  },
};

const verbose: SlashCommand = {
  usage: "/verbose",
  summary: "show or hide function calls and their returns",
  example: "/verbose",
  run: (_, { terminal }) =>
    print(
      terminal.toggleVerbose()
        ? "Showing function calls and their returns."
        : "Hiding function calls and their returns.",
    ),
};

const wipe: SlashCommand = {
  usage: "/wipe",
  summary: "start over: empty recall and archival memory, reset core memory; asks first",
  details: ["Model, system prompt and functions stay. /undo brings everything back."],
  example: "/wipe",
  async run(_, { agent, terminal }) {
    const question = `Start ${agent.name} over? This empties its memory; /undo brings it back.`;
    if (!(await terminal.confirm(question))) return print("Nothing was changed.");
    const { messages, passages } = await agent.wipe();
    const gone = `${counted(messages.removed, "message")} and ${counted(passages.removed.length, "archival passage")}`;
    return print(`Started over: ${gone} forgotten, core memory reset. /undo brings everything back.`);
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
