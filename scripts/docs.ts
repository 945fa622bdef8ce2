// Prints the README's tables from the code: `npm run docs` rewrites them, `--check` fails if they are not up to date.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { createProgram } from "../src/cli/program.ts";
import { OUTCOMES } from "../src/cli/chat/outcomes.ts";
import { EXIT_CODES } from "../src/cli/terminal/report-error.ts";
import { SLASH_COMMANDS } from "../src/cli/slash/commands.ts";
import { ENVIRONMENT, configSchema } from "../src/index.ts";

const README = fileURLToPath(new URL("../README.md", import.meta.url));

/** What stands between `<!-- NAME -->` and `<!-- /NAME -->`. */
const TABLES: Readonly<Record<string, () => string>> = {
  commands: () => commandTable(createProgram()),
  outcomes: outcomeTable,
  "slash-commands": slashTable,
  configuration: configTable,
  errors: errorTable,
};

/** `text` with every generated part renewed. @throws Error if a part is missing. */
export function withTables(text: string): string {
  return Object.entries(TABLES).reduce((current, [name, render]) => {
    const pattern = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
    if (!pattern.test(current)) throw new Error(`README.md has no part <!-- ${name} -->`);
    return current.replace(pattern, (_, start: string, end: string) => `${start}${render()}\n${end}`);
  }, text);
}

function commandTable(program: Command): string {
  return leaves(program, [])
    .flatMap(({ path, command }) => {
      const args = command.registeredArguments
        .map((argument) => (argument.required ? ` <${argument.name()}>` : ` [${argument.name()}]`))
        .join("");
      const options = command.options.map(({ flags, description }) => `| \`${cell(flags)}\` | ${cell(description)} |`);
      const heading = `**\`${[...path, command.name()].join(" ")}${args}\`**: ${command.description()}`;
      return options.length === 0 ? [heading, ""] : [heading, "", "| flag | |", "|---|---|", ...options, ""];
    })
    .join("\n")
    .trimEnd();
}

function leaves(command: Command, path: readonly string[]): { path: readonly string[]; command: Command }[] {
  const own = [...path, command.name()];
  return command
    .createHelp()
    .visibleCommands(command)
    .flatMap((child) => {
      // The help command that commander adds is no command of ours.
      if (!command.commands.includes(child)) return [];
      // A command may do something itself and have others below it.
      const isOne = child.commands.length === 0 || child.options.length > 0;
      return [...(isOne ? [{ path: own, command: child }] : []), ...leaves(child, own)];
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
  const rows = Object.entries(EXIT_CODES).map(([code, exit]) => `| \`${code}\` | ${exit} |`);
  return ["| code | exit code |", "|---|---|", ...rows].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const current = readFileSync(README, "utf8");
  const renewed = withTables(current);
  if (process.argv.includes("--check")) {
    if (renewed !== current) {
      console.error("The tables in README.md are not what the code says: run `npm run docs`.");
      process.exitCode = 1;
    }
  } else writeFileSync(README, renewed);
}
