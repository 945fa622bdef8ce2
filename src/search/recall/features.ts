import { worthOf } from "./candidates.ts";
import type { Clock } from "../../time/clock.ts";
import type { Line } from "../../ports/text-index.ts";
import type { Hits } from "./hits.ts";
import type { ScoredSession } from "./session-scores.ts";
import { Surroundings, lowerBound } from "./surroundings.ts";
import { bestInSession, meanAround } from "./nearness.ts";
import { type Traits, type Wanted, unpackTraits } from "./traits.ts";
import { type TimeHint, daysFrom } from "../../time/when.ts";
import { nameKey } from "./who.ts";

/** What is known of a query when lines are ranked for it. */
export type Asked = {
  readonly idf: readonly number[];
  /** How many of the query's words nobody ever said. */
  readonly unsaid: number;
  readonly hits: Hits;
  readonly sessions: ReadonlyMap<number, ScoredSession>;
  /** How many of the query's pairs of neighbouring words stand together in a line, by its number. */
  readonly phrases: ReadonlyMap<number, number>;
  readonly wanted: Wanted;
  readonly times: readonly TimeHint[];
  /** Tells days apart. */
  readonly clock: Clock;
  /** As `nameKey` has it; the query is about what this one said. */
  readonly speaker: string | undefined;
  /** Whose lines without a speaker are this one's. */
  readonly role: Line["role"] | undefined;
  /** How alike each line's words are to the question's, and how near it is in meaning: in halved standard deviations. */
  readonly alike: Float64Array;
  readonly meaning: Float64Array | undefined;
};

/**
 * What a line is ranked by. All are 0 to 1 but `length` (a logarithm around 0), `times` (to 2) and `names` (to 3). Those
 * that are sums of worth are divided by the greatest of all lines that are ranked together.
 */
