import type { Tokens } from "marked";
import { inline, paintLines, plain } from "./markdown-inline.ts";
import type { Ink, Span } from "./markdown-inline.ts";
import { textWidth, widestWidth, clusters } from "./width.ts";

const BAR = " │ ";

/** A table in aligned columns; if they are too wide, each row as lines of `header: cell`. */
export function tableLines(table: Tokens.Table, width: number, ink: Ink): string[] {
  const header = table.header.map((cell) => cellSpans(cell, ink, true));
  const rows = table.rows.map((row) => row.map((cell) => cellSpans(cell, ink, false)));
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => spanWidth(row[column] ?? []))));
  const total = widths.reduce((sum, cells) => sum + cells, BAR.length * (widths.length - 1));
  if (total > width) return listed(header, rows, width);
  const line = (row: readonly Span[][]): string =>
    widths
      .map((cells, column) => aligned(row[column] ?? [], cells, table.align[column] ?? null))
      .join(BAR)
      .replace(/ +$/, "");
  const rule = ink.faint(widths.map((cells) => "─".repeat(cells)).join("─┼─"));
  return [line(header), rule, ...rows.map(line)];
}

function cellSpans(cell: Tokens.TableCell, ink: Ink, strong: boolean): Span[] {
  const spans = inline(cell.tokens, ink, strong ? ink.strong : plain);
  return spans.map(({ text, paint }) => ({ text: text.replaceAll("\n", " "), paint }));
}

function spanWidth(spans: readonly Span[]): number {
  const text = spans.map((span) => span.text).join("");
  return clusters(text).reduce((sum, cluster) => sum + widestWidth(cluster), 0);
}

function aligned(spans: readonly Span[], width: number, align: "left" | "right" | "center" | null): string {
  const free = width - textWidth(spans.map((span) => span.text).join(""));
  const before = align === "right" ? free : align === "center" ? Math.floor(free / 2) : 0;
  const painted = spans.map((span) => span.paint(span.text)).join("");
  return " ".repeat(before) + painted + " ".repeat(free - before);
}

function listed(header: readonly Span[][], rows: readonly Span[][][], width: number): string[] {
  return rows.flatMap((row, index) => {
    const lines = row.flatMap((cell, column) => {
      const name = header[column] ?? [];
      return paintLines([...name, ...(name.length > 0 ? [{ text: ": ", paint: plain }] : []), ...cell], width);
    });
    return index === 0 ? lines : ["", ...lines];
  });
}
