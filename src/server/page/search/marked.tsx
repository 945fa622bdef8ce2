import type { ComponentChildren, JSX } from "preact";

const LONGEST = 1500;

type MarkedProps = { readonly text: string; readonly matches: readonly (readonly [start: number, end: number])[] };

/** Text with the words of the query marked. */
export function Marked({ text, matches }: MarkedProps): JSX.Element {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const [start, end] of matches) {
    if (start < at || end > LONGEST) continue;
    parts.push(text.slice(at, start), <mark key={start}>{text.slice(start, end)}</mark>);
    at = end;
  }
  parts.push(text.slice(at, Math.max(at, LONGEST)), text.length > LONGEST ? "…" : "");
  return <>{parts}</>;
}
