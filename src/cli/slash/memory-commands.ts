import { didYouMean } from "../../errors.ts";
import type { Agent } from "../../index.ts";
import { jsonText } from "../terminal/json-text.ts";
import { changedLines } from "../terminal/line-diff.ts";
import { counted, excerpt, listed } from "../terminal/one-line.ts";
import {
  type SlashCommand,
  type SlashCommands,
  type SlashResult,
  print,
  refuse,
  refuseUsage,
  usageLine,
} from "./command.ts";
import { renderContext } from "./context.ts";
import { COUNT, parseCount } from "./count.ts";
import { renderDump } from "./dump.ts";
import { NOTHING_TO_FORGET, askAndForget } from "./forgetting.ts";
import { renderFound, renderFoundInAll } from "./found.ts";
import { renderHistory } from "./history.ts";
import { renderMemory } from "./memory.ts";
import { renderHeld } from "./quarantine.ts";
import { renderExplanation } from "./why.ts";

/** Most characters shown of a changed line. */
const EXCERPT = 100;

const dump: SlashCommand = {
  usage: "/dump [n]",
  argument: COUNT,
  summary: "show the last n messages in context, or all of them",
  details: ["Numbered as /pop counts them: [1] is the last."],
  example: "/dump 6",
  run(argument, { agent }) {
    const count = argument === "" ? agent.state.queue.length : parseCount(argument);
    return count === undefined ? refuseUsage(dump) : print(renderDump(agent.state, count));
  },
};

const dumpraw: SlashCommand = {
  usage: "/dumpraw [n]",
  argument: COUNT,
  summary: "show the last n messages in context as stored, in JSON",
  example: "/dumpraw 2",
  run(argument, { agent }) {
    const { queue } = agent.state;
    const count = argument === "" ? queue.length : parseCount(argument);
    if (count === undefined) return refuseUsage(dumpraw);
    return { type: "print", text: jsonText(count === 0 ? [] : queue.slice(-count), 2), asIs: true };
  },
};

const memory: SlashCommand = {
  usage: "/memory",
  summary: "show core memory, and the size and newest entries of recall and archival memory",
  example: "/memory",
  run: async (_, { agent }) => print(await renderMemory(agent)),
};

const core: SlashCommand = {
  usage: "/core edit LABEL",
  summary: "edit a block of core memory in your editor ($VISUAL, $EDITOR)",
  details: ["Saving changes the block; if the editor fails, nothing changes. /undo reverts the edit."],
  example: "/core edit human",
  complete: (_, { agent }) => labels(agent).map((label) => `edit ${label}`),
  async run(argument, { agent, terminal }) {
    const requested = /^edit\s+(\S.*)$/is.exec(argument)?.[1]?.trim();
    const block = agent.state.blocks.find(({ label }) => label.toLowerCase() === requested?.toLowerCase());
    if (block === undefined) {
      const near =
        requested === undefined ? "" : `No block named ${requested}.${didYouMean(requested, labels(agent))}\n`;
      const usage = usageLine({ ...core, argument: `LABEL is ${labels(agent).join(" or ")}` });
      return refuse(near + usage, "invalid_input");
    }
    const { label, value } = block;
    return terminal.edit(value, label, async (edited): Promise<SlashResult> => {
      if (edited === value) return print(`${label} is unchanged.`);
      const { before, after } = await agent.editBlock(label, edited);
      return print(`Changed ${label}: ${describeEdit(before, after)}. /undo reverts it.`);
    });
  },
};

const keepPrivate: SlashCommand = {
  usage: "/private LABEL",
  summary: "show a block to models on this machine only, or to every model again",
  details: [
    "A model elsewhere neither sees nor edits it, and other programs do not read it over MCP.",
    "The conversation keeps what you or the agent said about it.",
  ],
  example: "/private human",
  complete: (_, { agent }) => labels(agent),
  async run(argument, { agent }) {
    const block = agent.state.blocks.find(({ label }) => label.toLowerCase() === argument.toLowerCase());
    if (block === undefined) {
      return refuse(`No block named ${argument}.${didYouMean(argument, labels(agent))}`, "not_found");
    }
    const { label, private: isPrivate = false } = await agent.changeBlock(block.label, { private: !block.private });
    const now = isPrivate ? "is shown to models on this machine only" : "is shown to every model";
    return print(`${label} ${now}. /undo reverts it.`);
  },
};

const archival: SlashCommand = {
  usage: "/archival QUERY",
  summary: "search archival memory as the agent does",
  details: ["Text in double quotes matches exactly."],
  example: "/archival birthday cake",
  run: async (query, { agent }) =>
    print(renderFound(await agent.find({ query, in: "archival" }), { query, agent: agent.name, in: "archival" })),
};

