import type { ListRequest } from "../../schema/page.ts";
import { type Queryable, reading } from "./database.ts";

type Listed = { readonly table: "messages" | "passages"; readonly columns: string; readonly agent: number };

/** A page of one agent's rows, in either order. */
export async function listRows<Row>(
  database: Queryable,
  { table, columns, agent }: Listed,
  { newestFirst, count, after, before }: ListRequest,
): Promise<Row[]> {
  const [first, last] = newestFirst ? [before, after] : [after, before];
  // Retracted rows still exist and mark their position.
  const place = async (id: string): Promise<number | undefined> => {
    const sql = `SELECT seq FROM ${table} WHERE agent = $1 AND id = $2`;
    return (await database.query<{ seq: number }>(sql, [agent, id]))[0]?.seq;
  };
  return reading(async () => {
    const low = first === undefined ? -1 : await place(first);
    const high = last === undefined ? Number.MAX_SAFE_INTEGER : await place(last);
    if (low === undefined || high === undefined) return [];
    // With `before` alone, the rows wanted are the last ones before it.
    const fromTheEnd = before !== undefined && after === undefined;
    const order = newestFirst === fromTheEnd ? "ASC" : "DESC";
    const sql = `SELECT ${columns} FROM ${table} WHERE agent = $1 AND live AND seq > $2 AND seq < $3 ORDER BY seq ${order} LIMIT $4`;
    const rows = await database.query<Row>(sql, [agent, low, high, count]);
    return fromTheEnd ? rows.reverse() : rows;
  });
}
