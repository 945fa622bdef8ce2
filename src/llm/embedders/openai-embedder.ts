import { ContextOverflowError, LlmError, type MemGPTError } from "../../errors.ts";
import { DEFAULT_ANSWER_BOUNDS } from "../../schema/answer-bounds.ts";
import type { Connection } from "../../schema/connection.ts";
import type { Embedder } from "../../ports/embedder.ts";
import { SEMANTIC_MIN_SIMILARITY, VectorSpace, hasContent } from "../vector-space.ts";
import { embeddingBody, vectorsIn } from "./embedding-wire.ts";
import { type Fault, FaultError, toError } from "../openai/fault.ts";
import { type RetryOptions, persist } from "../openai/retries.ts";
import { OpenAiConnection, type OpenAiConnectionOptions, type Refusal } from "../openai/openai-connection.ts";

export type OpenAiEmbedderOptions = Pick<
  OpenAiConnectionOptions,
  "model" | "endpoint" | "apiKey" | "keyOrigin" | "env" | "limits" | "now"
> &
  Partial<Pick<Connection, "apiVersion" | "headers">> &
  RetryOptions & {
    /** Dimensions, for models that leave the choice; null for the model's own. */
    readonly dimensions?: number | null;
  };

/**
 * Texts and characters in one request. OpenAI takes 2,048 texts and 300,000 tokens, and a character is rarely more than one;
 * others run on a person's machine, or say no to more than 32.
 *
 * @source https://platform.openai.com/docs/api-reference/embeddings/create; text-embeddings-inference, MAX_CLIENT_BATCH_SIZE
 */
const MOST_AT_OPENAI = { texts: 512, characters: 200_000 } as const;
const MOST_ELSEWHERE = { texts: 32, characters: 50_000 } as const;

/** For a whole answer: long enough for a model that has to be loaded, and too short to hold up a turn for good. */
const WHOLE_MS = 300_000;

/** What an answer may take: 512 vectors of 3,072 numbers and then some. */
const BOUNDS = { ...DEFAULT_ANSWER_BOUNDS, bytes: 5_000_000 };

/** Halvings of a text that the model finds too long: from 8,192 tokens to 32. */
const MOST_CUTS = 8;

/** The server wants fewer texts. `fewer`: it never accepts this many; otherwise these, or one of them, were too long. */
class TooMuchError extends FaultError {
  readonly fewer: boolean;

  constructor(fault: Fault, fewer: boolean) {
    super(fault);
    this.fewer = fewer;
  }
}

/** How servers say that they take fewer texts at a time: text-embeddings-inference, Azure, Mistral, DashScope, Google. */
const TOO_MANY =
  /max(imum allowed|imum)? batch size|batch size is invalid|too many inputs|number of inputs|in one batch|split into more batches/i;
/** How they say that there are too many tokens, beside the words that chat completions have for it. */
const TOO_LONG = /max_tokens_per_request|tokens per request|must have (less|fewer) than \d+ tokens/i;

type Item = { readonly at: number; text: string; cuts: number };

/**
 * `Embedder` over any server with OpenAI's `/embeddings`. Asks for many texts at once and for fewer where the server wants it;
 * a text that is too long for the model is embedded by its beginning.
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

  /** @throws LlmError if OpenAI itself is to be asked and there is no key, or if the endpoint is no URL. */
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
    const within = { wholeMs: WHOLE_MS, ...limits };
    this.#connection = new OpenAiConnection({
      ...server,
      apiVersion,
      headers,
      limits: within,
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
    // Half a surrogate pair is no text, and some servers refuse the whole request for it.
    const items = texts.flatMap((text, at): Item[] =>
      hasContent(text) ? [{ at, text: text.replace(/\p{Surrogate}/gu, "\uFFFD"), cuts: 0 }] : [],
    );
    let most = this.#mostTexts;
    for (let start = 0; start < items.length;) {
      const batch = this.#batch(items, start, Math.min(most, this.#mostTexts));
      const answer = await this.#ask(batch, signal);
      if (answer instanceof TooMuchError) {
        most = this.#less(batch, answer);
        continue;
      }
      for (const [i, vector] of answer.entries()) vectors[batch[i]?.at ?? 0] = vector;
      start += batch.length;
      most *= 2;
    }
    return vectors;
  }

  /** The items from `start` on that fit into one request. */
  #batch(items: readonly Item[], start: number, most: number): Item[] {
    let [end, characters] = [start, 0];
    for (const { text } of items.slice(start, start + most)) {
      characters += text.length;
      if (end > start && characters > this.#mostCharacters) break;
      end += 1;
    }
    return items.slice(start, end);
  }

  /** Makes less of a batch that was too much. @returns how many texts to send the next time. */
  #less(batch: readonly Item[], refusal: TooMuchError): number {
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
        throw error instanceof FaultError ? inOtherWords(error) : error;
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
    const text = `${label} answered without a vector for each text`;
    const fault = { kind: "refused", text, next: "choose a model that is made for embeddings" } as const;
    // Some servers look at the first text only.
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

/** What a person can do about an embedding is set in other places than what they can do about a conversation. */
function inOtherWords({ fault, cause }: FaultError): FaultError {
  const next = fault.next
    .replace("{endpoint}", "embedding_endpoint (memgpt configure)")
    .replace("{model}", "embedding_model (memgpt configure)")
    .replace("send the message again", "try again");
  return new FaultError({ ...fault, next }, { cause });
}

/** A text that is cut no further, or the only one of a request. */
function tooLong(refusal: TooMuchError): MemGPTError {
  const error = toError(inOtherWords(refusal), 1);
  if (!(error instanceof ContextOverflowError)) return error;
  const next = "choose an embedding model that takes longer texts (memgpt configure)";
  return new LlmError(`${refusal.fault.text}, however short the text. Nothing was lost; ${next}.`, { cause: error });
}

/** Not in the middle of a surrogate pair. */
function firstHalf(text: string): string {
  return text.slice(0, Math.floor(text.length / 2)).replace(/[\uD800-\uDBFF]$/, "");
}
