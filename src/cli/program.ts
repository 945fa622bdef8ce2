import { Command, Option } from "commander";
import { programVersion } from "../version.ts";
import { addBackup } from "./commands/program-backup.ts";
import { addCompletion } from "./commands/program-completion.ts";
import { addExamples } from "./commands/examples.ts";
import { addSetup } from "./commands/program-setup.ts";
import { dollars, duration, url, wholeNumber } from "./commands/argument-types.ts";
import { visible } from "./terminal/sanitize.ts";
import { addEval } from "./commands/program-eval.ts";
import { addFiles, addTimeTravel } from "./commands/program-time-travel.ts";
import type { ReindexCommandOptions } from "./commands/reindex.ts";
import type { RunOptions } from "./setup/run-options.ts";

/**
 * The commands and their flags. What they do is imported when one is run, so that `--help` and `--version` cost little
 * more than Node itself.
 */
export function createProgram(): Command {
  const program = new Command("memgpt")
    .description("An agent that remembers: chat with it in a terminal, or embed it")
    .usage('[command] | "question" | [flags of run]')
    .version(programVersion(), "-V, --version")
    .showSuggestionAfterError()
    .showHelpAfterError("(memgpt --help lists the commands)")
    .exitOverride()
    // It repeats what it was given.
    .configureOutput({ writeErr: (text) => process.stderr.write(visible(text)) })
    .enablePositionalOptions();
  addRun(program);
  addSetup(program);
  addMemory(program);
  addTimeTravel(program);
  addFiles(program);
  addBackup(program);
  addEval(program);
  addRest(program);
  addCompletion(program);
  addDebug(program);
  addExamples(program);
  pointToHelp(program, ["memgpt"]);
  return program;
}

/** An error that nobody foresaw advises --debug, so every command has it. */
function addDebug(program: Command): void {
  for (const command of program.createHelp().visibleCommands(program)) {
    if (command.name() === "help") continue;
    const runs = command.commands.length === 0 || command.options.length > 0;
    const has = command.options.some(({ long }) => long === "--debug");
    if (runs && !has) command.option("--debug", "show the stack trace of an error");
    addDebug(command);
  }
}

/** Whoever mistakes a flag is told which help lists the right one. */
function pointToHelp({ commands }: Command, path: readonly string[]): void {
  for (const command of commands) {
    const own = [...path, command.name()];
    const what = command.options.length > 0 ? "flags" : command.commands.length > 0 ? "commands" : "arguments";
    command.showHelpAfterError(`(${own.join(" ")} --help lists its ${what})`);
    pointToHelp(command, own);
  }
}

function addRun(program: Command): void {
  const chat = program.command("run").description("chat with an agent, made if it does not exist");
  runFlags(chat)
    .argument("[agent]", "agent")
    .action(async (name: string | undefined, options: RunOptions) => {
      if (name !== undefined && (options.agent !== undefined || options.resume === true)) {
        chat.error(`error: ${name} names an agent; leave --${options.resume === true ? "resume" : "agent"} away`);
      }
      const { run } = await import("./chat/run.ts");
      process.exitCode = await run(name === undefined ? options : { ...options, agent: name });
    });
  // What is meant where no command is named: the chat, or a question.
  runFlags(program.command("ask", { isDefault: true, hidden: true }))
    .description("ask once; without a question, chat")
    .argument("[words...]")
    .action(async (words: readonly string[], options: RunOptions) => {
      const { ask } = await import("./commands/ask.ts");
      process.exitCode = await ask(words, options, program);
    });
}

