import * as z from "zod";

const cursor = z.string().max(300).optional();

const PAGE = z.object({
  limit: z.coerce.number().int().min(0).max(1000).default(50),
  after: cursor,
  before: cursor,
  order: z.enum(["asc", "desc"]).default("asc"),
  order_by: z.string().max(50).optional(),
});

/** The query parameters of a list. `after` and `before` are ids, relative to the requested order. */
export function pageQuery(defaults: { readonly limit: number; readonly order: "asc" | "desc" }): typeof PAGE {
  return PAGE.extend({
    limit: PAGE.shape.limit.unwrap().default(defaults.limit),
    order: PAGE.shape.order.unwrap().default(defaults.order),
  });
}

export type PageQuery = z.output<typeof PAGE>;

/** A page of a list held in memory. An item's place is its index in `all`. */
export function pageOfAll<T extends { readonly id: string }>(
  items: readonly T[],
  query: PageQuery,
  all: readonly { readonly id: string }[] = items,
): T[] {
  const places = new Map(all.map(({ id }, index) => [id, index]));
  return pageOf(items, query, (id) => places.get(id));
}

/**
 * One page of a list. A client pages by asking for what follows its last item until nothing does. So a removed item still marks
 * its place, and the page after an unknown id is empty.
 *
 * @param items Oldest first. @param place The position of an id among all ever listed; undefined for an unknown one.
 */
export function pageOf<T extends { readonly id: string }>(
  items: readonly T[],
  { limit, after, before, order }: PageQuery,
  place: (id: string) => number | undefined,
): T[] {
  const sign = order === "asc" ? 1 : -1;
  const ranked = items.map((item) => ({ item, rank: sign * (place(item.id) ?? 0) })).sort((a, b) => a.rank - b.rank);
  const rankOf = (id: string | undefined, absent: number): number => {
    const found = id === undefined ? absent : place(id);
    return found === undefined ? Number.NaN : id === undefined ? absent : sign * found;
  };
  const [low, high] = [rankOf(after, Number.NEGATIVE_INFINITY), rankOf(before, Number.POSITIVE_INFINITY)];
  const between = ranked.filter(({ rank }) => rank > low && rank < high).map(({ item }) => item);
  if (limit === 0) return [];
  return before !== undefined && after === undefined ? between.slice(-limit) : between.slice(0, limit);
}
