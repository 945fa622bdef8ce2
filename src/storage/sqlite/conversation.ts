import type { Statement } from "better-sqlite3";
import type { Utterance } from "../../ports/recall.ts";
import type {
  Conversation,
  ConversationFilter,
  ConversationIndex,
  Line,
  Match,
  NumbersRequest,
  Span,
  Voice,
} from "../../ports/text-index.ts";
import { nameKey } from "../../search/recall/who.ts";
import { storedTime } from "../stored-values.ts";
import { guarded } from "./database.ts";
import type { Database } from "./load-sqlite.ts";
import { type Filter, NEWEST, Postings } from "./postings.ts";
import { UTTERANCE, type UtteranceRow, toUtterance } from "../utterance.ts";

/** Up to this many lines, each word is looked up only once. */
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

/** The conversation as its search reads it: `messages` and their full-text index. */
export class SqliteConversation implements Conversation {
  readonly #db: Database;
  readonly #postings: Postings;
  readonly #lines: Statement<[ranges: string]>;
  readonly #utterances: Statement<[numbers: string], UtteranceRow & { n: number }>;
  readonly #numbersOf: Statement<[ids: string], { n: number }>;
  readonly #generation: Statement<[], { gone: number; rewritten: number }>;
  readonly #size: Statement<[], { value: number }>;
  readonly #last: Statement<[], { n: number | null }>;
  readonly #sessionsAfter: Statement<[n: number], { n: number }>;
  readonly #extent: Statement<
    [session: number, first: number, after: number],
    { size: number; from: string | null; to: string | null }
  >;
  readonly #speakers: Statement<[], { name: string }>;
  readonly #speakerCount: Statement<[], { count: number }>;
  #known: readonly string[] = [];
  #sessions: number[] = [];