function runFlags(command: Command): Command {
  return command
    .option("--agent <name>", "agent to talk to; a new one is made if there is none of that name")
    .addOption(new Option("-r, --resume", "pick one of the agents there are").conflicts("agent"))
    .option("--persona <name>", "who a new agent is")
    .option("--human <name>", "what a new agent knows of you")
    .option("--preset <name>", "system prompt and functions of a new agent")
    .option("--model <name>", "model; kept with the agent")
    .option("--model-endpoint <url>", "base URL of an OpenAI-compatible server; kept with the agent", url)
    .option("--use-openai-key", "send OPENAI_API_KEY to the agent's endpoints, though they are not OpenAI's")
    .option("--context-window <tokens>", "size of the model's context window; kept with the agent", wholeNumber)
    .option("--core-memory-limit <characters>", "size of each core memory block of a new agent", wholeNumber)
    .option("--first", "you speak first")
    .option(
      "--heartbeat-every <time>",
      "wake the agent when nothing was said for that long, such as 30m (default: never)",
      duration,
    )
    .option("--max-steps <n>", "steps that one turn may take", wholeNumber)
    .option(
      "--max-cost <dollars>",
      "end the turn cleanly once the session has cost that much, where prices are known",
      dollars,
    )
    .option("--no-verify", "take a new agent's first answer as it is")
    .option("--debug", "show function calls and stack traces")
    .option("--strip-ui", "no colours, symbols or spinner")
    .option("-y, --yes", "ask nothing, use defaults")
    .option("--no-stream", "show replies when they are complete")
    .option("-p, --print <text>", "send one message, print the reply and leave; - reads it from standard input")
    .addOption(
      new Option("--output-format <format>", "for -p and pipes")
        .choices(["text", "json", "stream-json"])
        .default("text"),
    )
    .addOption(new Option("--input-format <format>", "for pipes").choices(["text", "stream-json"]).default("text"));
}

function addMemory(program: Command): void {
  program
    .command("inspect")
    .description("what an agent is made of and how much it remembers")
    .argument("<name>", "agent")
    .option("--json", "as JSON")
    .action(async (name: string, options: { json?: boolean }) => {
      const { inspect } = await import("./commands/inspect.ts");
      await inspect(name, options);
    });
  program
    .command("search")
    .description("search what an agent remembers")
    .argument("<name>", "agent")
    .argument("<query>", "words; text in double quotes must match exactly")
    .addOption(
      new Option("--in <storage>", "where; all adds core memory and shows the first results of each")
        .choices(["recall", "archival", "all"])
        .default("recall"),
    )
    .option("--from <date>", 'first day, such as 2026-05-01 or "last week"')
    .option("--to <date>", "last day")
    .addOption(new Option("--role <role>", "only what the person or the agent said").choices(["user", "assistant"]))
    .option("--speaker <name>", "only what this one said, in a conversation of several")
    .option("--session <n>", "only what was said in this session, the number after # in the results", wholeNumber)
    .option("--around <n>", "with so many lines before and after each result", wholeNumber)
    .option("--page <n>", "page of the results, from 1", wholeNumber)
    .option("--json", "as JSON")
    .action(async (name: string, query: string, options: { in: "recall" | "archival" | "all" }) => {
      const { search } = await import("./commands/search.ts");
      await search(name, query, options);
    });
  program
    .command("reindex")
    .description("embed an agent's archival memory anew, all at once or not at all; goes on where it was interrupted")
    .argument("<name>", "agent")
    .addOption(
      new Option("--embedding <provider>", "embedding provider (default: keep the current one)").choices([
        "hash",
        "openai",
        "local",
      ]),
    )
    .option("--embedding-model <name>", "model that embeds")
    .option("--embedding-endpoint <url>", "base URL of an OpenAI-compatible server that embeds", url)
    .option("--embedding-dimensions <n>", "numbers in a vector (default: as many as the model gives)", wholeNumber)
    .option("--json", "as JSON")
    .action(async (name: string, options: ReindexCommandOptions) => {
      const { reindex } = await import("./commands/reindex.ts");
      await reindex(name, options);
    });
}

function addRest(program: Command): void {
  const list = program.command("list").description("list agents, personas, humans or presets");
  for (const kind of ["agents", "personas", "humans", "presets"] as const) {
    list
      .command(kind)
      .description(`the ${kind} there are`)
      .option("--json", "as JSON")
      .action(async (options: { json?: boolean }) => {
        const commands = await import("./commands/list.ts");
        await (kind === "agents" ? commands.listAgents(options) : commands.listResources(kind, options));
      });
  }
  program
    .command("delete")
    .description("delete an agent and all it remembers, for good")
    .command("agent")
    .description("delete an agent and all it remembers, for good")
    .argument("<name>", "agent")
    .option("-y, --yes", "do not ask")
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
    .description("print the folder that holds everything memgpt keeps")
    .action(async () => {
      const { openHome } = await import("./terminal/open-home.ts");
      process.stdout.write(`${(await openHome()).home.root}\n`);
    });
}
