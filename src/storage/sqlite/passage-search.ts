import type { Passage } from "../../schema/passage.ts";
import { fuse, isOfMeaning } from "../../search/passage-fusion.ts";
import { rankPassages } from "../../search/passage-ranking.ts";
import { timeOf } from "../../time/clock.ts";
import { type SearchQuery, isQuestion } from "../../search/query.ts";
import { type TimedQuery, isThen, parseAt, timedQuery } from "../../search/timed-query.ts";
import type { ArchivalQuery, Hit, Page, PageRequest, TimeRange } from "../../ports/storage.ts";
import { lookUp } from "./lookup.ts";
import type { PassageRows } from "./passage-rows.ts";
import { ResultLists } from "./result-lists.ts";

/** A passage that is similar to the query, with their cosine. */
export type Similar = { readonly seq: number; readonly similarity: number };

type Entry = { readonly n: number; readonly score: number; readonly signals: Readonly<Record<string, number>> };

/** What the words find: the ranked ones, and then the others that match. */
type Found = {
  readonly ranked: readonly Entry[];
  /** In the order in which they follow. */
  readonly rest: readonly number[];
  /** Those that match and only repeat what a ranked one says. */
  readonly repeats: readonly number[];
  /** Numbers of those that match and were looked at; nobody asks where there are no others. */
  readonly seen: ReadonlySet<number>;
  readonly match: string | null;
  readonly total: number;
};

/** All results of a query: what the words find, and then what is only similar. */
type ResultList = Found & {
  readonly only: readonly Entry[];
  /** The newest number there was; what was added later does not move a page. */
  readonly last: number;
  /** What the passages' was; with another, some may be missing. */
  readonly generation: number;
};

/**
 * Searches passages: questions by learned features and, with vectors of a model that knows meanings, by similarity, both
 * counting the same; lookups and what must match exactly by BM25. What is only similar in meaning follows.
 */
export class PassageSearch {
  readonly #rows: PassageRows;
  readonly #lists = new ResultLists<ResultList>();

  constructor(rows: PassageRows) {
    this.#rows = rows;
  }

  /** What was searched may have never been: its transaction was rolled back. */
  tookBack(): void {
    this.#lists.clear();
  }

  /** A page of the list that an earlier page of the same search was cut from; undefined if it is not known (any more). */
  remembered(query: ArchivalQuery, request: PageRequest): Page<Hit<Passage>> | undefined {
    const list = request.page === 0 ? undefined : this.#lists.get(keyOf(query));
    return list?.generation === this.#rows.generation ? this.#page(list, query.range, request) : undefined;
  }

  /** @param similar most similar first */
  search(query: ArchivalQuery, similar: readonly Similar[], request: PageRequest): Page<Hit<Passage>> {
    const list = this.#list(query, similar);
    this.#lists.remember(keyOf(query), list);
    return this.#page(list, query.range, request);
  }

