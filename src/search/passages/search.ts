import type { ArchivalQuery } from "../../ports/archival.ts";
import type { Hit, Page, PageRequest } from "../../schema/page.ts";
import type { NearText, PassageFilter, PassageIndex, Passages, TextVectors } from "../../ports/text-index.ts";
import { knowsMeanings } from "../../schema/embedding.ts";
import type { Passage } from "../../schema/passage.ts";
import { timeOf } from "../../time/clock.ts";
import { lookUp } from "../lookup.ts";
import { NOTHING } from "../match.ts";
import { type SearchQuery, isQuestion, parseQuery, withoutTitles } from "../query.ts";
import { type Entry, type ResultList, ResultLists, entriesOf, nonZero, remarksOn, textKey } from "../results.ts";
import { type TimedQuery, isThen, parseAt, timedQuery } from "../timed-query.ts";
import { type Meaning, Trust, believed, meaningOf, modelOf } from "../meaning.ts";
import { rankConversation } from "../recall/ranking.ts";
import { areLines, asConversation } from "./as-conversation.ts";
import { RerankTrust, reranked } from "../rerank.ts";
import { rankPassages } from "./ranking.ts";

/** What the words find. `repeats` match, but have the same text as a ranked one. */
type Found = Omit<ResultList, "ranked" | "only" | "last"> & {
  readonly ranked: readonly Entry[];
  readonly repeats: readonly number[];
};

/**
 * Searches passages: questions by learned features, including nearness in meaning; lookups and exact matches by BM25, followed by
 * passages that are only near in meaning.
 */
export class PassageSearch {
  readonly #passages: Passages;
  readonly #lists = new ResultLists();
  readonly #trust = new Trust();
  readonly #rerankTrust = new RerankTrust();

  constructor(passages: Passages) {
    this.#passages = passages;
  }

