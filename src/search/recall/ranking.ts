import { candidates } from "./candidates.ts";
import { type Clock, clockOf } from "../../time/clock.ts";
import type { ConversationIndex, Line, Match } from "../../ports/text-index.ts";
import { type Asked, FEATURES, type Feature, type FeatureColumns, type Weights, featuresOf } from "./features.ts";
import { type Hits, countOf, findHits } from "./hits.ts";
import { sayingOf } from "../exact.ts";
import { phraseOf } from "../match.ts";
import { MOST_TERMS, exactParts, partsOf } from "../query.ts";
import { CONVERSATION_WEIGHTS, WEIGHTS_WITH_MEANING } from "./weights.ts";
import { NO_SIGNALS, type Signals, signalsIn } from "./signals.ts";
import { type ScoredSession, scoreSessions } from "./session-scores.ts";
import { type Meaning, halfDeviations } from "../meaning.ts";
import { Spellings } from "./spellings.ts";
import { lowerBound } from "./surroundings.ts";
import { weighTerms } from "./terms.ts";
import { wantedBy } from "./traits.ts";
import { parseAt } from "../timed-query.ts";
import { type TimeHint, timesIn } from "../../time/when.ts";
import type { Person } from "../../schema/person.ts";
import { whoIsMeant } from "./who.ts";

/** A ranked line. `at` is its index, which gives its signals. */
export type RankedLine = { readonly n: number; readonly score: number; readonly at: number };

/**
 * The lines that may answer a question and were ranked by all features, best first. `match` finds all lines that share a word
 * with the question; null if none.
 */
export type ConversationRanking = {
  readonly ranked: readonly RankedLine[];
  readonly lineOf: (ranked: RankedLine) => Line | undefined;
  readonly signalsOf: (ranked: RankedLine) => Signals;
  readonly match: Match | null;
  /** Number of lines that match and pass the filter; undefined if not all of them were looked up. */
  readonly count: number | undefined;
  /** Numbers of the matching lines that were examined: the ranked ones and their repeats. */
  readonly seen: ReadonlySet<number>;
  /** Number of ranked lines that share no word or related word with the question, but are near in meaning. */
  readonly byMeaning: number;
};

export type RankOptions = {
  /** The present time, in milliseconds since 1970, for words like "last week". Days are local if it is given, otherwise UTC. */
  readonly now?: number | undefined;
  /**
   * Restricts the results to lines with a word of the question (`words`), or also those with a related word (`related`), without
   * the lines around them.
   */
  readonly only?: "words" | "related" | undefined;
  /** Names of the people whose lines have no speaker, by their role. */
  readonly people?: readonly Person[] | undefined;
  /** What vectors say about the lines; words alone rank if absent. */
  readonly meaning?: Meaning | undefined;
  /** A cache of what earlier searches read. */
  readonly read?: Read | undefined;
};

/** Cached counts of lines, and the conversation's generation when the search began. */
export type Read = { readonly spellings: Spellings; readonly generation: string };

/** Weight of exact parts: more than all features together, so that they rank first. */
const EXACT = 100;

/** Ranks the lines of a conversation as answers to `question`. */
export async function rankConversation(
  question: string,
  index: ConversationIndex,
  options: RankOptions = {},
): Promise<ConversationRanking> {
  const asked = await look(question, index, options);
  if (asked === undefined) return NOTHING_FOUND;
  const { lines, columns, match, count, isMatch } = asked;
  const weights = weightsFor(options.meaning);
  const admitted = index.isNarrowed ? await index.admitted(lines.map(({ n }) => n)) : undefined;
  const scores = scoresOf(columns, lines.length, weights);
  const nearest = new Set(options.meaning?.nearest.map(({ n }) => n));
  const isRelated = (at: number): boolean => asked.isHit(at) || nearest.has(lines[at]?.n ?? 0);
  const isWanted = { all: () => true, related: isRelated, words: isMatch }[options.only ?? "all"];
  const exactly = exactParts(parseAt(question, options.now));
  const exact = exactly.length === 0 ? lines.map(() => 0) : await sharesSaid(exactly, lines, index);
  const ranked: RankedLine[] = [];
  const seen = new Set<number>();
  for (let at = 0; at < lines.length; at += 1) {
    const n = lines[at]?.n ?? 0;
    if (admitted?.has(n) === false || !isWanted(at)) continue;
    ranked.push({ n, score: (scores[at] ?? 0) + EXACT * (exact[at] ?? 0), at });
    if (isMatch(at)) seen.add(n);
  }
  ranked.sort((a, b) => b.score - a.score || b.n - a.n);
  const best = withoutRepeats(ranked, lines);
  return {
    ranked: best,
    lineOf: ({ at }) => lines[at],
    byMeaning: best.filter(({ n, at }) => nearest.has(n) && !asked.isHit(at)).length,
    signalsOf: signalsIn(columns, exact, weights),
    match,
    count,
    seen,
  };
}

