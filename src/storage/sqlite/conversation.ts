import type { Statement } from "better-sqlite3";
import type { ConversationIndex, Line } from "../../search/conversation-index.ts";
import type { Meant } from "../../search/who.ts";
import type { RecallQuery } from "../interfaces.ts";
import type { Database } from "./load-sqlite.ts";

/** What narrows a search: parts of a WHERE clause about `messages m`, and what they are given. */
export type Filter = { readonly where: string; readonly values: readonly (string | number)[] };

/** The filter of a query; undefined if it lets everything through. */
export function filterOf({ range, role, speaker, session }: RecallQuery): Filter | undefined {
  const parts: [where: string, value: string | number | undefined][] = [
    ["m.created_at >= ?", range?.from],
    ["m.created_at < ?", range?.to],
    ["m.role = ?", role],
    ["m.speaker = ? COLLATE NOCASE", speaker],
    ["m.session = ?", session],
  ];
  const given = parts.flatMap(([where, value]) => (value === undefined ? [] : [{ where, value }]));
  if (given.length === 0) return undefined;
  return { where: given.map(({ where }) => where).join(" AND "), values: given.map(({ value }) => value) };
}

type LineRow = [n: number, session: number, role: string, speaker: string | null, text: string, createdAt: string];

/** The full-text index of `messages` and what it is an index of, for ranking. */
export class SqliteConversation {
  readonly #db: Database;
  readonly #lines: Statement<[from: number, to: number]>;
  readonly #during: Statement<[from: string, to: string, limit: number], { n: number }>;
  readonly #size: Statement<[], { value: number }>;
  readonly #last: Statement<[], { n: number | null }>;
  readonly #sessionsAfter: Statement<[n: number], { n: number }>;
  readonly #speakers: Statement<[], { name: string }>;
  readonly #speakerCount: Statement<[], { count: number }>;
  #known: readonly string[] = [];
  #sessions: number[] = [];

