import type { Command } from "commander";
import { MemGPTError, nearest } from "../../errors.ts";
import { reporting } from "../chat/reporting.ts";
import { run } from "../chat/run.ts";
import type { RunOptions } from "../setup/run-options.ts";
import { commandNamed } from "../slash/commands.ts";
import { reportError } from "../terminal/report-error.ts";

/**
 * `memgpt` without a command: the chat, or one question (`memgpt "QUESTION"`). An unknown word is an error, not a message.
 *
 * @returns the exit code.
 */
export async function ask(words: readonly string[], options: RunOptions, program: Command): Promise<number> {
  const [first, ...more] = words;
  if (first === undefined) return start(options, program);
  if (more.length === 0 && isMessage(first) && options.print === undefined) return run({ ...options, print: first });
  return reportError(new MemGPTError("invalid_input", unknownCommand(words, program)), reporting(options));
}

/** The chat, whose messages may come from a pipe. With keyboard input but piped output, prints the help instead. */
async function start(options: RunOptions, program: Command): Promise<number> {
  const readsKeys = options.print === undefined && options.inputFormat === "text" && process.stdin.isTTY;
  if (!readsKeys || process.stdout.isTTY) return run(options);
  program.outputHelp();
  return 0;
}

/** Whether an argument is a message rather than an unknown command. */
function isMessage(text: string): boolean {
  return text === "" || /\s|[?!.…？！。؟]$|^\//u.test(text);
}

function unknownCommand(words: readonly string[], program: Command): string {
  const [first = ""] = words;
  const names = program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name());
  if (names.includes(first)) return `Flags go after the command: memgpt ${first} …`;
  const near = nearest(first, names);
  if (near !== undefined)
    return `Unknown command ${first}. Did you mean ${near}? \`memgpt --help\` lists the commands.`;
  if (words.length > 1) return `Unknown command ${first}. Put a message in quotes: memgpt "${words.join(" ")}"`;
  const inChat = commandNamed(first) === undefined ? "" : ` The chat has /${first}.`;
  return (
    `Unknown command ${first}.${inChat} \`memgpt run ${first}\` talks to an agent of that name; ` +
    `\`memgpt -p ${first}\` says it to the agent used last; \`memgpt --help\` lists the commands.`
  );
}
