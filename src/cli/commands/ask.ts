import type { Command } from "commander";
import { MemGPTError, nearest } from "../../errors.ts";
import { reporting } from "../chat/reporting.ts";
import { run } from "../chat/run.ts";
import type { RunOptions } from "../setup/run-options.ts";
import { commandNamed } from "../slash/commands.ts";
import { reportError } from "../terminal/report-error.ts";

/**
 * `memgpt` without a command: the chat, or `memgpt "QUESTION"`, asked once. A word that is no command is not guessed at.
 *
 * @returns the exit code.
 */
export async function ask(words: readonly string[], options: RunOptions, program: Command): Promise<number> {
  const [first, ...more] = words;
  if (first === undefined) return start(options, program);
  if (more.length === 0 && isMessage(first) && options.print === undefined) return run({ ...options, print: first });
  return reportError(new MemGPTError("invalid_input", noCommand(words, program)), reporting(options));
}

/** In a pipe the lines of standard input are the chat; without input, the help is printed. */
async function start(options: RunOptions, program: Command): Promise<number> {
  const readsKeys = options.print === undefined && options.inputFormat === "text" && process.stdin.isTTY;
  if (!readsKeys || process.stdout.isTTY) return run(options);
  program.outputHelp();
  return 0;
}

/** Whether an argument is something to say rather than a command that does not exist. */
function isMessage(text: string): boolean {
  return text === "" || /\s|[?!.…？！。؟]$|^\//u.test(text);
}

function noCommand(words: readonly string[], program: Command): string {
  const [first = ""] = words;
  const names = program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name());
  if (names.includes(first)) return `Flags go behind the command: memgpt ${first} …`;
  const near = nearest(first, names);
  if (near !== undefined)
    return `There is no command ${first}. Did you mean ${near}? \`memgpt --help\` lists the commands.`;
  if (words.length > 1) return `There is no command ${first}. A message goes in quotes: memgpt "${words.join(" ")}"`;
  const inChat = commandNamed(first) === undefined ? "" : ` In the chat there is /${first}.`;
  return (
    `There is no command ${first}.${inChat} \`memgpt run ${first}\` talks to an agent of that name, ` +
    `\`memgpt -p ${first}\` says it to the one used last; \`memgpt --help\` lists the commands.`
  );
}
