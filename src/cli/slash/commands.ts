import type { SlashCommand } from "./command.ts";
import { renderContext } from "./context.ts";
import { renderDump } from "./dump.ts";
import { renderMemory } from "./memory.ts";

/** Every in-chat command, in the order the help lists them. */
export const SLASH_COMMANDS: Readonly<Record<string, SlashCommand>> = {
  help: {
    usage: "/help [command]",
    summary: "list the commands, or explain one",
    run: (argument) => ({ type: "print", text: renderHelp(argument.replace(/^\//, "")) }),
  },
  memory: {
    usage: "/memory",
    summary: "show core memory, and how much recall and archival memory hold",
    run: async (_, { agent }) => ({ type: "print", text: await renderMemory(agent) }),
  },
  context: {
    usage: "/context",
    summary: "show how the context window is used",
    run: (_, { agent, width }) => ({ type: "print", text: renderContext(agent.context(), width) }),
  },
  dump: {
    usage: "/dump [n]",
    summary: "show the last n messages in context, or all of them",
    run(argument, { agent }) {
      const count = argument === "" ? agent.state.queue.length : Number(argument);
      if (!Number.isInteger(count) || count < 1)
        return { type: "print", text: "Usage: /dump [n], n a whole number above 0" };
      return { type: "print", text: renderDump(agent.state, count) };
    },
  },
  save: {
    usage: "/save",
    summary: "write a checkpoint now (every turn writes one by itself)",
    run: async (_, { agent }) => ({ type: "print", text: `Saved checkpoint ${await agent.checkpoint()}` }),
  },
  "/": {
    usage: "//",
    summary: 'write a message of several lines; a line with only """ sends it',
    run: () => ({ type: "multiline" }),
  },
  exit: {
    usage: "/exit",
    summary: "save and leave",
    run: () => ({ type: "exit" }),
  },
};

function renderHelp(name: string): string {
  const one = Object.hasOwn(SLASH_COMMANDS, name) ? SLASH_COMMANDS[name] : undefined;
  if (one !== undefined) return `${one.usage}: ${one.summary}`;
  if (name !== "") return `There is no command /${name}. /help lists them.`;
  const commands = Object.values(SLASH_COMMANDS);
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  const lines = commands.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`);
  return [...lines, "", "  Ctrl-C stops a reply, Ctrl-D leaves, Ctrl-R searches what you typed before."].join("\n");
}
