import { AGENT_COMMANDS } from "./agent-commands.ts";
import { CHECKPOINT_COMMANDS } from "./checkpoint-commands.ts";
import { type SlashCommand, type SlashCommands, print, refuse } from "./command.ts";
import { CONVERSATION_COMMANDS } from "./conversation-commands.ts";
import { FUNCTION_COMMANDS } from "./function-commands.ts";
import { type SlashGroup, renderCommand, renderCommands, unknownCommand } from "./help.ts";
import { MEMORY_COMMANDS } from "./memory-commands.ts";
import { SOURCE_COMMANDS } from "./source-commands.ts";
import { SETTING_COMMANDS } from "./setting-commands.ts";
import { TIME_TRAVEL_COMMANDS } from "./time-travel-commands.ts";

const HELP: SlashCommand = {
  usage: "/help [command]",
  summary: "list the commands, or explain one",
  example: "/help pop",
  complete: () => Object.keys(SLASH_COMMANDS),
  run(argument, { terminal }) {
    const name = argument.length > 1 ? argument.replace(/^\//, "") : argument;
    if (name === "") return print(renderCommands(SLASH_GROUPS, terminal.width));
    const command = commandNamed(name === '"""' ? "/" : name);
    if (command !== undefined) return print(renderCommand(command));
    return refuse(unknownCommand(name, Object.keys(SLASH_COMMANDS)), "invalid_input");
  },
};

const EXIT: SlashCommand = {
  usage: "/exit",
  summary: "save and exit",
  example: "/exit",
  run: () => ({ type: "exit" }),
};

const MULTILINE: SlashCommand = {
  usage: "// [text]",
  summary: 'write a message of several lines, like """; a line with only """ sends it',
  example: "// Dear Ada,",
  run: (start) => ({ type: "multiline", start }),
};

/** Every slash command by its name, in the order of the help. */
export const SLASH_GROUPS: readonly SlashGroup[] = [
  { title: "Session and agents", commands: { help: HELP, exit: EXIT, ...AGENT_COMMANDS } },
  { title: "Memory", commands: { ...MEMORY_COMMANDS, ...SOURCE_COMMANDS } },
  { title: "Conversation", commands: { "/": MULTILINE, ...CONVERSATION_COMMANDS } },
  { title: "Time travel", commands: { ...TIME_TRAVEL_COMMANDS, ...CHECKPOINT_COMMANDS } },
  { title: "Settings", commands: { ...SETTING_COMMANDS, ...FUNCTION_COMMANDS } },
];

export const SLASH_COMMANDS: SlashCommands = Object.fromEntries(
  SLASH_GROUPS.flatMap(({ commands }) => Object.entries(commands)),
);

/** Names that people know from other programs. */
const ALIASES: Readonly<Record<string, string>> = { savechat: "save", quit: "exit" };

/** The command named `word`, without its slash and in any case. */
export function commandNamed(word: string): SlashCommand | undefined {
  const name = word.toLowerCase();
  const known = Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? name) : name;
  return Object.hasOwn(SLASH_COMMANDS, known) ? SLASH_COMMANDS[known] : undefined;
}
