import { forgetInEntry } from "../../memory/forgetting-journal.ts";
import { forgetInState } from "../../memory/forgetting.ts";
import type { JournalEntry } from "../../ports/journal.ts";
import type { ForgetOrder } from "../../schema/forgetting.ts";
import { guarded, openDatabase } from "./database.ts";
import { StateRow } from "./state-row.ts";

/** Whether the blocks of the agent in a database contain, or contained, what an order forgets. The agent may be open elsewhere. */
export async function saysInBlocks(database: string, order: ForgetOrder): Promise<boolean> {
  const db = await openDatabase(database, { readonly: true });
  try {
    return guarded(db, () => {
      const state = new StateRow(db).get();
      if (state !== undefined && forgetInState(state, order).blocks.some((it, at) => it !== state.blocks[at]))
        return true;
      const entries = db.prepare<[], JournalEntry>("SELECT * FROM journal WHERE kind IN ('block', 'state')").iterate();
      for (const entry of entries) if (forgetInEntry(entry, order, () => undefined) !== entry) return true;
      return false;
    });
  } finally {
    db.close();
  }
}
