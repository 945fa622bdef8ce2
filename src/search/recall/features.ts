import { ZEROS, columnsFor } from "./columns.ts";
import { worthOf } from "./candidates.ts";
import type { Clock } from "../../time/clock.ts";
import type { Line } from "../../ports/text-index.ts";
import type { Hits } from "./hits.ts";
import type { ScoredSession } from "./session-scores.ts";
import { Surroundings } from "./surroundings.ts";
import { bestInSession, meanAround } from "./nearness.ts";
import { type Traits, type Wanted, unpackTraits } from "./traits.ts";
import { type TimeHint, daysFrom } from "../../time/when.ts";
import { nameKey } from "./who.ts";

/** A query, prepared for ranking lines. */
export type Asked = {
  readonly idf: readonly number[];
  /** Number of the query's words that nobody ever said. */
  readonly unsaid: number;
  readonly hits: Hits;
  readonly sessions: ReadonlyMap<number, ScoredSession>;
  /** Number of the query's pairs of neighbouring words that are neighbours in a line, by the line's number. */
  readonly phrases: ReadonlyMap<number, number>;
  readonly wanted: Wanted;
  readonly times: readonly TimeHint[];
  /** Determines where days begin. */
  readonly clock: Clock;
  /** The `nameKey` of the speaker whose lines the query is about. */
  readonly speaker: string | undefined;
  /** The role whose lines without a name are that speaker's. */
  readonly role: Line["role"] | undefined;
  /** For each line, the index of the first hit that is not before it. */
  readonly places: Int32Array;
  /** How similar each line's words are to the question's, and how near it is in meaning: in halved standard deviations. */
  readonly alike: Float64Array;
  readonly meaning: Float64Array | undefined;
};

/**
 * The features by which lines are ranked. All are 0 to 1 except `length` (a logarithm around 0), `times` (to 2) and `names`
 * (to 3). Sums of weights are divided by the maximum among the lines ranked together.
 */
export const FEATURES = [
  // The line's own words.
  "rarest",
  "phrase",
  "ownLength",
  // The lines around it.
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
  // The speaker.
  "speaker",
  "speakerOwn",
  "otherOwn",
  "speakerAnswers",
  // The time.
  "inTime",
  "inTimeOwn",
  "onDay",
  "nearDay",
  // What kind of line it is.
  "hasQuestion",
  "length",
  "names",
  "opens",
  // Whether it is the kind of answer that the question asks for.
  "whenTimes",
  "whenTimesOwn",
  "howManyNumber",
  "titleTitle",
  // Words that may stand for those of the query.
  "related",
  "relatedNear",
  "relatedOwn",
  "relatedNear3",
  // How similar its words and their parts are, and those of the lines around it.
  "alike",
  "alike1",
  "alikeSession",
  // How near it is in meaning, and the lines around it.
  "meaning",
  "meaning1",
  // The same if no line has many of the question's words.
  "meaningAlone",
] as const;
export type Feature = (typeof FEATURES)[number];

/** The weight of each feature in a line's score. */
export type Weights = Readonly<Record<Feature, number>>;

/**
 * The features by which sessions are ranked: `lines`, the log-sum-exp of its lines' scores; `best`, the score of its best line;
 * `score`, its BM25 as one document, as a share of the best session's; and `coverage`, the share of the query's weight that is
 * said in it.
 */
export const SESSION_FEATURES = ["lines", "best", "score", "coverage"] as const;
export type SessionFeature = (typeof SESSION_FEATURES)[number];
export type SessionWeights = Readonly<Record<SessionFeature, number>>;

/** A column of numbers per feature, one number per line. An empty column stands for zeros. */
export type FeatureColumns = Readonly<Record<Feature, Float64Array>>;

/** A line, prepared for the computation of features. */
type Seen = {
  readonly line: Line;
  readonly traits: Traits;
  readonly session: ScoredSession;
  /** Index of the first hit that is not before it. */
  readonly place: number;
  /** Its terms, and those of which it has a related word, as bits. */
  readonly terms: number;
  readonly related: number;
  readonly isSpeaker: boolean;
};

