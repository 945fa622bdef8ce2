import { readFileSync } from "node:fs";

/** The statements under a heading of docs/SCALING.md. */
export function documented(heading: string): string {
  const text = readFileSync(new URL("../../docs/SCALING.md", import.meta.url), "utf8");
  const section = text.split(/^## /m).find((it) => it.startsWith(`${heading}\n`)) ?? "";
  const found = /^```sql\n(.*?)\n^```$/ms.exec(section)?.[1];
  if (found === undefined) throw new Error(`docs/SCALING.md has no statements under ${heading}`);
  return found;
}