export const FEATURES = [
  // The line's own words.
  "rarest",
  "phrase",
  "ownLength",
  // What is said around it.
  "near3",
  "near8",
  "coverage1",
  "coverage3",
  "coverage8",
  "before2",
  "answers",
  // The session around it.
  "session",
  "near3InSession",
  "ownInSession",
  // Who speaks.
  "speaker",
  "speakerOwn",
  "otherOwn",
  "speakerAnswers",
  // When.
  "inTime",
  "inTimeOwn",
  "onDay",
  "nearDay",
  // What kind of line it is.
  "hasQuestion",
  "length",
  "names",
  "opens",
  // Whether it is the kind of answer that is wanted.
  "whenTimes",
  "whenTimesOwn",
  "howManyNumber",
  "titleTitle",
  // Words that may stand for those of the query.
  "related",
  "relatedNear",
  "relatedOwn",
  "relatedNear3",
  // How alike it is in all its words and their parts, and what is around it.
  "alike",
  "alike1",
  "alikeSession",
  // How near it is in meaning, and what is around it.
  "meaning",
  "meaning1",
  // The same where no line has much of the question's words.
  "meaningAlone",
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

/** A line and what is known of it before it is compared with the others. */
type Seen = {
  readonly line: Line;
  readonly traits: Traits;
  readonly session: ScoredSession;
  /** The terms it has and those of which it has a related word, as bits. */
  readonly terms: number;
  readonly related: number;
  readonly isSpeaker: boolean;
};

/** The features of `lines`, which are in order. */
export function featuresOf(lines: readonly Line[], asked: Asked): FeatureColumns {
  const { idf, hits, wanted } = asked;
  const seen = seenIn(lines, asked);
  const { column, product } = columnsFor(seen);
  const total = worthOf(2 ** idf.length - 1, idf);
  const raw = column(({ terms }) => worthOf(terms, idf));
  const best = raw.reduce((most, value) => Math.max(most, value), Number.MIN_VALUE);
  const own = column((_, i) => (raw[i] ?? 0) / best);
  const surroundings = new Surroundings(hits, idf, total);
  const [around1, around3, around8] = surroundings.of(seen);
  const [near3, near8] = [scaled(around3.score), scaled(around8.score)];
  const neighbour = (step: number): Float64Array =>
    column(({ line, session }) => {
      const n = line.n + step;
      return n < session.first || n > session.last ? 0 : worthOf(hits.terms[indexIn(hits, n)] ?? 0, idf) / best;
    });
  const [before, before2] = [neighbour(-1), neighbour(-2)];
  /** A number of the line before, where that is ranked, too, which it mostly is. */
  const previous = (values: Float64Array): Float64Array =>
    column(({ line: { n, session } }, i) => {
      const line = lines[i - 1];
      return line?.n === n - 1 && line.session === session ? (values[i - 1] ?? 0) : 0;
    });
  const session = scaled(column((it) => it.session.score));
  const speaker = column(({ isSpeaker }) => Number(isSpeaker));
  const other = column(({ isSpeaker }) => Number(asked.speaker !== undefined && !isSpeaker));
  const days = daysOf(lines, asked);
  const inTime = column((_, i) => Number(days[i]?.some((it) => !it.isDay && it.days === 0) ?? false));
  const onDay = column((_, i) => Number(days[i]?.some((it) => it.isDay && it.days === 0) ?? false));
  const related = scaled(column((it) => worthOf(it.related, hits.relatedIdf)));
  const trait = (read: (traits: Traits) => number): Float64Array => column(({ traits }) => read(traits));
  const whenTimes = trait(({ times }) => wanted.when * times);
  const length = trait((its) => its.length);
  const [asks, hasQuestion] = [trait((its) => its.asks), trait((its) => its.hasQuestion)];
  const meaning = asked.meaning ?? new Float64Array(lines.length);
  const unsaid = asked.unsaid * idf.reduce((most, worth) => Math.max(most, worth), 0);
  const uncovered = total === 0 ? 1 : 1 - Math.max(0, ...raw) / (total + unsaid);

  return {
    rarest: scaled(column(({ terms }) => rarest(terms, idf))),
    phrase: scaled(column(({ line }) => asked.phrases.get(line.n) ?? 0)),
    ownLength: product(own, length),
    near3,
    near8,
    coverage1: around1.coverage,
    coverage3: around3.coverage,
    coverage8: around8.coverage,
    before2,
    answers: product(before, previous(asks)),
    session,
    near3InSession: product(near3, session),
    ownInSession: product(own, session),
    speaker,
    speakerOwn: product(speaker, own),
    otherOwn: product(other, own),
    speakerAnswers: product(speaker, product(before, previous(other))),
    inTime,
    inTimeOwn: product(inTime, own),
    onDay,
    nearDay: column((_, i) => days[i]?.reduce((most, it) => Math.max(most, it.isDay ? nearness(it.days) : 0), 0) ?? 0),
    hasQuestion,
    length,
    names: trait(({ names }) => names),
    opens: column(({ line }) => Number(line.n - line.session < 2)),
    whenTimes,
    whenTimesOwn: product(whenTimes, own),
    howManyNumber: trait(({ hasNumber }) => wanted.howMany * hasNumber),
    titleTitle: trait(({ hasTitle }) => wanted.title * hasTitle),
    related,
    relatedNear: scaled(column((it) => surroundings.related(it))),
    relatedOwn: product(related, own),
    relatedNear3: product(related, near3),
    alike: asked.alike,
    alike1: meanAround(asked.alike, lines, 1),
    alikeSession: bestInSession(asked.alike, lines),
    meaning,
    meaning1: meanAround(meaning, lines, 1),
    meaningAlone: column((_, i) => uncovered * (meaning[i] ?? 0)),
  };
}

function seenIn(lines: readonly Line[], { hits, sessions, speaker, role }: Asked): Seen[] {
  const speakers = new Map<string | null, boolean>();
  const isSpeaker = (line: Line): boolean => {
    if (speaker === undefined) return false;
    if (line.speaker === null) return line.role === role;
    const is = speakers.get(line.speaker) ?? nameKey(line.speaker) === speaker;
    speakers.set(line.speaker, is);
    return is;
  };
  return lines.map((line) => {
    const at = indexIn(hits, line.n);
    return {
      line,
      traits: unpackTraits(line.traits),
      session: sessions.get(line.session) ?? { first: line.n, last: line.n, score: 0, coverage: 0 },
      terms: hits.terms[at] ?? 0,
      related: hits.related[at] ?? 0,
      isSpeaker: isSpeaker(line),
    };
  });
}

/** Index of line `n` among the hits, or -1. */
function indexIn(hits: Hits, n: number): number {
  const i = lowerBound(hits.n, n);
  return hits.n[i] === n ? i : -1;
}

type Days = { readonly isDay: boolean; readonly days: number };

/** Of each line, how many days it is from each time that is asked for; empty if none is. */
function daysOf(lines: readonly Line[], { times, clock }: Asked): readonly (readonly Days[])[] {
  if (times.length === 0) return [];
  return lines.map(({ createdAt }) => {
    const time = clock.shown(Date.parse(createdAt));
    return times.map((hint) => ({ isDay: hint.isDay, days: daysFrom(hint, time) }));
  });
}

type ColumnMaker = {
  readonly column: (read: (seen: Seen, i: number) => number) => Float64Array;
  readonly product: (a: Float64Array, b: Float64Array) => Float64Array;
};

/** Makes columns, which are parts of one buffer: to allocate each takes longer than to fill it. */
function columnsFor(seen: readonly Seen[]): ColumnMaker {
  const length = seen.length;
  const buffer = new Float64Array(MOST_COLUMNS * length);
  let used = 0;
  const empty = (): Float64Array => {
    used += 1;
    if (used > MOST_COLUMNS) return new Float64Array(length);
    return buffer.subarray((used - 1) * length, used * length);
  };
  return {
    column: (read) => {
      const result = empty();
      // A loop over entries makes an object for each of them, which is most of what a search would allocate.
      seen.forEach((it, i) => {
        result[i] = read(it, i);
      });
      return result;
    },
    product: (a, b) => {
      const result = empty();
      for (let i = 0; i < length; i += 1) result[i] = (a[i] ?? 0) * (b[i] ?? 0);
      return result;
    },
  };
}

/** The features, and some columns they are made of. */
const MOST_COLUMNS = FEATURES.length + 8;

/** People speak of a day on that day and in the weeks after it, and of plans in the days before. */
function nearness(days: number): number {
  return days >= 0 ? Math.exp(-days / 7) : 0.8 * Math.exp(days / 1.5);
}

function rarest(bits: number, idf: readonly number[]): number {
  let most = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) most = Math.max(most, idf[31 - Math.clz32(rest & -rest)] ?? 0);
  return most;
}

/** `values`, which become shares of the greatest of them in place. */
function scaled(values: Float64Array): Float64Array {
  const most = values.reduce((best, value) => Math.max(best, value), 0);
  if (most !== 0) for (let i = 0; i < values.length; i += 1) values[i] = (values[i] ?? 0) / most;
  return values;
}
