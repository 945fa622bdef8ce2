import { LlmError } from "../../errors.ts";
import type { Connection } from "../../schema/connection.ts";
import type { Reranker } from "../../ports/reranker.ts";
import { FaultError, toError } from "../openai/fault.ts";
import { list, member } from "../openai/json.ts";
import { OpenAiConnection, type OpenAiConnectionOptions } from "../openai/openai-connection.ts";

export type ServerRerankerOptions = Pick<
  OpenAiConnectionOptions,
  "model" | "endpoint" | "apiKey" | "keyOrigin" | "env"
> &
  Partial<Pick<Connection, "apiVersion" | "headers">>;

/** The end of a whole answer, whatever a search allows. */
const WHOLE_MS = 60_000;

/** Where servers have it: below /v1 (llama.cpp, vLLM), or beside it (text-embeddings-inference). */
const PATHS = ["/rerank", "/../rerank"];

/**
 * `Reranker` over the `/rerank` of llama.cpp, vLLM, Jina and others, and over that of text-embeddings-inference, which has
 * other names for the same.
 *
 * @source https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md; https://docs.vllm.ai, "Re-rank API";
 *   https://huggingface.github.io/text-embeddings-inference
 */
export class ServerReranker implements Reranker {
  readonly model: string;
  readonly #connection: OpenAiConnection;
  #path: string | undefined;

  /** @throws LlmError if the endpoint is no URL or has a password in it. */
  constructor({ apiVersion = null, headers = {}, ...server }: ServerRerankerOptions) {
    this.model = server.model;
    const limits = { wholeMs: WHOLE_MS };
    this.#connection = new OpenAiConnection({ ...server, apiVersion, headers, limits, service: "rerank" });
  }

  async scores(query: string, texts: readonly string[], signal?: AbortSignal): Promise<readonly number[]> {
    const found = scoresIn(await this.#ask({ query, texts, signal }), texts.length);
    if (found !== undefined) return found;
    throw new LlmError(
      `${this.#connection.address.label} answered without a score for each text. Nothing was lost; ` +
        "choose a model that is made for reranking (rerank_model).",
    );
  }

  async #ask(request: Request): Promise<unknown> {
    let failure: unknown;
    for (const path of this.#path === undefined ? PATHS : [this.#path]) {
      try {
        const answer = await this.#askAt(path, request);
        this.#path = path;
        return answer;
      } catch (error) {
        if (!(error instanceof FaultError)) throw error;
        failure ??= toError(inOtherWords(error), 1);
        request.signal?.throwIfAborted();
      }
    }
    throw failure;
  }

  async #askAt(path: string, { query, texts, signal }: Request): Promise<unknown> {
    const { kind } = this.#connection.address;
    // Each kind of server reads its own name for the texts, and none minds the other's.
    const body = { model: this.model, query, documents: texts, texts };
    const chunks = this.#connection.ask({
      ...{ path, kind, body, signal, form: "events", streamed: false },
      finished: () => false,
      refuse: (refusal) => this.#connection.faultOf(refusal),
    });
    let answer: unknown;
    for await (const { json } of chunks) answer = json;
    return answer;
  }
}

/** What a person can do about it is set elsewhere than for a conversation. */
function inOtherWords({ fault, cause }: FaultError): FaultError {
  const next = fault.next.replace("{endpoint}", "rerank_endpoint").replace("{model}", "rerank_model");
  return new FaultError({ ...fault, next }, { cause });
}

type Request = {
  readonly query: string;
  readonly texts: readonly string[];
  readonly signal: AbortSignal | undefined;
};

/** @returns undefined if there is not exactly one score for each of `count` texts. */
function scoresIn(answer: unknown, count: number): number[] | undefined {
  const items = [answer, member(answer, "results"), member(answer, "data")].map(list).find(({ length }) => length > 0);
  if (items?.length !== count) return undefined;
  const scores = new Map<unknown, number>();
  for (const item of items) {
    const score = member(item, "relevance_score") ?? member(item, "score");
    if (typeof score === "number" && Number.isFinite(score)) scores.set(member(item, "index"), score);
  }
  const inOrder = Array.from({ length: count }, (_, i) => scores.get(i));
  return inOrder.every((score) => score !== undefined) ? inOrder : undefined;
}
