import { ContextOverflowError, LlmError, type MemGPTError } from "../../errors.ts";
import { saysNoTools } from "../json-functions/no-tools.ts";
import type { ServerError } from "./server-error.ts";

/** Why a request got no answer. */
export type Fault = {
  readonly kind: "overflow" | "refused" | "passing";
  /** What is wrong, as a sentence without its full stop. */
  readonly text: string;
  /** What to do about it, likewise. */
  readonly next: string;
  readonly status?: number | undefined;
  /** The error code, if it is not `llm_unavailable`. */
  readonly code?: "answer_unbounded";
  /** For a passing fault: the reason in a few words, and the wait that the server asks for, in milliseconds. */
  readonly reason?: string;
  readonly afterMs?: number | null;
  readonly window?: number | undefined;
  readonly requested?: number | undefined;
};

export class FaultError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault, options?: ErrorOptions) {
    super(fault.text, options);
    this.fault = fault;
  }
}

/** The error to show to people. */
export function toError({ fault, cause }: FaultError, attempts: number): MemGPTError {
  const { kind, text, next, status, code, window, requested } = fault;
  const end = next.endsWith("?") ? "" : ".";
  const message = `${text}${attempts > 1 ? `, ${attempts} times in a row` : ""}. Nothing was lost; ${next}${end}`;
  if (kind === "overflow") return new ContextOverflowError(message, { cause, window, requested });
  return new LlmError(message, { cause, status, ...(code === undefined ? {} : { code }) });
}

/** A service of a server, named by its path. */
export type Service = "chat/completions" | "embeddings" | "rerank";

export type RequestInfo = {
  readonly model: string;
  /** The server, as shown to people. */
  readonly server: string;
  readonly kind: "openai" | "azure" | "other" | "ollama";
  readonly service: Service;
  readonly hasKey: boolean;
  /** Where the key is from, if known. */
  readonly keyOrigin?: string | undefined;
  readonly path: string;
};

const OVERFLOW =
  /maximum context length|context[ _-]?(length|window|size)[^.]*(exceed|larger|too (long|small)|overflow|not enough)|exceed[^.]{0,40}(context|maximum (input|prompt|model) length)|n_keep|keep the first \d+ tokens|prompt is too long|(input|prompt|messages?)[^.]{0,30} too (long|large|many tokens)|reduce the length of (the|either|your)|max_tokens must be at least 1, got -|too many (input )?tokens/i;
const OVERFLOW_CODES = ["context_length_exceeded", "exceed_context_size_error", "string_above_max_length"];
const OUT_OF_CREDIT =
  /insufficient[_ ](quota|credits?|balance|funds)|exceeded your current quota|billing_hard_limit|payment required/i;
