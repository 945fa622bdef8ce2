import { didYouMean } from "../../errors.ts";
import { CHECKPOINT_COMMANDS } from "./checkpoint-commands.ts";
import { type SlashCommand, type SlashCommands, print } from "./command.ts";
import { CONVERSATION_COMMANDS } from "./conversation-commands.ts";
import { MEMORY_COMMANDS } from "./memory-commands.ts";
import { SETTING_COMMANDS } from "./setting-commands.ts";
import { TIME_TRAVEL_COMMANDS } from "./time-travel-commands.ts";

const HELP: SlashCommand = {
  usage: "/help [command]",
  summary: "list the commands, or explain one",
  complete: () => Object.keys(SLASH_COMMANDS),
  run: (argument) => print(renderHelp(argument)),
};

const EXIT: SlashCommand = { usage: "/exit", summary: "save and leave", run: () => ({ type: "exit" }) };

const MULTILINE: SlashCommand = {
  usage: "// [text]",
  summary: 'write a message of several lines, as """ does; a line with only """ sends it',
  run: (start) => ({ type: "multiline", start }),
};

/** Every in-chat command by the word that calls it, in the order the help lists them. */
export const SLASH_COMMANDS: SlashCommands = {
  help: HELP,
  exit: EXIT,
  ...CHECKPOINT_COMMANDS,
  ...TIME_TRAVEL_COMMANDS,
  ...MEMORY_COMMANDS,
  ...CONVERSATION_COMMANDS,
  ...SETTING_COMMANDS,
  "/": MULTILINE,
};

/** Other words for some commands, as people know them from elsewhere. */
const ALIASES: Readonly<Record<string, string>> = { savechat: "save", quit: "exit" };

/** The command that `word` calls, without the slash and in either case. */
export function commandNamed(word: string): SlashCommand | undefined {
  const name = word.toLowerCase();
  const known = Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? name) : name;
  return Object.hasOwn(SLASH_COMMANDS, known) ? SLASH_COMMANDS[known] : undefined;
}

function renderHelp(argument: string): string {
  const name = argument.length > 1 ? argument.replace(/^\//, "") : argument;
  const one = commandNamed(name === '"""' ? "/" : name);
  if (one !== undefined) return [`${one.usage}: ${one.summary}`, ...(one.details ?? [])].join("\n  ");
  if (name !== "")
    return `There is no command /${name}.${didYouMean(name, Object.keys(SLASH_COMMANDS))} /help lists them.`;
  const commands = Object.values(SLASH_COMMANDS);
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  const lines = commands.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`);
  return [
    ...lines,
    "",
    "  /help COMMAND tells more. A message that begins with / needs a space before it.",
    "  Ctrl-C stops a reply, Ctrl-D leaves, Ctrl-R searches what you typed before.",
  ].join("\n");
}
