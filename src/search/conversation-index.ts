/** Something that was said. `n` numbers all of them in the order in which they came; `session` is the `n` of the first in its session. */
export type Line = {
  readonly n: number;
  readonly session: number;
  readonly role: "user" | "assistant";
  readonly speaker: string | null;
  readonly createdAt: string;
  /** What `traitsOf` tells of its text. */
  readonly traits: number;
  /** The same for lines that say the same, as `gistOf` has it, and for no others. */
  readonly gist: number;
};

/**
 * What ranking asks of an index of one conversation. A match is an expression of FTS5: quoted words and phrases, AND, OR
 * and parentheses. What a filter leaves out is neither counted nor numbered, but its lines are there as neighbours.
 */
export interface ConversationIndex {
  /** How many lines there are. */
  readonly size: number;
  /** How many lines match, whatever the filter: what words are worth does not depend on it. */
  frequency(match: string): number;
  /** Whether there is a filter, so that fewer may be numbered than are counted by `frequency`. */
  readonly isNarrowed: boolean;
  /** Numbers of the newest `limit` lines that match, in order. */
  linesWith(match: string, limit: number): readonly number[];
  /** Those said at or after `from` and before `to`, in milliseconds since 1970, at most `limit`: the earliest. */
  during(from: number, to: number, limit: number): readonly number[];
  /**
   * The lines of all ranges, in order. A range is its first and its last number, and none overlaps with another. Numbers of
   * lines that were taken back are missing.
   */
  lines(ranges: readonly (readonly [first: number, last: number])[]): readonly Line[];
  /** What the lines of those numbers say, in the same order. */
  texts(numbers: readonly number[]): readonly string[];
  /** Those of `numbers` that the filter lets through. */
  admits(numbers: readonly number[]): ReadonlySet<number>;
  /** The number of the newest line; 0 if there is none. */
  readonly last: number;
  /** Numbers of the first lines of all sessions, in order. */
  readonly sessions: readonly number[];
  /** Names of those who speak, as they were given. */
  readonly speakers: readonly string[];
}