  /** @param vectorsFor Returns the vectors for the query; not called for a further page of a known list. */
  async search(
    query: ArchivalQuery,
    request: PageRequest,
    vectorsFor: (query: ArchivalQuery) => Promise<TextVectors | undefined> = async () => undefined,
  ): Promise<Page<Hit<Passage>>> {
    const key = textKey(query);
    const generation = await this.#passages.generation();
    const remembered = request.page === 0 ? undefined : this.#lists.get(key, generation);
    const list = remembered ?? (await this.#list(query, await vectorsFor(query)));
    if (remembered === undefined) this.#lists.remember(key, generation, list);
    const entries = await entriesOf(list, request, () => this.#passages.view(filterOf(query)));
    const rows = entries.length === 0 ? [] : await this.#passages.passages(entries.map(({ n }) => n));
    const byNumber = new Map(rows.map(({ n, ...passage }) => [n, passage]));
    const items = entries.flatMap(({ n, score, signals }) => {
      const passage = byNumber.get(n);
      return passage === undefined ? [] : [{ ...passage, score, signals }];
    });
    return { total: list.total, items, ...remarksOn(list) };
  }

  /** Searches for a quoted title by its words if no passage has it word for word. */
  async #list(query: ArchivalQuery, vectors: TextVectors | undefined): Promise<ResultList> {
    const list = await this.#listOf(query, vectors);
    const text = list.total > 0 ? undefined : withoutTitles(query.text);
    return text === undefined ? list : { ...(await this.#listOf({ ...query, text }, vectors)), isLoose: true };
  }

  async #listOf(query: ArchivalQuery, vectors: TextVectors | undefined): Promise<ResultList> {
    const index = await this.#passages.view(filterOf(query));
    const again = async (list: ResultList): Promise<ResultList> =>
      asks(query) ? reranked(list, query.rerank, { index, trust: this.#rerankTrust }) : list;
    if (vectors === undefined || knowsMeanings(vectors.model)) {
      return again(await listOf(query, index, await meaningOf(vectors, index, this.#trust)));
    }
    const list = await again(await listOf(query, index));
    if (list.total > 0 || mustMatch(query.text)) return list;
    // Passages that are only spelled alike help if no passage has the words; otherwise they are noise.
    const nearest = await vectors.nearest(MOST_SPELLED_ALIKE);
    const admitted = await index.admitted(nearest.map(({ n }) => n));
    const only = nearest
      .filter(({ n }) => admitted.has(n))
      .map(({ n, similarity }) => ({ n, score: similarity, signals: { vector: similarity } }));
    return { ...list, only, total: only.length };
  }
}

function filterOf({ range, origin }: ArchivalQuery): PassageFilter {
  return { ...range, origin };
}

const MOST_SPELLED_ALIKE = 100;

function mustMatch(text: string): boolean {
  const { quoted, identifiers } = parseQuery(text);
  return quoted.length + identifiers.length > 0;
}

/** Whether to rank by features. A query with exact parts is a lookup: each must be in the passage itself. */
function asks({ text, now }: ArchivalQuery): boolean {
  const parsed = parseAt(text, timeOf(now));
  return isQuestion(text, parsed) && parsed.quoted.length + parsed.identifiers.length === 0;
}

async function listOf(query: ArchivalQuery, index: PassageIndex, meaning?: Meaning): Promise<ResultList> {
  const { text, now } = query;
  const { last } = index;
  const time = timeOf(now);
  const parsed = parseAt(text, time);
  const isAsked = asks(query);
  const words = isAsked ? await answers(text, parsed, index, believed(meaning)) : await lookedUp(parsed, index);
  const found = await steered(words, timedQuery(text, time), index);
  const isAfter = meaning !== undefined && !mustMatch(text) && (found.total === 0 || (!isAsked && meaning.trust > 0));
  const only = isAfter ? await onlyNear(meaning.nearest, found, index) : [];
  const byMeaning = found.byMeaning + only.length;
  return { ...found, only, last, total: found.total + only.length, byMeaning, model: modelOf(meaning) };
}

async function answers(
  text: string,
  parsed: SearchQuery,
  index: PassageIndex,
  meaning: Meaning | undefined,
): Promise<Found> {
  const found = await rankPassages(text, index, { parsed, meaning });
  if (areLines(found.looked, index)) return answeringLines(text, index, meaning);
  const { ranked, rest, repeats, match, added, isWhole } = found;
  const lowest = Math.min(...ranked.map(({ score }) => score));
  const matching = [...ranked.map(({ n }) => n), ...repeats, ...rest].filter((n) => !added.has(n));
  const others = isWhole || match === null ? 0 : (await index.count(match)) - matching.length;
  return {
    ranked: ranked.map(({ n, score, ...signals }) => ({ n, score: score - lowest + 1, signals: nonZero(signals) })),
    rest,
    repeats,
    seen: isWhole ? new Set() : new Set(matching),
    match,
    total: ranked.length + rest.length + others,
    byMeaning: ranked.filter(({ n }) => added.has(n)).length,
  };
}

/** Ranks passages that look like lines of conversation as such. */
async function answeringLines(text: string, index: PassageIndex, meaning: Meaning | undefined): Promise<Found> {
  const { ranked, signalsOf, match, seen, ...found } = await rankConversation(text, await asConversation(index), {
    meaning,
  });
  const count = found.count ?? (match === null ? 0 : await index.count(match));
  const lowest = ranked.at(-1)?.score ?? 0;
  return {
    ranked: ranked.map((line) => ({ n: line.n, score: line.score - lowest + 1, signals: nonZero(signalsOf(line)) })),
    rest: [],
    repeats: [],
    seen,
    match,
    total: ranked.length + count - seen.size,
    byMeaning: found.byMeaning,
  };
}

async function lookedUp(parsed: SearchQuery, index: PassageIndex): Promise<Found> {
  const found = await lookUp(parsed, index);
  if (found === undefined) return NONE_FOUND;
  const exact = parsed.quoted.length + parsed.identifiers.length > 0 ? { exact: 1 } : {};
  const ranked = found.ranked.map(({ n, score }) => ({ n, score, signals: { ...exact, lexical: score } }));
  return { ...found, ranked, rest: [], repeats: [], seen: new Set(ranked.map(({ n }) => n)), byMeaning: 0 };
}

/** Step for results with equal scores. */
const MIN_STEP = 0.1;

/** Raises passages stored at the time that the query names, by half the range of scores. */
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

/** The passages near in meaning that the words do not find, nearest first. */
async function onlyNear(nearest: readonly NearText[], found: Found, index: PassageIndex): Promise<Entry[]> {
  const { ranked, match, total } = found;
  const numbers = nearest.map(({ n }) => n);
  const matching =
    total === ranked.length ? new Set(ranked.map(({ n }) => n)) : await index.matching(match ?? NOTHING, numbers);
  return nearest
    .filter(({ n }) => !matching.has(n))
    .map(({ n, similarity }) => ({ n, score: similarity, signals: { meaning: similarity } }));
}

const NONE_FOUND: Found = {
  ranked: [],
  rest: [],
  repeats: [],
  seen: new Set(),
  match: null,
  total: 0,
  byMeaning: 0,
};
