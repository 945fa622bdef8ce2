import type { ArchivalQuery } from "../../ports/archival.ts";
import type { Hit, Page, PageRequest } from "../../schema/page.ts";
import type { PassageIndex, Passages } from "../../ports/text-index.ts";
import type { Passage } from "../../schema/passage.ts";
import { timeOf } from "../../time/clock.ts";
import { lookUp } from "../lookup.ts";
import { NOTHING } from "../match.ts";
import { type SearchQuery, isQuestion } from "../query.ts";
import { type Entry, type ResultList, ResultLists, entriesOf } from "../results.ts";
import { type TimedQuery, isThen, parseAt, timedQuery } from "../timed-query.ts";
import { fuse, isOfMeaning } from "./fusion.ts";
import { rankPassages } from "./ranking.ts";

/** A passage that is similar to the query, with their cosine. */
export type Similar = { readonly n: number; readonly similarity: number };

/** What the words find. `repeats` match, and only repeat what a ranked one says. */
type Found = Omit<ResultList, "ranked" | "only" | "last"> & {
  readonly ranked: readonly Entry[];
  readonly repeats: readonly number[];
};

/**
 * Searches passages: questions by learned features and, with vectors of a model that knows meanings, by similarity, both
 * counting the same; lookups and what must match exactly by BM25. What is only similar in meaning follows.
 */
export class PassageSearch {
  readonly #passages: Passages;
  readonly #lists = new ResultLists();

  constructor(passages: Passages) {
    this.#passages = passages;
  }

