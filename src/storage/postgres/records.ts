import type { RecordChange } from "../../ports/records.ts";
import { MappedRecords } from "../records/mapped-records.ts";
import type { Connection } from "./connect.ts";
import { type Queryable, again, asRows, reading, storing } from "./database.ts";

type Book = { readonly owner: string; readonly book: string };

type Pruning = {
  /** Number of newest removed records whose rows stay: cursors of lists may refer to them. */
  readonly keptRemoved?: number;
  /** Prunes after this many removals. */
  readonly pruneAfter?: number;
};

/** The most rows pruned at a time. */
const MOST_PRUNED = 1000;

type Row = {
  readonly kind: string;
  readonly id: string;
  readonly place: number;
  readonly version: number;
  readonly body: string | null;
};

/** A new row, if any. Rows of records removed at or before change `pruned` may be deleted. */
type Followed = { readonly pruned: number } & (Row | { readonly [Name in keyof Row]: null });

function isRow(followed: Followed): followed is Followed & Row {
  return followed.kind !== null;
}

/**
 * Records in the rows of one owner. A writer numbers its changes on from the last change that it knows, and stores them only if
 * that is still the last, so that nothing unseen is overwritten. Removed records stay as rows without a body, so that other
 * processes learn of it, until there are many; a process that has not read since older ones were pruned reads everything again.
 */
export class PgRecords extends MappedRecords {
  readonly #connection: Connection;
  readonly #book: Book;
  readonly #keptRemoved: number;
  readonly #pruneAfter: number;
  /** Number of records removed here since the last pruning. */
  #removed = 0;
  /** The newest change read. */
  #last = 0;
  /** Resolves when earlier work is done. */
  #before: Promise<unknown> = Promise.resolve();
  /** A refresh that has not begun yet, shared by all callers until then. */
  #next: Promise<void> | undefined;

  constructor(connection: Connection, book: Book, { keptRemoved = 1000, pruneAfter = 100 }: Pruning = {}) {
    super();
    this.#connection = connection;
    this.#book = book;
    this.#keptRemoved = keptRemoved;
    this.#pruneAfter = pruneAfter;
  }

  async refresh(): Promise<void> {
    this.#next ??= this.#alone(async (database) => {
      this.#next = undefined;
      await this.#follow(database);
    });
    return this.#next;
  }

  async change(work: () => readonly RecordChange[]): Promise<void> {
    await this.#alone(async (database) => {
      // Tries with what is known first, and reads only if others have written since.
      if (this.#last === 0) await this.#follow(database);
      while (!(await this.#store(database, work()))) await this.#follow(database);
      // After a failure, the next change prunes.
      if (this.#removed >= this.#pruneAfter) await this.#prune(database).catch(() => undefined);
    });
  }

  async #follow(database: Queryable): Promise<void> {
    const { owner, book } = this.#book;
    // If there is nothing new, a single row without a record.
    const sql = `SELECT b.pruned, r.kind, r.id, r.place, r.version, r.body
      FROM books b LEFT JOIN records r ON r.owner = b.owner AND r.book = b.book AND r.version > $3
      WHERE b.owner = $1 AND b.book = $2 ORDER BY r.version`;
    const values = [owner, book, this.#last];
    const rows = await reading(() => database.query<Followed>(sql, values, { isUsual: true }));
    if (this.#last > 0 && (rows[0]?.pruned ?? 0) > this.#last) {
      this.map.clear();
      this.#last = 0;
      await this.#follow(database);
      return;
    }
    for (const { pruned: _, body, ...row } of rows.filter(isRow)) {
      this.map.take({ ...row, value: body === null ? undefined : JSON.parse(body) }, row.place);
      this.#last = row.version;
    }
  }

  /** @returns whether nobody else has written since. */
  async #store(database: Queryable, changes: readonly RecordChange[]): Promise<boolean> {
    const newest = new Map(changes.map((change) => [JSON.stringify([change.kind, change.id]), change]));
    if (newest.size === 0) return true;
    const rows = [...newest.values()].map(({ kind, id, value }, i) => ({
      ...{ kind, id, version: this.#last + i + 1 },
      body: value === undefined ? null : JSON.stringify(value),
    }));
    const { owner, book } = this.#book;
    const [token, last] = [crypto.randomUUID(), this.#last + rows.length];
    const values = [owner, book, this.#last, last, token, asRows(rows)];
    const isStored = await storing(() =>
      again(
        async (attempt) =>
          (await database.query(STORE, values)).length > 0 || (attempt > 0 && (await this.#isOurs(database, token))),
      ),
    );
    if (!isStored) return false;
    for (const { version, body, ...row } of rows) {
      this.map.take({ ...row, value: body === null ? undefined : JSON.parse(body) }, version);
    }
    this.#last = last;
    this.#removed += rows.filter(({ body }) => body === null).length;
    return true;
  }

  /** Deletes rows of removed records other than the newest `keptRemoved`, up to `MOST_PRUNED` of them. */
  async #prune(database: Queryable): Promise<void> {
    const { owner, book } = this.#book;
    await database.query(PRUNE, [owner, book, this.#keptRemoved, MOST_PRUNED]);
    this.#removed = 0;
  }

  /** Whether a statement was carried out whose response was lost. */
  async #isOurs(database: Queryable, token: string): Promise<boolean> {
    const sql = "SELECT 1 FROM books WHERE owner = $1 AND book = $2 AND token = $3::uuid";
    return (await database.query(sql, [this.#book.owner, this.#book.book, token])).length > 0;
  }

  async #alone<T>(work: (database: Queryable) => Promise<T>): Promise<T> {
    const before = this.#before;
    const mine = (async () => {
      await before.catch(() => undefined);
      const { database, as } = await this.#connection.connect();
      return work(as?.(this.#book.owner) ?? database);
    })();
    this.#before = mine;
    return mine;
  }
}

const STORE = `WITH moved AS (
    INSERT INTO books AS b (owner, book, last, token) VALUES ($1, $2, $4, $5::uuid)
    ON CONFLICT (owner, book) DO UPDATE SET last = excluded.last, token = excluded.token WHERE b.last = $3
    RETURNING last
  ), stored AS (
    INSERT INTO records (owner, book, kind, id, place, version, body)
    SELECT $1, $2, r.kind, r.id, r.version, r.version, r.body
    FROM moved, json_to_recordset($6::json) AS r (kind text, id text, version bigint, body text)
    ON CONFLICT (owner, book, kind, id) DO UPDATE SET version = excluded.version, body = excluded.body
  ) SELECT last FROM moved`;

const PRUNE = `WITH surplus AS (
    SELECT kind, id, version FROM records WHERE owner = $1 AND book = $2 AND body IS NULL
    ORDER BY version DESC OFFSET $3 LIMIT $4
  ), gone AS (
    DELETE FROM records r USING surplus s
    WHERE r.owner = $1 AND r.book = $2 AND r.kind = s.kind AND r.id = s.id AND r.version = s.version AND r.body IS NULL
    RETURNING r.version
  ) UPDATE books SET pruned = greatest(pruned, (SELECT max(version) FROM gone))
  WHERE owner = $1 AND book = $2 AND EXISTS (SELECT FROM gone)`;
