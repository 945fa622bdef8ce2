import { Command, Option } from "commander";
import { programVersion } from "../version.ts";
import { addDatabase } from "./commands/program-database.ts";
import { addExamples } from "./commands/examples.ts";
import { addGroups } from "./commands/groups.ts";
import { dollars, duration, repeated, url, wholeNumber } from "./commands/argument-types.ts";
import { visible } from "./terminal/sanitize.ts";
import { addResources } from "./commands/program-resources.ts";
import { addSourceLists } from "./commands/program-sources.ts";
import type { RunOptions } from "./setup/run-options.ts";

/** The commands used most, built without the others, which take 5 ms. */
const ALONE: Readonly<Record<string, (program: Command) => void>> = {
  run: addRun,
  list: (program) => {
    addRest(program);
    addResources(program);
    addSourceLists(program);
  },
};

/**
 * The commands and their flags. A command's code is imported when it runs, so `--help` and `--version` cost little more than
 * Node itself.
 *
 * @param first First word of the command line. If it names one of the most used commands, the others are not built.
 */
export async function createProgram(first = ""): Promise<Command> {
  const program = new Command("memgpt")
    .description("An agent that remembers. Chat with it in the terminal, or use it as a library.")
    .usage('[command] | "question" | [flags of run]')
    .version(programVersion(), "-V, --version")
    .showSuggestionAfterError()
    .showHelpAfterError("(memgpt --help lists the commands)")
    .exitOverride()
    // Commander repeats its input.
    .configureOutput({ writeErr: (text) => process.stderr.write(visible(text)) })
    .enablePositionalOptions();
  const alone = Object.hasOwn(ALONE, first) ? ALONE[first] : undefined;
  if (alone === undefined) {
    const { addMost } = await import("./commands/program-most.ts");
    addRun(program);
    addMost(program);
    ALONE["list"]?.(program);
  } else alone(program);
  pointToHelp(program, ["memgpt"]);
  addDatabase(program);
  addDebug(program);
  addGroups(program);
  addExamples(program);
  return program;
}

/** Adds --debug to every command, because the text for unexpected errors recommends it. */
function addDebug(program: Command): void {
  for (const command of program.createHelp().visibleCommands(program)) {
    if (command.name() === "help") continue;
    const runs = command.commands.length === 0 || command.options.length > 0;
    const isPresent = command.options.some(({ long }) => long === "--debug");
    if (runs && !isPresent) command.option("--debug", "show the stack trace of an error");
    addDebug(command);
  }
}

/** Makes a usage error name the help that lists the right flags. */
function pointToHelp({ commands }: Command, path: readonly string[]): void {
  for (const command of commands) {
    const own = [...path, command.name()];
    const what = command.options.length > 0 ? "flags" : command.commands.length > 0 ? "commands" : "arguments";
    command.showHelpAfterError(`(${own.join(" ")} --help lists its ${what})`);
    pointToHelp(command, own);
  }
}

function addRun(program: Command): void {
  const chat = program.command("run").description("chat with an agent; creates it if needed");
  runFlags(chat)
    .argument("[agent]", "agent")
    .action(async (name: string | undefined, options: RunOptions) => {
      if (name !== undefined && (options.agent !== undefined || options.resume === true)) {
        chat.error(`error: ${name} already names the agent; drop --${options.resume === true ? "resume" : "agent"}`);
      }
      const { run } = await import("./chat/run.ts");
      process.exitCode = await run(name === undefined ? options : { ...options, agent: name });
    });
  // Runs when no command is named.
  runFlags(program.command("ask", { isDefault: true, hidden: true }))
    .description("ask one question; without one, chat")
    .argument("[words...]")
    .action(async (words: readonly string[], options: RunOptions) => {
      const { ask } = await import("./commands/ask.ts");
      process.exitCode = await ask(words, options, program);
    });
}

function runFlags(command: Command): Command {
  return command
    .option("--agent <name>", "agent to talk to; created if it does not exist")
    .addOption(new Option("--server <url>", "talk to agents of this memgpt server").env("MEMGPT_SERVER"))
    .addOption(new Option("--token <key>", "key for the server, as `memgpt keys create` prints it").env("MEMGPT_TOKEN"))
    .addOption(new Option("-r, --resume", "choose from the existing agents").conflicts("agent"))
    .option("--persona <name>", "persona of a new agent")
    .option("--human <name>", "what a new agent knows about you")
    .option("--preset <name>", "system prompt and functions of a new agent")
    .option("--model <name>", "model; saved with the agent")
    .option("--model-endpoint <url>", "base URL of an OpenAI-compatible server; saved with the agent", url)
    .option("--use-openai-key", "send OPENAI_API_KEY to the agent's endpoints even if they are not OpenAI's")
    .option("--context-window <tokens>", "the model's context window; saved with the agent", wholeNumber)
    .option("--core-memory-limit <characters>", "size of each core memory block of a new agent", wholeNumber)
    .option("--first", "you speak first")
    .option(
      "--heartbeat-every <time>",
      "wake the agent after this long without a message, such as 30m (default: never)",
      duration,
    )
    .option("--max-steps <n>", "most steps that one turn may take", wholeNumber)
    .option(
      "--max-cost <dollars>",
      "end the turn cleanly once the session has cost this much; needs a known price",
      dollars,
    )
    .option("--allow <name>", "let the agent call this function, which acts outside memory, without asking", repeated)
    .option("--incognito", "store nothing of this session; the agent remembers earlier ones")
    .option("--no-verify", "accept a new agent's first answer without checking its form")
    .option("--debug", "show function calls and stack traces")
    .option("--strip-ui", "no colours, symbols or spinner")
    .option("-y, --yes", "ask nothing; use defaults")
    .option("--no-stream", "show each reply once it is complete")
    .option("-p, --print <text>", "send one message, print the reply and exit; - reads it from standard input")
    .addOption(
      new Option("--output-format <format>", "output format for -p and pipes")
        .choices(["text", "json", "stream-json"])
        .default("text"),
    )
    .addOption(
      new Option("--input-format <format>", "input format for pipes").choices(["text", "stream-json"]).default("text"),
    );
}

function addRest(program: Command): void {
  const list = program.command("list").description("list agents, sources, personas, humans or presets");
  for (const kind of ["agents", "personas", "humans", "presets"] as const) {
    list
      .command(kind)
      .description(`list ${kind}`)
      .option("--json", "print JSON")
      .action(async (options: { json?: boolean }) => {
        const commands = await import("./commands/list.ts");
        await (kind === "agents" ? commands.listAgents(options) : commands.listResources(kind, options));
      });
  }
  program
    .command("delete")
    .description("delete an agent, source, persona, human or preset for good")
    .command("agent")
    .description("delete an agent and its memory for good")
    .argument("<name>", "agent")
    .option("-y, --yes", "do not ask for confirmation")
    .action(async (name: string, options: { yes?: boolean }) => {
      const { deleteAgent } = await import("./commands/delete.ts");
      process.exitCode = await deleteAgent(name, options);
    });
  program
    .command("version")
    .description("print the version")
    .action(() => {
      process.stdout.write(`${programVersion()}\n`);
    });
  program
    .command("folder")
    .description("print the path of the folder that holds all of memgpt's data")
    .action(async () => {
      const { openHome } = await import("./terminal/open-home.ts");
      process.stdout.write(`${(await openHome()).home.root}\n`);
    });
}
