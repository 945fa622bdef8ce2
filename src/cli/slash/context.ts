import type { ContextUse } from "../../index.ts";

/** Sections in the order they stand in the context, each with what its part of the bar is drawn with. */
const PARTS = [
  { key: "system", label: "system prompt", cell: "█" },
  { key: "functions", label: "functions", cell: "▓" },
  { key: "core_memory", label: "core memory", cell: "▒" },
  { key: "summary", label: "summary", cell: "#" },
  { key: "queue", label: "messages", cell: "=" },
] as const;

/** A bar of how the window is used and a table of its sections. */
export function renderContext({ window, used, sections, warnAt, flushAt }: ContextUse, width: number): string {
  const cells = Math.max(10, Math.min(60, width - 4));
  const share = (tokens: number): string => `${Math.round((100 * tokens) / window)}%`.padStart(4);
  const number = (tokens: number): string => tokens.toLocaleString("en-US").padStart(9);
  const bar = PARTS.map(({ key, cell }) => cell.repeat(Math.round((cells * sections[key]) / window)))
    .join("")
    .slice(0, cells);
  const rows = PARTS.map(
    ({ key, label, cell }) => `  ${cell} ${label.padEnd(14)}${number(sections[key])}  ${share(sections[key])}`,
  );
  const free = Math.max(0, window - used);
  return [
    `${used.toLocaleString("en-US")} of ${window.toLocaleString("en-US")} tokens in use (${share(used).trim()})`,
    `[${bar.padEnd(cells, "·")}]`,
    ...rows,
    `  · ${"free".padEnd(14)}${number(free)}  ${share(free)}`,
    `The agent is warned at ${share(warnAt).trim()}; at ${share(flushAt).trim()} the oldest messages are summarized.`,
  ].join("\n");
}
