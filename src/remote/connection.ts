import { ERROR_CODES, type ErrorCode, type Kept, MemGPTError } from "../errors.ts";
import { type AnswerTo, type Asked, type Asking, type Routes, pathOf, textOf } from "../server/wire/asking.ts";
import type { WireError } from "../server/wire/library-contracts.ts";

export type ConnectionOptions = {
  /** The server's address, such as `http://127.0.0.1:8283`. */
  readonly url: string;
  /** A key, as printed by `memgpt keys create`; not needed for a server on loopback without keys. */
  readonly token?: string | undefined;
  /** Milliseconds to keep trying a server that does not answer (default: 30,000). */
  readonly patienceMs?: number | undefined;
  /** Called when the server stops answering, and when it answers again. */
  readonly onConnection?: ((status: "lost" | "back", reason: string) => void) | undefined;
};

/** A request that may be repeated; its body then has `isRepeat`, because the server may have received it before. */
export type Attempt = Asked & { readonly signal?: AbortSignal | undefined; readonly isSafe?: boolean };

const DEFAULT_PATIENCE = 30_000;
const FIRST_WAIT = 200;
const LONGEST_WAIT = 5000;

/** Failures before anything was sent. */
const UNSENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** The server did not answer. */
export class Unreachable extends Error {
  /** Whether the server cannot have received the request. */
  readonly isUnsent: boolean;

  constructor(cause: unknown) {
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    super(inner instanceof Error ? inner.message || inner.name : String(inner), { cause });
    this.name = "Unreachable";
    // `fetch` refuses ports of other services, such as 6000.
    const isForbidden = inner instanceof Error && inner.message === "bad port";
    this.isUnsent = isForbidden || UNSENT.has(String((inner as { code?: unknown } | undefined)?.code));
  }
}

/** One server, asked with one key. */
export class Connection {
  readonly #origin: string;
  readonly #token: string | undefined;
  readonly #onConnection: NonNullable<ConnectionOptions["onConnection"]>;
  readonly patienceMs: number;

