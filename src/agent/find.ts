import { MemGPTError, describe } from "../errors.ts";
import { dateRange } from "../time/dates.ts";
import { embedQuery } from "../functions/embed.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { AgentStore, RecallQuery, TimeRange, Utterance } from "../ports/storage.ts";

/** What to look for in an agent's memory. Dates are days, both included, in any form that people write. */
export type FindRequest = {
  /** Its first 10,000 characters are searched for. */
  readonly query: string;
  readonly in?: "recall" | "archival" | undefined;
  /** Of what was said: by whom, and in which session. */
  readonly role?: "user" | "assistant" | undefined;
  readonly speaker?: string | undefined;
  readonly session?: number | undefined;
  /** Up to so many lines before and after each result in its session are shown with it; none if absent. */
  readonly around?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** From 1. */
  readonly page?: number | undefined;
  /** Results on a page. */
  readonly size?: number | undefined;
};

/** `time` is ISO 8601 in UTC; `role` is who said it, `archival` for a passage. `session` numbers sittings. */
type Said = {
  readonly id: string;
  readonly time: string;
  readonly role: "user" | "assistant" | "archival";
  readonly speaker?: string;
  readonly session?: number;
  readonly text: string;
};

/** One page of results, best first, each with what it was ranked by. */
export type FindResult = {
  readonly total: number;
  readonly page: number;
  readonly pages: number;
  readonly results: readonly (Said & {
    readonly score: number;
    readonly signals: Readonly<Record<string, number>>;
    readonly around?: readonly Said[];
  })[];
  /** What a person should know of how was searched; absent where there is nothing. */
  readonly notices?: readonly string[];
};

type Finding = {
  readonly embedder: Embedder;
  /** Names that mean the person or the agent. */
  readonly people: RecallQuery["people"];
  /** ISO 8601 in UTC. */
  readonly now: string;
};

/**
 * Searches as the agent's own functions do.
 *
 * @throws MemGPTError `invalid_input` if a date cannot be understood, something else in the request cannot be, or passages
 *   are asked for by what they have not: who said them, and when they were said in a conversation.
 */
export async function find(
  request: FindRequest,
  store: Pick<AgentStore, "recall" | "archival" | "say">,
  { embedder, people, now }: Finding,
): Promise<FindResult> {
  checkRequest(request);
  const { page = 1, size = 10 } = request;
  const query = beginningOf(request.query);
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
    const found = await archival.search({ text: query, embedding, minSimilarity, range, now }, pageRequest);
    const results = found.items.map(({ id, createdAt, text, score, signals }) => ({
      id,
      time: createdAt,
      role: "archival" as const,
      text,
      score,
      signals,
    }));
    return { ...pagesOf(found.total), results };
  }
  const { role, speaker, session, around = 0 } = request;
  const found = await recall.search({ text: query, range, role, speaker, session, people, now }, pageRequest);
  if (speaker !== undefined && found.total === 0) store.say(await unheard(speaker, recall));
  const results = found.items.map(async (item) => {
    const neighbours = around === 0 ? {} : { around: (await recall.around(item.id, around)).map(toSaid) };
    return { ...toSaid(item), score: item.score, signals: item.signals, ...neighbours };
  });
  return { ...pagesOf(found.total), results: await Promise.all(results) };
}

const LONGEST_QUERY = 10_000;

function beginningOf(query: string): string {
  // Half of a character that takes two units is none.
  return query.slice(0, LONGEST_QUERY).replace(/[\ud800-\udbff]$/, "");
}

/** What is said where a speaker said nothing of what was asked for: it may be another who is meant. */
async function unheard(speaker: string, recall: AgentStore["recall"]): Promise<string> {
  const names = await recall.speakers();
  const others = names.length > MOST_NAMED ? `${names.length} others` : names.join(", ");
  const there =
    names.length === 0 ? "No message here has the name of a speaker." : `Names of speakers here: ${others}.`;
  return `Nothing of that was said by ${speaker}. ${there}`;
}

const MOST_NAMED = 20;

const LARGEST_PAGE = 1000;
const CHOICES = [
  ["in", ["recall", "archival"]],
  ["role", ["user", "assistant"]],
] as const;

/** From JavaScript it can be anything. @throws MemGPTError `invalid_input` */
export function checkRequest(request: FindRequest): void {
  const given: unknown = request;
  if (typeof given !== "object" || given === null) {
    throw refused(`A search needs an object such as { query }, not ${shown(given)}.`);
  }
  const { page, size, session, around } = request;
  for (const name of ["query", "speaker", "from", "to"] as const) {
    const value: unknown = request[name];
    if (typeof value === "string" || (value === undefined && name !== "query")) continue;
    throw refused(`${name} cannot be ${shown(value)}: it must be text.`);
  }
  for (const [name, choices] of CHOICES) {
    const value: unknown = request[name];
    if (value === undefined || choices.some((choice) => choice === value)) continue;
    throw refused(`${name} cannot be ${shown(value)}: it must be ${choices.join(" or ")}.`);
  }
  if (page !== undefined && !(Number.isSafeInteger(page) && page > 0)) {
    throw refused(`The page ${shown(page)} cannot be: it must be a whole number above 0.`);
  }
  if (size !== undefined && !(Number.isSafeInteger(size) && size > 0 && size <= LARGEST_PAGE)) {
    throw refused(`A page of ${shown(size)} results cannot be: it must be a whole number from 1 to ${LARGEST_PAGE}.`);
  }
  for (const [name, value] of Object.entries({ session, around })) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0)) {
      throw refused(`${name} cannot be ${shown(value)}: it must be a whole number, 0 or more.`);
    }
  }
  if (request.in !== "archival") return;
  const meant = (["role", "speaker", "session", "around"] as const).find((name) => request[name] !== undefined);
  if (meant !== undefined) {
    throw refused(
      `Passages of archival memory have no ${meant === "around" ? "lines around them" : meant}: leave it out, or search recall.`,
    );
  }
}

/** The value as a person reads it, up to so many characters of it. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, LONGEST_SHOWN));
  return typeof value === "object" && value !== null ? "an object" : String(value).slice(0, LONGEST_SHOWN);
}

const LONGEST_SHOWN = 80;

function refused(text: string): MemGPTError {
  return new MemGPTError("invalid_input", `${text} Nothing was searched.`);
}

function toSaid({ id, createdAt, role, speaker, session, text }: Utterance): Said {
  return { id, time: createdAt, role, ...(speaker === null ? {} : { speaker }), session, text };
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