const NO_MODEL =
  /not a valid model|model[^.]*(not found|does not exist|doesn't exist|not exist|unknown|no such)|(no such|unknown|invalid) model|model_not_found|DeploymentNotFound|try pulling it/i;
const FILTERED =
  /content[_ ]?(filter|policy|management policy)|ResponsibleAIPolicy|moderation|was flagged|safety (system|reasons)/i;
const NO_EMBEDDINGS = /not support embedding|not an? embedding|embeddings? (is|are) not (supported|enabled)/i;

/**
 * Interprets an error that a server returned.
 *
 * @param afterMs The wait that the server asks for, in milliseconds; null if it does not say.
 */
export function faultOf(said: ServerError, request: RequestInfo, afterMs: number | null): Fault {
  const { status } = said;
  const words = [said.code, said.type, said.message].join(" ");
  const answered = detailed(status, said.message);
  const text = `${request.server} answered ${answered}`;
  if (request.service === "embeddings" && NO_EMBEDDINGS.test(said.message)) {
    const next = "start the server with embeddings (llama.cpp: --embeddings), or choose another model with {model}";
    return { kind: "refused", status, text, next };
  }
  if (saysNoTools(said.message)) {
    return {
      kind: "refused",
      status,
      text,
      next: "choose another model with {model}, or run `memgpt configure set function_calling json` and create a new agent",
    };
  }
  return (
    overflow(said, request) ??
    refusal(words, answered, said, request) ??
    passing(answered, said, request, afterMs) ?? {
      kind: "refused",
      status,
      text,
      next: "check the model and its options",
    }
  );
}

/** Groq and OpenAI refuse any request with more tokens than their limit per minute, so that limit also bounds the window. */
function overflow(said: ServerError, { model, server }: RequestInfo): Fault | undefined {
  const { status, requested, window } = said;
  const known = { kind: "overflow", status, requested, window } as const;
  if (
    /request too large/i.test(said.message) &&
    requested !== undefined &&
    window !== undefined &&
    requested > window
  ) {
    const text = `${server} allows ${window} tokens a minute, and the request has ${requested}`;
    return { ...known, text, next: `set {window} below ${window}` };
  }
  const isOverflow =
    OVERFLOW_CODES.includes(said.code) ||
    OVERFLOW_CODES.includes(said.type) ||
    status === 413 ||
    (![401, 402, 403, 404, 429].includes(status ?? 0) && OVERFLOW.test(said.message));
  if (!isOverflow) return undefined;
  const figures = [
    ...(requested === undefined ? [] : [`${requested} tokens`]),
    ...(window === undefined ? [] : [`the limit is ${window}`]),
  ].join(", ");
  const text = `the request to ${model} is larger than its context window${figures === "" ? "" : ` (${figures})`}`;
  return { ...known, text, next: "set {window} lower" };
}

function refusal(
  words: string,
  answered: string,
  { status, message }: ServerError,
  request: RequestInfo,
): Fault | undefined {
  const { model, server, hasKey } = request;
  const refused = (text: string, next: string): Fault => ({ kind: "refused", status, text, next });
  if (status === 402 || OUT_OF_CREDIT.test(words))
    return refused(
      `the account of this key at ${server} has no credit left (${answered})`,
      "add credit there, or choose another model",
    );
  if (FILTERED.test(words) && (status === undefined || status < 500) && status !== 429)
    return refused(`${server} filtered the request (${answered})`, "rephrase the message, or choose another model");
  if (status === 401 || (status === 403 && (message === "" || /key|auth|token|credential|permission/i.test(message)))) {
    const about = message === "" ? "" : `: ${message}`;
    return hasKey
      ? refused(`${server} refused the API key (${status})${about}`, nextForKey(request))
      : refused(
          `${server} needs an API key (${status}), and none was sent${about}`,
          `store one with ${storing(request)}, or allow OpenAI's key there with use_openai_key in config.json`,
        );
  }
  if (/api[ _]key not valid|invalid[ _]api[ _]key/i.test(words))
    return refused(`${server} refused the API key (${answered})`, nextForKey(request));
  if (NO_MODEL.test(words) && (status === undefined || status < 500)) {
    return refused(`${server} has no model ${model} (${answered})`, nextForModel(request));
  }
  if (status === 404 || status === 405) {
    const lacks = /\/v\d/.test(request.path) ? "check the address with {endpoint}" : "does the address lack /v1?";
    const what = { "chat/completions": "chat completions", embeddings: "embeddings", rerank: "reranking" }[
      request.service
    ];
    return refused(`${server} has no ${what} at ${request.path} (${answered})`, lacks);
  }
  if (/requires more system memory/i.test(message))
    return refused(`${server} answered ${answered}`, "choose a smaller model, or set {window} lower");
  return undefined;
}

function nextForKey(request: RequestInfo): string {
  const { keyOrigin } = request;
  if (keyOrigin === undefined) return `check its key, or store another with ${storing(request)}`;
  if (keyOrigin.endsWith(".json")) return `its key is from ${keyOrigin}: store another with ${storing(request)}`;
  return `its key is from ${keyOrigin}: check that`;
}

function storing({ server, kind }: RequestInfo): string {
  return kind === "openai"
    ? "`memgpt configure set openai_api_key -`"
    : `\`memgpt configure set api_key - --endpoint ${server}\``;
}

function nextForModel({ kind, model }: RequestInfo): string {
  if (kind === "ollama") return `get it with \`ollama pull ${model}\`, or choose another with {model}`;
  if (kind === "azure") return "give the name of its deployment with {model}";
  return "choose another with {model}";
}

/** The longest wait that is taken without asking; beyond it, the error says when to try again. */
const LONGEST_WAIT_MS = 60_000;

function passing(
  answered: string,
  said: ServerError,
  { server }: RequestInfo,
  afterMs: number | null,
): Fault | undefined {
  const { status, type, code } = said;
  const isLimited = status === 429 || /rate_?limit/i.test(`${type} ${code}`);
  const isUnspecified = status === undefined && !/invalid_request|BadRequest/i.test(type);
  if (!isLimited && !isUnspecified && status !== 408 && status !== 409 && (status ?? 0) < 500) return undefined;
  const text = isLimited ? `${server} limits the rate of requests (${answered})` : `${server} answered ${answered}`;
  if (afterMs !== null && afterMs > LONGEST_WAIT_MS)
    return { kind: "refused", status, text, next: `try again in ${duration(afterMs)}` };
  const about = status === undefined ? "" : ` (${status})`;
  const reason = isLimited ? `the server limits the rate of requests${about}` : `the server failed${about}`;
  return { kind: "passing", status, text, next: "send the message again", reason, afterMs };
}

function duration(milliseconds: number): string {
  const minutes = Math.ceil(milliseconds / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  return `${Math.ceil(minutes / 60)} hours`;
}

function detailed(status: number | undefined, message: string): string {
  if (status === undefined) return message === "" ? "an error without a message" : message;
  return message === "" ? String(status) : `${status}: ${message}`;
}
