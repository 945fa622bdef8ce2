import type { Match, ScoredNumber } from "../../ports/text-index.ts";
import { phrasesOf, simplified } from "../match.ts";
import type { TermTexts } from "./packed.ts";

/** A text searched by its own terms instead of by postings. */
export type ReadText = { readonly n: number; readonly terms: readonly string[] };

/** What is searched: packed postings, and texts that these lack or have in an older version. */
export type Texts = {
  /** Number of texts. */
  readonly size: number;
  /** Number of terms in all texts. */
  readonly terms: number;
  /** Numbers whose postings are ignored. */
  readonly gone: ReadonlySet<number>;
  readonly read: readonly ReadText[];
  /** The postings of terms; unknown terms may be missing. */
  readonly postings: (terms: readonly string[]) => Promise<ReadonlyMap<string, TermTexts>>;
};

/** The texts with a phrase in ascending order, their lengths, and the number of occurrences. */
type Occurrences = {
  readonly numbers: readonly number[];
  readonly lengths: readonly number[];
  readonly times: readonly number[];
};

const NOWHERE: Occurrences = { numbers: [], lengths: [], times: [] };

/** Finds and scores texts by their terms. Caches everything that it looks up. */
export class WordSearch {
  readonly #texts: Texts;
  readonly #known = new Map<string, Promise<TermTexts | undefined>>();
  readonly #occurrences = new Map<string, Occurrences>();
  readonly #numbers = new Map<Match, readonly number[]>();

  constructor(texts: Texts) {
    this.#texts = texts;
  }

  /** For each match, the numbers of matching texts in ascending order. */
  async numbers(matches: readonly Match[]): Promise<readonly (readonly number[])[]> {
    const lists = await this.#load(matches);
    return matches.map((match) => this.#matching(match, lists));
  }

  /**
   * Scores `numbers`, all of which match: best first, then newest first. BM25 as the port defines it, computed in the same order
   * as FTS5 does.
   */
  async scored(match: Match, numbers: readonly number[]): Promise<ScoredNumber[]> {
    const lists = await this.#load([match]);
    const { size, terms } = this.#texts;
    const mean = terms / size;
    const scores = new Map(numbers.map((n) => [n, 0]));
    for (const phrase of phrasesOf(match)) {
      const found = this.#of(phrase, lists);
      const having = found.numbers.length;
      const worth = Math.log((size - having + 0.5) / (having + 0.5));
      const idf = worth <= 0 ? 1e-6 : worth;
      found.numbers.forEach((n, i) => {
        const score = scores.get(n);
        if (score === undefined) return;
        const [times, length] = [found.times[i] ?? 0, found.lengths[i] ?? 0];
        scores.set(n, score + idf * ((times * 2.2) / (times + 1.2 * (0.25 + (0.75 * length) / mean))));
      });
    }
    return [...scores]
      .map(([n, score]) => ({ n, score }))
      .sort((a, b) => b.score - a.score || b.n - a.n)
      .map(({ n, score }) => ({ n, score: Math.fround(score) }));
  }

  async #load(matches: readonly Match[]): Promise<ReadonlyMap<string, TermTexts>> {
    const terms = [...new Set(matches.flatMap(phrasesOf).flat())];
    const unknown = terms.filter((term) => !this.#known.has(term));
    if (unknown.length > 0) {
      const loading = this.#texts.postings(unknown);
      for (const term of unknown) {
        this.#known.set(
          term,
          loading.then((found) => found.get(term)),
        );
      }
    }
    const loaded = new Map<string, TermTexts>();
    for (const term of terms) {
      const list = await this.#known.get(term);
      if (list !== undefined) loaded.set(term, list);
    }
    return loaded;
  }

