import type { ContextUse } from "../../index.ts";
import type { SlashTerminal } from "./command.ts";

/** Sections in the order of the context, with the character that draws each in the bar (`plain`: in ASCII). */
const PARTS = [
  { key: "system", label: "system prompt", cell: "█", plain: "s" },
  { key: "functions", label: "functions", cell: "▓", plain: "f" },
  { key: "core_memory", label: "core memory", cell: "▒", plain: "c" },
  { key: "summary", label: "summary", cell: "#", plain: "#" },
  { key: "queue", label: "messages", cell: "=", plain: "=" },
] as const;

/** A bar and a table of how the window is used. */
export function renderContext(
  { window, used, sections, warnAt, flushAt }: ContextUse,
  { width, isPlain }: Pick<SlashTerminal, "width" | "isPlain">,
): string {
  const parts = PARTS.map(({ plain, ...part }) => (isPlain ? { ...part, cell: plain } : part));
  const empty = isPlain ? "." : "·";
  const cells = Math.max(10, Math.min(60, width - 4));
  const share = (tokens: number): string => `${Math.round((100 * tokens) / window)}%`.padStart(4);
  const number = (tokens: number): string => tokens.toLocaleString("en-US").padStart(9);
  const bar = parts
    .map(({ key, cell }) => cell.repeat(Math.round((cells * sections[key]) / window)))
    .join("")
    .slice(0, cells);
  const rows = parts.map(
    ({ key, label, cell }) => `  ${cell} ${label.padEnd(14)}${number(sections[key])}  ${share(sections[key])}`,
  );
  const free = Math.max(0, window - used);
  return [
    `${used.toLocaleString("en-US")} of ${window.toLocaleString("en-US")} tokens in use (${share(used).trim()})`,
    `[${bar.padEnd(cells, empty)}]`,
    ...rows,
    `  ${empty} ${"free".padEnd(14)}${number(free)}  ${share(free)}`,
    `The agent is warned at ${share(warnAt).trim()}; at ${share(flushAt).trim()} the oldest messages are summarized.`,
  ].join("\n");
}
