import {
  PASSAGE_FEATURES,
  type Pair,
  type PassageColumns,
  type PassageFeature,
  type PassageWeights,
  passageFeatures,
} from "./features.ts";
import type { Meaning } from "../meaning.ts";
import { alikeTo } from "../spelling.ts";
import { sayingOf } from "../exact.ts";
import type { Match, NumberedText, PassageIndex } from "../../ports/text-index.ts";
import { NOTHING, allOf, anyOf } from "../match.ts";
import { MOST_WEIGHED, type PassageTerm, passageTerms } from "./terms.ts";
import { PASSAGE_WEIGHTS, WEIGHTS_WITH_MEANING } from "./weights.ts";
import { MOST_TERMS, type SearchQuery, parseQuery, partsOf } from "../query.ts";

/** Number of passages ranked by all features: those with the rarest words. */
const MOST_LOOKED_AT = 200;

/** Most postings read from the index for all words together. */
const MOST_POSTINGS = 6_000;

const LEXICAL = PASSAGE_FEATURES.filter((feature) => feature !== "meaning");

/**
 * `lexical` is the words' part of the score and `meaning` the vectors'; `exact` is the share of the preferred phrases that the
 * passage says.
 */
export type RankedPassage = {
  readonly n: number;
  readonly score: number;
  readonly lexical: number;
  readonly meaning: number;
  readonly exact: number;
};

/** Weight of `exact`: more than all features together. */
const EXACT = 100;

/** The passages that answer a question. */
export type PassageRanking = {
  /** The passages ranked by all features, best first. */
  readonly ranked: readonly RankedPassage[];
  /** Other known matches, those with the rarest words first. */
  readonly rest: readonly number[];
  /** Passages with the same text as a ranked one. */
  readonly repeats: readonly number[];
  /** Matches all passages that count as found; null if none. */
  readonly match: Match | null;
  /** Passages that share no word with the question but are near in meaning. */
  readonly added: ReadonlySet<number>;
  /** All passages examined for features. */
  readonly looked: readonly NumberedText[];
  /** Whether no other passage matches. */
  readonly isWhole: boolean;
};

export type PassageRankOptions = {
  /** The parsed question, if not all of its words are to be searched. */
  readonly parsed?: SearchQuery | undefined;
  /** What vectors say about the passages; words alone rank if absent. */
  readonly meaning?: Meaning | undefined;
};

/** Ranks passages as answers to `question`. */
export async function rankPassages(
  question: string,
  index: PassageIndex,
  options: PassageRankOptions = {},
): Promise<PassageRanking> {
  const { parsed = parseQuery(question), meaning } = options;
  const { passages, columns, rest, match, added, isWhole } = await lookAtPassages(question, index, parsed, meaning);
  const weights = weightsFor(meaning);
  const exactly = parsed.preferred;
  const says = sayingOf(exactly);
  const scored = passages.map(({ n, text }, i) => {
    const lexical = LEXICAL.reduce((sum, feature) => sum + weights[feature] * (columns[feature][i] ?? 0), 0);
    const near = weights.meaning * (columns.meaning[i] ?? 0);
    const exact = exactly.length === 0 ? 0 : says(text).filter(Boolean).length / exactly.length;
    return { n, text, score: lexical + near + EXACT * exact, lexical, meaning: near, exact };
  });
  const sorted = scored.sort((a, b) => b.score - a.score || b.n - a.n);
  const seen = new Set<string>();
  const [ranked, repeats]: [RankedPassage[], number[]] = [[], []];
  for (const { text, ...passage } of sorted) {
    // Compares whole texts: unlike people's utterances, documents can differ in details that matter.
    const gist = text.toLowerCase();
    if (seen.has(gist)) repeats.push(passage.n);
    else ranked.push(passage);
    seen.add(gist);
  }
  return { ranked, rest, repeats, match, added, looked: passages, isWhole };
}

/** Interpolates between the weights learned without and with vectors, by how far the vectors are trusted. */
function weightsFor(meaning: Meaning | undefined): PassageWeights {
  const trust = meaning?.trust ?? 0;
  const between = (feature: PassageFeature): number =>
    trust * WEIGHTS_WITH_MEANING[feature] + (1 - trust) * PASSAGE_WEIGHTS[feature];
  return Object.fromEntries(PASSAGE_FEATURES.map((feature) => [feature, between(feature)])) as PassageWeights;
}

type PassageLook = Pick<PassageRanking, "rest" | "match" | "added" | "isWhole"> & {
  readonly passages: readonly NumberedText[];
  readonly columns: PassageColumns;
};

