import type { Embedder } from "../ports/embedder.ts";
import type { SourceDocument } from "../schema/source.ts";

/** A text, with the vector that came with it. */
export type GivenText = {
  readonly text: string;
  readonly given: readonly number[] | undefined;
  readonly document: SourceDocument;
};

/** Two vectors of the same text by the same model differ only by rounding. */
const SAME_FROM = 0.98;
/** Share of vectors that must be the same: a text may have been changed since it was embedded. */
const MOST = 0.9;

/**
 * Embeds texts of which some came with vectors. The first of these are made again and compared: only if they are by the same
 * model, as nothing but the numbers can prove, are the others used as they came.
 */
export class GivenVectors {
  readonly #embedder: Embedder;
  readonly #notify: (document: SourceDocument, text: string) => void;
  #compared: Promise<{ readonly dimensions: number } | undefined> | undefined;

  constructor(embedder: Embedder, notify: (document: SourceDocument, text: string) => void) {
    this.#embedder = embedder;
    this.#notify = notify;
  }

  get model(): string {
    return this.#embedder.model;
  }

  /** As `Embedder.embed`. */
  async embed(texts: readonly GivenText[], signal?: AbortSignal): Promise<(Float32Array | null)[]> {
    const hasGiven = texts.some(({ given }) => given !== undefined);
    if (!hasGiven) return this.#made(texts, signal);
    if (this.#compared === undefined) {
      const made = this.#made(texts, signal);
      this.#compared = made.then((vectors) => this.#compare(texts, vectors));
      // Awaiting `made` reports the errors of both.
      this.#compared.catch(() => undefined);
      return made;
    }
    const trusted = await this.#compared;
    if (trusted === undefined) return this.#made(texts, signal);
    const units = texts.map(({ given }) => (given?.length === trusted.dimensions ? unitOf(given) : undefined));
    const made = await this.#made(
      texts.filter((_, index) => units[index] === undefined),
      signal,
    );
    let next = 0;
    return units.map((unit) => unit ?? made[next++] ?? null);
  }

  async #made(texts: readonly GivenText[], signal: AbortSignal | undefined): Promise<(Float32Array | null)[]> {
    if (texts.length === 0) return [];
    return this.#embedder.embed(
      texts.map(({ text }) => text),
      signal,
    );
  }

  #compare(
    texts: readonly GivenText[],
    made: readonly (Float32Array | null)[],
  ): { readonly dimensions: number } | undefined {
    const pairs = texts.flatMap(({ given, document }, index) => {
      const own = made[index];
      return given === undefined || own === undefined || own === null ? [] : [{ given, own, document }];
    });
    const [first] = pairs;
    if (first === undefined) return undefined;
    const { length: dimensions } = first.own;
    const again = "so they are made again";
    const others = pairs.find(({ given }) => given.length !== dimensions)?.given.length;
    if (others !== undefined) {
      const lengths = `have ${count(others)} dimensions, and those of ${this.model} ${count(dimensions)}`;
      this.#notify(first.document, `the embeddings of its rows ${lengths}, ${again}`);
      return undefined;
    }
    const same = pairs.filter(({ given, own }) => nearness(unitOf(given), own) >= SAME_FROM).length;
    if (same < MOST * pairs.length) {
      this.#notify(first.document, `the embeddings of its rows are by another model than ${this.model}, ${again}`);
      return undefined;
    }
    this.#notify(first.document, `the embeddings of its rows are by ${this.model}, too, and are used`);
    return { dimensions };
  }
}

function count(dimensions: number): string {
  return dimensions.toLocaleString("en-US");
}

/** Undefined where the numbers have no direction. */
function unitOf(numbers: readonly number[]): Float32Array | undefined {
  const length = Math.hypot(...numbers);
  return Number.isFinite(length) && length > 0 ? Float32Array.from(numbers, (it) => it / length) : undefined;
}

/** Cosine of unit vectors. */
function nearness(a: Float32Array | undefined, b: Float32Array): number {
  return a === undefined ? 0 : b.reduce((sum, value, index) => sum + value * (a[index] ?? 0), 0);
}
