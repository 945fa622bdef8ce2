import { worthOf } from "./candidates.ts";
import type { Clock } from "./clock.ts";
import type { Line } from "./conversation-index.ts";
import type { Hits } from "./hits.ts";
import type { ScoredSession } from "./session-scores.ts";
import { Surroundings, WINDOWS, lowerBound, relatedAround } from "./surroundings.ts";
import { type Traits, type Wanted, traitsOf } from "./traits.ts";
import { type TimeHint, daysFrom } from "./when.ts";
import { nameKey } from "./who.ts";

/** What is known of a query when lines are ranked for it. */
export type Asked = {
  readonly idf: readonly number[];
  readonly hits: Hits;
  readonly sessions: ReadonlyMap<number, ScoredSession>;
  /** How many of the query's pairs of neighbouring words stand together in a line, by its number. */
  readonly phrases: ReadonlyMap<number, number>;
  readonly wanted: Wanted;
  readonly times: readonly TimeHint[];
  /** By which days are told. */
  readonly clock: Clock;
  /** As `nameKey` has it; the query is about what this one said. */
  readonly speaker: string | undefined;
  /** Whose lines without a speaker are this one's. */
  readonly role: Line["role"] | undefined;
};

/**
 * What a line is ranked by. All are 0 to 1 but `length` (a logarithm around 0), `times` (to 2) and `names` (to 3). Those
 * that are sums of worth are divided by the greatest of all lines that are ranked together.
 */
export const FEATURES = [
  // The line's own words.
  "own",
  "coverage",
  "rarest",
  "phrase",
  "ownLength",
  // What is said around it.
  "near1",
  "near3",
  "near8",
  "coverage1",
  "coverage3",
  "coverage8",
  "before",
  "before2",
  "after",
  "answers",
  "afterQuestion",
  // The session around it.
  "session",
  "sessionCoverage",
  "near3InSession",
  "ownInSession",
  // Who speaks.
  "speaker",
  "speakerOwn",
  "speakerNear1",
  "otherOwn",
  "speakerAnswers",
  // When.
  "inTime",
  "inTimeOwn",
  "inTimeNear3",
  "onDay",
  "nearDay",
  // What kind of line it is.
  "asks",
  "hasQuestion",
  "length",
  "names",
  "opens",
  "closes",
  // Whether it is the kind of answer that is wanted.
  "whenTimes",
  "whenTimesOwn",
  "howManyNumber",
  "titleTitle",
  "whereNames",
  "whoNames",
  // Words that may stand for those of the query.
  "related",
  "relatedNear",
  "relatedSpeaker",
  "relatedOwn",
  "relatedNear3",
  "relatedInSession",
] as const;
export type Feature = (typeof FEATURES)[number];

/** What each feature counts for in a line's score. */
export type Weights = Readonly<Record<Feature, number>>;

/**
 * What a session is ranked by: `lines`, the logarithm of what its lines' scores add up to as powers of e, `best`, the score
 * of its best line, `score`, its BM25 as one document as a share of the best session's, and `coverage`, the share of the
 * query's worth that is said in it.
 */
export const SESSION_FEATURES = ["lines", "best", "score", "coverage"] as const;
export type SessionFeature = (typeof SESSION_FEATURES)[number];
export type SessionWeights = Readonly<Record<SessionFeature, number>>;

/** A column of numbers per feature, one number per line. */
export type FeatureColumns = Readonly<Record<Feature, Float64Array>>;

