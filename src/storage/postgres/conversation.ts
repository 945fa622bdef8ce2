import type { Utterance } from "../../ports/recall.ts";
import type { Conversation, ConversationFilter, ConversationIndex, Line, Span, Voice } from "../../ports/text-index.ts";
import { nameKey } from "../../search/recall/who.ts";
import { storedTime } from "../stored-values.ts";
import { type Queryable, type Value, reading } from "./database.ts";
import type { PgHead } from "./head.ts";
import { type Extent, type Filter, PgTexts } from "./text-index.ts";
import { UTTERANCE, type UtteranceRow, toUtterance } from "../utterance.ts";

const MOST = 2 ** 31;

type LineRow = Omit<Line, "role" | "createdAt"> & { readonly role: string; readonly created_at: string };

type Known = {
  readonly size: number;
  readonly terms: number;
  readonly last: number;
  readonly packed: number;
  readonly retracted: number;
  readonly rewritten: number;
  /** JSON arrays. */
  readonly sessions: string | null;
  readonly speakers: string | null;
};

/** The conversation as its search reads it. */
export class PgConversation implements Conversation {
  readonly #database: Queryable;
  readonly #head: PgHead;
  readonly #texts: PgTexts;
  #sessions: number[] = [];

  constructor(database: Queryable, head: PgHead) {
    this.#database = database;
    this.#head = head;
    this.#texts = new PgTexts(database, head.agent, "messages");
  }

  /** Drops all caches, after rows were removed. */
  reset(): void {
    this.#sessions = [];
  }

  async generation(): Promise<string> {
    const { retracted, rewritten } = await this.#head.figures();
    return `${retracted}:${rewritten}`;
  }

  async numbersOf(ids: readonly string[]): Promise<number[]> {
    const sql = "SELECT n FROM messages WHERE agent = $1 AND live AND n IS NOT NULL AND id = ANY ($2::text[])";
    return numbersIn(await this.#rows(sql, ids));
  }

  async utterances(numbers: readonly number[]): Promise<(Utterance & { n: number })[]> {
    const rows = await this.#rows<UtteranceRow & { n: number }>(
      `SELECT m.n, ${UTTERANCE} FROM messages m WHERE m.agent = $1 AND m.live AND m.n = ANY ($2::bigint[])`,
      numbers,
    );
    return rows.map((row) => ({ ...toUtterance(row), n: row.n }));
  }

  /** Names of the speakers, as stored. */
  async speakers(): Promise<readonly string[]> {
    const rows = await this.#rows<{ name: string }>("SELECT name FROM speakers WHERE agent = $1 ORDER BY name");
    return rows.map(({ name }) => name);
  }

  async view(query: ConversationFilter): Promise<ConversationIndex> {
    // Rows are only added, so that the sessions read before are still valid.
    const [known] = await this.#rows<Known>(
      `SELECT said AS size, said_terms AS terms, n AS last, messages_packed AS packed, retracted, rewritten,
         (SELECT json_agg(m.n ORDER BY m.n) FROM messages m WHERE m.agent = $1 AND m.n = m.session AND m.n > $2) AS sessions,
         (SELECT json_agg(s.name ORDER BY s.name) FROM speakers s WHERE s.agent = $1) AS speakers
       FROM heads WHERE agent = $1`,
      this.#sessions.at(-1) ?? 0,
    );
    const { sessions, speakers: named, retracted = 0, rewritten = 0 } = known ?? {};
    for (const n of JSON.parse(sessions ?? "[]") as number[])
      if (n > (this.#sessions.at(-1) ?? 0)) this.#sessions.push(n);
    const speakers = JSON.parse(named ?? "[]") as string[];
    const { size = 0, terms = 0, last = 0, packed = 0 } = known ?? {};
    const extent: Extent = { size, terms, last, packed, generation: `${retracted}:${rewritten}` };
    const filter = filterOf(query, speakers);
    return {
      ...(await this.#texts.index(extent, filter)),
      sessions: this.#sessions,
      speakers,
      texts: async (numbers) => this.#textsOf(numbers, filter),
      during: async (spans, limit = MOST) => Promise.all(spans.map(async (span) => this.#during(span, filter, limit))),
      lines: async (ranges) => this.#lines(ranges),
      saidBy: async (numbers, voice) => this.#saidBy(numbers, voice, speakers),
      allSaidBy: async (speaker) => this.#allSaidBy(spellings(speaker, speakers), filter),
      extent: async (first) => this.#extentOf(first),
    };
  }

  async #textsOf(numbers: readonly number[], filter: Filter | undefined): Promise<{ n: number; text: string }[]> {
    const where = filter === undefined ? "" : `AND ${filter.where}`;
    // As in SQLite, an unfiltered read includes texts that were retracted meanwhile.
    const sql = `SELECT m.n, m.text FROM messages m
      WHERE m.agent = $1 AND m.n = ANY ($2::bigint[]) AND m.text IS NOT NULL ${where}`;
    return this.#rows<{ n: number; text: string }>(sql, numbers, ...(filter?.values ?? []));
  }

  async #during({ from, to }: Span, filter: Filter | undefined, limit: number): Promise<number[]> {
    const { where, values } = filter ?? ALL;
    const next = values.length + 3;
    const sql = `SELECT m.n FROM messages m WHERE m.agent = $1 AND m.live AND m.n IS NOT NULL AND m.created_at >= $2
      AND m.created_at < $${next} AND ${where} ORDER BY m.created_at, m.seq LIMIT $${next + 1}`;
    return numbersIn(await this.#rows(sql, iso(from), ...values, iso(to), limit));
  }

  /** The limit tells the planner how few rows a range has: without it, PostgreSQL expects a ninth of all rows and reads all. */
  async #lines(ranges: readonly (readonly [first: number, last: number])[]): Promise<Line[]> {
    const rows = await this.#rows<LineRow>(
      `SELECT m.n, m.session, m.role, m.speaker, m.created_at, m.traits, m.gist
       FROM unnest($2::bigint[], $3::bigint[]) AS r (first, last) CROSS JOIN LATERAL (
         SELECT * FROM messages m WHERE m.agent = $1 AND m.n >= r.first AND m.n <= r.last AND m.live
         ORDER BY m.n LIMIT r.last - r.first + 1
       ) m ORDER BY m.n`,
      ranges.map(([first]) => first),
      ranges.map(([, last]) => last),
    );
    return rows.map(({ role, created_at: createdAt, ...line }) => ({
      ...line,
      role: role === "user" ? "user" : "assistant",
      createdAt,
    }));
  }

  async #saidBy(
    numbers: readonly number[],
    { speaker, role }: Voice,
    speakers: readonly string[],
  ): Promise<ReadonlySet<number>> {
    const where = "(m.speaker = ANY ($3::text[]) OR (m.speaker IS NULL AND m.role = $4))";
    return this.#texts.admitted(numbers, { where, values: [spellings(speaker, speakers), role ?? ""] });
  }

