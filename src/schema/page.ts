/** `page` counts from 0. `size` is in items. */
export type PageRequest = { readonly page: number; readonly size: number };

/**
 * Part of a list in the order of time: the `count` items next to a cursor. Cursors are ids of items and excluded: the
 * part begins after `after` and ends before `before`, in the order of the list. The id of an undone item still marks
 * its place; an unknown id gives an empty list.
 */
export type ListRequest = {
  readonly newestFirst: boolean;
  readonly count: number;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
};

/**
 * One page of a result list whose order is the same for every page. `total` is exact. `byMeaning` counts the results
 * that share no word with the query but are near it in meaning. `isLoose`: nothing contains the quoted phrase, so its
 * words were searched.
 */
export type Page<T> = {
  readonly items: readonly T[];
  readonly total: number;
  readonly byMeaning?: number;
  /** The model whose vectors were compared with the query; absent if words alone ranked. */
  readonly model?: string;
  readonly isLoose?: boolean;
};

/** `from` inclusive, `to` exclusive, both ISO 8601 in UTC. */
export type TimeRange = { readonly from?: string | undefined; readonly to?: string | undefined };

/**
 * A result with its score and the signals that make it up: `lexical` (shared words), `alike` (spelling), `meaning`
 * (nearness of vectors), `vector` (cosine of texts that are only spelled alike), `neighbour` and `session` (the lines
 * around it), `exact` (quoted or identifier), `time`, `speaker`. Higher is better; scores compare within one list only.
 */
export type Hit<T> = T & { readonly score: number; readonly signals: Readonly<Record<string, number>> };

/** Part of a text as UTF-16 offsets: `start` inclusive, `end` exclusive. */
export type TextRange = readonly [start: number, end: number];
