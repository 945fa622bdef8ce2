import type { NumberedText } from "../../ports/text-index.ts";
import { halfDeviations } from "../meaning.ts";
import type { PassageTerm } from "./terms.ts";
import { type Occurrence, occurrences, patternOf, plain } from "./words.ts";

/** A question, prepared for ranking passages. */
export type AskedOfPassages = {
  readonly terms: readonly PassageTerm[];
  /** Terms that are neighbours in the question, as indexes into `terms`. */
  readonly pairs: readonly Pair[];
  /** How similar a text's words are to the question's. */
  readonly alike: (text: string) => number;
  /** How near each passage is in meaning, in halved standard deviations; undefined if only words count. */
  readonly meaning: Float64Array | undefined;
};

export type Pair = readonly [first: number, second: number];

/**
 * The features by which passages are ranked. `bm25` and `rarest` are shares of the maximum among the passages ranked together,
 * `alike` and `meaning` halved standard deviations from the mean, the others shares of the question or the heading.
 */
export const PASSAGE_FEATURES = [
  "bm25",
  "rarest",
  /** Worth of the terms in the heading, as a share of the question's. */
  "heading",
  /** Share of the heading's words that are terms. */
  "headingAsked",
  /** Worth of the terms that stand closely together. */
  "window",
  /** Worth of the question's pairs of neighbouring words that are neighbours here. */
  "phrase",
  "alike",
  "meaning",
] as const;
export type PassageFeature = (typeof PASSAGE_FEATURES)[number];
export type PassageWeights = Readonly<Record<PassageFeature, number>>;

/** A column of numbers per feature, one number per passage. */
export type PassageColumns = Readonly<Record<PassageFeature, Float64Array>>;

/** @source Robertson and Zaragoza 2009. Passages have similar lengths, so length counts less than usual. */
const K1 = 1.2;
const B = 0.4;

/** Characters: a long sentence. */
const WINDOW = 150;

/** A first line that is longer is not a heading. */
const LONGEST_HEADING = 120;

/** Most characters between neighbouring words: a space, a hyphen, a comma, quotation marks. */
const BETWEEN_NEIGHBOURS = 4;

export function passageFeatures(passages: readonly NumberedText[], asked: AskedOfPassages): PassageColumns {
  const { terms, pairs, alike, meaning } = asked;
  const idf = terms.map((term) => term.idf);
  const patterns = terms.map(({ spellings }) => spellings.map(patternOf));
  const all = sum(idf);
  const pairWorth = pairs.map(([first, second]) => Math.min(idf[first] ?? 0, idf[second] ?? 0));
  const meanLength = sum(passages.map(({ text }) => text.length)) / Math.max(1, passages.length);
  const rows = passages.map(({ text }) => {
    const low = plain(text);
    const found = occurrences(low, patterns);
    const end = headingEnd(low);
    const heading = found.filter(({ from }) => from < end);
    return {
      bm25: bm25(found, idf, text.length / meanLength),
      rarest: found.reduce((most, { term }) => Math.max(most, idf[term] ?? 0), 0),
      heading: share(worthOf(heading, idf), all),
      headingAsked: headingAsked(low.slice(0, end), heading),
      window: share(bestWindow(found, idf), all),
      phrase: share(sum(neighbours(found, pairs, low).map((pair) => pairWorth[pair] ?? 0)), sum(pairWorth)),
      alike: alike(text),
    };
  });
  const column = (feature: Exclude<PassageFeature, "meaning">): Float64Array =>
    Float64Array.from(rows, (row) => row[feature]);
  return {
    bm25: scaled(column("bm25")),
    rarest: scaled(column("rarest")),
    heading: column("heading"),
    headingAsked: column("headingAsked"),
    window: column("window"),
    phrase: column("phrase"),
    alike: halfDeviations(column("alike")),
    meaning: meaning ?? new Float64Array(passages.length),
  };
}

/** @param length relative to the mean */
function bm25(found: readonly Occurrence[], idf: readonly number[], length: number): number {
  const times = idf.map(() => 0);
  for (const { term } of found) times[term] = (times[term] ?? 0) + 1;
  const norm = K1 * (1 - B + B * length);
  return sum(times.map((count, term) => ((idf[term] ?? 0) * count * (K1 + 1)) / (count + norm)));
}

/** Where the first line ends, if it looks like a heading. */
function headingEnd(text: string): number {
  return Math.max(0, text.slice(0, LONGEST_HEADING).indexOf("\n"));
}

/** Ignores short words other than numbers: most are "of" and "the". */
function headingAsked(heading: string, found: readonly Occurrence[]): number {
  const counts = (word: string): boolean => word.length > 3 || /\d/.test(word);
  const words = (heading.match(/[\p{L}\p{N}]+/gu) ?? []).filter(counts).length;
  const asked = found.filter(({ from, to }) => counts(heading.slice(from, to))).length;
  return Math.min(1, share(asked, words));
}

function bestWindow(found: readonly Occurrence[], idf: readonly number[]): number {
  let best = 0;
  for (const [i, { from }] of found.entries()) {
    let to = i;
    while ((found[to]?.from ?? Number.POSITIVE_INFINITY) < from + WINDOW) to += 1;
    best = Math.max(best, worthOf(found.slice(i, to), idf));
  }
  return best;
}

/** The indexes of the pairs whose words are neighbours in the text. */
function neighbours(found: readonly Occurrence[], pairs: readonly Pair[], text: string): number[] {
  const together = new Set<number>();
  for (const [i, second] of found.entries()) {
    const first = found[i - 1];
    if (first === undefined || second.from - first.to > BETWEEN_NEIGHBOURS) continue;
    const pair = pairs.findIndex((it) => it[0] === first.term && it[1] === second.term);
    if (pair !== -1 && !/[.!?\n]/.test(text.slice(first.to, second.from))) together.add(pair);
  }
  return [...together];
}

/** The total weight of the terms, each counted once. */
function worthOf(found: readonly Occurrence[], idf: readonly number[]): number {
  let seen = 0;
  let worth = 0;
  for (const { term } of found) {
    if ((seen & (1 << term)) !== 0) continue;
    seen |= 1 << term;
    worth += idf[term] ?? 0;
  }
  return worth;
}

function scaled(values: Float64Array): Float64Array {
  const most = values.reduce((best, value) => Math.max(best, value), 0);
  return most === 0 ? values : values.map((value) => value / most);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
