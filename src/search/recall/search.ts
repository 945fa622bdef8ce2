import { timeOf } from "../../time/clock.ts";
import type { RecallQuery, Session, Utterance } from "../../ports/recall.ts";
import type { Hit, Page, PageRequest } from "../../schema/page.ts";
import type { Conversation, ConversationIndex, Line, ScoredNumber, TextVectors } from "../../ports/text-index.ts";
import { lookUp } from "../lookup.ts";
import { isAllAsked, tellingFirst } from "./asked-before.ts";
import { type Meaning, Trust, believed, meaningOf, modelOf } from "../meaning.ts";
import { type SearchQuery, isQuestion, parseQuery, withoutTitles } from "../query.ts";
import {
  type Entries,
  type Entry,
  type ResultList,
  ResultLists,
  entriesOf,
  nonZero,
  remarksOn,
  textKey,
} from "../results.ts";
import { onlyTimeOf, parseAt, hasTimeAndTopic, timedQuery } from "../timed-query.ts";
import { type RankOptions, type RankedLine, type Read, rankConversation } from "./ranking.ts";
import { RerankTrust, reranked } from "../rerank.ts";
import { rankSessions } from "./session-ranking.ts";
import { Spellings } from "./spellings.ts";
import { whoIsMeant, whoIsNamed } from "./who.ts";

/** Factor for the scores of a speaker's lines in a lookup that names the speaker. */
const SPEAKER_FACTOR = 1.4;

/** A query that is only a longer time lists what was said then only if its words find nothing. */
const LONGEST_LISTED_MS = 32 * 86_400_000;

