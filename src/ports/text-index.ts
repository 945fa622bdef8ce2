import type { Utterance } from "./recall.ts";
import type { TimeRange } from "../schema/page.ts";
import type { Passage } from "../schema/passage.ts";

/**
 * What a text must have to be found: words that stand one after another, all of some matches, or any of them. Words are
 * index terms, as the analysis of the search makes them of texts and queries alike. A phrase without terms, and `any`
 * of nothing, match nothing.
 */
export type Match =
  { readonly phrase: readonly string[] } | { readonly all: readonly Match[] } | { readonly any: readonly Match[] };

/** A text by its number, which grows with every text that is added. */
export type NumberedText = { readonly n: number; readonly text: string };

export type ScoredNumber = { readonly n: number; readonly score: number };

/**
 * An index of texts as one search sees it, narrowed by a filter. A text that was taken back is neither counted nor
 * numbered.
 *
 * Calls are asynchronous and take as much as there is to ask at once, so that an index in another process costs few
 * round trips. Between two calls texts may be added or taken back; a search then lacks them or finds a number without a
 * text.
 */
export interface TextIndex {
  /** Number of texts, ignoring the filter. */
  readonly size: number;
  /** The number of the newest text, ignoring the filter; 0 if the index is empty. */
  readonly last: number;
  /** Whether the filter may exclude something. */
  readonly isNarrowed: boolean;
  /**
   * How many texts have each match, the filter aside: what a word is worth does not depend on it. In the order given.
   */
  frequencies(matches: readonly Match[]): Promise<readonly number[]>;
  /** How many texts match and pass the filter. */
  count(match: Match): Promise<number>;
  /** For each request the numbers of the newest `limit` texts that match and pass the filter, ascending. */
  numbers(requests: readonly NumbersRequest[]): Promise<readonly (readonly number[])[]>;
  /**
   * The `limit` best of those that match, pass the filter and are numbered `from` or higher: best first, of equals the
   * newest. Scores are BM25 (k1 = 1.2, b = 0.75, length in index terms) over the phrases of the match in order, with
   * the filter aside, as 32-bit numbers. The worth of a phrase is ln((N - n + 0.5) / (n + 0.5)), 0.000001 where that is
   * not positive.
   */
  best(match: Match, options: { readonly limit: number; readonly from: number }): Promise<readonly ScoredNumber[]>;
  /** The texts of those of `numbers` that exist and pass the filter, in any order. */
  texts(numbers: readonly number[]): Promise<readonly NumberedText[]>;
  /** Those of `numbers` that match, whether or not they pass the filter. */
  matching(match: Match, numbers: readonly number[]): Promise<ReadonlySet<number>>;
  /** Those of `numbers` that pass the filter. */
  admitted(numbers: readonly number[]): Promise<ReadonlySet<number>>;
}

/** `to`: the highest number to return (default: the newest). */
export type NumbersRequest = { readonly match: Match; readonly limit: number; readonly to?: number | undefined };

/** Something that was said. `session` is the number of the first line in its session. */
export type Line = {
  readonly n: number;
  readonly session: number;
  readonly role: "user" | "assistant";
  readonly speaker: string | null;
  readonly createdAt: string;
  /** The result of `traitsOf` for its text. */
  readonly traits: number;
  /** Equal exactly for lines that say the same, according to `gistOf`. */
  readonly gist: number;
};

/** Milliseconds since 1970; `from` inclusive, `to` exclusive. */
export type Span = { readonly from: number; readonly to: number };

/** Whose lines: those of `speaker` and, where a line has no speaker, those of `role`. */
export type Voice = { readonly speaker: string; readonly role?: Line["role"] | undefined };

/** A text that is near a question in meaning, and the cosine of their vectors. */
export type NearText = { readonly n: number; readonly similarity: number };

/** A text and its vector. */
export type TextWithVector = { readonly text: string; readonly vector: Float32Array };

