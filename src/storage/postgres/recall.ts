import type { RecallQuery, RecallStorage, Session, Utterance } from "../../ports/recall.ts";
import type { TextVectors } from "../../ports/text-index.ts";
import { type Message, messageSchema } from "../../schema/message.ts";
import type { Hit, ListRequest, Page, PageRequest, TimeRange } from "../../schema/page.ts";
import { wantsSimilar } from "../../search/query.ts";
import { HidingRecallStorage } from "../../search/recall/hiding.ts";
import { RecallSearch } from "../../search/recall/search.ts";
import { ALWAYS, AT_A_TIME, withoutUndefined } from "../stored-values.ts";
import { PgConversation } from "./conversation.ts";
import { type Queryable, type Value, reading } from "./database.ts";
import type { PgHead } from "./head.ts";
import { listRows } from "./list-rows.ts";
import type { PgSaidVectors } from "./said-vectors.ts";
import { UTTERANCE, type UtteranceRow, toUtterance } from "../utterance.ts";

/** Recall storage in the `messages` table and its postings. */
export class PgRecallStorage implements RecallStorage {
  readonly #database: Queryable;
  readonly #agent: number;
  readonly #head: PgHead;
  readonly #vectors: PgSaidVectors;
  readonly #conversation: PgConversation;
  readonly #searching: RecallSearch;

  constructor(database: Queryable, head: PgHead, vectors: PgSaidVectors) {
    this.#database = database;
    this.#agent = head.agent;
    this.#head = head;
    this.#vectors = vectors;
    this.#conversation = new PgConversation(database, head);
    this.#searching = new RecallSearch(this.#conversation);
  }

  /** Drops all caches, after rows were removed. */
  reset(): void {
    this.#conversation.reset();
  }

  async search(query: RecallQuery, page: PageRequest): Promise<Page<Hit<Utterance>>> {
    return reading(() => this.#searching.search(query, page, async () => this.#vectorsFor(query)));
  }

  async searchSessions(query: RecallQuery, page: PageRequest): Promise<Page<Hit<Session>>> {
    return reading(() => this.#searching.searchSessions(query, page, async () => this.#vectorsFor(query)));
  }

  async usesVector(text: string, model: string): Promise<boolean> {
    return wantsSimilar(text) && (await this.#vectors.has(model));
  }

  async around(id: string, count: number): Promise<Utterance[]> {
    const placed = "SELECT n, session FROM messages WHERE agent = $1 AND id = $2 AND live AND n IS NOT NULL";
    const [middle] = await this.#rows<{ n: number; session: number }>(placed, id);
    if (middle === undefined) return [];
    const { n, session } = middle;
    const inSession = `SELECT ${UTTERANCE} FROM messages m WHERE m.agent = $1 AND m.live AND m.session = $2`;
    const before = await this.#rows<UtteranceRow>(
      `${inSession} AND m.n < $3 ORDER BY m.n DESC LIMIT $4`,
      session,
      n,
      count,
    );
    const from = await this.#rows<UtteranceRow>(
      `${inSession} AND m.n >= $3 ORDER BY m.n LIMIT $4`,
      session,
      n,
      count + 1,
    );
    return [...before.reverse(), ...from].map(toUtterance);
  }

  async speakers(): Promise<readonly string[]> {
    return this.#conversation.speakers();
  }

  async searchDate(range: TimeRange, page: PageRequest): Promise<Page<Utterance>> {
    const { from, to } = { ...ALWAYS, ...withoutUndefined(range) };
    const said = `FROM messages m WHERE m.agent = $1 AND m.live AND m.n IS NOT NULL AND m.created_at >= $2 AND m.created_at < $3`;
    const [count] = await this.#rows<{ total: number }>(`SELECT count(*) AS total ${said}`, from, to);
    const sql = `SELECT ${UTTERANCE} ${said} ORDER BY m.created_at, m.seq LIMIT $4 OFFSET $5`;
    const rows = await this.#rows<UtteranceRow>(sql, from, to, page.size, page.page * page.size);
    return { total: count?.total ?? 0, items: rows.map(toUtterance) };
  }

  async latest(count: number): Promise<Message[]> {
    const sql = "SELECT json FROM messages WHERE agent = $1 AND live ORDER BY seq DESC LIMIT $2";
    return (await this.#rows<Row>(sql, count)).reverse().map(parse);
  }

  async list(request: ListRequest): Promise<Message[]> {
    const listed = { table: "messages", columns: "json", agent: this.#agent } as const;
    return (await listRows<Row>(this.#database, listed, request)).map(parse);
  }

  async *all(): AsyncGenerator<Message, void, void> {
    for (let seq = 0; ;) {
      const sql = "SELECT seq, json FROM messages WHERE agent = $1 AND live AND seq > $2 ORDER BY seq LIMIT $3";
      const rows = await this.#rows<Row & { seq: number }>(sql, seq, AT_A_TIME);
      yield* rows.map(parse);
      const last = rows.at(-1);
      if (last === undefined) return;
      seq = last.seq;
    }
  }

  async get(id: string): Promise<Message | undefined> {
    const [row] = await this.#rows<Row>("SELECT json FROM messages WHERE agent = $1 AND id = $2 AND live", id);
    return row === undefined ? undefined : parse(row);
  }

  async size(): Promise<number> {
    return (await this.#head.figures()).messages;
  }

  without(ids: readonly string[]): RecallStorage {
    return new HidingRecallStorage(this, ids, {
      conversation: this.#conversation,
      vectorsFor: async (query) => this.#vectorsFor(query),
      guard: reading,
    });
  }

  async #vectorsFor({ embedding, minSimilarity = 0 }: RecallQuery): Promise<TextVectors | undefined> {
    return embedding === undefined || embedding === null
      ? undefined
      : this.#vectors.comparedWith(embedding, minSimilarity);
  }

  async #rows<R>(sql: string, ...values: Value[]): Promise<R[]> {
    return reading(() => this.#database.query<R>(sql, [this.#agent, ...values]));
  }
}

type Row = { readonly json: string };

function parse({ json }: Row): Message {
  return messageSchema().parse(JSON.parse(json));
}
