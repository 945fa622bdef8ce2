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

/** Longest wait for a whole answer. */
const WHOLE_MS = 60_000;

/** Paths relative to the base URL: below /v1 (llama.cpp, vLLM), or beside it (text-embeddings-inference). */
const PATHS = ["/rerank", "/../rerank"];

/**
 * `Reranker` over the `/rerank` of llama.cpp, vLLM, Jina and others, and that of text-embeddings-inference, whose fields have
 * other names.
 *
 * @source https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md; https://docs.vllm.ai, "Re-rank API";
 *   https://huggingface.github.io/text-embeddings-inference
 */
export class ServerReranker implements Reranker {
  readonly model: string;
  readonly #connection: OpenAiConnection;
  #path: string | undefined;

  /** @throws LlmError if the endpoint is not a URL; MemGPTError `invalid_input` if it has a password. */
  constructor({ apiVersion = null, headers = {}, ...server }: ServerRerankerOptions) {
    this.model = server.model;
    const limits = { wholeMs: WHOLE_MS };
    this.#connection = new OpenAiConnection({ ...server, apiVersion, headers, limits, service: "rerank" });
  }

  async scores(query: string, texts: readonly string[], signal?: AbortSignal): Promise<readonly number[]> {
    const found = scoresIn(await this.#ask({ query, texts, signal }), texts.length);
    if (found !== undefined) return found;
    throw new LlmError(
      `${this.#connection.address.label} did not return a score for each text. Nothing was lost; ` +
        "choose a model made for reranking (rerank_model).",
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
        failure ??= toError(withRerankSettings(error), 1);
        request.signal?.throwIfAborted();
      }
    }
    throw failure;
  }

  async #askAt(path: string, { query, texts, signal }: Request): Promise<unknown> {
    const { kind } = this.#connection.address;
    // Servers call the texts `documents` or `texts`, and ignore the other name.
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

/** The fault with the names of the reranker's settings in place of the conversation's. */
function withRerankSettings({ fault, cause }: FaultError): FaultError {
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
