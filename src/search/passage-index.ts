/** A passage by its number, which grows with every one that is added. */
export type NumberedText = { readonly n: number; readonly text: string };

/**
 * What ranking asks of an index of passages. A match is an expression of FTS5: quoted words and phrases, AND, OR and
 * parentheses.
 */
export interface PassageIndex {
  /** How many passages there are. */
  readonly size: number;
  /** How many match, those that a filter leaves out among them. */
  frequency(match: string): number;
  /** The newest `limit` that match and that the filter lets through, newest first. */
  numbers(match: string, limit: number): readonly number[];
  /** Those of `numbers` that match. */
  matching(match: string, numbers: readonly number[]): ReadonlySet<number>;
  /** Those of `numbers` that are there and that the filter lets through, in any order. */
  texts(numbers: readonly number[]): readonly NumberedText[];
}
