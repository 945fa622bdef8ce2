import { FEATURES, type Feature, type FeatureColumns, type Weights } from "./features.ts";

/** The signals behind a result's rank, each the sum of some features' contributions to its score. */
export type Signals = Readonly<Record<(typeof SIGNALS)[Feature] | "exact", number>>;

/** The signal that each feature counts towards, for explanations. */
const SIGNALS = {
  rarest: "lexical",
  phrase: "lexical",
  ownLength: "lexical",
  near3: "neighbour",
  near8: "neighbour",
  coverage1: "neighbour",
  coverage3: "neighbour",
  coverage8: "neighbour",
  before2: "neighbour",
  answers: "neighbour",
  session: "session",
  near3InSession: "session",
  ownInSession: "session",
  speaker: "speaker",
  speakerOwn: "speaker",
  otherOwn: "speaker",
  speakerAnswers: "speaker",
  inTime: "time",
  inTimeOwn: "time",
  onDay: "time",
  nearDay: "time",
  hasQuestion: "form",
  length: "form",
  names: "form",
  opens: "form",
  whenTimes: "form",
  whenTimesOwn: "form",
  howManyNumber: "form",
  titleTitle: "form",
  related: "related",
  relatedNear: "related",
  relatedOwn: "related",
  relatedNear3: "related",
  alike: "alike",
  alike1: "neighbour",
  alikeSession: "session",
  meaning: "meaning",
  meaning1: "meaning",
  meaningAlone: "meaning",
} as const satisfies Record<Feature, string>;

export const NO_SIGNALS: Signals = {
  exact: 0,
  lexical: 0,
  neighbour: 0,
  session: 0,
  speaker: 0,
  time: 0,
  form: 0,
  related: 0,
  alike: 0,
  meaning: 0,
};
const NAMES = Object.keys(NO_SIGNALS) as (keyof Signals)[];

/** Sums signals eagerly: kept with a search's results, they need a sixth of the features' memory. */
export function signalsIn(
  columns: FeatureColumns,
  exact: readonly number[],
  weights: Weights,
): (ranked: { readonly at: number }) => Signals {
  const sums = new Float64Array(NAMES.length * exact.length);
  for (const feature of FEATURES) {
    const [column, weight, name] = [columns[feature], weights[feature], NAMES.indexOf(SIGNALS[feature])];
    if (column.length === 0) continue;
    for (let i = 0; i < exact.length; i += 1) {
      const at = i * NAMES.length + name;
      sums[at] = (sums[at] ?? 0) + weight * (column[i] ?? 0);
    }
  }
  return ({ at }) => ({
    ...(Object.fromEntries(NAMES.map((name, i) => [name, sums[at * NAMES.length + i] ?? 0])) as Signals),
    exact: exact[at] ?? 0,
  });
}
