import { nearest } from "../../errors.ts";
import { indentOf } from "../terminal/hanging.ts";
import { wrap } from "../terminal/wrap.ts";
import type { SlashCommand, SlashCommands } from "./command.ts";

/** Related commands under a heading. */
export type SlashGroup = { readonly title: string; readonly commands: SlashCommands };

/** Columns needed to show summaries beside the commands. */
const BESIDE_FROM = 64;
/** Most commands to suggest for an unknown one. */
const SUGGESTED = 3;

/** All commands by group, laid out for `width`. */
export function renderCommands(groups: readonly SlashGroup[], width: number): string {
  const usages = groups.flatMap(({ commands }) => Object.values(commands).map(({ usage }) => usage.length));
  const column = Math.max(...usages) + 4;
  const rows = groups.flatMap(({ title, commands }) => [
    title,
    ...Object.values(commands).flatMap((command) => commandRows(command, column, width)),
    "",
  ]);
  const rest = [
    "/help COMMAND explains one. To send a message that begins with /, put a space before it.",
    "Ctrl-C stops a reply, Ctrl-D exits, Ctrl-R searches your earlier messages, Ctrl-O shows a long paste.",
  ];
  return [...rows, ...rest].join("\n");
}

function commandRows({ usage, summary }: SlashCommand, column: number, width: number): string[] {
  const indent = width < BESIDE_FROM ? indentOf("      ", width) : " ".repeat(column);
  const lines = wrap(summary, Math.max(1, width - indent.length)).map(
    ({ start, end }) => indent + summary.slice(start, end),
  );
  const [first = "", ...others] = lines;
  const beside = `  ${usage}`.padEnd(column) + first.trimStart();
  return width < BESIDE_FROM ? [`  ${usage}`, ...lines] : [beside, ...others];
}

/** One command: usage, summary, details and an example. */
export function renderCommand({ usage, summary, details = [], example }: SlashCommand): string {
  return [`${usage}: ${summary}`, ...details, `Example: ${example}`].join("\n  ");
}

/** The answer to an unknown command, with those that it may be a typo or the beginning of. */
export function unknownCommand(word: string, names: readonly string[]): string {
  const begun = word.length > 1 ? names.filter((name) => name.startsWith(word.toLowerCase())) : [];
  const near: string[] = [];
  for (let left = names; ; left = left.filter((name) => !near.includes(name))) {
    const next = nearest(
      `/${word}`,
      left.map((name) => `/${name}`),
    )?.slice(1);
    if (next === undefined) break;
    near.push(next);
  }
  const meant = [...new Set([...near, ...begun])].slice(0, SUGGESTED).map((name) => `/${name}`);
  const suggestion = meant.length === 0 ? "" : ` Did you mean ${meant.join(" or ")}?`;
  return `Unknown command /${word}.${suggestion} /help lists the commands.`;
}
