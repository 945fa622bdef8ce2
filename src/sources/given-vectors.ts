import type { Embedder } from "../ports/embedder.ts";
import type { SourceDocument } from "../schema/source.ts";
import type { SplitPassage } from "./element.ts";

/** A text with the vector that came with it, if any. */
export type GivenText = {
  readonly text: string;
  readonly given: readonly number[] | undefined;
  readonly document: SourceDocument;
};

/** Least cosine of two vectors for the same text by the same model, which differ only by rounding. */
const SAME_FROM = 0.98;
/** Share of vectors that must match: some texts may have changed since they were embedded. */
const MOST = 0.9;

/**
 * Embeds texts of which some came with vectors. The first of these are embedded again and compared. The others are used as they
 * came only if the first match: nothing else can prove that they are by the same model.
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

  /** Like `Embedder.embed`. */
  async embed(texts: readonly GivenText[], signal?: AbortSignal): Promise<(Float32Array | null)[]> {
    const hasGiven = texts.some(({ given }) => given !== undefined);
    if (!hasGiven) return this.#embed(texts, signal);
    if (this.#compared === undefined) {
      const embedded = this.#embed(texts, signal);
      this.#compared = embedded.then((vectors) => this.#compare(texts, vectors));
      // The caller gets the same error from `embedded`.
      this.#compared.catch(() => undefined);
      return embedded;
    }
    const trusted = await this.#compared;
    if (trusted === undefined) return this.#embed(texts, signal);
    const units = texts.map(({ given }) => (given?.length === trusted.dimensions ? unitOf(given) : undefined));
    const embedded = await this.#embed(
      texts.filter((_, index) => units[index] === undefined),
      signal,
    );
    let next = 0;
    return units.map((unit) => unit ?? embedded[next++] ?? null);
  }

  async #embed(texts: readonly GivenText[], signal: AbortSignal | undefined): Promise<(Float32Array | null)[]> {
    if (texts.length === 0) return [];
    return this.#embedder.embed(
      texts.map(({ text }) => text),
      signal,
    );
  }

  #compare(
    texts: readonly GivenText[],
    embedded: readonly (Float32Array | null)[],
  ): { readonly dimensions: number } | undefined {
    const pairs = texts.flatMap(({ given, document }, index) => {
      const own = embedded[index];
      return given === undefined || own === undefined || own === null ? [] : [{ given, own, document }];
    });
    const [first] = pairs;
    if (first === undefined) return undefined;
    const { length: dimensions } = first.own;
    const again = "so they are embedded again";
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

/** The vector scaled to length 1; undefined if its length is 0 or not finite. */
function unitOf(numbers: readonly number[]): Float32Array | undefined {
  const length = Math.hypot(...numbers);
  return Number.isFinite(length) && length > 0 ? Float32Array.from(numbers, (it) => it / length) : undefined;
}

/** Cosine of unit vectors. */
function nearness(a: Float32Array | undefined, b: Float32Array): number {
  return a === undefined ? 0 : b.reduce((sum, value, index) => sum + value * (a[index] ?? 0), 0);
}

/** A passage with the vector that came with its text, if any. */
export type GivenPassage = SplitPassage & { readonly given?: readonly number[] | undefined };

/** The passages of a document. A single one gets the document's vector; `given` is called after the last was read. */
export async function* withVector(
  passages: AsyncIterable<SplitPassage>,
  given: () => readonly number[] | undefined,
): AsyncGenerator<GivenPassage, void, void> {
  let held: SplitPassage | undefined;
  let isOnly = true;
  for await (const passage of passages) {
    if (held !== undefined) {
      isOnly = false;
      yield held;
    }
    held = passage;
  }
  if (held !== undefined) yield isOnly ? { ...held, given: given() } : held;
}