const recall: SlashCommand = {
  usage: "/recall QUERY",
  summary: "search the whole conversation as the agent does",
  details: ["Text in double quotes matches exactly."],
  example: '/recall "birthday cake"',
  run: async (query, { agent }) =>
    print(renderFound(await agent.find({ query, in: "recall" }), { query, agent: agent.name, in: "recall" })),
};

/** Results that `/search` shows from each storage. */
const IN_EACH = 5;

const search: SlashCommand = {
  usage: "/search QUERY",
  summary: "search core memory, the whole conversation and archival memory at once",
  details: ["Shows the best of each. Text in double quotes matches exactly."],
  example: "/search birthday cake",
  run: async (query, { agent }) =>
    print(renderFoundInAll(await agent.findAll({ query, size: IN_EACH }), { query, agent: agent.name })),
};

const context: SlashCommand = {
  usage: "/context",
  summary: "show how the context window is used",
  example: "/context",
  run: (_, { agent, terminal }) => print(renderContext(agent.context(), terminal)),
};

const why: SlashCommand = {
  usage: "/why",
  summary: "show what led to the last reply: searches with their results, memory edits with their reasons",
  example: "/why",
  async run(_, { agent }) {
    const explanation = await agent.why();
    if (explanation === undefined) return refuse("No reply in context to explain.", "not_found");
    return print(renderExplanation(explanation));
  },
};

const history: SlashCommand = {
  usage: "/history [LABEL]",
  summary: "show the edits that led to core memory, each with its time and reason",
  details: ["Undone edits are left out."],
  example: "/history human",
  complete: (_, { agent }) => labels(agent),
  async run(label, { agent }) {
    const edits = await agent.history(label === "" ? undefined : label);
    const subject = label === "" ? `${listed(labels(agent))} have` : `${label} has`;
    return print(edits.length === 0 ? `${subject} not changed since the agent was created.` : renderHistory(edits));
  },
};

const quarantine: SlashCommand = {
  usage: "/quarantine [verb] [id|all]",
  summary: "list the memory writes that were held back; release or discard them",
  details: [
    "A write is held back when it reads like instructions to the agent. The agent cannot see it.",
    "`release` carries the write out, `discard` drops it for good; both take an id or `all`.",
    "/undo reverts a release.",
  ],
  example: "/quarantine release all",
  async run(argument, { agent }) {
    if (argument === "") return print(renderHeld(await agent.quarantined(), agent.name));
    const [verb, which, ...rest] = argument.split(/\s+/);
    if ((verb !== "release" && verb !== "discard") || which === undefined || rest.length > 0)
      return refuseUsage(quarantine);
    const ids = which === "all" ? (await agent.quarantined()).map(({ id }) => id) : [which];
    if (verb === "release") return print(`Released ${counted(await agent.release(ids), "write")}.`);
    return print(`Discarded ${counted(await agent.discard(ids), "write")}.`);
  },
};

const forget: SlashCommand = {
  usage: "/forget TEXT",
  summary: "remove everything that says this from every file, for good",
  details: [
    "Shows what would go and asks first. Core memory and summaries are rewritten only where you agree.",
    "No undo and no checkpoint brings it back. `memgpt forget` can forget by message, passage, source or date, too.",
  ],
  example: "/forget my old address",
  async run(match, { agent, terminal }) {
    const asking = {
      show: (text: string) => {
        terminal.show(text);
      },
      confirm: (question: string) => terminal.confirm(question),
    };
    const text = await askAndForget(agent, { match }, "/forget", asking);
    return text === undefined ? refuse(NOTHING_TO_FORGET, "not_found") : print(text);
  },
};

export const MEMORY_COMMANDS: SlashCommands = {
  dump,
  dumpraw,
  memory,
  core,
  private: keepPrivate,
  search,
  archival,
  recall,
  context,
  why,
  history,
  quarantine,
  forget,
};

function labels({ state }: Agent): string[] {
  return state.blocks.map(({ label }) => label);
}

function describeEdit(before: string, after: string): string {
  const { removed, added } = changedLines(before, after);
  const quoted = (lines: readonly string[]): string => `"${excerpt(lines.join("; "), EXCERPT)}"`;
  if (removed.length === 0 && added.length === 0) return `now ${counted(after.length, "character")}`;
  if (added.length === 0) return `${quoted(removed)} removed`;
  return removed.length === 0 ? `${quoted(added)} added` : `${quoted(removed)} is now ${quoted(added)}`;
}
