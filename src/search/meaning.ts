import type { NearText, TextIndex, TextVectors, TextWithVector } from "../ports/text-index.ts";
import { comparedWith, countsOf } from "./spelling.ts";

/** Number of texts nearest in meaning that are ranked, whatever their words. */
const MOST_NEAREST = 50;

/** Size of the sample by which a model is judged. With fewer than `FEWEST` texts, it is trusted without. */
const SAMPLE = 64;
const FEWEST = 16;

/** What vectors say about the texts ranked for a question. */
export type Meaning = {
  readonly model: string;
  /** How far the vectors are trusted, 0 to 1. */
  readonly trust: number;
  readonly nearest: readonly NearText[];
  /**
   * How near each of `numbers`, which are ranked together, is to the question: 0 is average, 1 is two standard deviations nearer.
   * This makes the cosines of all models, whose ranges differ, weigh the same.
   */
  readonly nearness: (numbers: readonly number[]) => Promise<Float64Array>;
};

/** A cache of how far models are trusted, by name and number of texts. */
export class Trust {
  readonly #known = new Map<string, number>();

  /** How far a model is trusted, 0 to 1. Judged again when the number of texts has doubled. */
  async in(vectors: TextVectors, size: number): Promise<number> {
    const key = `${vectors.model} ${Math.floor(Math.log2(Math.max(1, size)))}`;
    const known = this.#known.get(key) ?? trustIn(await vectors.sample(SAMPLE));
    this.#known.set(key, known);
    return known;
  }
}

/** Undefined for vectors without any trust: then words alone rank, and near texts only serve if no text has the words. */
export function believed(meaning: Meaning | undefined): Meaning | undefined {
  return meaning?.trust === 0 ? undefined : meaning;
}

export async function meaningOf(
  vectors: TextVectors | undefined,
  index: Pick<TextIndex, "size" | "admitted">,
  trust: Trust,
): Promise<Meaning | undefined> {
  if (vectors === undefined) return undefined;
  // The first search waits for the graph's file, which another thread reads.
  const [nearest, trusted] = await Promise.all([vectors.nearest(MOST_NEAREST), trust.in(vectors, index.size)]);
  const admitted = await index.admitted(nearest.map(({ n }) => n));
  return {
    model: vectors.model,
    trust: trusted,
    nearest: nearest.filter(({ n }) => admitted.has(n)),
    nearness: async (numbers) => standardized(numbers, await vectors.similarities(numbers)),
  };
}

/** Share of all pairs that counts as alike: those with the most words in common. */
const ALIKE_SHARE = 0.1;

/** Standard deviations by which alike texts are nearer to each other than others are: below the first, by chance. */
const [BY_CHANCE, FOR_SURE] = [0.2, 0.5];

/**
 * How far vectors can be trusted, 0 to 1. Texts with much the same words mostly mean much the same, so vectors that do not place
 * them near each other know nothing of meaning. With a real embedding model, such texts are nearer by 0.6 to 1.2 standard
 * deviations; with others, by less than 0.2.
 */
function trustIn(sample: readonly TextWithVector[]): number {
  if (sample.length < FEWEST) return 1;
  const counts = sample.map(({ text }) => countsOf(text));
  const pairs = sample.flatMap((one, i) => {
    const alike = comparedWith(one.text);
    return sample.slice(i + 1).map((other, at) => ({
      alike: alike(counts[i + 1 + at] ?? new Uint16Array(), 0),
      cosine: cosine(one.vector, other.vector),
    }));
  });
  const { mean, deviation } = spreadOf(pairs.map((pair) => pair.cosine));
  if (deviation < SMALLEST_DEVIATION) return 0;
  const most = pairs.sort((a, b) => b.alike - a.alike).slice(0, Math.ceil(ALIKE_SHARE * pairs.length));
  const nearer = most.reduce((sum, pair) => sum + (pair.cosine - mean) / deviation, 0) / most.length;
  return Math.min(1, Math.max(0, (nearer - BY_CHANCE) / (FOR_SURE - BY_CHANCE)));
}

/** With a smaller deviation, cosines count as equal. */
const SMALLEST_DEVIATION = 1e-4;

/** Similarities in halved standard deviations. A text without a vector counts as average. */
function standardized(numbers: readonly number[], similarities: ReadonlyMap<number, number>): Float64Array {
  const { mean, deviation } = spreadOf([...similarities.values()]);
  return Float64Array.from(numbers, (n) => {
    const similarity = similarities.get(n);
    // A single text counts as near: it was found by its meaning, or has the words.
    if (similarity !== undefined && similarities.size === 1) return 1;
    if (similarity === undefined || deviation < SMALLEST_DEVIATION) return 0;
    return (similarity - mean) / deviation / 2;
  });
}

/** The model's name, if it is trusted and found anything near. */
export function modelOf(meaning: Meaning | undefined): string | undefined {
  return meaning === undefined || meaning.nearest.length === 0 ? undefined : believed(meaning)?.model;
}

/** Values as standard deviations from their mean; all 0 if they are equal. */
export function standardDeviations(values: readonly number[]): number[] {
  const { mean, deviation } = spreadOf(values);
  return values.map((value) => (deviation === 0 ? 0 : (value - mean) / deviation));
}

/** Values as halved standard deviations from their mean; all 0 if they are equal. */
export function halfDeviations(values: Float64Array): Float64Array {
  const { mean, deviation } = spreadOf(values);
  return values.map((value) => (deviation === 0 ? 0 : (value - mean) / deviation / 2));
}

function spreadOf(unsorted: ArrayLike<number>): { mean: number; deviation: number } {
  // Sorted, so that the last bit of a score does not depend on an index's order.
  const values = Float64Array.from(unsorted).sort();
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i] ?? 0;
  const mean = sum / Math.max(1, values.length);
  for (let i = 0; i < values.length; i += 1) squares += ((values[i] ?? 0) - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length)) };
}

function cosine(one: Float32Array, other: Float32Array): number {
  let product = 0;
  let squares = 0;
  let otherSquares = 0;
  for (let i = 0; i < one.length; i += 1) {
    const a = one[i] ?? 0;
    const b = other[i] ?? 0;
    product += a * b;
    squares += a * a;
    otherSquares += b * b;
  }
  return product / Math.sqrt(squares * otherSquares);
}
