import type { Statement } from "better-sqlite3";
import type { ConversationIndex, Line } from "../../search/conversation-index.ts";
import { type Meant, nameKey } from "../../search/who.ts";
import type { RecallQuery } from "../../ports/storage.ts";
import type { Database } from "./load-sqlite.ts";

/**
 * What narrows a search: parts of a WHERE clause about `messages m`, what they are given, and the numbers between which all
 * that passes lies, by which the full-text index cuts its lists.
 */
export type Filter = {
  readonly where: string;
  readonly values: readonly (string | number)[];
  readonly least: number;
  readonly most: number;
};

/** A time in ISO 8601 as all times are stored, with milliseconds. */
export function storedTime(time: string): string {
  const milliseconds = Date.parse(time);
  return Number.isNaN(milliseconds) ? time : new Date(milliseconds).toISOString();
}

/** Up to so many lines each word is looked up once. */
const FEW = 20_000;

type LineRow = [
  n: number,
  session: number,
  role: string,
  speaker: string | null,
  createdAt: string,
  traits: number,
  gist: number,
];

/** The full-text index of `messages` and what it is an index of, for ranking. */
export class SqliteConversation {
  readonly #db: Database;
  readonly #lines: Statement<[ranges: string]>;
  readonly #all: Statement<[match: string]>;
  readonly #text: Statement<[n: number]>;
  readonly #generation: Statement<[], { gone: number; rewritten: number }>;
  readonly #size: Statement<[], { value: number }>;
  readonly #last: Statement<[], { n: number | null }>;
  readonly #sessionsAfter: Statement<[n: number], { n: number }>;
  readonly #speakers: Statement<[], { name: string }>;
  readonly #speakerCount: Statement<[], { count: number }>;
  #known: readonly string[] = [];
  #sessions: number[] = [];