  constructor(db: Database) {
    this.#db = db;
    this.#postings = new Postings(db, { table: "messages", key: "n" });
    // One JSON text for all ranges is four times as fast as one query each. A cross join keeps their order.
    this.#lines = db
      .prepare<[ranges: string]>(
        `SELECT json_group_array(json_array(n, session, role, speaker, created_at, traits, gist)) FROM (
           SELECT n, session, role, speaker, created_at, traits, gist FROM json_each(?) r CROSS JOIN messages m INDEXED BY messages_lines
           WHERE m.n >= r.value ->> 0 AND m.n <= r.value ->> 1 AND m.live = 1
         )`,
      )
      .pluck();
    this.#utterances = db.prepare(
      `SELECT m.n, ${UTTERANCE} FROM messages m WHERE m.live = 1 AND m.n IN (SELECT value FROM json_each(?))`,
    );
    this.#numbersOf = db.prepare(
      "SELECT n FROM messages WHERE live = 1 AND n IS NOT NULL AND id IN (SELECT value FROM json_each(?))",
    );
    this.#generation = db.prepare(
      `SELECT (SELECT coalesce(max(n), 0) FROM messages WHERE n IS NOT NULL) - (SELECT value FROM totals WHERE name = 'said') AS gone,
         (SELECT value FROM totals WHERE name = 'rewritten') AS rewritten`,
    );
    this.#size = db.prepare("SELECT value FROM totals WHERE name = 'said'");
    this.#last = db.prepare("SELECT max(n) AS n FROM messages WHERE n IS NOT NULL");
    this.#sessionsAfter = db.prepare("SELECT n FROM messages WHERE n = session AND n > ? ORDER BY n");
    this.#extent = db.prepare(
      `SELECT count(*) AS size, min(created_at) AS "from", max(created_at) AS "to" FROM messages
       WHERE live = 1 AND session = ? AND n >= ?
         AND n < coalesce((SELECT min(n) FROM messages WHERE n = session AND n > ?), ${NEWEST})`,
    );
    this.#speakers = db.prepare("SELECT name FROM speakers");
    this.#speakerCount = db.prepare("SELECT count(*) AS count FROM speakers");
  }

  async generation(): Promise<string> {
    const { gone, rewritten } = guarded(this.#db, () => this.#generation.get()) ?? { gone: 0, rewritten: 0 };
    return `${gone}:${rewritten}`;
  }

  async numbersOf(ids: readonly string[]): Promise<number[]> {
    return this.#numbersOf.all(JSON.stringify(ids)).map(({ n }) => n);
  }

  async utterances(numbers: readonly number[]): Promise<(Utterance & { n: number })[]> {
    return this.#utterances.all(JSON.stringify(numbers)).map((row) => ({ ...toUtterance(row), n: row.n }));
  }

  async view(query: ConversationFilter): Promise<ConversationIndex> {
    const filter = this.#filterOf(query);
    const last = this.#last.get()?.n ?? 0;
    // Rows are only added, so that the sessions read before are still valid.
    const known = this.#sessions.at(-1) ?? 0;
    for (const { n } of this.#sessionsAfter.iterate(known)) this.#sessions.push(n);
    const size = this.#size.get()?.value ?? 0;
    const postings = this.#postings;
    return {
      size,
      last,
      sessions: this.#sessions,
      speakers: this.speakers(),
      isNarrowed: filter !== undefined,
      ...(filter === undefined && size <= FEW ? lookingUpOnce(postings) : counting(postings, filter)),
      count: async (match) => postings.count(match, filter),
      best: async (match, options) => postings.best(match, options, filter),
      admitted: async (numbers) => postings.admitted(numbers, filter),
      matching: async (match, numbers) => postings.matching(match, numbers),
      texts: async (numbers) => this.#texts(numbers, filter),
      during: async (spans, limit = NEWEST) => spans.map((span) => this.#during(span, filter, limit)),
      lines: async (ranges) => (JSON.parse(this.#lines.get(JSON.stringify(ranges)) as string) as LineRow[]).map(toLine),
      saidBy: async (numbers, voice) => this.#saidBy(numbers, voice),
      allSaidBy: async (speaker) => this.#allSaidBy(speaker, filter),
      extent: async (first) => this.#extentOf(first),
    };
  }

  /** Names of the speakers, as stored. The same array until somebody new speaks. */
  speakers(): readonly string[] {
    const count = this.#speakerCount.get()?.count ?? 0;
    if (count !== this.#known.length) this.#known = this.#speakers.all().map(({ name }) => name);
    return this.#known;
  }

  /** The filter of a query; undefined if it admits everything. */
  #filterOf({ range, role, speaker, session }: ConversationFilter): Filter | undefined {
    const [from, to] = [range?.from, range?.to].map((time) => (time === undefined ? undefined : storedTime(time)));
    const parts: [where: string, value: string | number | undefined][] = [
      ["m.created_at >= ?", from],
      ["m.created_at < ?", to],
      ["m.role = ?", role],
      ["m.speaker IN (SELECT value FROM json_each(?))", speaker === undefined ? undefined : this.#spellings(speaker)],
      ["m.session = ?", session],
    ];
    const conditions = parts.flatMap(([where, value]) => (value === undefined ? [] : [{ where, value }]));
    if (conditions.length === 0) return undefined;
    const bounds =
      session !== undefined
        ? this.#bounds("session = ? AND n >= ?", [session, session])
        : from !== undefined && to !== undefined
          ? this.#bounds("text IS NOT NULL AND live = 1 AND created_at >= ? AND created_at < ?", [from, to])
          : { least: 0, most: NEWEST };
    return {
      where: conditions.map(({ where }) => where).join(" AND "),
      values: conditions.map(({ value }) => value),
      ...bounds,
    };
  }

  #bounds(where: string, values: readonly (string | number)[]): { least: number; most: number } {
    const sql = `SELECT min(n) AS least, max(n) AS most FROM messages WHERE ${where}`;
    const statement = this.#postings.statement<{ least: number | null; most: number | null }>(sql);
    const { least, most } = statement.get(...values) ?? {};
    return { least: least ?? 0, most: most ?? -1 };
  }

  /** The stored names that equal `name`, or else have it as a part, ignoring case and accents; as JSON. */
  #spellings(name: string): string {
    const key = nameKey(name);
    const names = this.speakers();
    const equal = names.filter((it) => nameKey(it) === key);
    const some = equal.length > 0 ? equal : names.filter((it) => nameKey(it).split(" ").includes(key));
    return JSON.stringify(some);
  }

  #during({ from, to }: Span, filter: Filter | undefined, limit: number): number[] {
    const { where, values } = filter ?? ALL;
    const sql = `SELECT json_group_array(n) AS numbers FROM (
      SELECT m.n AS n FROM messages m WHERE m.live = 1 AND m.text IS NOT NULL AND m.created_at >= ? AND m.created_at < ?
      AND ${where} ORDER BY m.created_at, m.seq LIMIT ?)`;
    const row = this.#postings.statement<{ numbers: string }>(sql).get(iso(from), iso(to), ...values, limit);
    return JSON.parse(row?.numbers ?? "[]") as number[];
  }

  /** In the order of `numbers`. One statement for hundreds of lines is five times as fast as one each. */
  #texts(numbers: readonly number[], { where, values }: Pick<Filter, "where" | "values"> = ALL): NumberedText[] {
    const sql = `SELECT m.n, m.text FROM json_each(?) r CROSS JOIN messages m
      WHERE m.n = r.value AND m.text IS NOT NULL AND ${where}`;
    const rows = this.#postings.statement<[n: number, text: string]>(sql).raw();
    return rows.all(JSON.stringify(numbers), ...values).map(([n, text]) => ({ n, text }));
  }

  #saidBy(numbers: readonly number[], { speaker, role }: Voice): ReadonlySet<number> {
    const where = "(m.speaker IN (SELECT value FROM json_each(?)) OR (m.speaker IS NULL AND m.role = ?))";
    const values = [this.#spellings(speaker), role ?? ""];
    return this.#postings.admitted(numbers, { where, values, least: 0, most: NEWEST });
  }

  #allSaidBy(speaker: string, filter: Filter | undefined): number[] {
    const { where, values } = filter ?? ALL;
    const sql = `SELECT json_group_array(n ORDER BY n DESC) AS numbers FROM messages m
      WHERE m.live = 1 AND m.n IS NOT NULL AND m.speaker IN (SELECT value FROM json_each(?)) AND ${where}`;
    const row = this.#postings.statement<{ numbers: string }>(sql).get(this.#spellings(speaker), ...values);
    return JSON.parse(row?.numbers ?? "[]") as number[];
  }

  #extentOf(first: number): { size: number; from: string; to: string } | undefined {
    const { size = 0, from = null, to = null } = this.#extent.get(first, first, first) ?? {};
    return from === null || to === null ? undefined : { size, from, to };
  }
}