  /** @throws MemGPTError `invalid_input` unless `url` is an http or https address and the token printable ASCII. */
  constructor({ url, token, patienceMs = DEFAULT_PATIENCE, onConnection = () => undefined }: ConnectionOptions) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new MemGPTError(
        "invalid_input",
        `${JSON.stringify(url)} is not a server's address, such as http://127.0.0.1:8283.`,
      );
    }
    // Check it here, because `fetch` would quote an invalid header in its error.
    if (token !== undefined && !/^[!-~]+$/.test(token)) {
      const message =
        "The token contains characters that no token has, such as spaces or line breaks. Nothing was sent.";
      throw new MemGPTError("invalid_input", message);
    }
    this.#origin = url.replace(/\/+$/, "");
    this.#token = token;
    this.patienceMs = patienceMs;
    this.#onConnection = onConnection;
  }

  /** The server's address. */
  get url(): string {
    return this.#origin;
  }

  /**
   * Calls a route and returns its answer. Retries for `patienceMs` if the server does not answer.
   *
   * @throws MemGPTError with the server's refusal; `server_unavailable` if it does not answer; `interrupted` by the signal.
   */
  async ask<R extends keyof Routes>(route: R, asking: Asking<Routes[R]>, signal?: AbortSignal): Promise<AnswerTo<R>> {
    const response = await this.request(route, { ...(asking as Asked), signal });
    return (await response.json()) as AnswerTo<R>;
  }

  /** Like `ask`, for any method and path, and returns the whole response. */
  async request(route: string, asked: Attempt): Promise<Response> {
    const deadline = performance.now() + this.patienceMs;
    let isRepeat = false;
    for (let wait = FIRST_WAIT; ; wait = Math.min(LONGEST_WAIT, wait * 2)) {
      try {
        const response = await this.once(route, isRepeat ? repeated(asked) : asked);
        if (wait > FIRST_WAIT) this.#onConnection("back", "");
        return response;
      } catch (error) {
        const busyFor = error instanceof Busy ? error.wait : undefined;
        if (busyFor === undefined && !(error instanceof Unreachable)) throw error;
        const isUnsent = busyFor !== undefined || (error instanceof Unreachable && error.isUnsent);
        const reason = error instanceof Error ? error.message : "";
        if (performance.now() + (busyFor ?? wait) > deadline) throw this.unavailable(reason, isRepeat || !isUnsent);
        isRepeat ||= !isUnsent;
        if (wait === FIRST_WAIT && busyFor === undefined) this.#onConnection("lost", reason);
        await pause(busyFor ?? wait, asked.signal, isRepeat);
      }
    }
  }

  /** Sends a request once. @throws Unreachable, Busy, and MemGPTError with the server's refusal. */
  async once(route: string, { params, query, body, signal }: Attempt): Promise<Response> {
    const [method = "", template = ""] = route.split(" ");
    let response: Response;
    try {
      response = await fetch(this.#origin + pathOf(template, params, query), {
        method: method.toUpperCase(),
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (cause) {
      if (signal?.aborted === true) throw interrupted("unknown");
      throw new Unreachable(cause);
    }
    if (response.ok) return response;
    const refused = (await response.json().catch(() => ({}))) as Partial<WireError>;
    const isOurs = typeof refused.code === "string";
    // A proxy answers for a server that is down.
    if (!isOurs && response.status >= 502 && response.status <= 504)
      throw new Unreachable(new Error(response.statusText));
    if (response.status === 429) throw new Busy(response, textOf(refused.detail));
    throw this.#refusal(response, { code: "", detail: undefined, ...refused });
  }

  /** The error once `patienceMs` has passed. */
  unavailable(reason: string, mayBeReceived: boolean): MemGPTError {
    const [kept, what]: [Kept, string] = mayBeReceived
      ? ["unknown", "It may have carried out the request; check before you repeat it."]
      : ["nothing", "Nothing was sent."];
    return new MemGPTError("server_unavailable", `The server at ${this.#origin} does not answer (${reason}). ${what}`, {
      kept,
    });
  }

  #refusal({ status, statusText }: Response, error: WireError): MemGPTError {
    if (status === 401) {
      const text = this.#token === undefined ? "requires a key" : "does not know this key";
      return new MemGPTError(
        "server_unavailable",
        `The server at ${this.#origin} ${text}: \`memgpt keys create\` makes one there.`,
      );
    }
    const detail = textOf(error.detail) ?? `The server at ${this.#origin} answered ${status} ${statusText}.`;
    return errorOf({ ...error, detail });
  }
}

/** The server is overloaded and refused the request. Nothing was done. */
export class Busy extends Error {
  /** Milliseconds to wait. */
  readonly wait: number;

  constructor({ headers }: Response, text = "too many requests") {
    super(text);
    this.name = "Busy";
    const seconds = Number(headers.get("retry-after") ?? 1);
    this.wait = Number.isFinite(seconds) ? Math.max(1, seconds) * 1000 : 1000;
  }
}

const CODES: ReadonlySet<string> = new Set(ERROR_CODES);

/** The error that the server's library threw. */
export function errorOf({ code, detail, kept }: WireError): MemGPTError {
  const known = CODES.has(code) ? (code as ErrorCode) : "server_unavailable";
  return new MemGPTError(known, String(detail), { kept: (kept as Kept | undefined) ?? "nothing" });
}

export function interrupted(kept: Kept): MemGPTError {
  const what = kept === "nothing" ? "Nothing was sent." : "The server may have carried out the request.";
  return new MemGPTError("interrupted", `Interrupted. ${what}`, { kept });
}

function repeated(asked: Attempt): Attempt {
  return typeof asked.body === "object" && asked.isSafe !== true
    ? { ...asked, body: { ...asked.body, isRepeat: true } }
    : asked;
}

/** Waits. @throws MemGPTError `interrupted` if `signal` is aborted. */
export async function pause(
  milliseconds: number,
  signal: AbortSignal | undefined,
  mayBeReceived: boolean,
): Promise<void> {
  const kept = mayBeReceived ? "unknown" : "nothing";
  if (signal?.aborted === true) throw interrupted(kept);
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(interrupted(kept));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
