import type { AnswerBounds } from "../../schema/answer-bounds.ts";
import type { Quirks } from "../../ports/quirks.ts";
import { Deadline } from "./deadline.ts";
import { type Fault, FaultError } from "./fault.ts";
import { parsed } from "./json.ts";
import { isDeeperThan } from "../depth.ts";
import { TooLongError, bytesOf, readEvents, readLines } from "./lines.ts";
import { brokenFault, networkFault } from "./network-fault.ts";
import { RefusedError, isError } from "./server-error.ts";

/** Timeouts in milliseconds. */
export type Limits = {
  /** For the connection. */
  readonly connectMs: number;
  /** For the first piece of an answer: a local server may have to load the model first. */
  readonly firstMs: number;
  /** Between two pieces. */
  readonly betweenMs: number;
  /** For an answer that is not streamed. */
  readonly wholeMs: number;
};

export const DEFAULT_LIMITS: Limits = { connectMs: 30_000, firstMs: 300_000, betweenMs: 60_000, wholeMs: 900_000 };

/** Wait for the usage after the end of the answer: it is not worth more. */
const AFTERWARDS_MS = 2_000;

export type Exchange = {
  /** Sends the request and waits for the head of a successful answer. @throws RefusedError for any other. */
  readonly send: (signal: AbortSignal) => Promise<Response>;
  /** The server, as shown to people. */
  readonly server: string;
  readonly limits: Limits;
  readonly bounds: AnswerBounds;
  readonly streamed: boolean;
  /** `events`: server-sent events or one JSON value, whichever the server sends; `lines`: JSON, line by line. */
  readonly form: "events" | "lines";
  readonly signal: AbortSignal | undefined;
  /** Whether everything that matters has been read. */
  readonly finished: () => boolean;
  /** Converts an error answer into the error to throw. */
  readonly refuse: (answer: ErrorAnswer) => FaultError | QuirkError;
};

/** `status` is undefined if the error came in an answer that began as a success. */
export type ErrorAnswer = {
  readonly status?: number;
  readonly headers: Headers;
  readonly body: string;
  /** The request's path, if known. */
  readonly path?: string;
};

/** The server refused the form of the request, and another form is known to work. */
export class QuirkError extends Error {
  readonly quirk: Quirks;

  constructor(quirk: Quirks) {
    super("the server expects another form of the request");
    this.quirk = quirk;
  }
}

/** A piece of an answer; `whole` if it is the entire answer. */
export type Chunk = { readonly json: unknown; readonly whole: boolean };

/**
 * Sends one request and yields its answer piece by piece. Returns whether the server announced the end.
 *
 * @throws FaultError, what `refuse` returns, or the signal's reason.
 */
export async function* exchange(request: Exchange): AsyncGenerator<Chunk, boolean, void> {
  const { signal, server, limits } = request;
  const deadline = new Deadline();
  const either = signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]);
  try {
    deadline.allow(request.streamed ? limits.firstMs : limits.wholeMs, "no answer");
    const response = await request.send(either);
    return yield* read(request, response.headers, watched(response, request, deadline));
  } catch (error) {
    signal?.throwIfAborted();
    if (deadline.signal.aborted) throw networkFault(deadline.signal.reason, server);
    if (error instanceof RefusedError) throw refusalIn(error, request);
    if (error instanceof TooLongError) throw new FaultError(unboundedFault(request, "bytes"));
    throw error instanceof QuirkError ? error : networkFault(error, server);
  } finally {
    deadline.end();
  }
}

