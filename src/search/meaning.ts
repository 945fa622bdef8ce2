import type { NearText, TextIndex, TextVectors, TextWithVector } from "../ports/text-index.ts";
import { alikeTo } from "./spelling.ts";

/** Number of texts nearest in meaning that are ranked, whatever their words. */
const MOST_NEAREST = 50;

/** Size of the sample that a model is judged by. With fewer than `FEWEST` texts it is trusted unjudged. */
const SAMPLE = 64;
const FEWEST = 16;

/** What vectors say of the texts that a question is ranked against. */
export type Meaning = {
  readonly model: string;
  /** How far it is believed, 0 to 1. */
  readonly trust: number;
  readonly nearest: readonly NearText[];
  /**
   * Of each of `numbers`, which are ranked together, how near it is to the question: 0 is usual, 1 is two standard
   * deviations nearer. So the cosines of all models, each of which has its own range, weigh the same.
   */
  readonly nearness: (numbers: readonly number[]) => Promise<Float64Array>;
};

/** What models have shown to be worth, by their names and the size of what they were judged by. */
export class Trust {
  readonly #known = new Map<string, number>();

  /** Judged again whenever there is twice as much. */
  async in(vectors: TextVectors, size: number): Promise<number> {
    const key = `${vectors.model} ${Math.floor(Math.log2(Math.max(1, size)))}`;
    const known = this.#known.get(key) ?? trustIn(await vectors.sample(SAMPLE));
    this.#known.set(key, known);
    return known;
  }
}

/** Undefined where nothing is believed of it: then words alone rank, and what is near is of use where the words are nowhere. */
export function believed(meaning: Meaning | undefined): Meaning | undefined {
  return meaning?.trust === 0 ? undefined : meaning;
}

export async function meaningOf(
  vectors: TextVectors | undefined,
  index: Pick<TextIndex, "size" | "admitted">,
  trust: Trust,
): Promise<Meaning | undefined> {
  if (vectors === undefined) return undefined;
  const nearest = await vectors.nearest(MOST_NEAREST);
  const admitted = await index.admitted(nearest.map(({ n }) => n));
  return {
    model: vectors.model,
    trust: await trust.in(vectors, index.size),
    nearest: nearest.filter(({ n }) => admitted.has(n)),
    nearness: async (numbers) => standardized(numbers, await vectors.similarities(numbers)),
  };
}

/** Share of all pairs that counts as alike: those with the most words in common. */
const ALIKE_SHARE = 0.1;

/** Standard deviations by which alike texts are nearer to each other than others are: below the first, by chance. */
const [BY_CHANCE, FOR_SURE] = [0.2, 0.5];

/**
 * How far vectors can be believed, 0 to 1. Texts that are much alike in their words mostly mean something alike: vectors that
 * do not know it know nothing of meaning, whatever they know. Those of a model that was made for it are nearer by 0.6 to 1.2
 * standard deviations, those of none by less than 0.2.
 */
function trustIn(sample: readonly TextWithVector[]): number {
  if (sample.length < FEWEST) return 1;
  const pairs = sample.flatMap((one, i) => {
    const alike = alikeTo(one.text);
    return sample.slice(i + 1).map((other) => ({ alike: alike(other.text), cosine: cosine(one.vector, other.vector) }));
  });
  const { mean, deviation } = spreadOf(pairs.map((pair) => pair.cosine));
  if (deviation < SMALLEST_DEVIATION) return 0;
  const most = pairs.sort((a, b) => b.alike - a.alike).slice(0, Math.ceil(ALIKE_SHARE * pairs.length));
  const nearer = most.reduce((sum, pair) => sum + (pair.cosine - mean) / deviation, 0) / most.length;
  return Math.min(1, Math.max(0, (nearer - BY_CHANCE) / (FOR_SURE - BY_CHANCE)));
}

/** Vectors whose cosines differ by less are all the same. */
const SMALLEST_DEVIATION = 1e-4;

/** What has no vector is taken to be as near as is usual. */
function standardized(numbers: readonly number[], similarities: ReadonlyMap<number, number>): Float64Array {
  const { mean, deviation } = spreadOf([...similarities.values()]);
  return Float64Array.from(numbers, (n) => {
    const similarity = similarities.get(n);
    // A single one is near as such: it was found by its meaning, or has the words.
    if (similarity !== undefined && similarities.size === 1) return 1;
    if (similarity === undefined || deviation < SMALLEST_DEVIATION) return 0;
    return (similarity - mean) / deviation / 2;
  });
}

/** The model, if anything is near by its vectors. */
export function modelOf(meaning: Meaning | undefined): string | undefined {
  return meaning === undefined || meaning.nearest.length === 0 ? undefined : believed(meaning)?.model;
}

/** Values as standard deviations from their mean; 0 where all are the same. */
export function standardDeviations(values: readonly number[]): number[] {
  const { mean, deviation } = spreadOf(values);
  return values.map((value) => (deviation === 0 ? 0 : (value - mean) / deviation));
}

/** Values, which may be few, as standard deviations from their mean, halved. */
export function halfDeviations(values: Float64Array): Float64Array {
  const { mean, deviation } = spreadOf(values);
  return values.map((value) => (deviation === 0 ? 0 : (value - mean) / deviation / 2));
}

function spreadOf(unsorted: ArrayLike<number>): { mean: number; deviation: number } {
  // In one order, so that the last bit of a score does not depend on the order in which an index gives texts.
  const values = Float64Array.from(unsorted).sort();
  let [sum, squares] = [0, 0];
  for (let i = 0; i < values.length; i += 1) sum += values[i] ?? 0;
  const mean = sum / Math.max(1, values.length);
  for (let i = 0; i < values.length; i += 1) squares += ((values[i] ?? 0) - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length)) };
}

function cosine(one: Float32Array, other: Float32Array): number {
  let [product, squares, otherSquares] = [0, 0, 0];
  for (let i = 0; i < one.length; i += 1) {
    const [a, b] = [one[i] ?? 0, other[i] ?? 0];
    product += a * b;
    squares += a * a;
    otherSquares += b * b;
  }
  return product / Math.sqrt(squares * otherSquares);
}
