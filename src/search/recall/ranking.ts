import { candidates } from "./candidates.ts";
import { type Clock, clockOf } from "../../time/clock.ts";
import type { ConversationIndex, Line, Match } from "../../ports/text-index.ts";
import { type Asked, FEATURES, type Feature, type FeatureColumns, type Weights, featuresOf } from "./features.ts";
import { countOf, findHits } from "./hits.ts";
import { sayingOf } from "../exact.ts";
import { phraseOf } from "../match.ts";
import { MOST_TERMS, exactParts, partsOf } from "../query.ts";
import { CONVERSATION_WEIGHTS, WEIGHTS_WITH_MEANING } from "./weights.ts";
import { NO_SIGNALS, type Signals, signalsIn } from "./signals.ts";
import { type ScoredSession, scoreSessions } from "./session-scores.ts";
import { type Meaning, halfDeviations } from "../meaning.ts";
import { alikeTo } from "../spelling.ts";
import { lowerBound } from "./surroundings.ts";
import { weighTerms } from "./terms.ts";
import { wantedBy } from "./traits.ts";
import { parseAt } from "../timed-query.ts";
import { type TimeHint, timesIn } from "../../time/when.ts";
import type { Person } from "../../schema/person.ts";
import { whoIsMeant } from "./who.ts";

/** A line by its number; `at` tells its signals. */
export type RankedLine = { readonly n: number; readonly score: number; readonly at: number };

/**
 * The lines that answer a question, best first, as far as they were looked at closely. `match` finds all lines that share a
 * word with it; null if none does.
 */
export type ConversationRanking = {
  readonly ranked: readonly RankedLine[];
  readonly signalsOf: (ranked: RankedLine) => Signals;
  readonly match: Match | null;
  /** How many lines match and pass the filter; undefined where not all of them were looked up. */
  readonly count: number | undefined;
  /** Numbers of the lines that match and were looked at: the ranked ones, and those that only repeat what one of them says. */
  readonly seen: ReadonlySet<number>;
  /** How many of the ranked lines share no word with the question, nor a related one, and are near it in meaning. */
  readonly byMeaning: number;
};

export type RankOptions = {
  /** What "last week" is relative to, in milliseconds since 1970; with it days are those of the local clock, else of UTC. */
  readonly now?: number | undefined;
  /**
   * Only lines that have a word of the question (`words`), or also those that have one that may stand for it (`related`); not
   * what stands around them.
   */
  readonly only?: "words" | "related" | undefined;
  /** Names of those whose lines have no speaker, by their role. */
  readonly people?: readonly Person[] | undefined;
  /** What vectors say of the lines; words alone, if absent. */
  readonly meaning?: Meaning | undefined;
};

/** More than all features together: what is said as it stood in quotes, and an identifier, rank first. */
const EXACT = 100;

/** Ranks what was said as an answer to `question`. */
export async function rankConversation(
  question: string,
  index: ConversationIndex,
  options: RankOptions = {},
): Promise<ConversationRanking> {
  const asked = await look(question, index, options);
  if (asked === undefined) return NOTHING_FOUND;
  const { lines, columns, match, count, isMatch } = asked;
  const weights = weightsFor(options.meaning);
  const admitted = await index.admitted(lines.map(({ n }) => n));
  const scores = scoresOf(columns, lines.length, weights);
  const nearest = new Set(options.meaning?.nearest.map(({ n }) => n));
  const isRelated = (n: number): boolean => asked.isHit(n) || nearest.has(n);
  const isWanted = { all: () => true, related: isRelated, words: isMatch }[options.only ?? "all"];
  const exactly = exactParts(parseAt(question, options.now));
  const exact = exactly.length === 0 ? lines.map(() => 0) : await sharesSaid(exactly, lines, index);
  const ranked = lines
    .map(({ n }, at) => ({ n, score: (scores[at] ?? 0) + EXACT * (exact[at] ?? 0), at }))
    .filter(({ n }) => admitted.has(n) && isWanted(n))
    .sort((a, b) => b.score - a.score || b.n - a.n);
  const best = withoutRepeats(ranked, lines);
  return {
    ranked: best,
    byMeaning: best.filter(({ n }) => nearest.has(n) && !asked.isHit(n)).length,
    signalsOf: signalsIn(columns, exact, weights),
    match,
    count,
    seen: new Set(ranked.flatMap(({ n }) => (isMatch(n) ? [n] : []))),
  };
}

/** With more lines than this that may match exactly, every ranked line is read instead. */
const MOST_SAYING = 2_000;

/** What share of `exactly` each line says. To the index "cats" is "cat", so those are read that have the words. */
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
  readonly isMatch: (n: number) => boolean;
  /** Whether a line has a word of the question, or one that may stand for it. */
  readonly isHit: (n: number) => boolean;
  readonly sessions: ReadonlyMap<number, ScoredSession>;
};

/** The lines that may answer `question`, in order, and their features; undefined if nothing in it can be looked for. */
export async function look(
  question: string,
  index: ConversationIndex,
  { now, people = [], meaning }: RankOptions = {},
): Promise<Look | undefined> {
  const { quoted, identifiers, terms: words } = parseAt(question, now);
  const { speaker, role, others } = whoIsMeant(question, words, { speakers: index.speakers, people });
  const partsOfAll = (of: readonly string[]): string[] => [...new Set(of.flatMap(partsOf))].slice(0, MOST_TERMS);
  const besideName = partsOfAll([...quoted, ...identifiers, ...others]);
  const weighed = await weighTerms(besideName, index);
  // Where nothing else was ever said, the name is looked for.
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
    alike: await likeness(question, numbers, index),
    meaning: await meaning?.nearness(numbers),
  };
  const isHit = (n: number): boolean => hits.n[lowerBound(hits.n, n)] === n;
  const isMatch = (n: number): boolean => isHit(n) && ((hits.terms[lowerBound(hits.n, n)] ?? 0) & hits.matchBits) !== 0;
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

/** How alike lines and the question are. What the filter leaves out is taken to be as alike as is usual. */
async function likeness(question: string, numbers: readonly number[], index: ConversationIndex): Promise<Float64Array> {
  const alike = alikeTo(question);
  const known = new Map((await index.texts(numbers)).map(({ n, text }) => [n, alike(text)]));
  const usual = [...known.values()].reduce((sum, value) => sum + value, 0) / Math.max(1, known.size);
  return halfDeviations(Float64Array.from(numbers, (n) => known.get(n) ?? usual));
}

const DAY_MS = 86_400_000;
/** Characters of a question that are searched for times, and how many of those times count. */
const LONGEST_QUESTION = 2_000;
const MOST_TIMES = 6;
/** Lines from a time that the question names that are considered, whatever they say. */
const MOST_THEN = 120;

/** Numbers of what was said at the times, and in the week after a day, which is then told of. Longer ones steer only. */
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

/** Lines in which two words stand together as they do in the question. */
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

/** As far as the vectors are believed, the weights that were learned with vectors. */
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
    for (let i = 0; i < lines; i += 1) scores[i] = (scores[i] ?? 0) + weight * (column[i] ?? 0);
  }
  return scores;
}

/** Of lines that say the same, the best. */
function withoutRepeats(ranked: readonly RankedLine[], lines: readonly Line[]): RankedLine[] {
  const said = new Set<number>();
  return ranked.filter(({ n, at }) => {
    const gist = lines[at]?.gist ?? n;
    if (said.has(gist)) return false;
    said.add(gist);
    return true;
  });
}
