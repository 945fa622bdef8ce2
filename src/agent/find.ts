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
import { beginning } from "../schema/beginning.ts";

/** `time` is ISO 8601 in UTC; `role` is who said it, `archival` for a passage; `session` counts conversations from 0. */
type FoundText = {
  readonly id: string;
  readonly time: string;
  readonly role: "user" | "assistant" | "archival";
  readonly speaker?: string;
  readonly session?: number;
  /** The attached source that a passage is from; absent for the agent's own. */
  readonly source?: string;
  /** Its place in the source: document, page or line, heading. */
  readonly citation?: string;
  /** Who or what a passage is from, as in `client:cursor`; absent if not recorded. */
  readonly origin?: string;
  readonly text: string;
};

/** One page of results, best first, each with the signals it was ranked by. */
export type FindResult = {
  readonly total: number;
  /** How many of them share no word with the query but are near it in meaning; absent if none. */
  readonly byMeaning?: number;
  /** The embedding model that compared meanings; absent if only words were compared. */
  readonly model?: string;
  /** Nothing contains the quoted text, so its words were searched for. */
  readonly isLoose?: boolean;
  readonly page: number;
  readonly pages: number;
  readonly results: readonly (FoundText & {
    readonly score: number;
    /** Ranges of `text` that match words of the query. */
    readonly matches: readonly TextRange[];
    readonly signals: Readonly<Record<string, number>>;
    readonly around?: readonly FoundText[];
  })[];
  /** Notices about the search; absent if none. */
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
  const query = beginning(request.query, LONGEST_QUERY);
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
  if (speaker !== undefined && found.total === 0) notify(await unknownSpeaker(speaker, recall));
  const results = found.items.map(async (item) => {
    const neighbours = around === 0 ? {} : { around: (await recall.around(item.id, around)).map(toFoundText) };
    const matches = matchesIn(item.text, query);
    return { ...toFoundText(item), score: item.score, matches, signals: item.signals, ...neighbours };
  });
  return { ...pagesOf(found), results: await Promise.all(results) };
}

function sourceOf({ source }: FindRequest, collections: Collections): Collections {
  if (source === undefined) return collections;
  const found = collections.only(source);
  if (found !== undefined) return found;
  const attached = collections.all.flatMap((collection) => collection.source ?? []);
  const available = attached.length === 0 ? "No source is attached." : `Attached: ${attached.join(", ")}.`;
  throw new MemGPTError(
    "not_found",
    `No source named ${source} is attached.${didYouMean(source, attached)} ${available}`,
  );
}

const LONGEST_QUERY = 10_000;

/** The notice for a search that found nothing by a speaker. Names those who spoke, in case of a typo. */
async function unknownSpeaker(speaker: string, recall: RecallStorage): Promise<string> {
  const names = await recall.speakers();
  const others = names.length > MOST_NAMED ? `${names.length} others` : names.join(", ");
  const known = names.length === 0 ? "No message here names a speaker." : `Speakers here: ${others}.`;
  return `${speaker} said nothing like that. ${known}`;
}

const MOST_NAMED = 20;

function toFoundText({ id, createdAt, role, speaker, session, text }: Utterance): FoundText {
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
