import type { Statement } from "better-sqlite3";
import { type RankOptions, rankConversation } from "../../search/conversation-ranking.ts";
import { type SearchQuery, isQuestion, parseQuery, toMatchExpressions } from "../../search/query.ts";
import { rankSessions } from "../../search/session-ranking.ts";
import { whoIsMeant } from "../../search/who.ts";
import type { Hit, Page, PageRequest, RecallQuery, Session, Utterance } from "../interfaces.ts";
import { type Filter, type SqliteConversation, filterOf } from "./conversation.ts";
import type { Database } from "./load-sqlite.ts";
import { ResultLists } from "./result-lists.ts";
import { type UtteranceRow, UTTERANCE, toUtterance } from "./utterance.ts";

/** Of a lookup that matches more, the newest so many are ranked, and so many of those best first; the others by their time. */
const MOST_RANKED = 5_000;
const MOST_BEST = 1_000;

/** What a lookup that names a speaker makes of the score of what that one said. */
const SPEAKER_FACTOR = 1.4;

/** A result by its number. */
type Entry = {
  readonly n: number;
  readonly score: number;
  readonly signals: () => Readonly<Record<string, number>>;
};

/** All results of a query: the ranked ones, and then the others that match, newest first. */
type ResultList = {
  readonly ranked: readonly Entry[];
  readonly match: string | null;
  /** Numbers of those that match and are not among the others. */
  readonly seen: ReadonlySet<number>;
  /** The newest number there was; what was said later does not move a page. */
  readonly last: number;
  readonly total: number;
};

/** Searches what was said: questions by learned features of a line and what stands around it, lookups by BM25. */
export class RecallSearch {
  readonly #conversation: SqliteConversation;
  readonly #byNumber: Statement<[numbers: string], UtteranceRow & { n: number }>;
  readonly #extent: Statement<
    [session: number, first: number],
    { size: number; from: string | null; to: string | null }
  >;
  readonly #lists = new ResultLists<ResultList>();

  constructor(db: Database, conversation: SqliteConversation) {
    this.#conversation = conversation;
    this.#byNumber = db.prepare(
      `SELECT m.n, ${UTTERANCE} FROM messages m WHERE m.live = 1 AND m.n IN (SELECT value FROM json_each(?))`,
    );
    this.#extent = db.prepare(
      `SELECT count(*) AS size, min(created_at) AS "from", max(created_at) AS "to" FROM messages
       WHERE live = 1 AND session = ? AND n >= ?`,
    );
  }

  search(query: RecallQuery, { page, size }: PageRequest): Page<Hit<Utterance>> {
    const filter = filterOf(query);
    const { now, ...same } = query;
    const key = JSON.stringify(same);
    const start = page * size;
    const remembered = page === 0 ? undefined : this.#lists.get(key);
    const items = remembered === undefined ? undefined : this.#items(remembered, filter, start, size);
    if (remembered !== undefined && items !== undefined) return { total: remembered.total, items };
    const list = this.#list(query, filter);
    this.#lists.remember(key, list);
    return { total: list.total, items: this.#items(list, filter, start, size) ?? [] };
  }

  searchSessions(query: RecallQuery, { page, size }: PageRequest): Page<Hit<Session>> {
    const ranked = rankSessions(query.text, this.#conversation.view(filterOf(query)), optionsOf(query));
    const items = ranked.slice(page * size, (page + 1) * size).flatMap(({ session, score, coverage }) => {
      const extent = this.#extent.get(session, session);
      if (extent?.from == null || extent.to === null) return [];
      const { from, to, size: lines } = extent;
      return [{ session, from, to, size: lines, score, signals: { session: coverage } }];
    });
    return { total: ranked.length, items };
  }

  #list(query: RecallQuery, filter: Filter | undefined): ResultList {
    const parsed = parseQuery(query.text);
    const isAsked = isQuestion(query.text, parsed);
    const looked = isAsked ? undefined : this.#lookup(query, parsed, filter);
    const isDone = looked !== undefined && (looked.total > 0 || parsed.required.length > 0 || query.orRelated !== true);
    if (isDone) return looked;
    const view = this.#conversation.view(filter);
    const options = { ...optionsOf(query), withoutContext: !isAsked };
    const { ranked, match, seen } = rankConversation(query.text, view, options);
    const count = match === null ? 0 : view.count(match);
    const lowest = Math.min(...ranked.map(({ score }) => score));
    return {
      ranked: ranked.map(({ line: { n }, score, signals }) => ({
        n,
        score: score - lowest + 1,
        signals: () => nonZero(signals()),
      })),
      match,
      seen,
      last: view.last,
      total: ranked.length + count - seen.size,
    };
  }

  #lookup({ text, people }: RecallQuery, parsed: SearchQuery, filter: Filter | undefined): ResultList {
    const conversation = this.#conversation;
    const { last, speakers } = conversation.view(filter);
    const { others, ...who } = whoIsMeant(text, parsed.terms, { speakers, people });
    for (const match of toMatchExpressions({ ...parsed, terms: others })) {
      const total = conversation.count(match, filter);
      if (total === 0) continue;
      const from = total > MOST_RANKED ? (conversation.numbers(match, filter, { limit: MOST_RANKED }).at(-1) ?? 0) : 0;
      const exact = parsed.required.length > 0 ? { exact: 1 } : {};
      const best = conversation.best(match, filter, { limit: MOST_BEST, from });
      const theirs = conversation.saidBy(
        best.map(({ n }) => n),
        who,
      );
      const ranked = best
        .map(({ n, score }) => {
          const speaker = theirs.has(n) ? score * (SPEAKER_FACTOR - 1) : 0;
          return { n, score: score + speaker, signals: () => nonZero({ ...exact, lexical: score, speaker }) };
        })
        .sort((a, b) => b.score - a.score || b.n - a.n);
      return { ranked, match, seen: new Set(ranked.map(({ n }) => n)), last, total };
    }
    return { ranked: [], match: null, seen: new Set(), last, total: 0 };
  }

  /** Undefined if some of the results were taken back since. */
  #items(list: ResultList, filter: Filter | undefined, start: number, size: number): Hit<Utterance>[] | undefined {
    const entries = [...list.ranked.slice(start, start + size)];
    if (entries.length < size)
      entries.push(...this.#others(list, filter, start + entries.length, size - entries.length));
    const rows = this.#byNumber.all(JSON.stringify(entries.map(({ n }) => n)));
    if (rows.length < entries.length) return undefined;
    const byNumber = new Map(rows.map((row) => [row.n, row]));
    return entries.flatMap(({ n, score, signals }) => {
      const row = byNumber.get(n);
      return row === undefined ? [] : [{ ...toUtterance(row), score, signals: signals() }];
    });
  }

  #others({ ranked, match, seen, last }: ResultList, filter: Filter | undefined, start: number, size: number): Entry[] {
    if (match === null) return [];
    const from = start - ranked.length;
    const numbers = this.#conversation.numbers(match, filter, { to: last, limit: from + size + seen.size });
    return numbers
      .filter((n) => !seen.has(n))
      .slice(from, from + size)
      .map((n) => ({ n, score: 0, signals: () => ({}) }));
  }
}

function optionsOf({ now, people }: RecallQuery): RankOptions {
  const time = Date.parse(now ?? "");
  return { now: Number.isNaN(time) ? undefined : time, people };
}

function nonZero(signals: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(signals).filter(([, value]) => value !== 0));
}
