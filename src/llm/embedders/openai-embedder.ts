import { ContextOverflowError, LlmError, type MemGPTError } from "../../errors.ts";
import { DEFAULT_ANSWER_BOUNDS } from "../../schema/answer-bounds.ts";
import type { Connection } from "../../schema/connection.ts";
import type { Embedder } from "../../ports/embedder.ts";
import { SEMANTIC_MIN_SIMILARITY, VectorSpace, hasContent } from "../vector-space.ts";
import { embeddingBody, vectorsIn } from "./embedding-wire.ts";
import { type Fault, FaultError, toError } from "../openai/fault.ts";
import { type RetryOptions, persist } from "../openai/retries.ts";
import { OpenAiConnection, type OpenAiConnectionOptions, type Refusal } from "../openai/openai-connection.ts";
import { beginning } from "../../schema/beginning.ts";

export type OpenAiEmbedderOptions = Pick<
  OpenAiConnectionOptions,
  "model" | "endpoint" | "apiKey" | "keyOrigin" | "env" | "limits" | "now"
> &
  Partial<Pick<Connection, "apiVersion" | "headers">> &
  RetryOptions & {
    /** Dimensions, for models that offer a choice; null for the model's own. */
    readonly dimensions?: number | null;
  };

/**
 * Most texts and characters in one request. OpenAI accepts 2,048 texts and 300,000 tokens, and a character is rarely more than
 * one token. Other servers may run on a person's machine, or refuse more than 32 texts.
 *
 * @source https://platform.openai.com/docs/api-reference/embeddings/create; text-embeddings-inference, MAX_CLIENT_BATCH_SIZE
 */
const MOST_AT_OPENAI = { texts: 512, characters: 200_000 } as const;
const MOST_ELSEWHERE = { texts: 32, characters: 50_000 } as const;

/** Longest wait for a whole answer: enough for a server that has to load the model first. */
const WHOLE_MS = 300_000;

/** Room for 512 vectors of 3,072 numbers and more. */
const BOUNDS = { ...DEFAULT_ANSWER_BOUNDS, bytes: 5_000_000 };

/** Most halvings of a text that the model finds too long: from 8,192 tokens to 32. */
const MOST_CUTS = 8;

/** The server refused a batch. `fewer`: it never accepts this many texts; otherwise these were too long. */
class TooMuchError extends FaultError {
  readonly fewer: boolean;

  constructor(fault: Fault, fewer: boolean) {
    super(fault);
    this.fewer = fewer;
  }
}

/** Errors for too many texts: text-embeddings-inference, Azure, Mistral, DashScope, Google. */
const TOO_MANY =
  /max(imum allowed|imum)? batch size|batch size is invalid|too many inputs|number of inputs|in one batch|split into more batches/i;
/** Errors for too many tokens, besides those that chat completions share. */
const TOO_LONG = /max_tokens_per_request|tokens per request|must have (less|fewer) than \d+ tokens/i;

type Item = { readonly at: number; text: string; cuts: number };

/**
 * `Embedder` over any server with OpenAI's `/embeddings`. Sends many texts at once, and fewer if the server refuses. Of a text
 * too long for the model, only the beginning is embedded.
 */
export class OpenAiEmbedder implements Embedder {
  readonly model: string;
  readonly minSimilarity = SEMANTIC_MIN_SIMILARITY;
  readonly #space: VectorSpace;
  readonly #connection: OpenAiConnection;
  readonly #request: { readonly model: string; readonly dimensions: number | null };
  readonly #retries: RetryOptions;
  readonly #mostCharacters: number;
  #mostTexts: number;

