import type { Statement } from "better-sqlite3";
import { parseJson } from "../../memory/envelope.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import { type Collection, collectionSchema } from "../../schema/collection.ts";
import type { Embedding } from "../../schema/passage.ts";
import { toUnit } from "../vectors/vector-index.ts";
import type { Database } from "./load-sqlite.ts";

/** A damaged row: vectors of unknown origin cannot be compared with anything until they are rebuilt. */
const UNKNOWN: Collection = { model: "an unknown model", dimensions: 1, generation: 0 };

/** What made the vectors where nothing says so: until that was noted, there was only this one. */
const FIRST_MODEL = "hash-1024";

/**
 * Which model made the vectors of a database's passages: a row of the `meta` table, which the first vector sets. All
 * vectors there are, of passages taken back too, are of that model and length, so that none is ever compared with one of
 * another.
 */
export class SqliteCollection {
  readonly #notify: NoticeSink;
  readonly #get: Statement<[], { value: string }>;
  readonly #set: Statement<[value: string]>;
  readonly #firstVector: Statement<[], { bytes: number }>;

  constructor(db: Database, notify: NoticeSink) {
    this.#notify = notify;
    this.#get = db.prepare("SELECT value FROM meta WHERE key = 'embedding'");
    this.#set = db.prepare("INSERT INTO meta VALUES ('embedding', ?) ON CONFLICT DO UPDATE SET value = excluded.value");
    this.#firstVector = db.prepare(
      "SELECT length(embedding) AS bytes FROM passages WHERE embedding IS NOT NULL LIMIT 1",
    );
  }

  /** Undefined as long as there has been no vector. */
  current(): Collection | undefined {
    const value = this.#get.get()?.value;
    if (value !== undefined) return collectionSchema.catch(UNKNOWN).parse(parseJson(value));
    const first = this.#firstVector.get();
    return first === undefined ? undefined : { model: FIRST_MODEL, dimensions: first.bytes / 4, generation: 0 };
  }

  set(collection: Collection): void {
    this.#set.run(JSON.stringify(collection));
  }

  /** Whether a vector of `model` can stand beside those there are. Says so where it cannot. */
  accepts(model: string): boolean {
    const current = this.current();
    if (current === undefined || current.model === model || !this.#hasVectors()) return true;
    this.#notify(
      `Archival memory is embedded with ${current.model} and not with ${model}, and vectors of the two cannot be ` +
        "compared: its passages are found by their words only. `memgpt reindex NAME` re-embeds all of them.",
    );
    return false;
  }

  /**
   * The vector, if it can stand beside those there are; the first one says what the others must be. Must run inside the
   * transaction that stores it.
   */
  storable({ model, vector }: Embedding): Float32Array | null {
    if (!this.accepts(model)) return null;
    const current = this.current();
    const isFirst = current?.model !== model || (current.dimensions !== vector.length && !this.#hasVectors());
    try {
      toUnit(vector, isFirst ? vector.length : current.dimensions);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#notify(unusable(error));
      return null;
    }
    if (isFirst) this.set({ model, dimensions: vector.length, generation: (current?.generation ?? -1) + 1 });
    return vector;
  }

  /** A collection that has become empty may be begun with another model. */
  #hasVectors(): boolean {
    return this.#firstVector.get() !== undefined;
  }
}

/** The notice for vectors that are useless, for the reason that `error` gives. */
export function unusable(error: RangeError): string {
  return (
    `Some passages can be found by their words only, since their vectors cannot be used (${error.message}). ` +
    "`memgpt reindex NAME` re-embeds all of them."
  );
}
