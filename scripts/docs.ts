// Prints the tables of README.md and docs/ from the code: `npm run docs` rewrites them, `--check` fails if one is stale.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { createProgram } from "../src/cli/program.ts";
import { OUTCOMES } from "../src/cli/chat/outcomes.ts";
import { EXIT_CODES } from "../src/cli/terminal/report-error.ts";
import { SLASH_COMMANDS } from "../src/cli/slash/commands.ts";
import { ENVIRONMENT, type ErrorCode, configSchema } from "../src/index.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const program = await createProgram();

type Tables = Readonly<Record<string, () => string>>;

/** For each page, the tables between `<!-- NAME -->` and `<!-- /NAME -->`. */
export const PAGES: Readonly<Record<string, Tables>> = {
  "README.md": { "main-commands": () => mainCommandTable(program) },
  "docs/COMMANDS.md": { commands: () => commandTables(program), "slash-commands": slashTable },
  "docs/SCRIPTING.md": { outcomes: outcomeTable, errors: errorTable },
  "docs/CONFIGURATION.md": { configuration: configTable },
};

/** What each error code means. The compiler asks for an entry here when a code is added. */
const MEANINGS: Record<ErrorCode, string> = {
  agent_busy: "the agent is in the middle of a turn or command, or is closed",
  agent_exists: "an agent of that name exists",
  agent_locked: "another process has the agent open; the error names it",
  agent_not_found: "no agent of that name exists",
  answer_unbounded: "the model's answer exceeded a limit and contained nothing worth keeping",
  config_invalid: "a setting or configuration file is invalid",
  context_overflow: "the request does not fit the model's context window",
  cost_limit: "the session has reached `--max-cost`",
  interrupted: "stopped by Ctrl-C, a signal or an `AbortSignal`",
  invalid_input: "wrong usage or a wrong argument",
  invalid_name: "the name is not allowed; the error says what a name may contain",
  llm_unavailable: "the model server could not be reached or refused the request",
  native_missing: "better-sqlite3 is not built for this version of Node",
  not_found: "the checkpoint, block, function or change does not exist",
  queue_full: "too many requests are waiting for the agent",
  server_unavailable: "the memgpt server does not answer, or does not know the key",
  storage_damaged: "a file of the agent is damaged; `memgpt doctor --repair` repairs it",
  storage_failed: "a file could not be read or written",
};

/** `text`, the content of `page`, with its tables up to date. @throws Error if a table's place is missing. */
export function withTables(page: string, text: string): string {
  return Object.entries(PAGES[page] ?? {}).reduce((current, [name, render]) => {
    const pattern = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
    if (!pattern.test(current)) throw new Error(`${page} has no part <!-- ${name} -->`);
    return current.replace(pattern, (_, start: string, end: string) => `${start}\n${render()}\n\n${end}`);
  }, text);
}

function mainCommandTable(program: Command): string {
  const commands = program.createHelp().visibleCommands(program);
  const groups = new Map<string, string[]>();
  for (const command of commands.filter((it) => program.commands.includes(it))) {
    const heading = command.helpGroup().replace(":", "");
    groups.set(heading, [...(groups.get(heading) ?? []), `\`${command.name()}${argumentsOf(command)}\``]);
  }
  const rows = Array.from(groups, ([heading, usages]) => `| ${heading} | ${usages.join(", ")} |`);
  return ["| | `memgpt …` |", "|---|---|", ...rows].join("\n");
}

function commandTables(program: Command): string {
  return leaves(program, [])
    .flatMap(({ path, command }) => {
      const options = command.options.map(({ flags, description }) => `| \`${cell(flags)}\` | ${cell(description)} |`);
      const heading = `### ${[...path, command.name()].join(" ")}`;
      const usage = `\`${[...path, command.name()].join(" ")}${argumentsOf(command)}\`: ${command.description()}`;
      return [heading, "", usage, "", ...(options.length === 0 ? [] : ["| flag | |", "|---|---|", ...options, ""])];
    })
    .join("\n")
    .trimEnd();
}

function argumentsOf(command: Command): string {
  return command.registeredArguments
    .map((argument) => (argument.required ? ` <${argument.name()}>` : ` [${argument.name()}]`))
    .join("");
}

function leaves(command: Command, path: readonly string[]): { path: readonly string[]; command: Command }[] {
  const own = [...path, command.name()];
  return command
    .createHelp()
    .visibleCommands(command)
    .flatMap((child) => {
      // Leaves out the help command that commander adds.
      if (!command.commands.includes(child)) return [];
      // A command with subcommands may also do something itself.
      const runs = child.commands.length === 0 || child.options.length > 0;
      return [...(runs ? [{ path: own, command: child }] : []), ...leaves(child, own)];
    });
}

function outcomeTable(): string {
  const rows = Object.values(OUTCOMES).map(
    ({ outcome, exit, text, json, stream }) =>
      `| ${[outcome, String(exit), text, json, stream].map((column) => cell(column)).join(" | ")} |`,
  );
  return ["| outcome | exit code | text | json | stream-json |", "|---|---|---|---|---|", ...rows].join("\n");
}

function slashTable(): string {
  const rows = Object.values(SLASH_COMMANDS).map(({ usage, summary }) => `| \`${cell(usage)}\` | ${cell(summary)} |`);
  return ["| command | |", "|---|---|", ...rows].join("\n");
}

function configTable(): string {
  const variables = new Map<string, string>(Object.entries(ENVIRONMENT).map(([name, key]) => [key, name]));
  const rows = Object.entries(configSchema.shape).map(([key, field]) => {
    const variable = variables.get(key);
    const value = JSON.stringify(field.parse(undefined));
    return `| \`${key}\` | \`${value}\` | ${variable === undefined ? "" : `\`${variable}\``} | ${cell(field.description ?? "")} |`;
  });
  return ["| key in `config.json` | default | environment | |", "|---|---|---|---|", ...rows].join("\n");
}

function errorTable(): string {
  const codes = Object.keys(EXIT_CODES) as ErrorCode[];
  const rows = codes.map((code) => `| \`${code}\` | ${EXIT_CODES[code]} | ${MEANINGS[code]} |`);
  return ["| code | exit code | |", "|---|---|---|", ...rows].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const page of Object.keys(PAGES)) {
    const current = readFileSync(ROOT + page, "utf8");
    const renewed = withTables(page, current);
    if (renewed === current) continue;
    if (process.argv.includes("--check")) {
      console.error(`The tables in ${page} are out of date: run \`npm run docs\`.`);
      process.exitCode = 1;
    } else writeFileSync(ROOT + page, renewed);
  }
}
