import { MemGPTError, describe, didYouMean } from "../errors.ts";
import { dateRange } from "../time/dates.ts";
import { recallVector } from "../functions/embed.ts";
import { rerankOf } from "../functions/rerank.ts";
import { searchCollections } from "../functions/search-collections.ts";
import type { NoticeSink } from "../ports/notices.ts";
import { matchesIn } from "../search/matches.ts";
import type { Collections } from "../search/passages/collections.ts";
import { type FindRequest, checkRequest } from "./find-request.ts";
import type { RecallQuery, RecallStorage, Utterance } from "../ports/recall.ts";
import type { Page, TextRange, TimeRange } from "../schema/page.ts";

/** `time` is ISO 8601 in UTC; `role` is who said it, `archival` for a passage. `session` numbers sittings. */
type Said = {
  readonly id: string;
  readonly time: string;
  readonly role: "user" | "assistant" | "archival";
  readonly speaker?: string;
  readonly session?: number;
  /** The attached source that a passage is from; absent for the agent's own. */
  readonly source?: string;
  /** Where it stands there: document, page or line, heading. */
  readonly citation?: string;
  /** Who or what a passage is from, as in `client:cursor`; absent where that was not noted. */
  readonly origin?: string;
  readonly text: string;
};

/** One page of results, best first, each with the signals it was ranked by. */
export type FindResult = {
  readonly total: number;
  /** How many of them share no word with the query and are near it in meaning; absent where none is. */
  readonly byMeaning?: number;
  /** What was compared with the query; absent where words alone were. */
  readonly model?: string;
  /** Nothing says what stood in quotes, and its words were looked for. */
  readonly isLoose?: boolean;
  readonly page: number;
  readonly pages: number;
  readonly results: readonly (Said & {
    readonly score: number;
    /** Where words of the query stand in `text`. */
    readonly matches: readonly TextRange[];
    readonly signals: Readonly<Record<string, number>>;
    readonly around?: readonly Said[];
  })[];
  /** What a person should know about the search; absent if nothing. */
  readonly notices?: readonly string[];
};

export type Finding = {
  readonly collections: Collections;
  /** Names that mean the person or the agent. */
  readonly people: RecallQuery["people"];
  readonly notify: NoticeSink;
  /** ISO 8601 in UTC. */
  readonly now: string;
};

/**
 * Searches as the agent's own functions do.
 *
 * @throws MemGPTError `invalid_input` if the request is invalid or a date cannot be understood.
 */
export async function find(
  request: FindRequest,
  recall: RecallStorage,
  { collections, people, notify, now }: Finding,
): Promise<FindResult> {
  checkRequest(request);
  const { page = 1, size = 10 } = request;
  const query = beginningOf(request.query);
  const range = await rangeOf(request, now);
  const pageRequest = { page: page - 1, size };
  const pagesOf = ({ total, byMeaning, isLoose, model }: Page<unknown>): Omit<FindResult, "results"> => {
    const near = byMeaning === undefined ? {} : { byMeaning };
    const remarks = { ...near, ...(model === undefined ? {} : { model }), ...(isLoose === true ? { isLoose } : {}) };
    return { total, ...remarks, page, pages: Math.ceil(total / size) };
  };
  if (request.in === "archival") {
    const chosen = sourceOf(request, collections);
    const found = await searchCollections(chosen, { text: query, range, origin: request.origin, now }, pageRequest, {
      notify,
    });
    const results = found.items.map(({ id, createdAt, source, citation, origin, text, score, signals }) => ({
      id,
      time: createdAt,
      role: "archival" as const,
      ...(source === null ? {} : { source }),
      ...(citation === undefined ? {} : { citation }),
      ...(origin === undefined ? {} : { origin }),
      text,
      score,
      matches: matchesIn(text, query),
      signals,
    }));
    return { ...pagesOf(found), results };
  }
  const { role, speaker, session, around = 0 } = request;
  const vector = await recallVector(query, { recall, embedder: collections.own.embedder, notify });
  const rerank = rerankOf(query, collections.reranking, { notify });
  const found = await recall.search(
    { text: query, ...vector, ...rerank, range, role, speaker, session, people, now },
    pageRequest,
  );
  if (speaker !== undefined && found.total === 0) notify(await unheard(speaker, recall));
  const results = found.items.map(async (item) => {
    const neighbours = around === 0 ? {} : { around: (await recall.around(item.id, around)).map(toSaid) };
    const matches = matchesIn(item.text, query);
    return { ...toSaid(item), score: item.score, matches, signals: item.signals, ...neighbours };
  });
  return { ...pagesOf(found), results: await Promise.all(results) };
}

function sourceOf({ source }: FindRequest, collections: Collections): Collections {
  if (source === undefined) return collections;
  const found = collections.only(source);
  if (found !== undefined) return found;
  const attached = collections.all.flatMap((collection) => collection.source ?? []);
  const there = attached.length === 0 ? "No source is attached." : `Attached: ${attached.join(", ")}.`;
  throw new MemGPTError("not_found", `No source named ${source} is attached.${didYouMean(source, attached)} ${there}`);
}

const LONGEST_QUERY = 10_000;

function beginningOf(query: string): string {
  // Never end in half a surrogate pair.
  return query.slice(0, LONGEST_QUERY).replace(/[\ud800-\udbff]$/, "");
}

/** The notice for a search that found nothing by a speaker: perhaps another one was meant. */
async function unheard(speaker: string, recall: RecallStorage): Promise<string> {
  const names = await recall.speakers();
  const others = names.length > MOST_NAMED ? `${names.length} others` : names.join(", ");
  const there = names.length === 0 ? "No message here names a speaker." : `Speakers here: ${others}.`;
  return `${speaker} said nothing like that. ${there}`;
}

const MOST_NAMED = 20;

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