/** If more lines than this may match exactly, every ranked line is read instead. */
const MOST_SAYING = 2_000;

/** The share of `exactly` that each line says. Reads lines that have the words: in the index, "cats" equals "cat". */
async function sharesSaid(
  exactly: readonly string[],
  lines: readonly Line[],
  index: ConversationIndex,
): Promise<number[]> {
  const found = await index.numbers(exactly.map((part) => ({ match: phraseOf(part), limit: MOST_SAYING })));
  const isFew = found.every(({ length }) => length < MOST_SAYING);
  const maySay = new Set(found.flat());
  const read = lines.map(({ n }) => n).filter((n) => !isFew || maySay.has(n));
  const says = sayingOf(exactly);
  const texts = await index.texts(read);
  const byNumber = new Map(texts.map(({ n, text }) => [n, says(text).filter(Boolean).length / exactly.length]));
  return lines.map(({ n }) => byNumber.get(n) ?? 0);
}

const NOTHING_FOUND: ConversationRanking = {
  ranked: [],
  lineOf: () => undefined,
  signalsOf: () => NO_SIGNALS,
  match: null,
  count: 0,
  seen: new Set(),
  byMeaning: 0,
};

export type Look = {
  readonly lines: readonly Line[];
  readonly columns: FeatureColumns;
  readonly match: Match | null;
  readonly count: number | undefined;
  /** Whether the line at an index of `lines` has a word of the question. */
  readonly isMatch: (at: number) => boolean;
  /** Whether it has a word of the question or a related one. */
  readonly isHit: (at: number) => boolean;
  readonly sessions: ReadonlyMap<number, ScoredSession>;
};

/** The lines that may answer `question`, in order, and their features; undefined if nothing in it can be searched. */
export async function look(
  question: string,
  index: ConversationIndex,
  { now, people = [], meaning, read }: RankOptions = {},
): Promise<Look | undefined> {
  const { quoted, identifiers, terms: words } = parseAt(question, now);
  const { speaker, role, others } = whoIsMeant(question, words, { speakers: index.speakers, people });
  const partsOfAll = (of: readonly string[]): string[] => [...new Set(of.flatMap(partsOf))].slice(0, MOST_TERMS);
  const besideName = partsOfAll([...quoted, ...identifiers, ...others]);
  const weighed = await weighTerms(besideName, index);
  // If none of the other words was ever said, search for the name.
  const looked = weighed.length > 0 ? besideName : partsOfAll(words);
  const terms = weighed.length > 0 ? weighed : await weighTerms(looked, index);
  const clock = clockOf(now);
  const times = timesIn(question.slice(0, LONGEST_QUESTION), now && clock.shown(now)).slice(0, MOST_TIMES);
  const then = await saidThen(times, clock, index);
  const nearest = meaning?.nearest.map(({ n }) => n) ?? [];
  if (terms.length === 0 && then.length + nearest.length === 0) return undefined;
  const hits = await findHits(terms, index);
  const idf = terms.map((term) => term.idf);
  const sessions = scoreSessions(hits, terms.length, index.sessions, index.last);
  const found = await candidates(hits, idf, sessions, [...then, ...nearest], index);
  const lines = found.filter(({ n }) => n >= hits.floor);
  const numbers = lines.map(({ n }) => n);
  const places = placesIn(hits, numbers);
  const isHit = (at: number): boolean => hits.n[places[at] ?? 0] === numbers[at];
  const isMatch = (at: number): boolean => isHit(at) && ((hits.terms[places[at] ?? 0] ?? 0) & hits.matchBits) !== 0;
  const asked: Asked = {
    idf,
    unsaid: Math.max(0, looked.length - terms.length),
    hits,
    sessions,
    phrases: await findPhrases(question, others, index),
    wanted: wantedBy(question),
    times,
    clock,
    speaker,
    role,
    places,
    alike: await likeness(question, numbers, index, read),
    meaning: await meaning?.nearness(numbers),
  };
  return {
    lines,
    columns: featuresOf(lines, asked),
    match: hits.match,
    count: countOf(hits),
    isMatch,
    isHit,
    sessions,
  };
}

