import type { NearText, TextVectors } from "../../ports/text-index.ts";
import { knowsMeanings } from "../../schema/embedding.ts";
import { standardDeviations } from "../meaning.ts";

/**
 * The vectors of several sets of passages as one, by the numbers of their union; undefined if none has any. Where some are of a
 * model that knows meanings, others are left out. Cosines of different models cannot be compared: then each counts in standard
 * deviations from the mean of its set, and the nearest of each set come first, then the second nearest.
 */
export function unionOf(parts: readonly (TextVectors | undefined)[]): TextVectors | undefined {
  const there = parts.flatMap((vectors, i) => (vectors === undefined ? [] : [{ vectors, i }]));
  const ofMeaning = there.filter(({ vectors }) => knowsMeanings(vectors.model));
  const used = ofMeaning.length > 0 ? ofMeaning : there;
  const [first] = used;
  if (first === undefined) return undefined;
  const isOne = used.every(({ vectors }) => vectors.model === first.vectors.model);
  const inUnion = (n: number, i: number): number => n * parts.length + i;
  return {
    model: [...new Set(used.map(({ vectors }) => vectors.model))].join(", "),
    nearest: async (count) => {
      const lists = await Promise.all(
        used.map(async ({ vectors, i }) =>
          (await vectors.nearest(count)).map(({ n, similarity }): NearText => ({ n: inUnion(n, i), similarity })),
        ),
      );
      const all = isOne ? lists.flat().sort((a, b) => b.similarity - a.similarity) : inTurn(lists);
      return all.slice(0, count);
    },
    similarities: async (numbers) => {
      const found = await Promise.all(
        used.map(async ({ vectors, i }) => {
          const own = numbers.filter((n) => n % parts.length === i).map((n) => Math.floor(n / parts.length));
          const known = [...(await vectors.similarities(own))];
          const cosines = known.map(([, similarity]) => similarity);
          const values = isOne ? cosines : standardDeviations(cosines);
          return known.map(([n], at) => [inUnion(n, i), values[at] ?? 0] as const);
        }),
      );
      return new Map(found.flat());
    },
    sample: async (count) => first.vectors.sample(count),
  };
}

function inTurn(lists: readonly (readonly NearText[])[]): NearText[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, rank) => lists.flatMap((list) => list[rank] ?? [])).flat();
}
