import { didYouMean } from "../../errors.ts";
import type { SlashContext, SlashResult } from "./command.ts";
import { SLASH_COMMANDS } from "./commands.ts";

/** Runs a line that begins with `/`. An unknown command never reaches the model: the nearest one is suggested. */
export async function runSlashCommand(line: string, context: SlashContext): Promise<SlashResult> {
  const [, name = "", argument = ""] = /^\/(\S*)\s*([\s\S]*)$/.exec(line.trim()) ?? [];
  const command = Object.hasOwn(SLASH_COMMANDS, name.toLowerCase() || "help")
    ? SLASH_COMMANDS[name.toLowerCase() || "help"]
    : undefined;
  if (command !== undefined) return command.run(argument.trim(), context);
  const names = Object.keys(SLASH_COMMANDS).map((known) => `/${known}`);
  return { type: "print", text: `There is no command /${name}.${didYouMean(`/${name}`, names)} /help lists them.` };
}

/** The commands that `line` may become, for the Tab key. */
export function completeSlash(line: string): string[] {
  if (!/^\/\S*$/.test(line)) return [];
  return Object.keys(SLASH_COMMANDS)
    .map((name) => `/${name}`)
    .filter((name) => name.startsWith(line.toLowerCase()));
}