async function* read(
  request: Exchange,
  headers: Headers,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Chunk, boolean, void> {
  const { refuse, server } = request;
  const lines = bounded(readLines(bytes, mostCharacters(request)), request);
  let first = await lines.next();
  while (first.done !== true && first.value.trim() === "") first = await lines.next();
  if (first.done === true) throw new FaultError(brokenFault(server, "the answer was empty"));
  const all = prepended(first.value, lines);
  if (request.form === "lines") return yield* readJsonLines(request, headers, all);
  // How the content begins is more reliable than the content type that servers declare.
  const start = first.value.trimStart().charAt(0);
  if (start === "<") throw new FaultError(notAnApi(server));
  if (start === "{" || start === "[") {
    const body = await gathered(all, request);
    const json = parsedWithin(body, request);
    if (json === undefined) throw new FaultError(brokenFault(server, "the answer was not JSON"));
    if (isError(json)) throw refuse({ headers, body });
    yield { json, whole: true };
    return true;
  }
  for await (const { event, data } of readEvents(all, mostCharacters(request))) {
    if (data.startsWith("[DONE]")) return true;
    const json = parsedWithin(data, request);
    if (event === "error" || isError(json)) throw refuse({ headers, body: data });
    if (json === undefined) throw new FaultError(brokenFault(server, "the answer was not JSON"));
    yield { json, whole: false };
  }
  return false;
}

async function* readJsonLines(
  request: Exchange,
  headers: Headers,
  lines: AsyncIterable<string>,
): AsyncGenerator<Chunk, boolean, void> {
  const { refuse, server } = request;
  for await (const line of lines) {
    if (line.trim() === "") continue;
    const json = parsedWithin(line, request);
    if (json === undefined) throw new FaultError(brokenFault(server, "the answer was not JSON"));
    if (isError(json)) throw refuse({ headers, body: line });
    yield { json, whole: false };
  }
  return false;
}

async function* prepended(first: string, rest: AsyncIterable<string>): AsyncGenerator<string, void, void> {
  yield first;
  yield* rest;
}

/** The bytes of an answer. Ends it after a silence of `limits`. Comments keep the connection alive but do not count as pieces. */
async function* watched(
  response: Response,
  { limits, streamed, finished }: Exchange,
  deadline: Deadline,
): AsyncGenerator<Uint8Array, void, void> {
  const started = performance.now();
  let lastPiece = started;
  let begun = false;
  for await (const bytes of bytesOf(response)) {
    deadline.clear();
    const isPiece = !isComment(bytes);
    yield bytes;
    if (isPiece) {
      begun = true;
      // Set after the yield, because the reader takes time of its own.
      lastPiece = performance.now();
    }
    const left = Math.max(1, lastPiece + limits.firstMs - performance.now());
    if (finished()) deadline.allow(Math.min(AFTERWARDS_MS, limits.betweenMs), "no end");
    else if (!streamed)
      deadline.allow(Math.max(1, started + limits.wholeMs - performance.now()), "no end of the answer");
    else if (begun && limits.betweenMs < left) deadline.allow(limits.betweenMs, "no more of the answer");
    else deadline.allow(left, begun ? "no more of the answer" : "no answer");
  }
}

/** Whether `bytes` are only comments and empty lines. */
function isComment(bytes: Uint8Array): boolean {
  return !/^[^:\s]/m.test(Buffer.from(bytes).toString("latin1"));
}

async function gathered(lines: AsyncIterable<string>, request: Exchange): Promise<string> {
  const all: string[] = [];
  let left = mostCharacters(request);
  for await (const line of lines) {
    left -= line.length + 1;
    if (left < 0) throw new FaultError(unboundedFault(request, "bytes"));
    all.push(line);
  }
  return all.join("\n");
}

/** Most characters of one piece: the wire format and the model's text, in which an escaped character takes six. */
function mostCharacters({ bounds }: Exchange): number {
  return 64_000 + 3 * bounds.bytes;
}

/** How many times longer a streamed answer may be than its text: every word is wrapped in a piece. */
const MOST_WRAPPED = 100;

/** `lines`, up to a total length. */
async function* bounded(lines: AsyncIterable<string>, request: Exchange): AsyncGenerator<string, void, void> {
  let left = MOST_WRAPPED * request.bounds.bytes;
  for await (const line of lines) {
    left -= line.length + 1;
    if (left < 0) throw new FaultError(unboundedFault(request, "bytes"));
    yield line;
  }
}

/** Levels of the wire format around the arguments of a call. */
const WIRE_DEPTH = 16;

function parsedWithin(json: string, request: Exchange): unknown {
  if (isDeeperThan(json, request.bounds.depth + WIRE_DEPTH)) throw new FaultError(unboundedFault(request, "depth"));
  return parsed(json);
}

function unboundedFault({ server, bounds }: Exchange, by: "bytes" | "depth"): Fault {
  const limit = bounds[by].toLocaleString("en-US");
  const text = {
    bytes: `${server} sent more than an answer of ${limit} bytes can take`,
    depth: `${server} sent JSON nested deeper than ${limit} levels`,
  }[by];
  return { kind: "refused", code: "answer_unbounded", text, next: `choose another model, or raise max_answer_${by}` };
}

function refusalIn(error: RefusedError, { refuse, server }: Exchange): FaultError | QuirkError {
  const { status, headers } = error;
  if (status >= 300 && status < 400) return new FaultError(redirected(server, status, headers.get("location")));
  return refuse(error);
}

function redirected(server: string, status: number, location: string | null): Fault {
  const text = `${server} has moved (${status}${location === null ? "" : `: ${location}`})`;
  return { kind: "refused", status, text, next: "set the new address with {endpoint}" };
}

function notAnApi(server: string): Fault {
  const text = `${server} answered with a web page, so it is not an API`;
  return { kind: "refused", text, next: "check the address with {endpoint}; most end with /v1" };
}
