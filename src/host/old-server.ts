import { MemGPTError, describe } from "../errors.ts";
import { boundedFetch } from "../functions/mcp/bounded-fetch.ts";
import { type ServerItem, readPage, readServerAgent } from "../imports/old-server.ts";
import { Malformed } from "../imports/plan.ts";
import type { FoundAgents, FoundImport } from "./find-import.ts";

export type ServerImportOptions = { readonly token?: string | undefined; readonly signal?: AbortSignal | undefined };

const ON_A_PAGE = 100;
/** More than any agent says; a server that never stops is not read forever. */
const MOST_ITEMS = 2_000_000;
const MOST_BYTES_OF_A_PAGE = 64 * 1024 * 1024;
const ANSWER_WITHIN_MS = 60_000;

const bounded = boundedFetch(MOST_BYTES_OF_A_PAGE);

/**
 * Reads the agents of a Letta server without changing anything.
 *
 * @throws MemGPTError `invalid_input` if `url` is not a web address; `server_unavailable` if its agents cannot be
 *   listed; `interrupted`.
 */
export async function findOnServer(url: string, options: ServerImportOptions): Promise<FoundAgents> {
  const server = new OldServer(url, options);
  const found: FoundImport[] = [];
  const unread: string[] = [];
  for (const agent of await server.list("/v1/agents/", { order: "asc" })) {
    const path = `/v1/agents/${encodeURIComponent(agent.id)}`;
    try {
      const messages = await server.list(`${path}/messages`, { order: "asc" });
      const passages = await server.list(`${path}/archival-memory`, { ascending: "true" });
      found.push({ ...readServerAgent({ agent, messages, passages }), file: server.origin });
    } catch (error) {
      if (!(error instanceof MemGPTError) || error.code === "interrupted") throw error;
      unread.push(`Agent ${agent.name ?? agent.id} cannot be read: ${error.message}`);
    }
  }
  return { found, unread };
}

class OldServer {
  readonly origin: string;
  readonly #token: string | undefined;
  readonly #signal: AbortSignal | undefined;

  constructor(url: string, { token, signal }: ServerImportOptions) {
    const protocol = URL.canParse(url) ? new URL(url).protocol : "";
    if (protocol !== "http:" && protocol !== "https:") {
      const text = `${url} is not the address of a server, such as http://localhost:8283. Nothing was imported.`;
      throw new MemGPTError("invalid_input", text);
    }
    this.origin = url.replace(/\/+(?:v1\/*)?$/, "");
    this.#token = token;
    this.#signal = signal;
  }

  /** All items of a route, read page by page. */
  async list(path: string, query: Readonly<Record<string, string>>): Promise<ServerItem[]> {
    const found: ServerItem[] = [];
    const seen = new Set<string>();
    for (;;) {
      const last = found.at(-1)?.id;
      const cursor = last === undefined ? {} : { after: last };
      const page = await this.#page(path, { ...query, limit: String(ON_A_PAGE), ...cursor });
      // The parts of one message can share an id.
      const more = page.filter(({ id }) => !seen.has(id));
      if (more.length === 0) {
        if (page.length === ON_A_PAGE) throw this.#unavailable(path, "repeats the same page");
        return found;
      }
      for (const { id } of more) seen.add(id);
      found.push(...more);
      if (found.length > MOST_ITEMS) throw this.#unavailable(path, `lists more than ${MOST_ITEMS}`);
    }
  }

  async #page(path: string, query: Readonly<Record<string, string>>): Promise<ServerItem[]> {
    const signals = [AbortSignal.timeout(ANSWER_WITHIN_MS), ...(this.#signal === undefined ? [] : [this.#signal])];
    try {
      const response = await bounded(`${this.origin}${path}?${new URLSearchParams(query).toString()}`, {
        headers: this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` },
        signal: AbortSignal.any(signals),
      });
      if (response.status === 401 || response.status === 403) {
        throw this.#unavailable("", this.#token === undefined ? "requires a token" : "does not accept this token");
      }
      if (!response.ok) throw this.#unavailable(path, `answers ${response.status} ${response.statusText}`);
      return readPage(await response.text());
    } catch (error) {
      if (this.#signal?.aborted === true) throw new MemGPTError("interrupted", "Interrupted. Nothing was imported.");
      if (error instanceof SyntaxError || error instanceof Malformed) {
        throw this.#unavailable(path, "does not answer as a Letta server does", error);
      }
      if (error instanceof MemGPTError) throw error;
      const { cause } = error instanceof Error ? error : {};
      throw this.#unavailable(path, `cannot be reached (${describe(cause ?? error)})`, error);
    }
  }

  #unavailable(path: string, what: string, cause?: unknown): MemGPTError {
    const text = `${this.origin}${path} ${what}. None of it was imported.`;
    return new MemGPTError("server_unavailable", text, { cause });
  }
}