/** For each number, the index of the first hit that is not before it. Both are in order. */
function placesIn({ n }: Hits, numbers: readonly number[]): Int32Array {
  let place = lowerBound(n, numbers[0] ?? 0);
  const places = new Int32Array(numbers.length);
  numbers.forEach((number, i) => {
    while (place < n.length && (n[place] ?? 0) < number) place += 1;
    places[i] = place;
  });
  return places;
}

/** How similar each line is to the question. Lines that the filter excludes count as average. */
async function likeness(
  question: string,
  numbers: readonly number[],
  index: ConversationIndex,
  read: RankOptions["read"],
): Promise<Float64Array> {
  // A filtered search must not use counts of lines that its filter excludes.
  const { spellings, generation } = read === undefined || index.isNarrowed ? NOTHING_READ() : read;
  const alike = await spellings.alikeTo(question, numbers, { index, generation });
  if (!alike.includes(Number.NaN)) return halfDeviations(alike);
  const usual = meanOf(alike.filter((it) => !Number.isNaN(it)));
  return halfDeviations(alike.map((it) => (Number.isNaN(it) ? usual : it)));
}

const NOTHING_READ = (): Read => ({ spellings: new Spellings(), generation: "" });

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

const DAY_MS = 86_400_000;
/** Characters of a question that are searched for times, and how many of those times count. */
const LONGEST_QUESTION = 2_000;
const MOST_TIMES = 6;
/** Lines from a time that the question names that are considered, whatever they say. */
const MOST_THEN = 120;

/** Numbers of lines said at the named times, or in the week after a named day. Times longer than a month only affect scores. */
async function saidThen(
  times: readonly TimeHint[],
  { timeOf }: Clock,
  index: ConversationIndex,
): Promise<readonly number[]> {
  const spans = times
    .filter(({ from, to, isYearly }) => !isYearly && to - from <= 31 * DAY_MS)
    .map(({ from, to, isDay }) => ({ from: timeOf(from), to: timeOf(isDay ? to + 7 * DAY_MS : to) }));
  return spans.length === 0 ? [] : (await index.during(spans, MOST_THEN)).flat();
}

const MOST_PHRASES = 8;
const MOST_WITH_PHRASE = 500;

/** For each line's number, how many pairs of neighbouring words it shares with the question. */
async function findPhrases(
  question: string,
  terms: readonly string[],
  index: ConversationIndex,
): Promise<Map<number, number>> {
  const counted = new Set(terms);
  const words = (question.toLowerCase().match(/[\p{L}\p{M}\p{N}']+/gu) ?? []).slice(0, 200);
  const pairs = words.slice(1).flatMap((word, i) => {
    const before = words[i] ?? "";
    return counted.has(before) && counted.has(word) ? [phraseOf(`${before} ${word}`)] : [];
  });
  const found = new Map<number, number>();
  const requests = pairs.slice(0, MOST_PHRASES).map((match) => ({ match, limit: MOST_WITH_PHRASE }));
  for (const numbers of await index.numbers(requests)) {
    for (const n of numbers) found.set(n, (found.get(n) ?? 0) + 1);
  }
  return found;
}

/** Interpolates between the weights learned without and with vectors, by how far the vectors are trusted. */
export function weightsFor(meaning: Meaning | undefined): Weights {
  if (meaning === undefined) return CONVERSATION_WEIGHTS;
  const { trust } = meaning;
  const between = (feature: Feature): number =>
    trust * WEIGHTS_WITH_MEANING[feature] + (1 - trust) * CONVERSATION_WEIGHTS[feature];
  return Object.fromEntries(FEATURES.map((feature) => [feature, between(feature)])) as Weights;
}

/** One score per line. */
export function scoresOf(columns: FeatureColumns, lines: number, weights: Weights): Float64Array {
  const scores = new Float64Array(lines);
  for (const feature of FEATURES) {
    const [column, weight] = [columns[feature], weights[feature]];
    if (column.length === 0) continue;
    for (let i = 0; i < lines; i += 1) scores[i] = (scores[i] ?? 0) + weight * (column[i] ?? 0);
  }
  return scores;
}

/** Keeps only the best of lines that say the same. */
function withoutRepeats(ranked: readonly RankedLine[], lines: readonly Line[]): RankedLine[] {
  const seen = new Set<number>();
  return ranked.filter(({ n, at }) => {
    const gist = lines[at]?.gist ?? n;
    if (seen.has(gist)) return false;
    seen.add(gist);
    return true;
  });
}
