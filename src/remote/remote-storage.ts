import type { Agent, Journal, ListRequest, RecallStorage } from "../index.ts";
import type { AgentMethod } from "../server/wire/agent-methods.ts";

/** Asks the server to call an agent's method. `without`: ids that storage leaves out. */
export type AskAgent = (method: AgentMethod, args: readonly unknown[], without?: readonly string[]) => Promise<unknown>;

type Archival = Agent["archival"];

/** Rows per request of `all`. */
const ROWS = 500;

const OF_BOTH = ["search", "usesVector", "latest", "list", "get", "size"] as const;
const OF_RECALL = [...OF_BOTH, "searchSessions", "around", "speakers", "searchDate"] as const;
const OF_ARCHIVAL = [...OF_BOTH, "collection", "accepts"] as const;
const OF_JOURNAL = ["head", "entries", "blockEntries", "causedBy"] as const;

/** Recall storage of an agent on a server. */
export function remoteRecall(ask: AskAgent, hidden: readonly string[] = []): RecallStorage {
  const methods = remoteMethods<RecallStorage, (typeof OF_RECALL)[number]>(OF_RECALL, (method, args) =>
    ask(`recall.${method}`, args, hidden),
  );
  return {
    ...methods,
    all: () => allOf(methods.list),
    without: (ids) => remoteRecall(ask, [...hidden, ...ids]),
  };
}

/** Archival storage of an agent on a server. */
export function remoteArchival(ask: AskAgent, hidden: readonly string[] = []): Archival {
  const methods = remoteMethods<Archival, (typeof OF_ARCHIVAL)[number]>(OF_ARCHIVAL, (method, args) =>
    ask(`archival.${method}`, args, hidden),
  );
  return {
    ...methods,
    all: () => allOf(methods.list),
    without: (ids) => remoteArchival(ask, [...hidden, ...ids]),
  };
}

/** The journal of an agent on a server. */
export function remoteJournal(ask: AskAgent): Journal {
  return remoteMethods<Journal, keyof Journal>(OF_JOURNAL, (method, args) => ask(`journal.${method}`, args));
}

/** Methods that call those of the same name of the server's storage. */
function remoteMethods<T, Method extends keyof T & string>(
  methods: readonly Method[],
  ask: (method: Method, args: readonly unknown[]) => Promise<unknown>,
): Pick<T, Method> {
  const calls = methods.map((method) => [method, (...args: readonly unknown[]) => ask(method, args)] as const);
  return Object.fromEntries(calls) as unknown as Pick<T, Method>;
}

/** Every row, oldest first, fetched page by page. */
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