/** The passages that may answer `question`, and their features. */
export async function lookAtPassages(
  question: string,
  index: PassageIndex,
  parsed = parseQuery(question),
  meaning?: Meaning,
): Promise<PassageLook> {
  const words = [...new Set(parsed.terms.flatMap(partsOf))].slice(0, MOST_TERMS);
  const asked = (
    question
      .slice(0, 10_000)
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}']+/gu) ?? []
  ).slice(0, 200);
  const terms = await passageTerms(words, asked, index);
  const { numbers, match, isWhole } = await findPassages(terms, index);
  const nearest = meaning?.nearest.map(({ n }) => n) ?? [];
  const matching = isWhole ? new Set(numbers) : await index.matching(match ?? NOTHING, nearest);
  const passages = await index.texts([...new Set([...numbers.slice(0, MOST_LOOKED_AT), ...nearest])]);
  const looked = passages.map(({ n }) => n);
  const about = {
    terms,
    pairs: pairsOf(asked, words, terms),
    alike: alikeTo(question),
    meaning: await meaning?.nearness(looked),
  };
  const isLooked = new Set(looked);
  return {
    passages,
    columns: passageFeatures(passages, about),
    rest: numbers.filter((n) => !isLooked.has(n)),
    match,
    added: new Set(nearest.filter((n) => isLooked.has(n) && !matching.has(n))),
    isWhole,
  };
}

/**
 * The passages with any of the terms, those whose terms weigh most first. Terms are looked up rarest first. To bound the cost, a
 * term that exceeds the budget is only searched together with rarer ones. If all are common, the newest passages with the rarest
 * term are taken.
 */
async function findPassages(
  terms: readonly PassageTerm[],
  index: PassageIndex,
): Promise<{ numbers: readonly number[]; match: Match | null; isWhole: boolean }> {
  const codes: number[] = [];
  const rarer: Match[] = [];
  let room = MOST_POSTINGS;
  let isWhole = true;
  for (const [at, { match, count }] of terms.entries()) {
    const isTooCommon = count > room && rarer.length > 0;
    const limit = Math.max(room, 1);
    const narrowed = isTooCommon ? allOf([match, anyOf(rarer)]) : match;
    const [numbers = []] = await index.numbers([{ match: narrowed, limit }]);
    for (const n of numbers) codes.push(n * TERMS + at);
    room -= numbers.length;
    if (isTooCommon) continue;
    rarer.push(match);
    isWhole &&= numbers.length < limit;
  }
  const idf = terms.map((term) => term.idf);
  return { numbers: mostWorthFirst(codes, idf), match: rarer.length === 0 ? null : anyOf(rarer), isWhole };
}

/** A number and a term are packed into one double, so that sorting sorts by number. */
const TERMS = MOST_WEIGHED;

/** The numbers in `codes`, by the total weight of their terms, then newest first. */
function mostWorthFirst(codes: readonly number[], idf: readonly number[]): number[] {
  const sorted = Float64Array.from(codes).sort();
  // Groups passages by their set of terms: there are few sets.
  const groups = new Map<number, number[]>();
  for (let i = sorted.length - 1; i >= 0;) {
    const n = Math.floor((sorted[i] ?? 0) / TERMS);
    let bits = 0;
    for (; i >= 0 && Math.floor((sorted[i] ?? 0) / TERMS) === n; i -= 1) bits |= 1 << ((sorted[i] ?? 0) % TERMS);
    const group = groups.get(bits);
    if (group === undefined) groups.set(bits, [n]);
    else group.push(n);
  }
  const worth = (bits: number): number =>
    idf.reduce((sum, value, at) => ((bits & (1 << at)) === 0 ? sum : sum + value), 0);
  return [...groups]
    .map(([bits, numbers]) => ({ numbers, worth: worth(bits) }))
    .sort((a, b) => b.worth - a.worth)
    .flatMap(({ numbers }) => numbers);
}

/** Terms that are neighbours in the question, with at most one stop word between them. */
function pairsOf(asked: readonly string[], words: readonly string[], terms: readonly PassageTerm[]): Pair[] {
  const place = new Map(terms.map(({ word }, at) => [word, at]));
  const common = new Set(words);
  return asked.flatMap((word, i) => {
    const [next = "", afterNext = ""] = asked.slice(i + 1);
    const first = place.get(word);
    const second = place.get(next) ?? (common.has(next) ? undefined : place.get(afterNext));
    return first === undefined || second === undefined ? [] : [[first, second] as const];
  });
}
