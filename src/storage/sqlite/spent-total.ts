import type { Statement } from "better-sqlite3";
import { parseJson } from "../../memory/envelope.ts";
import { NOTHING_SPENT, plus } from "../../memory/spent.ts";
import { type Spent, spentSchema } from "../../schema/spent.ts";
import type { Database } from "./load-sqlite.ts";

/** What the agent has spent, in the `meta` table rather than the journal, since no undo refunds it. */
export class SpentTotal {
  readonly #get: Statement<[], { value: string }>;
  readonly #set: Statement<[value: string]>;

  constructor(db: Database) {
    this.#get = db.prepare("SELECT value FROM meta WHERE key = 'spent'");
    this.#set = db.prepare("INSERT INTO meta VALUES ('spent', ?) ON CONFLICT DO UPDATE SET value = excluded.value");
  }

  /** A damaged total counts as none: it must not prevent a conversation. */
  total(): Spent {
    const value = this.#get.get()?.value;
    return value === undefined ? NOTHING_SPENT : spentSchema().catch(NOTHING_SPENT).parse(parseJson(value));
  }

  /** For use inside a transaction. */
  add(spent: Spent): void {
    if (spent.requests > 0) this.#set.run(JSON.stringify(plus(this.total(), spent)));
  }
}
