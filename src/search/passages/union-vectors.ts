import type { NearText, TextVectors } from "../../ports/text-index.ts";
import { knowsMeanings } from "../../schema/embedding.ts";
import { standardDeviations } from "../meaning.ts";

/**
 * The vectors of several sets of passages as one, by the numbers of their union; undefined if no set has any. If some are by a
 * model that knows meanings, the others are left out. Cosines of different models are not comparable: they count in standard
 * deviations from the mean of their set, and the sets' nearest passages are interleaved.
 */
export function unionOf(parts: readonly (TextVectors | undefined)[]): TextVectors | undefined {
  const present = parts.flatMap((vectors, i) => (vectors === undefined ? [] : [{ vectors, i }]));
  const ofMeaning = present.filter(({ vectors }) => knowsMeanings(vectors.model));
  const used = ofMeaning.length > 0 ? ofMeaning : present;
  const [first] = used;
  if (first === undefined) return undefined;
  const isOne = used.every(({ vectors }) => vectors.model === first.vectors.model);
  const inUnion = (n: number, i: number): number => n * parts.length + i;
  return {
    model: [...new Set(used.map(({ vectors }) => vectors.model))].join(", "),
    nearest: async (count) => {
      // The agent's own come first, and comparing them would delay the reading of the other sets' graphs by another thread.
      const lastFirst = await Promise.all(
        used
          .toReversed()
          .map(async ({ vectors, i }) =>
            (await vectors.nearest(count)).map(({ n, similarity }): NearText => ({ n: inUnion(n, i), similarity })),
          ),
      );
      const lists = lastFirst.toReversed();
      const all = isOne ? lists.flat().sort((a, b) => b.similarity - a.similarity) : interleaved(lists);
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

function interleaved(lists: readonly (readonly NearText[])[]): NearText[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, rank) => lists.flatMap((list) => list[rank] ?? [])).flat();
}
