import type { Match, PassageIndex, Passages, ScoredNumber } from "../../ports/text-index.ts";
import { phrasesOf } from "../match.ts";

/**
 * Several sets of passages as one. Word frequencies are counted over all sets, so that passages of small and large sets are
 * ranked alike. Numbers and ids tell which set a passage is from: see `partOf`.
 */
export class UnionPassages implements Passages {
  readonly #parts: readonly Passages[];

  constructor(parts: readonly Passages[]) {
    this.#parts = parts;
  }

  async generation(): Promise<string> {
    return JSON.stringify(await Promise.all(this.#parts.map((part) => part.generation())));
  }

  async numbersOf(ids: readonly string[]): Promise<number[]> {
    const found = this.#parts.map(async (part, i) => {
      const own = ids.map(partOf).flatMap(({ part: of, id }) => (of === i ? [id] : []));
      return own.length === 0 ? [] : (await part.numbersOf(own)).map((n) => this.#global(n, i));
    });
    return (await Promise.all(found)).flat();
  }

  async passages(numbers: readonly number[]): Promise<PassageOfUnion[]> {
    return this.#gather(numbers, async (own, i) => this.#parts[i]?.passages(own) ?? []);
  }

  async view(range: Parameters<Passages["view"]>[0]): Promise<PassageIndex> {
    const views = await Promise.all(this.#parts.map((part) => part.view(range)));
    const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
    const frequencies: PassageIndex["frequencies"] = async (matches) => {
      const counts = await Promise.all(views.map((view) => view.frequencies(matches)));
      return matches.map((_, at) => sum(counts.map((those) => those[at] ?? 0)));
    };
    const size = sum(views.map((view) => view.size));
    return {
      size,
      last: Math.max(0, ...views.map(({ last }, i) => this.#global(last, i))),
      isNarrowed: views.some((view) => view.isNarrowed),
      frequencies,
      count: async (match) => sum(await Promise.all(views.map((view) => view.count(match)))),
      numbers: async (requests) => {
        const found = await Promise.all(
          views.map((view, i) => view.numbers(requests.map((it) => ({ ...it, to: this.#atMost(it.to, i) })))),
        );
        return requests.map(({ limit }, at) => {
          const all = found.flatMap((those, i) => (those[at] ?? []).map((n) => this.#global(n, i)));
          return all.sort((a, b) => a - b).slice(Math.max(0, all.length - limit));
        });
      },
      best: async (match, { limit, from }) => {
        const found = await Promise.all(
          views.map(async (view, i) => {
            const best = await view.best(match, { limit, from: this.#atLeast(from, i) });
            const scale = await rescaling(match, view, { size, frequencies });
            return best.map(({ n, score }): ScoredNumber => ({ n: this.#global(n, i), score: score * scale }));
          }),
        );
        return found
          .flat()
          .sort((a, b) => b.score - a.score || b.n - a.n)
          .slice(0, limit);
      },
      texts: async (numbers) => this.#gather(numbers, async (own, i) => views[i]?.texts(own) ?? []),
      admitted: async (numbers) => this.#subset(numbers, async (own, i) => views[i]?.admitted(own) ?? new Set()),
      matching: async (match, numbers) =>
        this.#subset(numbers, async (own, i) => views[i]?.matching(match, own) ?? new Set()),
    };
  }

  /** The number in the union of number `n` in part `i`. The order within a part is kept. */
  #global(n: number, i: number): number {
    return n * this.#parts.length + i;
  }

  /** The highest number of part `i` that is at most `to` in the union. */
  #atMost(to: number | undefined, i: number): number | undefined {
    return to === undefined ? undefined : Math.floor((to - i) / this.#parts.length);
  }

  #atLeast(from: number, i: number): number {
    return Math.ceil((from - i) / this.#parts.length);
  }

  /** Calls `work` for each part with its own numbers, if it has any. */
  async #split<T>(numbers: readonly number[], work: (own: readonly number[], i: number) => Promise<T>): Promise<T[]> {
    const parts = this.#parts.map((_, i) => ({ i, own: numbers.filter((n) => n % this.#parts.length === i) }));
    const asked = parts.filter(({ own }) => own.length > 0);
    return Promise.all(
      asked.map(({ i, own }) =>
        work(
          own.map((n) => Math.floor(n / this.#parts.length)),
          i,
        ),
      ),
    );
  }

  async #gather(
    numbers: readonly number[],
    read: (own: readonly number[], i: number) => Promise<readonly PassageOfUnion[]>,
  ): Promise<PassageOfUnion[]> {
    const found = await this.#split(numbers, async (own, i) =>
      (await read(own, i)).map((it) => ({ ...it, n: this.#global(it.n, i), id: `${i}:${it.id}` })),
    );
    return found.flat();
  }

  async #subset(
    numbers: readonly number[],
    ask: (own: readonly number[], i: number) => Promise<ReadonlySet<number>>,
  ): Promise<Set<number>> {
    const found = await this.#split(numbers, async (own, i) => [...(await ask(own, i))].map((n) => this.#global(n, i)));
    return new Set(found.flat());
  }
}

type PassageOfUnion = Awaited<ReturnType<Passages["passages"]>>[number];

/** The part that holds a passage of a union, and the passage's id there. */
export function partOf(id: string): { readonly part: number; readonly id: string } {
  const at = id.indexOf(":");
  return { part: Number(id.slice(0, at)), id: id.slice(at + 1) };
}

/**
 * The factor that turns BM25 scores of one part into scores with frequencies of the union. For one phrase it is exact, apart from
 * the mean text length; for several, it changes all weights by the same factor.
 */
async function rescaling(
  match: Match,
  part: PassageIndex,
  union: Pick<PassageIndex, "size" | "frequencies">,
): Promise<number> {
  const phrases = phrasesOf(match).map((phrase): Match => ({ phrase }));
  const [own, all] = await Promise.all([part.frequencies(phrases), union.frequencies(phrases)]);
  const present = phrases.flatMap((_, at) => ((own[at] ?? 0) === 0 ? [] : [at]));
  const worth = (counts: readonly number[], size: number): number =>
    present.reduce((sum, at) => sum + worthOf(counts[at] ?? 0, size), 0);
  return present.length === 0 ? 1 : worth(all, union.size) / worth(own, part.size);
}

/** The weight of a phrase that occurs in `n` of `size` texts, as `TextIndex.best` defines it. */
function worthOf(n: number, size: number): number {
  const worth = Math.log((size - n + 0.5) / (n + 0.5));
  return worth <= 0 ? 0.000001 : worth;
}
