import type { Statement } from "better-sqlite3";
import { MemGPTError } from "../../errors.ts";
import { type Message, messageSchema } from "../../schema/message.ts";
import { parseQuery, toMatchExpressions } from "../../search/query.ts";
import type {
  Hit,
  Page,
  PageRequest,
  RecallQuery,
  RecallStorage,
  Session,
  TimeRange,
  Utterance,
} from "../interfaces.ts";
import { guarded } from "./database.ts";
import type { FullTextIndexes } from "./full-text.ts";
import type { Database } from "./load-sqlite.ts";

type UtteranceRow = {
  id: string;
  role: string;
  speaker: string | null;
  session: number;
  text: string;
  created_at: string;
  score: number;
};

/** Before and after every time there is: the range of someone who asked for none. */
export const ALWAYS = { from: "", to: "~" };

/** Rows that are in memory at a time where all are gone through. */
export const AT_A_TIME = 500;

/** Recall storage in the `messages` table and its full-text index (see migrations.ts). */
export class SqliteRecallStorage implements RecallStorage {
  readonly #fullText: FullTextIndexes;
  readonly #count: Statement<[match: string], { total: number }>;
  readonly #countBetween: Statement<[match: string, from: string, to: string], { total: number }>;
  readonly #search: Statement<[match: string, from: string, to: string, limit: number, offset: number], UtteranceRow>;
  readonly #countDate: Statement<[from: string, to: string], { total: number }>;
  readonly #date: Statement<[from: string, to: string, limit: number, offset: number], UtteranceRow>;
  readonly #latest: Statement<[limit: number], { json: string }>;
  readonly #after: Statement<[seq: number, limit: number], { seq: number; json: string }>;
  readonly #get: Statement<[id: string], { json: string }>;
  readonly #size: Statement<[], { value: number }>;

  constructor(db: Database, fullText: FullTextIndexes) {
    this.#fullText = fullText;
    const joined = "FROM messages_fts f JOIN messages m ON m.n = f.rowid WHERE messages_fts MATCH ?";
    const between = "m.created_at >= ? AND m.created_at < ?";
    const said = "FROM messages m WHERE m.live = 1 AND m.text IS NOT NULL";
    this.#count = db.prepare("SELECT count(*) AS total FROM messages_fts WHERE messages_fts MATCH ?");
    this.#countBetween = db.prepare(`SELECT count(*) AS total ${joined} AND ${between}`);
    this.#search = db.prepare(
      `SELECT m.id, m.role, m.speaker, m.session, m.text, m.created_at, -f.rank AS score ${joined} AND ${between}
       ORDER BY f.rank, m.seq DESC LIMIT ? OFFSET ?`,
    );
    this.#countDate = db.prepare(`SELECT count(*) AS total ${said} AND ${between}`);
    this.#date = db.prepare(
      `SELECT m.id, m.role, m.speaker, m.session, m.text, m.created_at, 0 AS score ${said} AND ${between}
       ORDER BY m.created_at, m.seq LIMIT ? OFFSET ?`,
    );
    this.#latest = db.prepare("SELECT json FROM messages WHERE live = 1 ORDER BY seq DESC LIMIT ?");
    this.#after = db.prepare("SELECT seq, json FROM messages WHERE live = 1 AND seq > ? ORDER BY seq LIMIT ?");
    this.#get = db.prepare("SELECT json FROM messages WHERE id = ? AND live = 1");
    this.#size = db.prepare("SELECT value FROM totals WHERE name = 'messages'");
  }

  async search({ text: query, range }: RecallQuery, page: PageRequest): Promise<Page<Hit<Utterance>>> {
    return this.#fullText.mending(() => {
      const { from, to } = { ...ALWAYS, ...withoutUndefined(range ?? {}) };
      const unbounded = from === ALWAYS.from && to === ALWAYS.to;
      for (const match of toMatchExpressions(parseQuery(query))) {
        const total = (unbounded ? this.#count.get(match) : this.#countBetween.get(match, from, to))?.total ?? 0;
        if (total === 0) continue;
        const rows = this.#search.all(match, from, to, page.size, page.page * page.size);
        return {
          total,
          items: rows.map((row) => ({ ...utterance(row), score: row.score, signals: { lexical: row.score } })),
        };
      }
      return { total: 0, items: [] };
    });
  }

  async searchSessions(): Promise<Page<Hit<Session>>> {
    return { total: 0, items: [] };
  }

  async around(): Promise<Utterance[]> {
    return [];
  }

  async searchDate(range: TimeRange, page: PageRequest): Promise<Page<Utterance>> {
    return guarded(() => {
      const { from, to } = { ...ALWAYS, ...withoutUndefined(range) };
      const rows = this.#date.all(from, to, page.size, page.page * page.size);
      return { total: this.#countDate.get(from, to)?.total ?? 0, items: rows.map(utterance) };
    });
  }

  async latest(count: number): Promise<Message[]> {
    return guarded(() => this.#latest.all(count).reverse().map(parse));
  }

  async *all(): AsyncGenerator<Message, void, void> {
    for (let seq = 0; ;) {
      const rows = guarded(() => this.#after.all(seq, AT_A_TIME));
      for (const row of rows) yield parseRow(row);
      const last = rows.at(-1);
      if (last === undefined) return;
      seq = last.seq;
    }
  }

  async get(id: string): Promise<Message | undefined> {
    const row = guarded(() => this.#get.get(id));
    return row === undefined ? undefined : parse(row);
  }

  async size(): Promise<number> {
    return guarded(() => this.#size.get()?.value ?? 0);
  }
}

/** A range without the ends that were given as undefined. */
export function withoutUndefined(range: TimeRange): { from?: string; to?: string } {
  return {
    ...(range.from === undefined ? {} : { from: range.from }),
    ...(range.to === undefined ? {} : { to: range.to }),
  };
}

function utterance(row: UtteranceRow): Utterance {
  const { id, speaker, session, text, created_at: createdAt } = row;
  return { id, role: row.role === "user" ? "user" : "assistant", speaker, session, text, createdAt };
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
  return messageSchema.parse(JSON.parse(row.json));
}
