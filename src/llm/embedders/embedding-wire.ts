import { type Json, isObject, list, member } from "../openai/json.ts";

/**
 * The vectors in an answer of `/embeddings`, in the order of the texts. Also reads what some servers send instead: a bare
 * list, `embeddings` (Ollama's own), a vector in a list of one (llama.cpp's own).
 *
 * @returns undefined if there is not exactly one vector for each of `count` texts.
 */
export function vectorsIn(answer: unknown, count: number): ArrayLike<number>[] | undefined {
  const items = [answer, member(answer, "data"), member(answer, "embeddings")]
    .map(list)
    .find(({ length }) => length > 0);
  if (items?.length !== count) return undefined;
  const vectors: (ArrayLike<number> | undefined)[] = Array.from({ length: count });
  for (const [position, item] of items.entries()) {
    const index = isObject(item) ? (item["index"] ?? position) : position;
    if (typeof index !== "number" || !(index in vectors)) return undefined;
    vectors[index] = vectorIn(isObject(item) ? item["embedding"] : item);
  }
  const found = vectors.filter((vector) => vector !== undefined);
  return found.length === count ? found : undefined;
}

/** A list of numbers, or base64 of little-endian 32-bit floats. List items that are not numbers become NaN. */
function vectorIn(value: unknown): ArrayLike<number> | undefined {
  if (typeof value === "string") return decoded(value);
  if (!Array.isArray(value)) return undefined;
  const [first, ...more] = value as unknown[];
  if (Array.isArray(first) && more.length === 0) return vectorIn(first);
  return value.map((number) => (typeof number === "number" ? number : Number.NaN));
}

function decoded(base64: string): number[] | undefined {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length % 4 !== 0) return undefined;
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

export type EmbeddingRequest = {
  readonly model: string;
  readonly dimensions: number | null;
  readonly kind: "openai" | "azure" | "other";
};

/** The body of a request for the vectors of `texts`. Only OpenAI and Azure are certain to support base64. */
export function embeddingBody({ model, dimensions, kind }: EmbeddingRequest, texts: readonly string[]): Json {
  return {
    model,
    input: texts,
    ...(dimensions === null ? {} : { dimensions }),
    ...(kind === "other" ? {} : { encoding_format: "base64" }),
  };
}
