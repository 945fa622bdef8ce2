import type { TextVectors, TextWithVector } from "../../ports/text-index.ts";
import type { Embedding } from "../../schema/passage.ts";
import { dot } from "../vectors/dot.ts";
import { toUnit } from "../vectors/vector-index.ts";
import { guarded } from "./database.ts";
import type { Database } from "./load-sqlite.ts";
import type { PassageVectors } from "./passage-vectors.ts";
import { type StoredRange, VectorRows } from "./vector-rows.ts";

/** Compares the vectors of passages with those of queries. */
export class PassageComparison {
  readonly #db: Database;
  readonly #vectors: PassageVectors;
  readonly #rows: VectorRows;

  constructor(db: Database, vectors: PassageVectors) {
    this.#db = db;
    this.#vectors = vectors;
    this.#rows = new VectorRows(db);
  }

  /** Undefined, with a notice, if the collection's vectors are of another model. */
  async with(
    { model, vector }: Embedding,
    { minSimilarity, range }: { readonly minSimilarity: number; readonly range: StoredRange | undefined },
  ): Promise<TextVectors | undefined> {
    const { collection } = this.#vectors;
    const current = guarded(this.#db, () => (collection.accepts(model) ? collection.current() : undefined));
    if (current?.model !== model) return undefined;
    await this.#vectors.prepare(model);
    return {
      model,
      nearest: async (count) => {
        const found = await this.#vectors.nearest({ model, vector }, count, range);
        return found
          .filter(({ similarity }) => similarity >= minSimilarity)
          .map(({ seq, similarity }) => ({ n: seq, similarity }));
      },
      similarities: async (numbers) => this.#similarities(vector, numbers),
      sample: async (count) => this.#sample(count),
    };
  }

  #similarities(vector: Float32Array, numbers: readonly number[]): Map<number, number> {
    const rows = guarded(this.#db, () => this.#rows.some(numbers)).filter((row) => row.vector.length === vector.length);
    if (rows.length === 0) return new Map();
    const unit = toUnit(vector, vector.length);
    return new Map(rows.map((row) => [row.seq, dot(unit, row.vector)]));
  }

  /** A sample of passages at even steps. */
  #sample(count: number): TextWithVector[] {
    return guarded(this.#db, () => {
      const { seq: last } = this.#rows.newest();
      const step = Math.max(1, last / count);
      const seqs = Array.from({ length: Math.min(count, last) }, (_, i) => 1 + Math.floor(i * step));
      const texts = this.#db.prepare<[seq: number], string>("SELECT text FROM passages WHERE seq = ?").pluck();
      return this.#rows.some(seqs).map(({ seq, vector }) => ({ text: texts.get(seq) ?? "", vector }));
    });
  }
}
