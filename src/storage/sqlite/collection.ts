import type { Statement } from "better-sqlite3";
import { parseJson } from "../../memory/envelope.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import { type Collection, collectionSchema } from "../../schema/collection.ts";
import type { Embedding } from "../../schema/passage.ts";
import { toUnit } from "../vectors/vector-index.ts";
import type { Database } from "./load-sqlite.ts";

/** A damaged row: vectors of unknown origin cannot be compared with anything until they are rebuilt. */
const UNKNOWN: Collection = { model: "an unknown model", dimensions: 1, generation: 0 };

/** The model of vectors without a recorded one: older versions had only this. */
const FIRST_MODEL = "hash-1024";

/**
 * The model of a database's passage vectors: a row of the `meta` table, set by the first vector. All vectors, even of retracted
 * passages, are of that model and length, so that vectors of different models are never compared.
 */
export class SqliteCollection {
  readonly #notify: NoticeSink;
  readonly #get: Statement<[], { value: string }>;
  readonly #set: Statement<[value: string]>;
  readonly #firstVector: Statement<[], { bytes: number }>;
  /** The row as last read. */
  #read: { readonly value: string; readonly collection: Collection } | undefined;

  constructor(db: Database, notify: NoticeSink) {
    this.#notify = notify;
    this.#get = db.prepare("SELECT value FROM meta WHERE key = 'embedding'");
    this.#set = db.prepare("INSERT INTO meta VALUES ('embedding', ?) ON CONFLICT DO UPDATE SET value = excluded.value");
    this.#firstVector = db.prepare(
      "SELECT length(embedding) AS bytes FROM passages WHERE embedding IS NOT NULL LIMIT 1",
    );
  }

  /** Undefined until the first vector. */
  current(): Collection | undefined {
    const value = this.#get.get()?.value;
    if (value !== undefined) {
      if (value !== this.#read?.value) {
        this.#read = { value, collection: collectionSchema().catch(UNKNOWN).parse(parseJson(value)) };
      }
      return this.#read.collection;
    }
    const first = this.#firstVector.get();
    return first === undefined ? undefined : { model: FIRST_MODEL, dimensions: first.bytes / 4, generation: 0 };
  }

  set(collection: Collection): void {
    this.#set.run(JSON.stringify(collection));
  }

  /** Whether a vector of `model` can be stored with the existing ones. Sends a notice if not. */
  accepts(model: string): boolean {
    const current = this.current();
    if (current === undefined || current.model === model || !this.#hasVectors()) return true;
    this.#notify(
      `Archival memory is embedded with ${current.model} and not with ${model}, and vectors of the two cannot be ` +
        "compared: its passages can only be found by their words. `memgpt reindex NAME` re-embeds all of them.",
    );
    return false;
  }

  /**
   * The vector if it can be stored with the existing ones, otherwise null. The first vector sets model and length. Must run inside
   * the transaction that stores it.
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

  /** An empty collection may switch to another model. */
  #hasVectors(): boolean {
    return this.#firstVector.get() !== undefined;
  }
}

/** The notice for unusable vectors, with the reason in `error`. */
export function unusable(error: RangeError): string {
  return (
    `Some passages can only be found by their words, since their vectors cannot be used (${error.message}). ` +
    "`memgpt reindex NAME` re-embeds all of them."
  );
}
