import type { Statement } from "better-sqlite3";
import { timeOf } from "../../time/clock.ts";
import { type RankOptions, type RankedLine, rankConversation } from "../../search/conversation-ranking.ts";
import { type SearchQuery, isQuestion, parseQuery } from "../../search/query.ts";
import { rankSessions } from "../../search/session-ranking.ts";
import { onlyTimeOf, parseAt, saysWhen, timedQuery } from "../../search/timed-query.ts";
import { whoIsMeant, whoIsNamed } from "../../search/who.ts";
import type { Hit, Page, PageRequest, RecallQuery, Session, Utterance } from "../../ports/storage.ts";
import { type Filter, NEWEST, type SqliteConversation } from "./conversation.ts";
import type { Database } from "./load-sqlite.ts";
import { type LookedUp, lookUp } from "./lookup.ts";
import { ResultLists } from "./result-lists.ts";
import { type UtteranceRow, UTTERANCE, toUtterance } from "./utterance.ts";

/** What a lookup that names a speaker makes of the score of what that one said. */
const SPEAKER_FACTOR = 1.4;

/** A result by its number. */
type Entry = {
  readonly n: number;
  readonly score: number;
  readonly signals: Readonly<Record<string, number>>;
};

/** Of an array, as much as a page needs: a list of all that was said in a year is not made whole. */
type Entries = { readonly length: number; readonly slice: (from: number, to: number) => Entry[] };

/** All results of a query: the ranked ones, and then the others that match, newest first. */
type ResultList = {
  readonly ranked: Entries;
  readonly match: string | null;
  /** Numbers of those that match and are not among the others. */
  readonly seen: ReadonlySet<number>;
  /** The newest number there was; what was said later does not move a page. */
  readonly last: number;
  /** What the conversation's was; with another, lines may be missing, or say something else. */
  readonly generation: string;
  readonly total: number;
};

type Listed = Omit<ResultList, "generation">;

