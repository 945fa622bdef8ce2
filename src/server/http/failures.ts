import type { ContentfulStatusCode } from "hono/utils/http-status";
import { AgentHeldError, type ErrorCode, type Kept, MemGPTError } from "../../index.ts";
import { ElsewhereError } from "../house/elsewhere.ts";
import { Refusal } from "../house/refusal.ts";

/** What a failed request is answered with. */
export type Failure = {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  /** A sentence, or FastAPI's list of invalid fields. */
  readonly detail: unknown;
  /** What was kept of the request, if the library says. */
  readonly kept?: Kept;
  readonly headers: Readonly<Record<string, string>>;
};

const STATUS: Record<ErrorCode, ContentfulStatusCode> = {
  agent_busy: 409,
  agent_exists: 409,
  agent_locked: 409,
  agent_not_found: 404,
  answer_unbounded: 502,
  config_invalid: 500,
  context_overflow: 400,
  cost_limit: 402,
  interrupted: 503,
  invalid_input: 422,
  invalid_name: 422,
  llm_unavailable: 502,
  native_missing: 500,
  not_found: 404,
  queue_full: 429,
  server_unavailable: 502,
  storage_damaged: 500,
  storage_failed: 500,
};

/** The refusal for an unknown path, or one that the caller must not know of. */
export function noRoute({ method, path }: { readonly method: string; readonly path: string }): Refusal {
  return new Refusal(404, "not_found", `There is no route ${method} ${path}. GET /docs lists all routes.`);
}

/**
 * Clients retry by themselves after 408, 409, 429 and 5xx. They may if nothing was done; otherwise they are asked not to, or a
 * message could be stored twice.
 */
const ONCE = { "x-should-retry": "false" };
const AGAIN = { "retry-after": "1" };

/** Names the server that has the agent open. */
const HOLDER = "x-memgpt-holder";

/** @returns undefined for unexpected errors. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof Refusal) {
    const { status, code, message: detail, headers } = error;
    return { status, code, detail, headers };
  }
  if (!(error instanceof MemGPTError)) return undefined;
  const { code, message: detail, kept } = error;
  if (error instanceof AgentHeldError && error.holder !== undefined) {
    return { status: 503, code, detail, kept, headers: { ...AGAIN, [HOLDER]: error.holder } };
  }
  if (error instanceof ElsewhereError && error.isCertain) {
    const text =
      "The server that carries out the run does not answer. Try again: if it has stopped, the run has failed.";
    return { status: 503, code: "server_unavailable", detail: text, headers: AGAIN };
  }
  const mayRepeat = code === "queue_full" || (code === "interrupted" && kept === "nothing");
  return { status: STATUS[code], code, detail, kept, headers: mayRepeat ? AGAIN : ONCE };
}

export const UNFORESEEN: Failure = {
  status: 500,
  code: "internal",
  detail: "Internal error. The server's log has the details.",
  headers: ONCE,
};

/** `{detail}`, as Letta's clients read it. */
function lettaError({ code, detail, kept }: Failure): Record<string, unknown> {
  return { detail, code, kept };
}

/** `{error}`, as OpenAI's clients read it. */
export function openaiError({ status, code, detail }: Failure): Record<string, unknown> {
  const wrong = Array.isArray(detail) ? (detail as readonly WrongField[]) : [];
  const message = typeof detail === "string" ? detail : `${wrong.map(sentenceOf).join("; ")}. Nothing was done.`;
  const type = status === 401 ? "authentication_error" : status < 500 ? "invalid_request_error" : "server_error";
  return { error: { message, type, code, param: wrong[0] === undefined ? null : fieldOf(wrong[0]) } };
}

/** An invalid field. `loc` is its path, beginning with the part of the request, such as "body". */
type WrongField = { readonly loc: readonly (string | number)[]; readonly msg: string };

/** The field's path, such as "messages.0.role"; null for the whole body. */
function fieldOf({ loc }: WrongField): string | null {
  return loc.length > 1 ? loc.slice(1).join(".") : null;
}

function sentenceOf(wrong: WrongField): string {
  return `${fieldOf(wrong) ?? "The request"}: ${wrong.msg.replace(/\.$/, "")}`;
}

/** The error's body, in the form that the clients of a path read. */
export function errorFor(path: string, failure: Failure): Record<string, unknown> {
  return isOpenai(path) ? openaiError(failure) : lettaError(failure);
}

/** Paths that only OpenAI's clients request, including those that this server lacks. */
const OPENAI =
  /^\/v1\/(chat\/completions|(completions|responses|models|embeddings|moderations|images|audio)(\/[^/]+)?)$/;

function isOpenai(path: string): boolean {
  return OPENAI.test(path) && path !== "/v1/models/embedding";
}
