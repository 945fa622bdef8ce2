import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { MemGPTError } from "../errors.ts";
import { fetchPublic } from "../web/fetch.ts";
import { type Input, Unreadable, fileProblem, inputAt, inputOf } from "./input.ts";
import { type WalkOptions, walk } from "./walk.ts";

/** A document that code supplies: from a database, a service, anything. */
export type OwnDocument = {
  /** The name that citations show. The same name again is a new version. */
  readonly name: string;
  readonly content: string | Uint8Array;
  /** Read the content as plain text, whatever it looks like (default: detect its kind). */
  readonly isPlainText?: boolean | undefined;
  /**
   * A vector of the whole text. Used if the text is a single passage and the source's embedder turns out to give the same
   * vectors.
   */
  readonly embedding?: readonly number[] | undefined;
};

/** Something that yields documents; see `defineSource`. */
export type OwnSource = {
  /** Distinguishes its documents from those of other origins in the same source. */
  readonly name: string;
  read(): AsyncIterable<OwnDocument>;
};

/**
 * Defines an origin whose documents come from code.
 *
 * @example
 * const tickets = defineSource({
 *   name: "tickets",
 *   async *read() {
 *     for (const ticket of await fetchTickets()) yield { name: ticket.id, content: ticket.text };
 *   },
 * });
 * for await (const event of memgpt.sources.load("support", [tickets])) console.log(event);
 */
export function defineSource(source: OwnSource): OwnSource {
  return source;
}

/** What to load: a file, a folder, a URL, or documents from code. */
export type Origin = string | OwnSource;

/** Something found to load, not yet opened or identified. */
export type Candidate = { readonly root: string; readonly name: string; readonly size: number; open(): Promise<Input> };

export type FindOptions = Omit<WalkOptions, "onError"> & {
  /** Hosts outside the public internet from which pages may be fetched. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
};

const LARGEST_PAGE = 64 * 1024 * 1024;
const FETCH_MS = 60_000;

/** Prefix of the roots of documents from code. */
export const OWN = "own:";

function isUrl(origin: string): boolean {
  return /^https?:\/\//i.test(origin);
}

/** Identifies an origin, independently of the working directory. */
export function rootOf(origin: Origin): string {
  if (typeof origin !== "string") return `${OWN}${origin.name}`;
  return isUrl(origin) ? origin : resolve(origin);
}

/**
 * Everything to load from an origin.
 *
 * @throws MemGPTError `not_found` for a path that does not exist; `invalid_input` for a URL that is not HTTP.
 */
export async function* candidatesOf(
  origin: Origin,
  options: FindOptions & Pick<WalkOptions, "onError">,
): AsyncGenerator<Candidate, void, void> {
  if (typeof origin !== "string") {
    yield* ownCandidates(origin);
  } else if (isUrl(origin)) {
    yield { root: origin, name: origin, size: 0, open: () => fetchPage(origin, options) };
  } else if (/^[a-z][a-z\d+.-]+:\/\//i.test(origin)) {
    throw new MemGPTError(
      "invalid_input",
      `${origin} is not loaded: pages have addresses that begin with http:// or https://.`,
    );
  } else {
    for await (const { root, path, name, size } of walk(origin, options)) {
      yield { root, name, size, open: async () => inputAt(path, { name, size }) };
    }
  }
}

async function* ownCandidates(source: OwnSource): AsyncGenerator<Candidate, void, void> {
  for await (const { name, content, isPlainText, embedding } of source.read()) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const input = { ...inputOf(name, bytes), isPlainText, embedding };
    yield { root: rootOf(source), name, size: input.size, open: async () => input };
  }
}

async function fetchPage(url: string, { allowedHosts, signal }: FindOptions): Promise<Input> {
  const { status, body } = await fetchPublic(url, {
    mostBytes: LARGEST_PAGE,
    timeoutMs: FETCH_MS,
    headers: { accept: "text/html,application/xhtml+xml,application/pdf,text/*,*/*;q=0.5" },
    allowedHosts,
    signal,
  });
  if (status < 200 || status > 299) throw new Unreadable(`the server answered ${status}`);
  return inputOf(url, body);
}

/** SHA-256 of the content, read as a stream, in hexadecimal. */
export async function hashOf(input: Input): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of input.chunks()) hash.update(chunk);
  } catch (error) {
    throw new Unreadable(fileProblem(error));
  }
  return hash.digest("hex");
}
