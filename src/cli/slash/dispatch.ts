import { type AgentEvent, MemGPTError } from "../../index.ts";
import {
  type SlashCommand,
  type SlashContext,
  type SlashResult,
  type SlashTurn,
  refuse,
  refuseUsage,
  usageLine,
} from "./command.ts";
import { SLASH_COMMANDS, commandNamed } from "./commands.ts";
import { unknownCommand } from "./help.ts";

/** The answer to `exit` or `quit`, which are not sent to the model; undefined for other lines. */
export function exitHint(line: string): string | undefined {
  const word = /^(exit|quit)\s*$/i.exec(line)?.[1];
  return word === undefined ? undefined : `To leave, type /exit. To say "${word}" to the agent, put a space before it.`;
}

/**
 * Runs a line that begins with `/`. An unknown command never reaches the model; the answer suggests the nearest one.
 *
 * @throws MemGPTError as the command does, with the usage line if the input was at fault.
 */
export async function runSlashCommand(line: string, context: SlashContext): Promise<SlashResult> {
  const { name, argument } = parse(line);
  const command = commandNamed(name);
  if (command === undefined) {
    return refuse(unknownCommand(name, Object.keys(SLASH_COMMANDS)), "invalid_input");
  }
  if (!fits(command, argument)) return refuseUsage(command);
  try {
    return withUsage(await command.run(argument, context), command);
  } catch (error) {
    throw explained(error, command);
  }
}

/** Completions of `line` for the Tab key: commands, or a command with its argument. */
export function completeSlash(line: string, context: Pick<SlashContext, "agent" | "agents">): string[] {
  if (/^\/\S*$/.test(line)) {
    return Object.keys(SLASH_COMMANDS)
      .map((name) => `/${name}`)
      .filter((name) => name.startsWith(line.toLowerCase()));
  }
  const [, head = "", name = "", argument = ""] = /^(\/(\S+)\s+)([\s\S]*)$/.exec(line) ?? [];
  const candidates = commandNamed(name)?.complete?.(argument, context) ?? [];
  return candidates
    .filter((candidate) => candidate.toLowerCase().startsWith(argument.toLowerCase()))
    .map((candidate) => head + candidate);
}

/** Splits a line into command and argument. `//` is a command of its own. */
function parse(line: string): { name: string; argument: string } {
  const text = line.trim();
  if (text.startsWith("//")) return { name: "/", argument: text.slice(2) };
  const [, name = "", argument = ""] = /^\/(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  return { name: name === "" ? "help" : name, argument: argument.trim() };
}

/** Whether an argument is present if required, and absent if the command takes none. */
function fits({ usage }: SlashCommand, argument: string): boolean {
  const [, parameter = ""] = /^\S+ (.*)$/.exec(usage) ?? [];
  if (parameter === "") return argument === "";
  return parameter.startsWith("[") || argument !== "";
}

/** Adds the usage line to errors of a turn that the command starts, too. */
function withUsage(result: SlashResult, command: SlashCommand): SlashResult {
  switch (result.type) {
    case "turn":
      return { ...result, run: (options) => explainedEvents(result.run(options), command) };
    case "edit":
      return { ...result, submit: (edited) => withUsage(result.submit(edited), command) };
    case "print":
    case "multiline":
    case "switch":
    case "exit":
      return result;
  }
}

async function* explainedEvents(
  events: ReturnType<SlashTurn["run"]>,
  command: SlashCommand,
): AsyncGenerator<AgentEvent, void, void> {
  try {
    yield* events;
  } catch (error) {
    throw explained(error, command);
  }
}

function explained(error: unknown, command: SlashCommand): unknown {
  if (!(error instanceof MemGPTError) || (error.code !== "not_found" && error.code !== "invalid_input")) return error;
  return new MemGPTError(error.code, `${error.message}\n${usageLine(command)}`, { cause: error });
}
