import type { Database } from "../sqlite/load-sqlite.ts";

type Range = { readonly first: number; readonly last: number; readonly at: string };

/**
 * Makes up for turns and commands whose record is lost, so that an undo does not take what they did along with the next one
 * that it knows: what nobody accounts for between two of them is one action of its own.
 */
export function noteLostActions(db: Database): void {
  const ranges = db
    .prepare<[], Range>(
      `SELECT min(op) AS first, max(op) AS last, min(at) AS at FROM (
         SELECT op, at, (SELECT count(*) FROM actions WHERE last_op < op) AS before FROM journal
         WHERE kind <> 'position' AND NOT EXISTS (SELECT 1 FROM actions WHERE op BETWEEN first_op AND last_op)
       ) GROUP BY before`,
    )
    .all();
  const next = db.prepare<[op: number], { seq: number }>(
    "SELECT seq FROM actions WHERE first_op > ? ORDER BY first_op LIMIT 1",
  );
  const isTaken = db.prepare<[seq: number]>("SELECT 1 FROM actions WHERE seq = ?");
  const insert = db.prepare<[seq: number | null, id: string, at: string, label: string, first: number, last: number]>(
    "INSERT INTO actions (seq, id, at, label, first_op, last_op) VALUES (?, ?, ?, ?, ?, ?)",
  );
  for (const { first, last, at } of ranges) {
    const following = next.get(last)?.seq;
    const seq = following === undefined ? null : following - 1;
    // An entry that no action ever had (an agent brought up from before there were any) has no room, and needs none.
    if (seq !== null && (seq < 1 || isTaken.get(seq) !== undefined)) continue;
    insert.run(seq, crypto.randomUUID(), at, "what was done then (its record was lost)", first, last);
  }
}
