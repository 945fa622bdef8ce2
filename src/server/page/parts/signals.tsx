import type { JSX } from "preact";

const NAMES: Readonly<Record<string, string>> = {
  lexical: "shared words",
  alike: "spelling",
  meaning: "meaning",
  vector: "spelling (vector)",
  neighbour: "next to a match",
  session: "same sitting",
  exact: "exact words",
  time: "time",
  speaker: "speaker",
};

/** What a result was ranked by, the strongest first. */
export function Signals({ signals }: { readonly signals: Readonly<Record<string, number>> }): JSX.Element | null {
  const all = Object.entries(signals).sort(([, a], [, b]) => b - a);
  if (all.length === 0) return null;
  return (
    <ul class="signals" aria-label="Why it was found">
      {all.map(([name, value]) => (
        <li key={name}>
          {NAMES[name] ?? name} <b>{value.toFixed(2)}</b>
        </li>
      ))}
    </ul>
  );
}