  constructor(db: Database) {
    this.#db = db;
    // One JSON text of all is four times as quick as a query for each range. A cross join visits them as they are given.
    this.#lines = db
      .prepare<[ranges: string]>(
        `SELECT json_group_array(json_array(n, session, role, speaker, created_at, traits, gist)) FROM (
           SELECT n, session, role, speaker, created_at, traits, gist FROM json_each(?) r CROSS JOIN messages m INDEXED BY messages_lines
           WHERE m.n >= r.value ->> 0 AND m.n <= r.value ->> 1 AND m.live = 1
         )`,
      )
      .pluck();
    // In the order in which the index has them, which is quicker than the other way.
    this.#all = db
      .prepare<[match: string]>("SELECT json_group_array(rowid) FROM messages_fts WHERE messages_fts MATCH ?")
      .pluck();
    this.#text = db.prepare<[n: number]>("SELECT text FROM messages WHERE n = ?").pluck();
    this.#generation = db.prepare(
      `SELECT (SELECT coalesce(max(n), 0) FROM messages WHERE n IS NOT NULL) - (SELECT value FROM totals WHERE name = 'said') AS gone,
         (SELECT value FROM totals WHERE name = 'rewritten') AS rewritten`,
    );
    this.#size = db.prepare("SELECT value FROM totals WHERE name = 'said'");
    this.#last = db.prepare("SELECT max(n) AS n FROM messages WHERE n IS NOT NULL");
    this.#sessionsAfter = db.prepare("SELECT n FROM messages WHERE n = session AND n > ? ORDER BY n");
    this.#speakers = db.prepare("SELECT name FROM speakers");
    this.#speakerCount = db.prepare("SELECT count(*) AS count FROM speakers");
  }

  /** Rows that were read may have never been: their transaction was rolled back. */
  tookBack(): void {
    this.#known = [];
    this.#sessions = [];
  }

  /** The filter of a query; undefined if it lets everything through. */
  filterOf({ range, role, speaker, session }: RecallQuery): Filter | undefined {
    const [from, to] = [range?.from, range?.to].map((time) => (time === undefined ? undefined : storedTime(time)));
    const parts: [where: string, value: string | number | undefined][] = [
      ["m.created_at >= ?", from],
      ["m.created_at < ?", to],
      ["m.role = ?", role],
      ["m.speaker IN (SELECT value FROM json_each(?))", speaker === undefined ? undefined : this.#spellings(speaker)],
      ["m.session = ?", session],
    ];
    const given = parts.flatMap(([where, value]) => (value === undefined ? [] : [{ where, value }]));
    if (given.length === 0) return undefined;
    const bounds =
      session !== undefined
        ? this.#bounds("session = ? AND n >= ?", [session, session])
        : from !== undefined && to !== undefined
          ? this.#bounds("text IS NOT NULL AND live = 1 AND created_at >= ? AND created_at < ?", [from, to])
          : { least: 0, most: NEWEST };
    return { where: given.map(({ where }) => where).join(" AND "), values: given.map(({ value }) => value), ...bounds };
  }

  #bounds(where: string, values: readonly (string | number)[]): { least: number; most: number } {
    const sql = `SELECT min(n) AS least, max(n) AS most FROM messages WHERE ${where}`;
    const { least, most } = this.#statement<{ least: number | null; most: number | null }>(sql).get(...values) ?? {};
    return { least: least ?? 0, most: most ?? -1 };
  }

  /** How the speakers of that name, or of one of their names, are written, as JSON; with or without accents. */
  #spellings(name: string): string {
    const wanted = nameKey(name);
    const names = this.speakers();
    const whole = names.filter((it) => nameKey(it) === wanted);
    const some = whole.length > 0 ? whole : names.filter((it) => nameKey(it).split(" ").includes(wanted));
    return JSON.stringify(some);
  }

  /** Changes whenever something is taken back, comes back or says something else; not when something is added. */
  generation(): string {
    const { gone, rewritten } = this.#generation.get() ?? { gone: 0, rewritten: 0 };
    return `${gone}:${rewritten}`;
  }

  /** The index as it is now, narrowed by `filter`. */
  view(filter: Filter | undefined): ConversationIndex {
    const last = this.#last.get()?.n ?? 0;
    // Rows are added and never removed, so what was read before is still so.
    const known = this.#sessions.at(-1) ?? 0;
    for (const { n } of this.#sessionsAfter.iterate(known)) this.#sessions.push(n);
    const size = this.#size.get()?.value ?? 0;
    return {
      size,
      last,
      sessions: this.#sessions,
      speakers: this.speakers(),
      isNarrowed: filter !== undefined,
      ...(filter === undefined && size <= FEW ? this.#lookingUpOnce() : this.#counting(filter)),
      during: (from, to, limit) => this.#during([iso(from), iso(to)], filter, limit),
      lines: (ranges) => (JSON.parse(this.#lines.get(JSON.stringify(ranges)) as string) as LineRow[]).map(toLine),
      texts: (numbers) => this.#texts(numbers),
      admits: (numbers) => this.admits(numbers, filter),
    };
  }

  #counting(filter: Filter | undefined): Pick<ConversationIndex, "frequency" | "linesWith"> {
    return {
      frequency: (match) => this.count(match, undefined),
      linesWith: (match, limit) => this.numbers(match, filter, { limit }).reverse(),
    };
  }

  /** Where there are few lines, to name those that match takes hardly longer than to count them. */
  #lookingUpOnce(): Pick<ConversationIndex, "frequency" | "linesWith"> {
    const known = new Map<string, readonly number[]>();
    const all = (match: string): readonly number[] => {
      const numbers = known.get(match) ?? (JSON.parse(this.#all.get(match) as string) as number[]);
      known.set(match, numbers);
      return numbers;
    };
    return { frequency: (match) => all(match).length, linesWith: (match, limit) => all(match).slice(-limit) };
  }

  /** Names of those who speak, as they were given: the same array as long as nobody new has spoken. */
  speakers(): readonly string[] {
    const count = this.#speakerCount.get()?.count ?? 0;
    if (count !== this.#known.length) this.#known = this.#speakers.all().map(({ name }) => name);
    return this.#known;
  }

  #during(range: readonly string[], filter: Filter | undefined, limit: number): number[] {
    const sql = `SELECT m.n AS n FROM messages m
      WHERE m.live = 1 AND m.text IS NOT NULL AND m.created_at >= ? AND m.created_at < ?
      ${filter === undefined ? "" : `AND ${filter.where}`} ORDER BY m.created_at, m.seq LIMIT ?`;
    const rows = this.#statement<{ n: number }>(sql).all(...range, ...(filter?.values ?? []), limit);
    return rows.map(({ n }) => n);
  }

  #texts(numbers: readonly number[]): string[] {
    return numbers.map((n) => this.#text.get(n) as string);
  }

  count(match: string, filter: Filter | undefined): number {
    const [from, values] = matching(match, filter, {});
    return this.#statement<{ total: number }>(`SELECT count(*) AS total ${from}`).get(...values)?.total ?? 0;
  }

  /** Numbers of those that match, newest first. `to`: the newest that is wanted. */
  numbers(match: string, filter: Filter | undefined, { limit, to }: { limit: number; to?: number }): number[] {
    const [from, values] = matching(match, filter, { to });
    // One JSON text is several times as quick as as many rows.
    const sql = `SELECT json_group_array(n) AS numbers FROM (SELECT f.rowid AS n ${from} ORDER BY f.rowid DESC LIMIT ?)`;
    const row = this.#statement<{ numbers: string }>(sql).get(...values, limit);
    return JSON.parse(row?.numbers ?? "[]") as number[];
  }

  /** The best by BM25 from number `from` on, best first. */
  best(match: string, filter: Filter | undefined, { limit, from: least }: { limit: number; from: number }): Scored[] {
    const [from, values] = matching(match, filter, { from: least });
    const sql = `SELECT f.rowid AS n, -f.rank AS score ${from} ORDER BY f.rank, f.rowid DESC LIMIT ?`;
    return this.#statement<Scored>(sql).all(...values, limit);
  }

  /** Those of `numbers` that were said by `speaker` or, where nobody is named, in `role`. */
  saidBy(numbers: readonly number[], { speaker, role }: Pick<Meant, "speaker" | "role">): ReadonlySet<number> {
    if (speaker === undefined) return new Set();
    const where = "(m.speaker IN (SELECT value FROM json_each(?)) OR (m.speaker IS NULL AND m.role = ?))";
    return this.admits(numbers, { where, values: [this.#spellings(speaker), role ?? ""], least: 0, most: NEWEST });
  }

  /** Numbers of all that was said from `from` up to, not including, `to`, in milliseconds since 1970, oldest first. */
  allSaid({ from, to }: { readonly from: number; readonly to: number }, filter: Filter | undefined): number[] {
    const { where, values } = filter ?? { where: "TRUE", values: [] };
    const sql = `SELECT json_group_array(n) AS numbers FROM (
      SELECT m.n AS n FROM messages m WHERE m.live = 1 AND m.text IS NOT NULL AND m.created_at >= ? AND m.created_at < ?
      AND ${where} ORDER BY m.created_at, m.seq)`;
    const row = this.#statement<{ numbers: string }>(sql).get(iso(from), iso(to), ...values);
    return JSON.parse(row?.numbers ?? "[]") as number[];
  }

  /** Numbers of all that `speaker` said, newest first. */
  allSaidBy(speaker: string, filter: Filter | undefined): number[] {
    const { where, values } = filter ?? { where: "TRUE", values: [] };
    const sql = `SELECT m.n AS n FROM messages m
      WHERE m.live = 1 AND m.n IS NOT NULL AND m.speaker IN (SELECT value FROM json_each(?)) AND ${where} ORDER BY m.n DESC`;
    const rows = this.#statement<{ n: number }>(sql).all(this.#spellings(speaker), ...values);
    return rows.map(({ n }) => n);
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

type Scored = { readonly n: number; readonly score: number };

/** Above the number of every line. */
export const NEWEST = 2 ** 31;

/** The rest of a SELECT of the lines that match, and what it is given. */
function matching(
  match: string,
  filter: Filter | undefined,
  { from = 0, to = NEWEST }: { from?: number | undefined; to?: number | undefined },
): [sql: string, values: readonly (string | number)[]] {
  if (filter === undefined) {
    return ["FROM messages_fts f WHERE messages_fts MATCH ? AND f.rowid BETWEEN ? AND ?", [match, from, to]];
  }
  const { where, values, least, most } = filter;
  const joined = "FROM messages_fts f JOIN messages m ON m.n = f.rowid WHERE messages_fts MATCH ?";
  const bounds = [Math.max(from, least), Math.min(to, most)];
  return [`${joined} AND f.rowid BETWEEN ? AND ? AND ${where}`, [match, ...bounds, ...values]];
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function toLine([n, session, role, speaker, createdAt, traits, gist]: LineRow): Line {
  return { n, session, role: role === "user" ? "user" : "assistant", speaker, createdAt, traits, gist };
}
