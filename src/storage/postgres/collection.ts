import { parseJson } from "../../memory/envelope.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import { type Collection, collectionSchema } from "../../schema/collection.ts";
import type { Embedding } from "../../schema/passage.ts";
import { toUnit } from "../vectors/vector-index.ts";
import { type Queryable, reading } from "./database.ts";
import type { Head, PgHead } from "./head.ts";
import type { WriteSet } from "./write-set.ts";

/**
 * The model of an agent's passage vectors, set by the first vector. All vectors, even of retracted passages, are of that model and
 * length, so that vectors of different models are never compared.
 */
export class PgCollection {
  readonly #database: Queryable;
  readonly #head: PgHead;
  readonly #notify: NoticeSink;

  constructor(database: Queryable, head: PgHead, notify: NoticeSink) {
    this.#database = database;
    this.#head = head;
    this.#notify = notify;
  }

  /** Undefined until the first vector. */
  async current(): Promise<Collection | undefined> {
    return collectionIn(await this.#head.figures());
  }

  /** Whether a vector of `model` can be stored with the existing ones. Sends a notice if not. */
  async accepts(model: string): Promise<boolean> {
    return this.#accepts(model, await this.current());
  }

  /** The vector if it can be stored with the existing ones, otherwise null. The first vector sets model and length. */
  async storable({ model, vector }: Embedding, set: WriteSet): Promise<Float32Array | null> {
    const { head } = set;
    const current = collectionIn(head);
    if (!(await this.#accepts(model, current, set))) return null;
    const isFirst =
      current?.model !== model || (current.dimensions !== vector.length && !(await this.#hasVectors(set)));
    try {
      toUnit(vector, isFirst ? vector.length : current.dimensions);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#notify(
        `Some passages can only be found by their words, since their vectors cannot be used (${error.message}). ` +
          "`memgpt reindex NAME` re-embeds all of them.",
      );
      return null;
    }
    if (isFirst) {
      const generation = (current?.generation ?? -1) + 1;
      head.collection = JSON.stringify({ model, dimensions: vector.length, generation });
    }
    return vector;
  }

  async #accepts(model: string, current: Collection | undefined, set?: WriteSet): Promise<boolean> {
    if (current === undefined || current.model === model || !(await this.#hasVectors(set))) return true;
    this.#notify(
      `Archival memory is embedded with ${current.model} and not with ${model}, and vectors of the two cannot be ` +
        "compared: its passages can only be found by their words. `memgpt reindex NAME` re-embeds all of them.",
    );
    return false;
  }

  /** An empty collection may switch to another model. */
  async #hasVectors(set?: WriteSet): Promise<boolean> {
    if (set !== undefined && [...set.passages.values()].some(({ row }) => row.embedding !== null)) return true;
    const sql = "SELECT 1 FROM passages WHERE agent = $1 AND embedding IS NOT NULL LIMIT 1";
    return (await reading(() => this.#database.query(sql, [this.#head.agent]))).length > 0;
  }
}

export function collectionIn({ collection }: Pick<Head, "collection">): Collection | undefined {
  return collection === null ? undefined : collectionSchema().parse(parseJson(collection));
}
