import * as z from "zod";

const cursor = z.string().max(300).optional();

const PAGE = z.object({
  limit: z.coerce.number().int().min(0).max(1000).default(50),
  after: cursor,
  before: cursor,
  order: z.enum(["asc", "desc"]).default("asc"),
  order_by: z.string().max(50).optional(),
});

/** The query of a list. `after` and `before` are ids, in the order asked for. */
export function pageQuery(defaults: { readonly limit: number; readonly order: "asc" | "desc" }): typeof PAGE {
  return PAGE.extend({
    limit: PAGE.shape.limit.unwrap().default(defaults.limit),
    order: PAGE.shape.order.unwrap().default(defaults.order),
  });
}

export type PageQuery = z.output<typeof PAGE>;

/** A page of a list that is there as a whole: the place of an item is where it stands in `all`. */
export function pageOfAll<T extends { readonly id: string }>(
  items: readonly T[],
  query: PageQuery,
  all: readonly { readonly id: string }[] = items,
): T[] {
  const places = new Map(all.map(({ id }, index) => [id, index]));
  return pageOf(items, query, (id) => places.get(id));
}

/**
 * The part of a list that a page shows. A client goes through a list by asking what comes after the last item that it has, until
 * nothing does: an item that is gone still marks its place, and after one that never was there is nothing.
 *
 * @param items Oldest first. @param place Where an id stands among all that ever were.
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
