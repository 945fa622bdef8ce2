import { MemGPTError, describe } from "../errors.ts";
import { dateRange } from "../functions/dates.ts";
import { embedQuery } from "../functions/embed.ts";
import type { Embedder } from "../llm/embedder.ts";
import type { AgentStore, TimeRange } from "../storage/interfaces.ts";

/** What to look for in an agent's memory. Dates are days, both included, in any form that people write. */
export type FindRequest = {
  readonly query: string;
  readonly in?: "recall" | "archival" | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** From 1. */
  readonly page?: number | undefined;
  /** Results on a page. */
  readonly size?: number | undefined;
};

/** One page of results, best first. `time` is ISO 8601 in UTC; `role` is who said it, `archival` for a passage. */
export type FindResult = {
  readonly total: number;
  readonly page: number;
  readonly pages: number;
  readonly results: readonly {
    readonly id: string;
    readonly time: string;
    readonly role: "user" | "assistant" | "archival";
    readonly text: string;
    readonly score: number;
  }[];
  /** What a person should know of how was searched; absent where there is nothing. */
  readonly notices?: readonly string[];
};

/** Searches as the agent's own functions do. @throws MemGPTError `invalid_input` if a date cannot be understood. */
export async function find(
  request: FindRequest,
  store: Pick<AgentStore, "recall" | "archival" | "say">,
  embedder: Embedder,
  now: string,
): Promise<FindResult> {
  const { query, page = 1, size = 10 } = request;
  const { recall, archival } = store;
  const range = await rangeOf(request, now);
  const pageRequest = { page: page - 1, size };
  const pagesOf = (total: number): Pick<FindResult, "total" | "page" | "pages"> => ({
    total,
    page,
    pages: Math.ceil(total / size),
  });
  if (request.in === "archival") {
    const say = (notice: string): void => {
      store.say(notice);
    };
    const embedding = await embedQuery(query, { archival, embedder, say });
    const minSimilarity = embedding === null ? undefined : embedder.minSimilarity;
    const found = await archival.search({ text: query, embedding, minSimilarity, range }, pageRequest);
    const results = found.items.map(({ id, createdAt, text, score }) => ({
      id,
      time: createdAt,
      role: "archival" as const,
      text,
      score,
    }));
    return { ...pagesOf(found.total), results };
  }
  const found = await recall.search({ text: query, range, now }, pageRequest);
  const results = found.items.map(({ id, createdAt, role, text, score }) => ({
    id,
    time: createdAt,
    role,
    text,
    score,
  }));
  return { ...pagesOf(found.total), results };
}

async function rangeOf({ from, to }: FindRequest, now: string): Promise<TimeRange> {
  try {
    if (from !== undefined && to !== undefined) return await dateRange(from, to, now);
    if (from !== undefined) return { from: (await dateRange(from, from, now)).from };
    return to === undefined ? {} : { to: (await dateRange(to, to, now)).to };
  } catch (cause) {
    throw new MemGPTError("invalid_input", `${describe(cause)}.`, { cause });
  }
}
