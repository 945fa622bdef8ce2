import type { JSX } from "preact";

const NAMES: Readonly<Record<string, string>> = {
  lexical: "words in common",
  alike: "similar spelling",
  related: "related words",
  meaning: "meaning",
  vector: "similar spelling",
  neighbour: "what was said around it",
  session: "the same sitting",
  exact: "exact words",
  time: "the time asked for",
  speaker: "who said it",
  form: "the form of the answer",
  rerank: "a second look by the model",
};

/** Smallest share that is shown. */
const LEAST = 0.03;
const MOST_SHOWN = 3;

/** The reasons for a result, most important first, each as its share of the sum of positive signals. */
export function Signals({ signals }: { readonly signals: Readonly<Record<string, number>> }): JSX.Element | null {
  const reasons = Object.entries(signals)
    .filter(([, value]) => value > 0)
    .sort(([, a], [, b]) => b - a);
  const sum = reasons.reduce((so, [, value]) => so + value, 0);
  const shown = reasons.filter(([, value]) => value / sum >= LEAST).slice(0, MOST_SHOWN);
  if (shown.length === 0) return null;
  const inWords = shown.map(([name, value]) => {
    const share = shown.length === 1 ? "" : ` ${Math.round((value / sum) * 100)} %`;
    return `${NAMES[name] ?? name}${share}`;
  });
  return <p class="quiet">Found by {inWords.join(", ")}.</p>;
}
