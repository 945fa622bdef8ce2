import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { describe } from "../errors.ts";
import { fetchPublic } from "../web/fetch.ts";
import { type Input, Unreadable, inputAt, inputOf } from "./input.ts";
import { type WalkOptions, walk } from "./walk.ts";

/** A text of one's own: from a database, a service, anything that code can read. */
export type OwnDocument = {
  /** How answers name it; the same name again is a new version of it. */
  readonly name: string;
  readonly content: string | Uint8Array;
  /** Takes the content as text, whatever it looks like (default: finds out what it is). */
  readonly isPlainText?: boolean | undefined;
  /**
   * A vector of the whole text. It is used where that is one passage, and if the source's own embedder turns out to give the
   * same vectors.
   */
  readonly embedding?: readonly number[] | undefined;
};

/** Something that yields documents; see `defineSource`. */
export type OwnSource = {
  /** Tells its documents from those of others in one source. */
  readonly name: string;
  read(): AsyncIterable<OwnDocument>;
};

/**
 * Makes something that can be loaded of any code that yields documents.
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

/** What to load: a file, a folder, a URL, or documents of one's own. */
export type Origin = string | OwnSource;

/** Something to load that was found, before it is known what it is. */
export type Candidate = { readonly root: string; readonly name: string; readonly size: number; open(): Promise<Input> };

export type FindOptions = Omit<WalkOptions, "onError"> & {
  /** Hosts that pages may be fetched from although they are not on the public internet. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
};

const LARGEST_PAGE = 64 * 1024 * 1024;
const FETCH_MS = 60_000;

/** Begins the roots of what code reads. */
export const OWN = "own:";

function isUrl(origin: string): boolean {
  return /^https?:\/\//i.test(origin);
}

/** What the documents of an origin have in common, wherever the program is started. */
export function rootOf(origin: Origin): string {
  if (typeof origin !== "string") return `${OWN}${origin.name}`;
  return isUrl(origin) ? origin : resolve(origin);
}

/**
 * Everything that an origin leads to.
 *
 * @throws MemGPTError `not_found` for a path where there is nothing.
 */
export async function* candidatesOf(
  origin: Origin,
  options: FindOptions & Pick<WalkOptions, "onError">,
): AsyncGenerator<Candidate, void, void> {
  if (typeof origin !== "string") {
    yield* ownCandidates(origin);
  } else if (isUrl(origin)) {
    yield { root: origin, name: origin, size: 0, open: () => fetchPage(origin, options) };
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

/** SHA-256 of what it holds, little of which is in memory at a time. */
export async function hashOf(input: Input): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of input.chunks()) hash.update(chunk);
  } catch (error) {
    throw new Unreadable(describe(error));
  }
  return hash.digest("hex");
}
