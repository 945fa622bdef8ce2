import type { Statement } from "better-sqlite3";
import { type Spent, spentSchema } from "../../schema/spent.ts";
import type { Database } from "./load-sqlite.ts";

/** What the agent has spent, in the `meta` table: beside the journal, since no undo gives it back. */
export class SpentTotal {
  readonly #get: Statement<[], { value: string }>;
  readonly #set: Statement<[value: string]>;

  constructor(db: Database) {
    this.#get = db.prepare("SELECT value FROM meta WHERE key = 'spent'");
    this.#set = db.prepare("INSERT INTO meta VALUES ('spent', ?) ON CONFLICT DO UPDATE SET value = excluded.value");
  }

  total(): Spent {
    const value = this.#get.get()?.value;
    const nothing = { requests: 0, prompt: 0, completion: 0, cached: 0, cost: 0, unpriced: 0 };
    return value === undefined ? nothing : spentSchema.catch(nothing).parse(JSON.parse(value));
  }

  /** For use inside a transaction. */
  add(spent: Spent): void {
    if (spent.requests === 0) return;
    const total = this.total();
    this.#set.run(
      JSON.stringify({
        requests: total.requests + spent.requests,
        prompt: total.prompt + spent.prompt,
        completion: total.completion + spent.completion,
        cached: total.cached + spent.cached,
        cost: total.cost + spent.cost,
        unpriced: total.unpriced + spent.unpriced,
      }),
    );
  }
}
