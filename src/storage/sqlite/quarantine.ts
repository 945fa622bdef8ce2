import type { Statement } from "better-sqlite3";
import type { Quarantine } from "../../ports/quarantine.ts";
import { type Held, heldSchema } from "../../schema/quarantine.ts";
import { guarded } from "./database.ts";
import type { Database } from "./load-sqlite.ts";

/** The table `quarantine`. No search and no state reads it. */
export class SqliteQuarantine implements Quarantine {
  readonly #db: Database;
  readonly #all: Statement<[], { json: string }>;
  readonly #add: Statement<[id: string, json: string]>;
  readonly #remove: Statement<[id: string]>;

  constructor(db: Database) {
    this.#db = db;
    this.#all = db.prepare("SELECT json FROM quarantine ORDER BY seq");
    this.#add = db.prepare("INSERT INTO quarantine (id, json) VALUES (?, ?) ON CONFLICT DO NOTHING");
    this.#remove = db.prepare("DELETE FROM quarantine WHERE id = ?");
  }

  async list(): Promise<Held[]> {
    return guarded(this.#db, () => this.#all.all().map(({ json }) => heldSchema().parse(JSON.parse(json))));
  }

  async discard(ids: readonly string[]): Promise<void> {
    guarded(this.#db, () => {
      this.#db.transaction(() => {
        this.remove(ids);
      })();
    });
  }

  /** Adds writes that are not held yet. Must run inside a transaction. */
  add(held: readonly Held[]): void {
    for (const item of held) this.#add.run(item.id, JSON.stringify(item));
  }

  /** Must run inside a transaction. */
  remove(ids: readonly string[]): void {
    for (const id of ids) this.#remove.run(id);
  }
}