  async #allSaidBy(names: readonly string[], filter: Filter | undefined): Promise<number[]> {
    const { where, values } = filter ?? ALL;
    const sql = `SELECT m.n FROM messages m
      WHERE m.agent = $1 AND m.live AND m.n IS NOT NULL AND m.speaker = ANY ($2::text[]) AND ${where} ORDER BY m.n DESC`;
    return numbersIn(await this.#rows(sql, names, ...values));
  }

  async #extentOf(first: number): Promise<{ size: number; from: string; to: string } | undefined> {
    const [row] = await this.#rows<{ size: number; from: string | null; to: string | null }>(
      `SELECT count(*) AS size, min(created_at) AS "from", max(created_at) AS "to" FROM messages
       WHERE agent = $1 AND live AND session = $2 AND n >= $2
         AND n < coalesce((SELECT min(n) FROM messages WHERE agent = $1 AND n = session AND n > $2), ${MOST})`,
      first,
    );
    const { size = 0, from = null, to = null } = row ?? {};
    return from === null || to === null ? undefined : { size, from, to };
  }

  async #rows<Row>(sql: string, ...values: Value[]): Promise<Row[]> {
    return reading(() => this.#database.query<Row>(sql, [this.#head.agent, ...values]));
  }
}

const ALL: Filter = { where: "TRUE", values: [] };

/** The filter of a query; undefined if it admits everything. */
function filterOf(
  { range, role, speaker, session }: ConversationFilter,
  speakers: readonly string[],
): Filter | undefined {
  const [from, to] = [range?.from, range?.to].map((time) => (time === undefined ? undefined : storedTime(time)));
  const parts: [where: (place: string) => string, value: Value | undefined][] = [
    [(place) => `m.created_at >= ${place}`, from],
    [(place) => `m.created_at < ${place}`, to],
    [(place) => `m.role = ${place}`, role],
    [(place) => `m.speaker = ANY (${place}::text[])`, speaker === undefined ? undefined : spellings(speaker, speakers)],
    [(place) => `m.session = ${place}`, session],
  ];
  const conditions = parts.flatMap(([where, value]) => (value === undefined ? [] : [{ where, value }]));
  if (conditions.length === 0) return undefined;
  return {
    where: conditions.map(({ where }, i) => where(`$${i + 3}`)).join(" AND "),
    values: conditions.map(({ value }) => value),
  };
}

/** The stored names that equal `name`, or else have it as a part, ignoring case and accents. */
function spellings(name: string, speakers: readonly string[]): string[] {
  const key = nameKey(name);
  const equal = speakers.filter((it) => nameKey(it) === key);
  return equal.length > 0 ? equal : speakers.filter((it) => nameKey(it).split(" ").includes(key));
}

function numbersIn(rows: readonly unknown[]): number[] {
  return (rows as readonly { readonly n: number }[]).map(({ n }) => n);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
