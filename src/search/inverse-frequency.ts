/**
 * The weight of a word that occurs in `count` of `size` texts; the rarer, the higher.
 *
 * @source Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond", with 1 added to stay above 0
 */
export function inverseFrequency(count: number, size: number): number {
  return Math.log(1 + (size - count + 0.5) / (count + 0.5));
}