/** The features of `lines`, which are in order. */
export function featuresOf(lines: readonly Line[], asked: Asked): FeatureColumns {
  const { idf, hits, wanted } = asked;
  const column = (read: (line: Line, i: number) => number): Float64Array => numbers(lines, read);
  const traits = lines.map(({ text }) => traitsOf(text));
  const at = (n: number): number => {
    const i = lowerBound(hits.n, n);
    return hits.n[i] === n ? i : -1;
  };
  const positions = lines.map(({ n }) => at(n));
  const total = worthOf(2 ** idf.length - 1, idf);
  const session = (line: Line): ScoredSession | undefined => asked.sessions.get(line.session);
  const bounds = (line: Line): { first: number; last: number } => session(line) ?? { first: line.n, last: line.n };
  const worth = (i: number): number => worthOf(hits.terms[positions[i] ?? -1] ?? 0, idf);
  const worthAt = (n: number): number => worthOf(hits.terms[at(n)] ?? 0, idf);

  const raw = column((_, i) => worth(i));
  const best = Math.max(...raw, Number.MIN_VALUE);
  const own = raw.map((value) => value / best);
  const surroundings = new Surroundings(hits, idf, total);
  const nearby = lines.map((line) => surroundings.of(line.n, bounds(line)));
  const [near1, near3, near8] = WINDOWS.map((_, at) => scaled(numbers(nearby, (sizes) => sizes[at]?.score ?? 0)));
  const [coverage1, coverage3, coverage8] = WINDOWS.map((_, at) =>
    numbers(nearby, (sizes) => sizes[at]?.coverage ?? 0),
  );
  const neighbour = (step: number): Float64Array =>
    column((line) => {
      const { first, last } = bounds(line);
      const n = line.n + step;
      return n < first || n > last ? 0 : worthAt(n) / best;
    });
  const [before, before2, after] = [neighbour(-1), neighbour(-2), neighbour(1)];
  /** A number of the line before, where that is ranked, too, which it mostly is. */
  const previous = (values: Float64Array): Float64Array =>
    column(({ n, session: its }, i) => {
      const line = lines[i - 1];
      return line?.n === n - 1 && line.session === its ? (values[i - 1] ?? 0) : 0;
    });
  const sessionScore = scaled(column((line) => session(line)?.score ?? 0));
  const speaker = column((line) => (isSpeaker(line, asked) ? 1 : 0));
  const other = asked.speaker === undefined ? column(() => 0) : speaker.map((is) => 1 - is);
  const days = lines.map(({ createdAt }) =>
    asked.times.map((hint) => ({ hint, days: daysFrom(hint, asked.clock.shown(Date.parse(createdAt))) })),
  );
  const inTime = column((_, i) => (days[i]?.some((it) => !it.hint.isDay && it.days === 0) === true ? 1 : 0));
  const onDay = column((_, i) => (days[i]?.some((it) => it.hint.isDay && it.days === 0) === true ? 1 : 0));
  const nearDay = column((_, i) =>
    Math.max(0, ...(days[i] ?? []).map((it) => (it.hint.isDay ? nearness(it.days) : 0))),
  );
  const related = scaled(column((_, i) => worthOf(hits.related[positions[i] ?? -1] ?? 0, hits.relatedIdf)));
  const relatedNear = scaled(column((line) => relatedAround(line.n, bounds(line), hits)));
  const trait = (read: (traits: Traits) => number): Float64Array => numbers(traits, read);
  const whenTimes = trait(({ times }) => wanted.when * times);
  const length = trait((its) => its.length);
  const [asks, hasQuestion] = [trait((its) => its.asks), trait((its) => its.hasQuestion)];

  return {
    own,
    coverage: raw.map((value) => (total === 0 ? 0 : value / total)),
    rarest: scaled(column((_, i) => rarest(hits.terms[positions[i] ?? -1] ?? 0, idf))),
    phrase: scaled(column(({ n }) => asked.phrases.get(n) ?? 0)),
    ownLength: times(own, length),
    near1: near1 ?? own,
    near3: near3 ?? own,
    near8: near8 ?? own,
    coverage1: coverage1 ?? own,
    coverage3: coverage3 ?? own,
    coverage8: coverage8 ?? own,
    before,
    before2,
    after,
    answers: times(before, previous(asks)),
    afterQuestion: previous(hasQuestion),
    session: sessionScore,
    sessionCoverage: column((line) => session(line)?.coverage ?? 0),
    near3InSession: times(near3 ?? own, sessionScore),
    ownInSession: times(own, sessionScore),
    speaker,
    speakerOwn: times(speaker, own),
    speakerNear1: times(speaker, near1 ?? own),
    otherOwn: times(other, own),
    speakerAnswers: times(speaker, times(before, previous(other))),
    inTime,
    inTimeOwn: times(inTime, own),
    inTimeNear3: times(inTime, near3 ?? own),
    onDay,
    nearDay,
    asks,
    hasQuestion,
    length,
    names: trait(({ names }) => names),
    opens: column((line) => (line.n - line.session < 2 ? 1 : 0)),
    closes: column((line) => (bounds(line).last - line.n < 3 ? 1 : 0)),
    whenTimes,
    whenTimesOwn: times(whenTimes, own),
    howManyNumber: trait(({ hasNumber }) => wanted.howMany * hasNumber),
    titleTitle: trait(({ hasTitle }) => wanted.title * hasTitle),
    whereNames: trait(({ names }) => wanted.where * names),
    whoNames: trait(({ names }) => wanted.who * names),
    related,
    relatedNear,
    relatedSpeaker: times(speaker, related),
    relatedOwn: times(related, own),
    relatedNear3: times(related, near3 ?? own),
    relatedInSession: times(related, sessionScore),
  };
}

/** A loop, since `Float64Array.from` takes ten times as long. */
function numbers<T>(items: readonly T[], read: (item: T, i: number) => number): Float64Array {
  const result = new Float64Array(items.length);
  let i = 0;
  for (const item of items) {
    result[i] = read(item, i);
    i += 1;
  }
  return result;
}

function isSpeaker(line: Line, { speaker, role }: Asked): boolean {
  if (speaker === undefined) return false;
  return line.speaker === null ? line.role === role : nameKey(line.speaker) === speaker;
}

/** What is told of a day is told on it and in the weeks after it; plans, in the days before it. */
function nearness(days: number): number {
  return days >= 0 ? Math.exp(-days / 7) : 0.8 * Math.exp(days / 1.5);
}

function rarest(bits: number, idf: readonly number[]): number {
  let most = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) most = Math.max(most, idf[31 - Math.clz32(rest & -rest)] ?? 0);
  return most;
}

function scaled(values: Float64Array): Float64Array {
  const most = values.reduce((best, value) => Math.max(best, value), 0);
  return most === 0 ? values : values.map((value) => value / most);
}

function times(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value * (b[i] ?? 0));
}
