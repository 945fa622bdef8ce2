import type { Figures } from "./figures.ts";

/** The figures as text: one line per value, one table per list or group of similar objects. */
export function render(figures: Figures): string {
  return section(figures, "").join("\n");
}

function section(value: Figures, indent: string): string[] {
  const entries = Object.entries(value);
  const width = Math.max(0, ...entries.filter(([, item]) => !isGroup(item)).map(([name]) => name.length));
  return entries.flatMap(([name, item]) => {
    if (!isGroup(item)) return [`${indent}${name.padEnd(width)}  ${cell(item)}`];
    const rows = Object.entries(item);
    const table = tableOf(rows);
    const lines = table === undefined ? section(item, `${indent}  `) : table.map((line) => `${indent}  ${line}`);
    return ["", `${indent}${name}`, ...lines];
  });
}

/** A table, if all `rows` are flat objects with the same keys. */
function tableOf(rows: readonly (readonly [string, unknown])[]): string[] | undefined {
  const [first] = rows;
  if (first === undefined || !isGroup(first[1])) return undefined;
  const columns = Object.keys(first[1]);
  const grid = [["", ...columns]];
  for (const [name, row] of rows) {
    if (!isGroup(row) || Object.keys(row).join() !== columns.join() || Object.values(row).some(isGroup))
      return undefined;
    grid.push([name, ...Object.values(row).map(cell)]);
  }
  const widths = grid[0]?.map((_, column) => Math.max(...grid.map((row) => row[column]?.length ?? 0))) ?? [];
  return grid.map((row) =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join("  "),
  );
}

function isGroup(value: unknown): value is Figures {
  if (typeof value !== "object" || value === null) return false;
  const items: unknown[] = Object.values(value);
  return items.length > 0 && !(Array.isArray(value) && items.every((item) => typeof item === "number"));
}

function cell(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" && Math.abs(value) >= 10_000) return value.toLocaleString("en");
  if (Array.isArray(value)) return value.map(cell).join(", ");
  return value === undefined ? "" : JSON.stringify(value);
}