/** Searches a conversation: questions by learned features of a line and the lines around it, lookups by BM25. */
export class RecallSearch {
  readonly #conversation: Conversation;
  readonly #lists = new ResultLists();
  readonly #trust = new Trust();
  readonly #rerankTrust = new RerankTrust();
  readonly #spellings = new Spellings();

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** @param vectorsFor Returns the vectors for the query; not called for a further page of a known list. */
  async search(
    query: RecallQuery,
    request: PageRequest,
    vectorsFor: VectorsFor = noVectors,
  ): Promise<Page<Hit<Utterance>>> {
    const key = textKey(query);
    const generation = await this.#conversation.generation();
    const remembered = request.page === 0 ? undefined : this.#lists.get(key, generation);
    const list = remembered ?? (await this.#list(query, vectorsFor, generation));
    if (remembered === undefined) this.#lists.remember(key, generation, list);
    const entries = await entriesOf(list, request, () => this.#conversation.view(query));
    const lines = await this.#conversation.utterances(entries.map(({ n }) => n));
    const byNumber = new Map(lines.map(({ n, ...line }) => [n, line]));
    const items = entries.flatMap(({ n, score, signals }) => {
      const line = byNumber.get(n);
      return line === undefined ? [] : [{ ...line, score, signals }];
    });
    return { total: list.total, items, ...remarksOn(list) };
  }

  async searchSessions(
    query: RecallQuery,
    { page, size }: PageRequest,
    vectorsFor: VectorsFor = noVectors,
  ): Promise<Page<Hit<Session>>> {
    const read = { spellings: this.#spellings, generation: await this.#conversation.generation() };
    const index = await this.#conversation.view(query);
    const meaning = await this.#meaning(query, index, vectorsFor);
    const ranked = await rankSessions(query.text, index, { ...optionsOf(query), meaning: believed(meaning), read });
    const items: Hit<Session>[] = [];
    for (const { session, score, coverage } of ranked.slice(page * size, (page + 1) * size)) {
      const extent = await index.extent(session);
      if (extent !== undefined) items.push({ session, ...extent, score, signals: { session: coverage } });
    }
    return { total: ranked.length, items };
  }

  async #list(query: RecallQuery, vectorsFor: VectorsFor, generation: string): Promise<ResultList> {
    const index = await this.#conversation.view(query);
    const asking = {
      meaningFor: () => this.#meaning(query, index, vectorsFor),
      trust: this.#rerankTrust,
      read: { spellings: this.#spellings, generation },
    };
    return titleOrWords(query, index, asking);
  }

  async #meaning(query: RecallQuery, index: ConversationIndex, vectorsFor: VectorsFor): Promise<Meaning | undefined> {
    return meaningOf(await vectorsFor(query), index, this.#trust);
  }
}

/** Searches for a quoted title by its words if nobody said it word for word. */
async function titleOrWords(query: RecallQuery, index: ConversationIndex, asking: Asking): Promise<ResultList> {
  const list = await listOf(query, index, asking);
  const text = list.total > 0 ? undefined : withoutTitles(query.text);
  return text === undefined ? list : { ...(await listOf({ ...query, text }, index, asking)), isLoose: true };
}

type VectorsFor = (query: RecallQuery) => Promise<TextVectors | undefined>;

const noVectors: VectorsFor = async () => undefined;

/** What ranks besides the words. The meaning is only computed if something is ranked. */
type Asking = {
  readonly meaningFor: () => Promise<Meaning | undefined>;
  readonly trust: RerankTrust;
  readonly read: Read;
};

async function listOf(query: RecallQuery, index: ConversationIndex, asking: Asking): Promise<ResultList> {
  const during = onlyTimeOf(timedQuery(query.text, timeOf(query.now)));
  // A year is more often a word that was said than the time to list.
  const isShort = during !== undefined && during.to - during.from <= LONGEST_LISTED_MS;
  const [listed = []] = during === undefined ? [] : await index.during([during]);
  if (isShort && listed.length > 0) return plainly(listed, "time", index);
  const found = await foundBy(query, index, asking);
  if (found.total > 0) return found;
  if (listed.length > 0) return plainly(listed, "time", index);
  return plainly(await allOfOne(query, index), "speaker", index);
}

/** All lines by the speaker that the query names: a search for Bob, whom nobody mentioned, wants what Bob said. */
async function allOfOne({ text }: RecallQuery, index: ConversationIndex): Promise<readonly number[]> {
  const { quoted, identifiers, terms } = parseQuery(text);
  if (quoted.length + identifiers.length > 0) return [];
  const speaker = whoIsNamed(text, terms, index.speakers);
  return speaker === undefined ? [] : index.allSaidBy(speaker);
}

async function foundBy(query: RecallQuery, index: ConversationIndex, asking: Asking): Promise<ResultList> {
  const now = timeOf(query.now);
  const parsed = parseAt(query.text, now);
  const { quoted, identifiers } = parsed;
  const mustMatch = quoted.length + identifiers.length > 0;
  const must = quoted.length === 0 ? undefined : await lookUp({ ...EMPTY, quoted }, index);
  // If nobody said a quoted phrase, nothing is found, whatever else the query asks.
  const isAsked = isQuestion(query.text, parsed) && (quoted.length === 0 || (must?.total ?? 0) > 0);
  const isTimed = !mustMatch && hasTimeAndTopic(timedQuery(query.text, now));
  const looked = isAsked || isTimed ? undefined : await lookedUp(query, parsed, index);
  if (looked !== undefined && mustMatch) return looked;
  const meaning = await asking.meaningFor();
  if (looked !== undefined && (query.orRelated !== true || (await tellsSomething(query.text, looked, index)))) {
    return withNearest(looked, meaning, index);
  }
  const only = isAsked ? undefined : isTimed ? "words" : "related";
  const options: RankOptions = { ...optionsOf(query), only, meaning: believed(meaning), read: asking.read };
  const found = await rankConversation(query.text, index, options);
  const { match, seen } = found;
  const linesOf = async (some: readonly RankedLine[]): Promise<Line[]> => some.flatMap((it) => found.lineOf(it) ?? []);
  const ranked = await tellingFirst(query.text, found.ranked, index, linesOf);
  const count = found.count ?? (match === null ? 0 : await index.count(match));
  const lowest = ranked.at(-1)?.score ?? 0;
  const entry = (line: RankedLine): Entry => ({
    n: line.n,
    score: line.score - lowest + 1,
    signals: nonZero(found.signalsOf(line)),
  });
  const list: ResultList = {
    ranked: { length: ranked.length, slice: (from, to) => ranked.slice(from, to).map(entry) },
    rest: [],
    match,
    seen,
    only: [],
    last: index.last,
    total: ranked.length + count - seen.size,
    byMeaning: found.byMeaning,
    model: modelOf(meaning),
  };
  return reranked(list, query.rerank, { index, trust: asking.trust });
}

/** Appends the lines that are near in meaning but have none of the words. */
async function withNearest(
  list: ResultList,
  meaning: Meaning | undefined,
  index: ConversationIndex,
): Promise<ResultList> {
  if (meaning === undefined || (meaning.trust === 0 && list.total > 0)) return list;
  const numbers = meaning.nearest.map(({ n }) => n);
  const matching = list.match === null ? list.seen : await index.matching(list.match, numbers);
  const only = meaning.nearest
    .filter(({ n }) => !matching.has(n))
    .map(({ n, similarity }) => ({ n, score: similarity, signals: { meaning: similarity } }));
  return { ...list, only, total: list.total + only.length, byMeaning: only.length, model: modelOf(meaning) };
}

/** Whether a list has more than the person's own questions. */
async function tellsSomething(text: string, { ranked, total }: ResultList, index: ConversationIndex): Promise<boolean> {
  return total > ranked.length || (total > 0 && !(await isAllAsked(text, ranked.slice(0, total), index)));
}

async function lookedUp(
  { text, people }: RecallQuery,
  parsed: SearchQuery,
  index: ConversationIndex,
): Promise<ResultList> {
  const { others, speaker, role } = whoIsMeant(text, parsed.terms, { speakers: index.speakers, people });
  // If none of the other words was ever said, search for the name.
  const isEnough = async (ranked: readonly ScoredNumber[]): Promise<boolean> =>
    !(await isAllAsked(text, ranked, index));
  const found =
    (await lookUp({ ...parsed, terms: others }, index, isEnough)) ?? (await lookUp(parsed, index, isEnough));
  if (found === undefined) return plainly([], "lexical", index);
  const numbers = found.ranked.map(({ n }) => n);
  const theirs: ReadonlySet<number> =
    speaker === undefined ? new Set() : await index.saidBy(numbers, { speaker, role });
  const exact = parsed.quoted.length + parsed.identifiers.length > 0 ? 1 : 0;
  const boosted = found.ranked
    .map(({ n, score }) => {
      const boost = theirs.has(n) ? score * (SPEAKER_FACTOR - 1) : 0;
      return { n, score: score + boost, signals: nonZero({ exact, lexical: score, speaker: boost }) };
    })
    .sort((a, b) => b.score - a.score || b.n - a.n);
  const ranked = await tellingFirst(text, boosted, index);
  return { ...found, ranked, rest: [], seen: new Set(numbers), only: [], last: index.last, byMeaning: 0 };
}

const EMPTY: SearchQuery = { quoted: [], identifiers: [], preferred: [], terms: [] };

/** An unranked list of `numbers`, all with one signal. */
function plainly(numbers: readonly number[], signal: string, { last }: ConversationIndex): ResultList {
  const entry = (n: number): Entry => ({ n, score: 0, signals: { [signal]: 1 } });
  const ranked: Entries = { length: numbers.length, slice: (from, to) => numbers.slice(from, to).map(entry) };
  return { ranked, rest: [], match: null, seen: new Set(), only: [], last, total: numbers.length, byMeaning: 0 };
}

function optionsOf({ now, people }: RecallQuery): RankOptions {
  return { now: timeOf(now), people };
}