  /** @param similarTo Finds the most similar passages, best first; not asked where a page of a known list is wanted. */
  async search(
    query: ArchivalQuery,
    request: PageRequest,
    similarTo: (query: ArchivalQuery) => Promise<readonly Similar[]>,
  ): Promise<Page<Hit<Passage>>> {
    const key = keyOf(query);
    const generation = await this.#passages.generation();
    const remembered = request.page === 0 ? undefined : this.#lists.get(key, generation);
    const similar = remembered === undefined ? await similarTo(query) : [];
    const list = remembered ?? (await listOf(query, similar, await this.#passages.view(query.range)));
    if (remembered === undefined) this.#lists.remember(key, generation, list);
    const entries = await entriesOf(list, request, () => this.#passages.view(query.range));
    const rows = entries.length === 0 ? [] : await this.#passages.passages(entries.map(({ n }) => n));
    const byNumber = new Map(rows.map(({ n, id, text, createdAt }) => [n, { id, text, createdAt }]));
    const items = entries.flatMap(({ n, score, signals }) => {
      const passage = byNumber.get(n);
      return passage === undefined ? [] : [{ ...passage, score, signals }];
    });
    return { total: list.total, items };
  }
}

async function listOf(
  { text, embedding, now }: ArchivalQuery,
  similar: readonly Similar[],
  index: PassageIndex,
): Promise<ResultList> {
  const { last } = index;
  const time = timeOf(now);
  const parsed = parseAt(text, time);
  // A passage stands by itself: what must be said letter for letter is said in it.
  const asks = isQuestion(text, parsed) && parsed.quoted.length + parsed.identifiers.length === 0;
  const isMeant = isOfMeaning(embedding?.model ?? "");
  const fuses = asks && isMeant && similar.length > 0;
  const cosines = new Map(similar.map(({ n, similarity }) => [n, similarity]));
  const words = asks ? await answers(text, parsed, index, { cosines, fuses }) : await lookedUp(parsed, index);
  const found = await steered(words, timedQuery(text, time), index);
  // What is only spelled alike is worth a look where the words are nowhere, and noise elsewhere.
  const only = isMeant || found.total === 0 ? await onlySimilar(similar, found, index) : [];
  const total = found.total + only.length;
  if (!fuses) return { ...found, total, only, last };
  const entries = new Map([...found.ranked, ...only].map((entry) => [entry.n, entry]));
  const nearest = similar.map(({ n }) => n).filter((n) => entries.has(n));
  const fused = fuse([found.ranked.map(({ n }) => n), nearest]).flatMap(({ key, score }) => {
    const entry = entries.get(key);
    return entry === undefined ? [] : [{ ...entry, score }];
  });
  return { ...found, ranked: fused, total, only: [], last };
}

async function answers(
  text: string,
  parsed: SearchQuery,
  index: PassageIndex,
  { cosines, fuses }: { cosines: ReadonlyMap<number, number>; fuses: boolean },
): Promise<Found> {
  const options = { parsed, similar: cosines, ignoresSimilar: fuses };
  const { ranked, rest, repeats, match, isWhole } = await rankPassages(text, index, options);
  if (match === null) return NONE_FOUND;
  const lowest = Math.min(...ranked.map(({ score }) => score));
  return {
    ranked: ranked.map(({ n, score, lexical, exact }) => {
      const cosine = cosines.get(n);
      const vector = cosine === undefined ? {} : { vector: cosine };
      return { n, score: score - lowest + 1, signals: { ...(exact === 0 ? {} : { exact }), lexical, ...vector } };
    }),
    rest,
    repeats,
    seen: isWhole ? new Set() : new Set([...ranked.map(({ n }) => n), ...repeats, ...rest]),
    match,
    total: isWhole ? ranked.length + rest.length : (await index.count(match)) - repeats.length,
  };
}

async function lookedUp(parsed: SearchQuery, index: PassageIndex): Promise<Found> {
  const found = await lookUp(parsed, index);
  if (found === undefined) return NONE_FOUND;
  const exact = parsed.quoted.length + parsed.identifiers.length > 0 ? { exact: 1 } : {};
  const ranked = found.ranked.map(({ n, score }) => ({ n, score, signals: { ...exact, lexical: score } }));
  return { ...found, ranked, rest: [], repeats: [], seen: new Set(ranked.map(({ n }) => n)) };
}

/** Of results that are all alike. */
const MIN_STEP = 0.1;

/** Those kept when the query says come forward, by half of what lies between the best and the worst. */
async function steered(found: Found, timed: TimedQuery, index: PassageIndex): Promise<Found> {
  const scores = found.ranked.map(({ score }) => score);
  if (timed.times.length === 0 || scores.length === 0) return found;
  const rows = await index.texts(found.ranked.map(({ n }) => n));
  const then = new Set(rows.filter(({ createdAt }) => isThen(timed, Date.parse(createdAt))).map(({ n }) => n));
  const step = Math.max(MIN_STEP, (Math.max(...scores) - Math.min(...scores)) / 2);
  const ranked = found.ranked
    .map((entry) =>
      then.has(entry.n) ? { ...entry, score: entry.score + step, signals: { ...entry.signals, time: step } } : entry,
    )
    .sort((a, b) => b.score - a.score);
  return { ...found, ranked };
}

/** The similar passages that the words do not find, most similar first. */
async function onlySimilar(similar: readonly Similar[], found: Found, index: PassageIndex): Promise<Entry[]> {
  const { ranked, rest, repeats, match, total } = found;
  const numbers = similar.map(({ n }) => n);
  if (numbers.length === 0) return [];
  const there = await index.admitted(numbers);
  const isWhole = total === ranked.length + rest.length;
  const known = [...ranked.map(({ n }) => n), ...rest, ...repeats];
  const matching = isWhole ? new Set(known) : await index.matching(match ?? NOTHING, numbers);
  return similar
    .filter(({ n }) => there.has(n) && !matching.has(n))
    .map(({ n, similarity }) => ({ n, score: similarity, signals: { vector: similarity } }));
}

const NONE_FOUND: Found = { ranked: [], rest: [], repeats: [], seen: new Set(), match: null, total: 0 };

/** The same words with another vector are another search. */
function keyOf({ text, range, minSimilarity, embedding }: ArchivalQuery): string {
  const vector = embedding?.vector;
  const bytes = vector === undefined ? null : Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  return JSON.stringify([text, range, minSimilarity, embedding?.model, bytes?.toString("base64")]);
}