/** The features of `lines`, which must be in order. */
export function featuresOf(lines: readonly Line[], asked: Asked): FeatureColumns {
  const { idf, hits, wanted } = asked;
  const seen = seenIn(lines, asked);
  const { column, columnIf, product } = columnsFor(seen, FEATURES.length + OTHER_COLUMNS);
  const total = worthOf(2 ** idf.length - 1, idf);
  const raw = column(({ terms }) => worthOf(terms, idf));
  const best = raw.reduce((most, value) => Math.max(most, value), Number.MIN_VALUE);
  const own = column((_, i) => (raw[i] ?? 0) / best);
  const surroundings = new Surroundings(hits, idf, total);
  const [around1, around3, around8] = surroundings.of(seen);
  const [near3, near8] = [scaled(around3.score), scaled(around8.score)];
  const before = column((it) => worthOf(termsAt(it, 1, hits), idf) / best);
  const before2 = column((it) => worthOf(termsAt(it, 2, hits), idf) / best);
  /** The value of the line before, if that is ranked too; it mostly is. */
  const previous = (values: Float64Array): Float64Array =>
    columnIf(values.length > 0, ({ line: { n, session } }, i) => {
      const line = lines[i - 1];
      return line?.n === n - 1 && line.session === session ? (values[i - 1] ?? 0) : 0;
    });
  const session = scaled(column((it) => it.session.score));
  const hasSpeaker = asked.speaker !== undefined;
  const speaker = columnIf(hasSpeaker, ({ isSpeaker }) => Number(isSpeaker));
  const other = columnIf(hasSpeaker, ({ isSpeaker }) => Number(!isSpeaker));
  const days = daysOf(lines, asked);
  const isTimed = days.length > 0;
  const inTime = columnIf(isTimed, (_, i) => Number(days[i]?.some((it) => !it.isDay && it.days === 0) ?? false));
  const onDay = columnIf(isTimed, (_, i) => Number(days[i]?.some((it) => it.isDay && it.days === 0) ?? false));
  const hasRelated = hits.relatedIdf.some((worth) => worth > 0);
  const related = scaled(columnIf(hasRelated, (it) => worthOf(it.related, hits.relatedIdf)));
  const trait = (read: (traits: Traits) => number): Float64Array => column(({ traits }) => read(traits));
  const traitIf = (isUsed: number, read: (traits: Traits) => number): Float64Array =>
    columnIf(isUsed > 0, ({ traits }) => read(traits));
  const whenTimes = traitIf(wanted.when, ({ times }) => times);
  const length = trait((its) => its.length);
  const [asks, hasQuestion] = [trait((its) => its.asks), trait((its) => its.hasQuestion)];
  const meaning = asked.meaning ?? ZEROS;
  const unsaid = asked.unsaid * idf.reduce((most, worth) => Math.max(most, worth), 0);
  const uncovered = total === 0 ? 1 : 1 - Math.max(0, ...raw) / (total + unsaid);

  return {
    rarest: scaled(column(({ terms }) => rarest(terms, idf))),
    phrase: scaled(columnIf(asked.phrases.size > 0, ({ line }) => asked.phrases.get(line.n) ?? 0)),
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
    nearDay: columnIf(
      isTimed,
      (_, i) => days[i]?.reduce((most, it) => Math.max(most, it.isDay ? nearness(it.days) : 0), 0) ?? 0,
    ),
    hasQuestion,
    length,
    names: trait(({ names }) => names),
    opens: column(({ line }) => Number(line.n - line.session < 2)),
    whenTimes,
    whenTimesOwn: product(whenTimes, own),
    howManyNumber: traitIf(wanted.howMany, ({ hasNumber }) => hasNumber),
    titleTitle: traitIf(wanted.title, ({ hasTitle }) => hasTitle),
    related,
    relatedNear: scaled(columnIf(hasRelated, (it) => surroundings.related(it))),
    relatedOwn: product(related, own),
    relatedNear3: product(related, near3),
    alike: asked.alike,
    alike1: meanAround(asked.alike, lines, 1),
    alikeSession: bestInSession(asked.alike, lines),
    meaning,
    meaning1: meanAround(meaning, lines, 1),
    meaningAlone: columnIf(meaning.length > 0, (_, i) => uncovered * (meaning[i] ?? 0)),
  };
}

function seenIn(lines: readonly Line[], { hits, places, sessions, speaker, role }: Asked): Seen[] {
  const speakers = new Map<string | null, boolean>();
  const isSpeaker = (line: Line): boolean => {
    if (speaker === undefined) return false;
    if (line.speaker === null) return line.role === role;
    const is = speakers.get(line.speaker) ?? nameKey(line.speaker) === speaker;
    speakers.set(line.speaker, is);
    return is;
  };
  return lines.map((line, i) => {
    const place = places[i] ?? 0;
    const at = hits.n[place] === line.n ? place : -1;
    return {
      line,
      traits: unpackTraits(line.traits),
      session: sessions.get(line.session) ?? { first: line.n, last: line.n, score: 0, coverage: 0 },
      place,
      terms: hits.terms[at] ?? 0,
      related: hits.related[at] ?? 0,
      isSpeaker: isSpeaker(line),
    };
  });
}

/** The terms of the line `steps` before, in the same session, as bits. */
function termsAt({ line, session, place }: Seen, steps: number, { n, terms }: Hits): number {
  const number = line.n - steps;
  if (number < session.first) return 0;
  let at = place - 1;
  while (at >= 0 && (n[at] ?? 0) > number) at -= 1;
  return n[at] === number ? (terms[at] ?? 0) : 0;
}

type Days = { readonly isDay: boolean; readonly days: number };

/** For each line, its distance in days from each time that the query names; empty if it names none. */
function daysOf(lines: readonly Line[], { times, clock }: Asked): readonly (readonly Days[])[] {
  if (times.length === 0) return [];
  return lines.map(({ createdAt }) => {
    const time = clock.shown(Date.parse(createdAt));
    return times.map((hint) => ({ isDay: hint.isDay, days: daysFrom(hint, time) }));
  });
}

/** Number of intermediate columns. */
const OTHER_COLUMNS = 8;

/** People speak of a day on that day and in the weeks after, and of plans in the days before. */
function nearness(days: number): number {
  return days >= 0 ? Math.exp(-days / 7) : 0.8 * Math.exp(days / 1.5);
}

function rarest(bits: number, idf: readonly number[]): number {
  let most = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) most = Math.max(most, idf[31 - Math.clz32(rest & -rest)] ?? 0);
  return most;
}

/** Divides `values` by their maximum, in place. */
function scaled(values: Float64Array): Float64Array {
  const most = values.reduce((best, value) => Math.max(best, value), 0);
  if (most !== 0) for (let i = 0; i < values.length; i += 1) values[i] = (values[i] ?? 0) / most;
  return values;
}
