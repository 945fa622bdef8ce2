import { isObject, list, member, parsed, text, type Json } from "./json.ts";

/** An error that a server returned, in one form for all servers. Fields that it does not send are empty. */
export type ServerError = {
  readonly status: number | undefined;
  readonly code: string;
  readonly type: string;
  readonly param: string;
  readonly message: string;
  /** The size of the request and the limit of the server, in tokens. */
  readonly requested: number | undefined;
  readonly window: number | undefined;
};

const LONGEST_MESSAGE = 300;

/** An answer with any status but success. `body` may be truncated, far beyond any error message. */
export class RefusedError extends Error {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  readonly path: string;

  constructor(status: number, answer: Pick<RefusedError, "headers" | "body" | "path">) {
    super(`status ${status}`);
    this.status = status;
    this.headers = answer.headers;
    this.body = answer.body;
    this.path = answer.path;
  }
}

/** Whether a body holds an error although its status is a success. */
export function isError(body: unknown): boolean {
  const error = member(body, "error");
  return (
    (isObject(error) && Object.keys(error).length > 0) || text(error) !== "" || text(member(body, "object")) === "error"
  );
}

/**
 * Reads an error from the body of an answer: `{error: {…}}` (OpenAI and most), `{error: "…"}` (Ollama, LM Studio), the error
 * itself (vLLM), `{detail: …}` (FastAPI, KoboldCpp), one in a list (Google), or any text.
 *
 * @param status The status of the answer; undefined if it claimed to be a success.
 */
export function readError(status: number | undefined, body: string): ServerError {
  const json = parsed(body);
  const outer: unknown = Array.isArray(json) ? json[0] : json;
  const error = [member(outer, "error"), member(outer, "detail"), outer].find(
    (candidate) => isObject(candidate) || text(candidate) !== "",
  );
  const fields: Json = isObject(error) ? error : {};
  const code = textOrNumber(fields["code"]);
  // Gateways put the message of the server behind them here.
  const raw = text(member(fields["metadata"], "raw"));
  const direct = messageOf(outer, error, isObject(json) || Array.isArray(json) ? "" : body);
  const behind = raw === "" ? "" : `: ${messageOf(parsed(raw), member(parsed(raw), "error"), raw)}`;
  const message = shortened(`${direct}${behind}`);
  return {
    status: status ?? statusOf(code),
    code,
    type: text(fields["type"]),
    param: text(fields["param"]),
    message,
    ...tokensOf(message, fields),
  };
}

function messageOf(outer: unknown, error: unknown, body: string): string {
  if (typeof error === "string") return error;
  const own = text(member(error, "message")) || text(member(error, "msg")) || text(member(outer, "message"));
  if (own !== "") return own;
  const details = list(member(outer, "detail")).map(
    (detail) => `${list(member(detail, "loc")).join(".")} ${text(member(detail, "msg"))}`,
  );
  // An HTML page tells most in its title.
  const title = /<title>([^<]*)<\/title>/i.exec(body)?.[1];
  return details.join("; ") || (title ?? body.replace(/<[^>]*>/g, " "));
}

function shortened(message: string): string {
  const plain = message.replace(/[\s\p{Cc}]+/gu, " ").trim();
  return plain.length > LONGEST_MESSAGE ? `${plain.slice(0, LONGEST_MESSAGE)}…` : plain;
}

function textOrNumber(value: unknown): string {
  return typeof value === "number" ? String(value) : text(value);
}

function statusOf(code: string): number | undefined {
  return /^[45]\d\d$/.test(code) ? Number(code) : undefined;
}

const WINDOW = [
  /(?:maximum context length|context (?:length|window|size))(?: of)?(?: is)?(?: only)?:? \(?(\d[\d,]*)/i,
  /n_ctx\D{1,3}(\d+)/i,
  /tokens > (\d[\d,]*)/i,
  /\blimit(?: is|=|:)? ?(\d[\d,]*)/i,
];

const REQUESTED = [
  /requested:? (?:about )?(\d[\d,]*)/i,
  /resulted in (?:over )?(\d[\d,]*)/i,
  /keep the first (\d+)/i,
  /n_keep\D{1,3}(\d+)/i,
  /length is (\d[\d,]*) while/i,
  /request \((\d[\d,]*) tokens\)/i,
  /(\d[\d,]*) tokens >/i,
  /has (\d[\d,]*) input tokens/i,
];

function tokensOf(message: string, fields: Json): Pick<ServerError, "requested" | "window"> {
  return {
    requested: count(fields["n_prompt_tokens"]) ?? firstNumber(REQUESTED, message),
    window: count(fields["n_ctx"]) ?? firstNumber(WINDOW, message),
  };
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 ? value : undefined;
}

function firstNumber(patterns: readonly RegExp[], message: string): number | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(message)?.[1];
    if (found !== undefined) return Number(found.replaceAll(",", ""));
  }
  return undefined;
}