  #list({ text, embedding, range, now }: ArchivalQuery, similar: readonly Similar[]): ResultList {
    const { last, generation } = this.#rows;
    const time = timeOf(now);
    const parsed = parseAt(text, time);
    // A passage stands by itself: what must be said letter for letter is said in it.
    const asks = isQuestion(text, parsed) && parsed.quoted.length + parsed.identifiers.length === 0;
    const isMeant = isOfMeaning(embedding?.model ?? "");
    const fuses = asks && isMeant && similar.length > 0;
    const cosines = new Map(similar.map(({ seq, similarity }) => [seq, similarity]));
    const words = asks ? this.#question(text, parsed, range, { cosines, fuses }) : this.#lookup(parsed, range);
    const found = this.#steered(words, timedQuery(text, time), range);
    // What is only spelled alike is worth a look where the words are nowhere, and noise elsewhere.
    const only = isMeant || found.total === 0 ? this.#onlySimilar(similar, found, range) : [];
    if (!fuses) return { ...found, total: found.total + only.length, only, last, generation };
    const nearest = similar.map(({ seq }) => seq);
    const entries = new Map([...found.ranked, ...only].map((entry) => [entry.n, entry]));
    const fused = fuse([found.ranked.map(({ n }) => n), nearest.filter((n) => entries.has(n))]).flatMap(
      ({ key, score }) => {
        const entry = entries.get(key);
        return entry === undefined ? [] : [{ ...entry, score }];
      },
    );
    return { ...found, ranked: fused, total: found.total + only.length, only: [], last, generation };
  }

  #question(
    text: string,
    parsed: SearchQuery,
    range: TimeRange | undefined,
    { cosines, fuses }: { cosines: ReadonlyMap<number, number>; fuses: boolean },
  ): Found {
    const view = this.#rows.view(range);
    const { ranked, rest, repeats, match, isWhole } = rankPassages(text, view, {
      parsed,
      similar: cosines,
      ignoresSimilar: fuses,
    });
    if (match === null) return NOTHING;
    const lowest = Math.min(...ranked.map(({ score }) => score));
    const known = ranked.length + rest.length;
    return {
      ranked: ranked.map(({ n, score, lexical, exact }) => {
        const cosine = cosines.get(n);
        const signals = {
          ...(exact === 0 ? {} : { exact }),
          lexical,
          ...(cosine === undefined ? {} : { vector: cosine }),
        };
        return { n, score: score - lowest + 1, signals };
      }),
      rest,
      repeats,
      seen: isWhole ? NONE : new Set([...ranked.map(({ n }) => n), ...repeats, ...rest]),
      match,
      total: isWhole ? known : this.#rows.count(match, range) - repeats.length,
    };
  }

  #lookup(parsed: SearchQuery, range: TimeRange | undefined): Found {
    const found = lookUp(parsed, {
      count: (match) => this.#rows.count(match, range),
      numbers: (match, limit) => this.#rows.numbers(match, range, { limit }),
      best: (match, options) => this.#rows.best(match, range, options),
      texts: (numbers) => this.#rows.texts(numbers, range),
    });
    if (found === undefined) return NOTHING;
    const exact = parsed.quoted.length + parsed.identifiers.length > 0 ? { exact: 1 } : {};
    const ranked = found.ranked.map(({ n, score }) => ({ n, score, signals: { ...exact, lexical: score } }));
    const seen = new Set(ranked.map(({ n }) => n));
    return { ...found, ranked, rest: [], repeats: [], seen };
  }

  /** Those kept when the query says come forward, by half of what lies between the best and the worst. */
  #steered(found: Found, timed: TimedQuery, range: TimeRange | undefined): Found {
    const scores = found.ranked.map(({ score }) => score);
    if (timed.times.length === 0 || scores.length === 0) return found;
    const rows = this.#rows.texts(
      found.ranked.map(({ n }) => n),
      range,
    );
    const then = new Set(rows.filter((row) => isThen(timed, Date.parse(row.created_at))).map(({ n }) => n));
    const step = Math.max(MIN_STEP, (Math.max(...scores) - Math.min(...scores)) / 2);
    const ranked = found.ranked
      .map((entry) =>
        then.has(entry.n) ? { ...entry, score: entry.score + step, signals: { ...entry.signals, time: step } } : entry,
      )
      .sort((a, b) => b.score - a.score);
    return { ...found, ranked };
  }

  /** The similar passages that the words do not find, most similar first. */
  #onlySimilar(similar: readonly Similar[], found: Found, range: TimeRange | undefined): Entry[] {
    const { ranked, rest, repeats, match, total } = found;
    const seqs = similar.map(({ seq }) => seq);
    const there = this.#rows.within(seqs, range);
    const isWhole = total === ranked.length + rest.length;
    const known = [...ranked.map(({ n }) => n), ...rest, ...repeats].filter((n) => there.has(n));
    const matching = isWhole ? new Set(known) : this.#rows.matching(match ?? "", seqs);
    return similar
      .filter(({ seq }) => there.has(seq) && !matching.has(seq))
      .map(({ seq, similarity }) => ({ n: seq, score: similarity, signals: { vector: similarity } }));
  }

  #page(list: ResultList, range: TimeRange | undefined, { page, size }: PageRequest): Page<Hit<Passage>> {
    const { ranked, rest, only, total } = list;
    const start = page * size;
    const beyond = total - ranked.length - rest.length - only.length;
    const entries = [...ranked, ...rest.map(unranked)].slice(start, start + size);
    if (entries.length < size && beyond > 0) {
      const from = Math.max(0, start - ranked.length - rest.length);
      entries.push(...this.#beyond(list, range, from, Math.min(size - entries.length, beyond - from)));
    }
    const before = total - only.length;
    entries.push(...only.slice(Math.max(0, start - before), Math.max(0, start + size - before)));
    const passages = this.#rows.passages(
      entries.map(({ n }) => n),
      range,
    );
    const items = entries.flatMap(({ n, score, signals }) => {
      const passage = passages.get(n);
      return passage === undefined ? [] : [{ ...passage, score, signals }];
    });
    return { total, items };
  }

  /** Those that match and were not looked at, newest first. */
  #beyond({ match, seen, last }: ResultList, range: TimeRange | undefined, from: number, size: number): Entry[] {
    if (match === null || size <= 0) return [];
    const numbers = this.#rows.numbers(match, range, { to: last, limit: from + size + seen.size });
    return numbers
      .filter((n) => !seen.has(n))
      .slice(from, from + size)
      .map(unranked);
  }
}

/** Of results that are all alike. */
const MIN_STEP = 0.1;

const NONE: ReadonlySet<number> = new Set();

const NOTHING: Found = { ranked: [], rest: [], repeats: [], seen: NONE, match: null, total: 0 };

function unranked(n: number): Entry {
  return { n, score: 0, signals: {} };
}

/** The same words with another vector are another search. */
function keyOf({ text, range, minSimilarity, embedding }: ArchivalQuery): string {
  const vector = embedding?.vector;
  const bytes = vector === undefined ? null : Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  return JSON.stringify([text, range, minSimilarity, embedding?.model, bytes?.toString("base64")]);
}