  /** @throws LlmError if the endpoint is OpenAI and has no key, or is not a URL. */
  constructor({
    dimensions = null,
    apiVersion = null,
    headers = {},
    attempts,
    sleep,
    random,
    limits,
    ...server
  }: OpenAiEmbedderOptions) {
    this.#connection = new OpenAiConnection({
      ...server,
      apiVersion,
      headers,
      limits: { wholeMs: WHOLE_MS, ...limits },
      bounds: BOUNDS,
      service: "embeddings",
    });
    this.#space = new VectorSpace(server.model, dimensions);
    this.model = this.#space.name;
    this.#request = { model: server.model, dimensions };
    this.#retries = { attempts, sleep, random };
    const { texts, characters } = this.#connection.address.kind === "other" ? MOST_ELSEWHERE : MOST_AT_OPENAI;
    this.#mostTexts = texts;
    this.#mostCharacters = characters;
  }

  get dimensions(): number | null {
    return this.#space.dimensions;
  }

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<(Float32Array | null)[]> {
    const vectors: (Float32Array | null)[] = texts.map(() => null);
    // Some servers refuse a whole request for half a surrogate pair.
    const items = texts.flatMap((text, at): Item[] =>
      hasContent(text) ? [{ at, text: text.replace(/\p{Surrogate}/gu, "\uFFFD"), cuts: 0 }] : [],
    );
    let most = this.#mostTexts;
    for (let start = 0; start < items.length;) {
      const batch = this.#batch(items, start, Math.min(most, this.#mostTexts));
      const answer = await this.#ask(batch, signal);
      if (answer instanceof TooMuchError) {
        most = this.#shrink(batch, answer);
        continue;
      }
      for (const [i, vector] of answer.entries()) vectors[batch[i]?.at ?? 0] = vector;
      start += batch.length;
      most *= 2;
    }
    return vectors;
  }

  /** The items from `start` on that fit in one request. */
  #batch(items: readonly Item[], start: number, most: number): Item[] {
    let [end, characters] = [start, 0];
    for (const { text } of items.slice(start, start + most)) {
      characters += text.length;
      if (end > start && characters > this.#mostCharacters) break;
      end += 1;
    }
    return items.slice(start, end);
  }

  /** Shrinks a batch that was refused. @returns how many texts to send next. */
  #shrink(batch: readonly Item[], refusal: TooMuchError): number {
    const half = Math.floor(batch.length / 2);
    const [only] = batch;
    if (half > 0) {
      if (refusal.fewer) this.#mostTexts = half;
      return half;
    }
    if (only === undefined || refusal.fewer || only.cuts === MOST_CUTS || only.text.length < 2) {
      throw tooLong(refusal);
    }
    only.text = firstHalf(only.text);
    only.cuts += 1;
    return 1;
  }

  async #ask(batch: readonly Item[], signal: AbortSignal | undefined): Promise<Float32Array[] | TooMuchError> {
    const texts = batch.map(({ text }) => text);
    const ask = async (): Promise<Float32Array[] | TooMuchError> => {
      try {
        return this.#space.units(await this.#vectors(texts, signal));
      } catch (error) {
        if (error instanceof TooMuchError) return error;
        throw error instanceof FaultError ? withEmbeddingSettings(error) : error;
      }
    };
    return persist(ask, signal, this.#retries);
  }

  async #vectors(texts: readonly string[], signal: AbortSignal | undefined): Promise<ArrayLike<number>[]> {
    const { kind, label } = this.#connection.address;
    const body = embeddingBody({ ...this.#request, kind }, texts);
    const chunks = this.#connection.ask({
      ...{ path: "/embeddings", kind, body, signal, form: "events", streamed: false },
      finished: () => false,
      refuse: (refusal) => this.#refusal(refusal),
    });
    let answer: unknown;
    try {
      for await (const { json } of chunks) answer = json;
    } catch (error) {
      const isTooLarge = error instanceof FaultError && error.fault.code === "answer_unbounded";
      throw isTooLarge && texts.length > 1 ? new TooMuchError(error.fault, true) : error;
    }
    const vectors = vectorsIn(answer, texts.length);
    if (vectors !== undefined) return vectors;
    const text = `${label} did not return a vector for each text`;
    const fault = { kind: "refused", text, next: "choose a model made for embeddings" } as const;
    // Some servers embed only the first text.
    throw texts.length > 1 ? new TooMuchError(fault, true) : new FaultError(fault);
  }

  #refusal(refusal: Refusal): FaultError {
    const error = this.#connection.faultOf(refusal);
    const { code, type, message } = refusal.said;
    const words = `${code} ${type} ${message}`;
    if (TOO_MANY.test(words)) return new TooMuchError(error.fault, true);
    return error.fault.kind === "overflow" || TOO_LONG.test(words) ? new TooMuchError(error.fault, false) : error;
  }
}

/** The fault with the names of the embedding's settings in place of the conversation's. */
function withEmbeddingSettings({ fault, cause }: FaultError): FaultError {
  const next = fault.next
    .replace("{endpoint}", "embedding_endpoint (memgpt configure)")
    .replace("{model}", "embedding_model (memgpt configure)")
    .replace("send the message again", "try again");
  return new FaultError({ ...fault, next }, { cause });
}

/** The error for a single text that was refused and cannot be cut further. */
function tooLong(refusal: TooMuchError): MemGPTError {
  const error = toError(withEmbeddingSettings(refusal), 1);
  if (!(error instanceof ContextOverflowError)) return error;
  const next = "choose an embedding model that accepts longer texts (memgpt configure)";
  return new LlmError(`${refusal.fault.text}, however short the text. Nothing was lost; ${next}.`, { cause: error });
}

function firstHalf(text: string): string {
  return beginning(text, Math.floor(text.length / 2));
}