/**
 * The vectors of the texts of an index, compared with the vector of one question. All are of the one model, which knows
 * meanings. A text may have no vector.
 */
export interface TextVectors {
  readonly model: string;
  /** The nearest, best first. */
  nearest(count: number): Promise<readonly NearText[]>;
  /** The cosines of those of `numbers` that have a vector. */
  similarities(numbers: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** Up to `count` texts from all over the index, by which the model is judged. */
  sample(count: number): Promise<readonly TextWithVector[]>;
}

/** An index of one conversation. Lines that the filter leaves out still stand around others. */
export interface ConversationIndex extends TextIndex {
  /** Numbers of the first lines of all sessions, ascending. */
  readonly sessions: readonly number[];
  /** Names of those who speak, as they were given. */
  readonly speakers: readonly string[];
  /** For each span the earliest `limit` lines said in it that pass the filter, in order of time. */
  during(spans: readonly Span[], limit?: number): Promise<readonly (readonly number[])[]>;
  /**
   * The lines of all ranges, ascending. A range is its first and its last number, and no two overlap. Lines that were
   * taken back are missing; the filter is set aside.
   */
  lines(ranges: readonly (readonly [first: number, last: number])[]): Promise<readonly Line[]>;
  /** Those of `numbers` that `voice` said. */
  saidBy(numbers: readonly number[], voice: Voice): Promise<ReadonlySet<number>>;
  /** Numbers of all lines of the speaker of that name that pass the filter, newest first. */
  allSaidBy(speaker: string): Promise<readonly number[]>;
  /** How long the session that begins with line `first` is and when it was; undefined if none of its lines is left. */
  extent(first: number): Promise<{ readonly size: number; readonly from: string; readonly to: string } | undefined>;
}

/** What narrows a search in a conversation. */
export type ConversationFilter = {
  readonly range?: TimeRange | undefined;
  readonly role?: Line["role"] | undefined;
  /** The whole name, or one of several, in any case of letters, with or without accents. */
  readonly speaker?: string | undefined;
  readonly session?: number | undefined;
};

/** Gives the index of a conversation as it is now, narrowed by a filter. */
export interface Conversation {
  view(filter: ConversationFilter): Promise<ConversationIndex>;
  /** Changes whenever a line is taken back, comes back or is rewritten; not when one is added. */
  generation(): Promise<string>;
  /** Numbers of the lines with those ids, in any order. Messages that are not lines have none. */
  numbersOf(ids: readonly string[]): Promise<readonly number[]>;
  /** Those of `numbers` that exist, in any order. */
  utterances(numbers: readonly number[]): Promise<readonly (Utterance & { readonly n: number })[]>;
}

/** A passage and its number. */
export type NumberedPassage = NumberedText & Passage;

/**
 * What narrows a search of passages: when they were kept, and where they are from (a kind of origin, or a whole one).
 */
export type PassageFilter = TimeRange & { readonly origin?: string | undefined };

/** An index of passages. */
export interface PassageIndex extends TextIndex {
  texts(numbers: readonly number[]): Promise<readonly NumberedPassage[]>;
  /**
   * Numbers of the passages that were kept an hour or more after the one before, and of the first, ascending; absent
   * where passages that were kept one after another are not numbered so.
   */
  readonly sittings?: (() => Promise<readonly number[]>) | undefined;
}

/** Gives the index of a set of passages as it is now, narrowed by a filter. */
export interface Passages {
  view(filter: PassageFilter | undefined): Promise<PassageIndex>;
  /** Changes whenever a passage is taken back or comes back; not when one is added. */
  generation(): Promise<string>;
  /** Numbers of the passages with those ids, in any order. */
  numbersOf(ids: readonly string[]): Promise<readonly number[]>;
  /** Those of `numbers` that exist, in any order. */
  passages(numbers: readonly number[]): Promise<readonly NumberedPassage[]>;
}
