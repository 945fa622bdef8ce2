/** `page` counts from 0. `size` is in items. */
export type PageRequest = { readonly page: number; readonly size: number };

/**
 * Part of a list in the order of time: the `count` items nearest to a cursor, which is the id of an item and in neither.
 * In the order of the list, `after` is where it goes on and `before` where it ends; an item that was taken back still
 * marks its place, and nothing stands after an id that never was.
 */
export type ListRequest = {
  readonly newestFirst: boolean;
  readonly count: number;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
};

/**
 * One page of a result list whose order is the same for every page. `total` is exact; `byMeaning` of them share no word with
 * the query and are near it in meaning. `isLoose`: nothing says what is in quotes, so its words were looked for.
 */
export type Page<T> = {
  readonly items: readonly T[];
  readonly total: number;
  readonly byMeaning?: number;
  /** What vectors were compared with the query; absent where words alone ranked. */
  readonly model?: string;
  readonly isLoose?: boolean;
};

/** `from` inclusive, `to` exclusive, both ISO 8601 in UTC. */
export type TimeRange = { readonly from?: string | undefined; readonly to?: string | undefined };

/**
 * A result with the number it was ranked by, and what that is made of: `lexical` (shared words), `alike` (spelling), `meaning`
 * (nearness of vectors), `vector` (cosine of what is only spelled alike), `neighbour` and `session` (what stands around it), `exact` (quoted or identifier), `time`, `speaker`. Higher is better,
 * comparable within one list only.
 */
export type Hit<T> = T & { readonly score: number; readonly signals: Readonly<Record<string, number>> };

/** Part of a text, as UTF-16 offsets: `start` is in it, `end` is not. */
export type TextRange = readonly [start: number, end: number];
