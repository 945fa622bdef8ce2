import type { Page, PageRequest } from "../schema/page.ts";
import type { Match, TextIndex } from "../ports/text-index.ts";
import type { Embedding } from "../schema/passage.ts";

/** A result by its number. */
export type Entry = { readonly n: number; readonly score: number; readonly signals: Readonly<Record<string, number>> };

/** The part of an array that pages need, so that a list of a year's lines is not built as a whole. */
export type Entries = { readonly length: number; readonly slice: (from: number, to: number) => readonly Entry[] };

/** All results of a search, in order: `ranked`, `rest`, other texts that match (newest first), and `only`. */
export type ResultList = {
  readonly ranked: Entries;
  readonly rest: readonly number[];
  readonly match: Match | null;
  /** Numbers of matching texts that are not among the other matches. */
  readonly seen: ReadonlySet<number>;
  readonly only: readonly Entry[];
  /** The newest number at the time: later texts do not shift pages. */
  readonly last: number;
  readonly total: number;
  /** Number of results that share no word with the query but are near in meaning. */
  readonly byMeaning: number;
  /** The model whose vectors were compared; absent if none were. */
  readonly model?: string | undefined;
  /** Whether nothing says the quoted phrases, and their words were searched instead. */
  readonly isLoose?: boolean;
};

/** The entries of one page of `list`. @param view Returns the index, which few pages need. */
export async function entriesOf(
  list: ResultList,
  { page, size }: PageRequest,
  view: () => Promise<TextIndex>,
): Promise<Entry[]> {
  const { ranked, rest, only, total } = list;
  const start = page * size;
  const end = start + size;
  const known = ranked.length + rest.length;
  const others = total - known - only.length;
  const entries = [...ranked.slice(start, end)];
  entries.push(...rest.slice(Math.max(0, start - ranked.length), Math.max(0, end - ranked.length)).map(unranked));
  const from = Math.max(0, start - known);
  const room = Math.min(size - entries.length, others - from);
  if (list.match !== null && room > 0) entries.push(...(await othersOf(list, list.match, from, room, await view())));
  const before = total - only.length;
  return [...entries, ...only.slice(Math.max(0, start - before), Math.max(0, end - before))];
}

/** The other matches, newest first. */
async function othersOf(
  { seen, last }: ResultList,
  match: Match,
  from: number,
  size: number,
  index: TextIndex,
): Promise<Entry[]> {
  const [numbers = []] = await index.numbers([{ match, to: last, limit: from + size + seen.size }]);
  return numbers
    .toReversed()
    .filter((n) => !seen.has(n))
    .slice(from, from + size)
    .map(unranked);
}

/** The signals that are not 0. */
export function nonZero(signals: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(signals).filter(([, value]) => value !== 0));
}

/** What a page says about its list, besides items and total. */
export function remarksOn({
  total,
  byMeaning,
  model,
  isLoose = false,
}: ResultList): Omit<Page<never>, "items" | "total"> {
  return {
    ...(byMeaning > 0 ? { byMeaning } : {}),
    ...(model === undefined ? {} : { model }),
    ...(isLoose && total > 0 ? { isLoose } : {}),
  };
}

/** The key of a search. Includes the query's vector, but not the time. */
export function textKey({
  embedding,
  now,
  rerank,
  ...query
}: {
  readonly embedding?: Embedding | null | undefined;
  readonly now?: string | undefined;
  readonly rerank?: { readonly model: string } | undefined;
}): string {
  const { model, vector } = embedding ?? {};
  const bytes = vector === undefined ? null : Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  return JSON.stringify([query, model, bytes?.toString("base64"), rerank?.model]);
}

function unranked(n: number): Entry {
  return { n, score: 0, signals: {} };
}

/** Number of result lists kept: an agent pages through one or two at a time. */
const MOST_LISTS = 8;

/** The latest result lists by query, so that all pages of a search come from the same list. */
export class ResultLists {
  readonly #lists = new Map<string, { readonly list: ResultList; readonly generation: string }>();

  /** The list for a key; undefined if unknown, or from another generation of the texts. */
  get(key: string, generation: string): ResultList | undefined {
    const known = this.#lists.get(key);
    return known?.generation === generation ? known.list : undefined;
  }

  /** Stores a list, and drops the oldest one if there are too many. */
  remember(key: string, generation: string, list: ResultList): void {
    this.#lists.delete(key);
    this.#lists.set(key, { list, generation });
    const [oldest] = this.#lists.keys();
    if (this.#lists.size > MOST_LISTS && oldest !== undefined) this.#lists.delete(oldest);
  }
}