  #matching(match: Match, lists: ReadonlyMap<string, TermTexts>): readonly number[] {
    const known = this.#numbers.get(match);
    if (known !== undefined) return known;
    const simple = simplified(match);
    const numbers = simple === undefined ? [] : this.#evaluated(simple, lists);
    this.#numbers.set(match, numbers);
    return numbers;
  }

  #evaluated(match: Match, lists: ReadonlyMap<string, TermTexts>): readonly number[] {
    if ("phrase" in match) return this.#of(match.phrase, lists).numbers;
    const parts = ("all" in match ? match.all : match.any).map((part) => this.#evaluated(part, lists));
    return "all" in match ? intersection(parts) : union(parts);
  }

  #of(phrase: readonly string[], lists: ReadonlyMap<string, TermTexts>): Occurrences {
    const key = phrase.join(" ");
    const known = this.#occurrences.get(key);
    if (known !== undefined) return known;
    const found = this.#withRead(phrase, this.#packed(phrase, lists));
    this.#occurrences.set(key, found);
    return found;
  }

  /** The occurrences in the postings. */
  #packed(phrase: readonly string[], lists: ReadonlyMap<string, TermTexts>): Occurrences {
    const { gone } = this.#texts;
    const found = { numbers: [] as number[], lengths: [] as number[], times: [] as number[] };
    const [first, ...others] = phrase.map((term) => lists.get(term));
    if (first === undefined || others.includes(undefined)) return NOWHERE;
    const next = others.filter((list) => list !== undefined).map((list) => new Walk(list));
    first.numbers.forEach((n, i) => {
      if (gone.has(n)) return;
      const places = next.map((walk) => walk.at(n));
      if (places.includes(undefined)) return;
      const times =
        next.length === 0
          ? (first.times[i] ?? 0)
          : first.places(i).filter((place) => places.every((it, k) => it?.includes(place + k + 1))).length;
      if (times === 0) return;
      found.numbers.push(n);
      found.lengths.push(first.lengths[i] ?? 0);
      found.times.push(times);
    });
    return found;
  }

  /** Adds the occurrences in texts searched by their own terms. */
  #withRead(phrase: readonly string[], stored: Occurrences): Occurrences {
    const read = this.#texts.read.flatMap(({ n, terms }) => {
      const times = timesIn(phrase, terms);
      return times === 0 ? [] : [{ n, length: terms.length, times }];
    });
    if (read.length === 0) return stored;
    const all = stored.numbers.map((n, i) => ({ n, length: stored.lengths[i] ?? 0, times: stored.times[i] ?? 0 }));
    const sorted = [...all, ...read].sort((a, b) => a.n - b.n);
    return {
      numbers: sorted.map(({ n }) => n),
      lengths: sorted.map(({ length }) => length),
      times: sorted.map(({ times }) => times),
    };
  }
}

/** Looks up ascending numbers. */
class Walk {
  readonly #list: TermTexts;
  #at = 0;

  constructor(list: TermTexts) {
    this.#list = list;
  }

  /** The positions of the term in text `n`; undefined if it does not occur there. */
  at(n: number): readonly number[] | undefined {
    const { numbers } = this.#list;
    while ((numbers[this.#at] ?? Number.POSITIVE_INFINITY) < n) this.#at += 1;
    return numbers[this.#at] === n ? this.#list.places(this.#at) : undefined;
  }
}

function timesIn(phrase: readonly string[], terms: readonly string[]): number {
  let times = 0;
  for (let at = terms.indexOf(phrase[0] ?? ""); at >= 0; at = terms.indexOf(phrase[0] ?? "", at + 1)) {
    if (phrase.every((term, i) => terms[at + i] === term)) times += 1;
  }
  return times;
}

function intersection(lists: readonly (readonly number[])[]): readonly number[] {
  const [shortest = [], ...others] = [...lists].sort((a, b) => a.length - b.length);
  const sets = others.map((list) => new Set(list));
  return shortest.filter((n) => sets.every((set) => set.has(n)));
}

function union(lists: readonly (readonly number[])[]): readonly number[] {
  return [...new Set(lists.flat())].sort((a, b) => a - b);
}