type NumberedText = { readonly n: number; readonly text: string };

const ALL = { where: "TRUE", values: [] };

type WordIndex = Pick<ConversationIndex, "frequencies" | "numbers">;

function counting(postings: Postings, filter: Filter | undefined): WordIndex {
  return {
    frequencies: async (matches) => matches.map((match) => postings.count(match)),
    numbers: async (requests) => requests.map((request) => postings.numbers(request, filter)),
  };
}

/** With few lines, listing the matching ones takes hardly longer than counting them. */
function lookingUpOnce(postings: Postings): WordIndex {
  const known = new Map<Match, readonly number[]>();
  const all = (match: Match): readonly number[] => {
    const numbers = known.get(match) ?? postings.all(match);
    known.set(match, numbers);
    return numbers;
  };
  const newest = ({ match, limit, to = NEWEST }: NumbersRequest): readonly number[] => {
    const numbers = all(match);
    return (to === NEWEST ? numbers : numbers.filter((n) => n <= to)).slice(-limit);
  };
  return {
    frequencies: async (matches) => matches.map((match) => all(match).length),
    numbers: async (requests) => requests.map(newest),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function toLine([n, session, role, speaker, createdAt, traits, gist]: LineRow): Line {
  return { n, session, role: role === "user" ? "user" : "assistant", speaker, createdAt, traits, gist };
}