  constructor(db: Database) {
    this.#db = db;
    this.#lines = db
      .prepare<[from: number, to: number]>(
        "SELECT n, session, role, speaker, text, created_at FROM messages WHERE n BETWEEN ? AND ? AND live = 1 ORDER BY n",
      )
      .raw();
    this.#during = db.prepare(
      `SELECT n FROM messages WHERE live = 1 AND text IS NOT NULL AND created_at >= ? AND created_at < ?
       ORDER BY created_at, seq LIMIT ?`,
    );
    this.#size = db.prepare("SELECT value FROM totals WHERE name = 'said'");
    this.#last = db.prepare("SELECT max(n) AS n FROM messages");
    this.#sessionsAfter = db.prepare("SELECT n FROM messages WHERE n = session AND n > ? ORDER BY n");
    this.#speakers = db.prepare("SELECT name FROM speakers");
    this.#speakerCount = db.prepare("SELECT count(*) AS count FROM speakers");
  }

  /** The index as it is now, narrowed by `filter`. */
  view(filter: Filter | undefined): ConversationIndex {
    const last = this.#last.get()?.n ?? 0;
    // Rows are added and never removed, so what was read before is still so.
    const known = this.#sessions.at(-1) ?? 0;
    this.#sessions.push(...this.#sessionsAfter.all(known).map(({ n }) => n));
    return {
      size: this.#size.get()?.value ?? 0,
      last,
      sessions: this.#sessions,
      speakers: this.#names(),
      count: (match) => this.count(match, filter),
      numbers: (match, limit) => this.numbers(match, filter, { limit }),
      during: (from, to, limit) => this.#during.all(iso(from), iso(to), limit).map(({ n }) => n),
      lines: (from, to) => (this.#lines.all(from, to) as LineRow[]).map(toLine),
      admits: (numbers) => this.admits(numbers, filter),
    };
  }

  /** The same array as long as nobody new has spoken. */
  #names(): readonly string[] {
    const count = this.#speakerCount.get()?.count ?? 0;
    if (count !== this.#known.length) this.#known = this.#speakers.all().map(({ name }) => name);
    return this.#known;
  }

  count(match: string, filter: Filter | undefined): number {
    const sql =
      filter === undefined
        ? "SELECT count(*) AS total FROM messages_fts WHERE messages_fts MATCH ?"
        : `SELECT count(*) AS total ${JOINED} AND ${filter.where}`;
    return this.#statement<{ total: number }>(sql).get(match, ...(filter?.values ?? []))?.total ?? 0;
  }

  /** Numbers of those that match, newest first. `to`: the newest that is wanted. */
  numbers(match: string, filter: Filter | undefined, options: { limit: number; to?: number }): number[] {
    const { limit, to = Number.MAX_SAFE_INTEGER } = options;
    const from =
      filter === undefined
        ? "SELECT rowid AS n FROM messages_fts f WHERE messages_fts MATCH ? AND rowid <= ?"
        : `SELECT f.rowid AS n ${JOINED} AND f.rowid <= ? AND ${filter.where}`;
    // One JSON text is several times as quick as as many rows.
    const sql = `SELECT json_group_array(n) AS numbers FROM (${from} ORDER BY f.rowid DESC LIMIT ?)`;
    const row = this.#statement<{ numbers: string }>(sql).get(match, to, ...(filter?.values ?? []), limit);
    return JSON.parse(row?.numbers ?? "[]") as number[];
  }

  /** The best by BM25 from number `from` on, best first. */
  best(
    match: string,
    filter: Filter | undefined,
    options: { limit: number; from: number },
  ): { n: number; score: number }[] {
    const narrowed =
      filter === undefined ? "FROM messages_fts f WHERE messages_fts MATCH ?" : `${JOINED} AND ${filter.where}`;
    const sql = `SELECT f.rowid AS n, -f.rank AS score ${narrowed} AND f.rowid >= ? ORDER BY f.rank, f.rowid DESC LIMIT ?`;
    return this.#statement<{ n: number; score: number }>(sql).all(
      match,
      ...(filter?.values ?? []),
      options.from,
      options.limit,
    );
  }

  /** Those of `numbers` that were said by `speaker` or, where nobody is named, in `role`. */
  saidBy(numbers: readonly number[], { speaker, role }: Pick<Meant, "speaker" | "role">): ReadonlySet<number> {
    if (speaker === undefined) return new Set();
    const where = "(lower(m.speaker) = ? OR (m.speaker IS NULL AND m.role = ?))";
    return this.admits(numbers, { where, values: [speaker, role ?? ""] });
  }

  admits(numbers: readonly number[], filter: Filter | undefined): ReadonlySet<number> {
    if (filter === undefined) return new Set(numbers);
    const sql = `SELECT m.n AS n FROM messages m WHERE m.n IN (SELECT value FROM json_each(?)) AND ${filter.where}`;
    const rows = this.#statement<{ n: number }>(sql).all(JSON.stringify(numbers), ...filter.values);
    return new Set(rows.map(({ n }) => n));
  }

  readonly #prepared = new Map<string, Statement<(string | number)[]>>();

  /** Statements differ with the filter, of which there are few. */
  #statement<Row>(sql: string): Statement<(string | number)[], Row> {
    const statement = this.#prepared.get(sql) ?? this.#db.prepare<(string | number)[]>(sql);
    this.#prepared.set(sql, statement);
    return statement as Statement<(string | number)[], Row>;
  }
}

const JOINED = "FROM messages_fts f JOIN messages m ON m.n = f.rowid WHERE messages_fts MATCH ?";

function iso(time: number): string {
  return new Date(time).toISOString();
}

function toLine([n, session, role, speaker, text, createdAt]: LineRow): Line {
  return { n, session, role: role === "user" ? "user" : "assistant", speaker, text, createdAt };
}
