import type { Statement } from "better-sqlite3";
import { MemGPTError } from "../../errors.ts";
import { type Message, messageSchema } from "../../schema/message.ts";
import type { RecallQuery, RecallStorage, Session, Utterance } from "../../ports/recall.ts";
import type { Hit, ListRequest, Page, PageRequest, TimeRange } from "../../schema/page.ts";
import { HidingRecallStorage } from "../../search/recall/hiding.ts";
import type { TextVectors } from "../../ports/text-index.ts";
import { type LateRecallSearch, lateRecallSearch } from "../../search/recall/late-search.ts";
import { ALWAYS, AT_A_TIME, withoutUndefined } from "../stored-values.ts";
import { SqliteConversation } from "./conversation.ts";
import { guarded } from "./database.ts";
import type { FullTextIndexes } from "./full-text.ts";
import { ListedRows } from "./list-rows.ts";
import type { Database } from "./load-sqlite.ts";
import type { SaidVectors } from "./said-vectors.ts";
import { type UtteranceRow, UTTERANCE, toUtterance } from "../utterance.ts";

/** Recall storage in the `messages` table and its full-text index (see migrations.ts). */
export class SqliteRecallStorage implements RecallStorage {
  readonly #db: Database;
  readonly #fullText: FullTextIndexes;
  readonly #vectors: SaidVectors;
  readonly #conversation: SqliteConversation;
  readonly #searching: LateRecallSearch;
  readonly #place: Statement<[id: string], { n: number; session: number }>;
  readonly #before: Statement<[session: number, n: number, limit: number], UtteranceRow>;
  readonly #from: Statement<[session: number, n: number, limit: number], UtteranceRow>;
  readonly #countDate: Statement<[from: string, to: string], { total: number }>;
  readonly #date: Statement<[from: string, to: string, limit: number, offset: number], UtteranceRow>;
  readonly #latest: Statement<[limit: number], { json: string }>;
  readonly #list: ListedRows<{ json: string }>;
  readonly #after: Statement<[seq: number, limit: number], { seq: number; json: string }>;
  readonly #get: Statement<[id: string], { json: string }>;
  readonly #size: Statement<[], { value: number }>;

  constructor(db: Database, fullText: FullTextIndexes, vectors: SaidVectors) {
    this.#db = db;
    this.#vectors = vectors;
    this.#fullText = fullText;
    const between = "m.created_at >= ? AND m.created_at < ?";
    const said = "FROM messages m WHERE m.live = 1 AND m.text IS NOT NULL";
    this.#conversation = new SqliteConversation(db);
    this.#searching = lateRecallSearch(this.#conversation);
    this.#place = db.prepare("SELECT n, session FROM messages WHERE id = ? AND live = 1 AND n IS NOT NULL");
    const inSession = `SELECT ${UTTERANCE} FROM messages m WHERE m.live = 1 AND m.session = ?`;
    this.#before = db.prepare(`${inSession} AND m.n < ? ORDER BY m.n DESC LIMIT ?`);
    this.#from = db.prepare(`${inSession} AND m.n >= ? ORDER BY m.n LIMIT ?`);
    this.#countDate = db.prepare(`SELECT count(*) AS total ${said} AND ${between}`);
    this.#date = db.prepare(
      `SELECT ${UTTERANCE} ${said} AND ${between}
       ORDER BY m.created_at, m.seq LIMIT ? OFFSET ?`,
    );
    this.#latest = db.prepare("SELECT json FROM messages WHERE live = 1 ORDER BY seq DESC LIMIT ?");
    this.#list = new ListedRows(db, "messages", "json");
    this.#after = db.prepare("SELECT seq, json FROM messages WHERE live = 1 AND seq > ? ORDER BY seq LIMIT ?");
    this.#get = db.prepare("SELECT json FROM messages WHERE id = ? AND live = 1");
    this.#size = db.prepare("SELECT value FROM totals WHERE name = 'messages'");
  }

  async search(query: RecallQuery, page: PageRequest): Promise<Page<Hit<Utterance>>> {
    return this.#fullText.mendingReads(async () =>
      (await this.#searching()).search(query, page, async () => this.#vectorsFor(query)),
    );
  }

  async searchSessions(query: RecallQuery, page: PageRequest): Promise<Page<Hit<Session>>> {
    return this.#fullText.mendingReads(async () =>
      (await this.#searching()).searchSessions(query, page, async () => this.#vectorsFor(query)),
    );
  }

  async usesVector(text: string, model: string): Promise<boolean> {
    if (!(await this.#vectors.has(model))) return false;
    return (await import("../../search/query.ts")).wantsSimilar(text);
  }

  async #vectorsFor({ embedding, minSimilarity = 0 }: RecallQuery): Promise<TextVectors | undefined> {
    return embedding === undefined || embedding === null
      ? undefined
      : this.#vectors.comparedWith(embedding, minSimilarity);
  }

  async around(id: string, count: number): Promise<Utterance[]> {
    return guarded(this.#db, () => {
      const middle = this.#place.get(id);
      if (middle === undefined) return [];
      const { n, session } = middle;
      const before = this.#before.all(session, n, count).reverse();
      return [...before, ...this.#from.all(session, n, count + 1)].map(toUtterance);
    });
  }

  async speakers(): Promise<readonly string[]> {
    return guarded(this.#db, () => this.#conversation.speakers());
  }

  async searchDate(range: TimeRange, page: PageRequest): Promise<Page<Utterance>> {
    return guarded(this.#db, () => {
      const { from, to } = { ...ALWAYS, ...withoutUndefined(range) };
      const rows = this.#date.all(from, to, page.size, page.page * page.size);
      return { total: this.#countDate.get(from, to)?.total ?? 0, items: rows.map(toUtterance) };
    });
  }

  async latest(count: number): Promise<Message[]> {
    return guarded(this.#db, () => this.#latest.all(count).reverse().map(parse));
  }

  async list(request: ListRequest): Promise<Message[]> {
    return guarded(this.#db, () => this.#list.read(request).map(parse));
  }

  async *all(): AsyncGenerator<Message, void, void> {
    for (let seq = 0; ;) {
      const rows = guarded(this.#db, () => this.#after.all(seq, AT_A_TIME));
      for (const row of rows) yield parseRow(row);
      const last = rows.at(-1);
      if (last === undefined) return;
      seq = last.seq;
    }
  }

  async get(id: string): Promise<Message | undefined> {
    const row = guarded(this.#db, () => this.#get.get(id));
    return row === undefined ? undefined : parse(row);
  }

  async size(): Promise<number> {
    return guarded(this.#db, () => this.#size.get()?.value ?? 0);
  }

  without(ids: readonly string[]): RecallStorage {
    const guard = async <T>(work: () => Promise<T>): Promise<T> => this.#fullText.mendingReads(work);
    return new HidingRecallStorage(this, ids, {
      conversation: this.#conversation,
      vectorsFor: async (query) => this.#vectorsFor(query),
      guard,
    });
  }
}

function parseRow({ seq, json }: { seq: number; json: string }): Message {
  try {
    return parse({ json });
  } catch (cause) {
    const message = `Message ${seq} in recall storage is damaged and cannot be read.`;
    throw new MemGPTError("storage_failed", message, { cause });
  }
}

function parse(row: { json: string }): Message {
  return messageSchema().parse(JSON.parse(row.json));
}