/** Searches what was said: questions by learned features of a line and what stands around it, lookups by BM25. */
export class RecallSearch {
  readonly #conversation: SqliteConversation;
  readonly #byNumber: Statement<[numbers: string], UtteranceRow & { n: number }>;
  readonly #extent: Statement<
    [session: number, first: number, after: number],
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
       WHERE live = 1 AND session = ? AND n >= ?
         AND n < coalesce((SELECT min(n) FROM messages WHERE n = session AND n > ?), ${NEWEST})`,
    );
  }

  /** What was searched may have never been: its transaction was rolled back. */
  tookBack(): void {
    this.#lists.clear();
    this.#conversation.tookBack();
  }

  search(query: RecallQuery, { page, size }: PageRequest): Page<Hit<Utterance>> {
    const filter = this.#conversation.filterOf(query);
    const { now, ...same } = query;
    const key = JSON.stringify(same);
    const start = page * size;
    const remembered = page === 0 ? undefined : this.#lists.get(key);
    const generation = this.#conversation.generation();
    const isCurrent = remembered?.generation === generation;
    const list = isCurrent ? remembered : { ...this.#list(query, filter), generation };
    if (!isCurrent) this.#lists.remember(key, list);
    return { total: list.total, items: this.#items(list, filter, start, size) };
  }

  searchSessions(query: RecallQuery, { page, size }: PageRequest): Page<Hit<Session>> {
    const ranked = rankSessions(
      query.text,
      this.#conversation.view(this.#conversation.filterOf(query)),
      optionsOf(query),
    );
    const items = ranked.slice(page * size, (page + 1) * size).flatMap(({ session, score, coverage }) => {
      const extent = this.#extent.get(session, session, session);
      if (extent?.from == null || extent.to === null) return [];
      const { from, to, size: lines } = extent;
      return [{ session, from, to, size: lines, score, signals: { session: coverage } }];
    });
    return { total: ranked.length, items };
  }

  #list(query: RecallQuery, filter: Filter | undefined): Listed {
    const during = onlyTimeOf(timedQuery(query.text, timeOf(query.now)));
    // A year is more often a word of what was said than the time of all that is looked for.
    const isShort = during !== undefined && during.to - during.from <= LONGEST_LISTED_MS;
    const listed = during === undefined ? [] : this.#conversation.allSaid(during, filter);
    if (isShort && listed.length > 0) return this.#plain(listed, "time", filter);
    const found = this.#found(query, filter);
    if (found.total > 0) return found;
    if (listed.length > 0) return this.#plain(listed, "time", filter);
    return this.#plain(this.#allOfOne(query, filter), "speaker", filter);
  }

  /** Numbers of all that the one said whom the query names: who asks for Bob, of whom nobody spoke, wants to read Bob. */
  #allOfOne({ text }: RecallQuery, filter: Filter | undefined): readonly number[] {
    const { quoted, identifiers, terms } = parseQuery(text);
    if (quoted.length + identifiers.length > 0) return [];
    const speaker = whoIsNamed(text, terms, this.#conversation.view(filter).speakers);
    return speaker === undefined ? [] : this.#conversation.allSaidBy(speaker, filter);
  }

  #plain(numbers: readonly number[], signal: string, filter: Filter | undefined): Listed {
    const { last } = this.#conversation.view(filter);
    return { ranked: plainly(numbers, signal), match: null, seen: new Set(), last, total: numbers.length };
  }

  #found(query: RecallQuery, filter: Filter | undefined): Listed {
    const now = timeOf(query.now);
    const parsed = parseAt(query.text, now);
    const { quoted, identifiers } = parsed;
    const must = quoted.length === 0 ? undefined : lookUp({ ...NOTHING, quoted }, this.#index(filter));
    // What must be said and never was is nowhere, whatever else was asked.
    const isAsked = isQuestion(query.text, parsed) && (quoted.length === 0 || (must?.total ?? 0) > 0);
    const isTimed = quoted.length + identifiers.length === 0 && saysWhen(timedQuery(query.text, now));
    const looked = isAsked || isTimed ? undefined : this.#lookup(query, parsed, filter);
    const isDone =
      looked !== undefined && (looked.total > 0 || quoted.length + identifiers.length > 0 || query.orRelated !== true);
    if (isDone) return looked;
    const view = this.#conversation.view(filter);
    const only = isAsked ? undefined : isTimed ? "words" : "related";
    const found = rankConversation(query.text, view, { ...optionsOf(query), only });
    const { ranked, match, seen } = found;
    const count = found.count ?? (match === null ? 0 : this.#conversation.count(match, filter));
    const lowest = ranked.at(-1)?.score ?? 0;
    const entry = (line: RankedLine): Entry => ({
      n: line.n,
      score: line.score - lowest + 1,
      signals: nonZero(found.signalsOf(line)),
    });
    return {
      ranked: { length: ranked.length, slice: (from, to) => ranked.slice(from, to).map(entry) },
      match,
      seen,
      last: view.last,
      total: ranked.length + count - seen.size,
    };
  }

  #lookup({ text, people }: RecallQuery, parsed: SearchQuery, filter: Filter | undefined): Listed {
    const { last, speakers } = this.#conversation.view(filter);
    const { others, ...who } = whoIsMeant(text, parsed.terms, { speakers, people });
    const index = this.#index(filter);
    // Where nothing else was ever said, the name is looked for.
    const found = lookUp({ ...parsed, terms: others }, index) ?? lookUp(parsed, index);
    if (found === undefined) return { ranked: [], match: null, seen: new Set(), last, total: 0 };
    const numbers = found.ranked.map(({ n }) => n);
    const theirs = this.#conversation.saidBy(numbers, who);
    const exact = parsed.quoted.length + parsed.identifiers.length > 0 ? 1 : 0;
    const ranked = found.ranked
      .map(({ n, score }) => {
        const speaker = theirs.has(n) ? score * (SPEAKER_FACTOR - 1) : 0;
        return { n, score: score + speaker, signals: nonZero({ exact, lexical: score, speaker }) };
      })
      .sort((a, b) => b.score - a.score || b.n - a.n);
    return { ...found, ranked, seen: new Set(numbers), last };
  }

  #index(filter: Filter | undefined): LookedUp {
    return {
      count: (match) => this.#conversation.count(match, filter),
      numbers: (match, limit) => this.#conversation.numbers(match, filter, { limit }),
      best: (match, options) => this.#conversation.best(match, filter, options),
      texts: (numbers) => this.#byNumber.all(JSON.stringify(numbers)),
    };
  }

  #items(list: ResultList, filter: Filter | undefined, start: number, size: number): Hit<Utterance>[] {
    const ranked = list.ranked.slice(start, start + size);
    const room = size - ranked.length;
    const entries = room === 0 ? ranked : [...ranked, ...this.#others(list, filter, start + ranked.length, room)];
    const rows = this.#byNumber.all(JSON.stringify(entries.map(({ n }) => n)));
    const byNumber = new Map(rows.map((row) => [row.n, row]));
    return entries.flatMap(({ n, score, signals }) => {
      const row = byNumber.get(n);
      return row === undefined ? [] : [{ ...toUtterance(row), score, signals }];
    });
  }

  #others({ ranked, match, seen, last }: ResultList, filter: Filter | undefined, start: number, size: number): Entry[] {
    if (match === null) return [];
    const from = start - ranked.length;
    const numbers = this.#conversation.numbers(match, filter, { to: last, limit: from + size + seen.size });
    return numbers
      .filter((n) => !seen.has(n))
      .slice(from, from + size)
      .map((n) => ({ n, score: 0, signals: {} }));
  }
}

const NOTHING: SearchQuery = { quoted: [], identifiers: [], preferred: [], terms: [] };

/** Numbers in a list without ranks, all with the one signal. */
function plainly(numbers: readonly number[], signal: string): Entries {
  const entry = (n: number): Entry => ({ n, score: 0, signals: { [signal]: 1 } });
  return { length: numbers.length, slice: (from, to) => numbers.slice(from, to).map(entry) };
}

/** All that was said in a longer time is listed only where the words are nowhere. */
const LONGEST_LISTED_MS = 32 * 86_400_000;

function optionsOf({ now, people }: RecallQuery): RankOptions {
  return { now: timeOf(now), people };
}

function nonZero(signals: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(signals).filter(([, value]) => value !== 0));
}
