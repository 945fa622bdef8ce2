import type { Database } from "../sqlite/load-sqlite.ts";

type Range = { readonly first: number; readonly last: number; readonly at: string };

/**
 * Replaces lost records of turns and commands, so that undoing the next known one does not undo theirs as well: unaccounted
 * operations between two known actions become one action.
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
    // Entries from before there were actions have no free number, and need none.
    if (seq !== null && (seq < 1 || isTaken.get(seq) !== undefined)) continue;
    insert.run(seq, crypto.randomUUID(), at, "what was done then (its record was lost)", first, last);
  }
}
