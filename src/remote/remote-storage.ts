import type { Agent, Journal, ListRequest, RecallStorage } from "../index.ts";
import type { AgentMethod } from "../server/wire/agent-methods.ts";

/** Asks the server to call a method of an agent. `without`: ids that storage leaves out. */
export type AskAgent = (method: AgentMethod, args: readonly unknown[], without?: readonly string[]) => Promise<unknown>;

type Archival = Agent["archival"];

/** Rows that `all` asks for at a time. */
const ROWS = 500;

/** Everything ever said to and by an agent of a server. */
export class RemoteRecall implements RecallStorage {
  readonly #ask: AskAgent;
  readonly #hidden: readonly string[];

  constructor(ask: AskAgent, hidden: readonly string[] = []) {
    this.#ask = ask;
    this.#hidden = hidden;
  }

  readonly search = this.#method("search");
  readonly usesVector = this.#method("usesVector");
  readonly searchSessions = this.#method("searchSessions");
  readonly around = this.#method("around");
  readonly speakers = this.#method("speakers");
  readonly searchDate = this.#method("searchDate");
  readonly latest = this.#method("latest");
  readonly list = this.#method("list");
  readonly get = this.#method("get");
  readonly size = this.#method("size");

  all(): ReturnType<RecallStorage["all"]> {
    return allOf(this.list);
  }

  without(ids: readonly string[]): RecallStorage {
    return new RemoteRecall(this.#ask, [...this.#hidden, ...ids]);
  }

  #method<M extends Exclude<keyof RecallStorage, "all" | "without">>(method: M): RecallStorage[M] {
    const call = (...args: readonly unknown[]): Promise<unknown> => this.#ask(`recall.${method}`, args, this.#hidden);
    // The server's storage has the same interface.
    return call as RecallStorage[M];
  }
}

/** The passages of an agent of a server. */
export class RemoteArchival implements Archival {
  readonly #ask: AskAgent;
  readonly #hidden: readonly string[];

  constructor(ask: AskAgent, hidden: readonly string[] = []) {
    this.#ask = ask;
    this.#hidden = hidden;
  }

  readonly search = this.#method("search");
  readonly latest = this.#method("latest");
  readonly list = this.#method("list");
  readonly get = this.#method("get");
  readonly size = this.#method("size");
  readonly collection = this.#method("collection");
  readonly accepts = this.#method("accepts");
  readonly usesVector = this.#method("usesVector");

  all(): ReturnType<Archival["all"]> {
    return allOf(this.list);
  }

  without(ids: readonly string[]): Archival {
    return new RemoteArchival(this.#ask, [...this.#hidden, ...ids]);
  }

  #method<M extends Exclude<keyof Archival, "all" | "without">>(method: M): Archival[M] {
    const call = (...args: readonly unknown[]): Promise<unknown> => this.#ask(`archival.${method}`, args, this.#hidden);
    // The server's storage has the same interface.
    return call as Archival[M];
  }
}

/** The journal of an agent of a server. */
export class RemoteJournal implements Journal {
  readonly #ask: AskAgent;

  constructor(ask: AskAgent) {
    this.#ask = ask;
  }

  readonly head = this.#method("head");
  readonly entries = this.#method("entries");
  readonly blockEntries = this.#method("blockEntries");
  readonly causedBy = this.#method("causedBy");

  #method<M extends keyof Journal>(method: M): Journal[M] {
    const call = (...args: readonly unknown[]): Promise<unknown> => this.#ask(`journal.${method}`, args);
    // The server's journal has the same interface.
    return call as Journal[M];
  }
}

/** Every row, oldest first, asked for page by page. */
async function* allOf<T extends { readonly id: string }>(
  list: (request: ListRequest) => Promise<T[]>,
): AsyncGenerator<T, void, void> {
  let after: string | undefined;
  for (;;) {
    const rows = await list({ newestFirst: false, count: ROWS, after });
    yield* rows;
    after = rows.at(-1)?.id;
    if (rows.length < ROWS) return;
  }
}
