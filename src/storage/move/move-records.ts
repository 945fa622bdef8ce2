import { FORGET } from "../../ports/forget-orders.ts";
import type { MovedRecords } from "../../ports/move.ts";
import type { Records } from "../../ports/records.ts";

/** Adds missing records, in order. Records that exist, or existed and were removed, stay as they are. Orders to forget stay behind. */
export async function moveRecords(
  book: string,
  { from, to }: { readonly from: Records; readonly to: Records },
): Promise<MovedRecords> {
  await from.refresh();
  const all = from.all().filter(({ kind }) => kind !== FORGET);
  let moved = 0;
  await to.change(() => {
    const missing = all.filter(({ kind, id }) => to.place(kind, id) === undefined);
    moved = missing.length;
    return missing;
  });
  return { book, moved, present: all.length - moved };
}
