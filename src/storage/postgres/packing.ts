import { termsIn } from "../../search/analyze.ts";
import { type Posting, packed } from "../../search/postings/packed.ts";
import { type Queryable, asRows, base64 } from "./database.ts";
import type { Head } from "./head.ts";

/** Number of unpacked texts from which postings are packed. Searches read fewer ones directly. */
const MOST_UNPACKED = 128;
/** Texts packed at a time. */
const PORTION = 1024;
/** Number of consecutive texts whose postings share a row. */
export const BLOCK = 4096;

/** The searchable tables. `kind` distinguishes their postings. */
export const KINDS = {
  messages: { kind: 0, key: "n", newest: "n", packed: "messages_packed" },
  passages: { kind: 1, key: "seq", newest: "passage", packed: "passages_packed" },
} as const;

type Table = keyof typeof KINDS;

/** Packs the postings of new texts in portions, so that a commit writes few rows and a search reads few texts. */
export class Packing {
  readonly #database: Queryable;
  readonly #agent: number;
  readonly #from: number;

  /** @param from Number of unpacked texts from which to pack. */
  constructor(database: Queryable, agent: number, from = MOST_UNPACKED) {
    this.#database = database;
    this.#agent = agent;
    this.#from = from;
  }

  /** Packs each table with enough new texts. After a failure, a later commit tries again. @returns the new head. */
  async after(head: Head): Promise<Head> {
    let now = head;
    for (const table of ["messages", "passages"] as const) {
      const { newest, packed } = KINDS[table];
      while (now[newest] - now[packed] >= this.#from) {
        const to = Math.min(now[newest], now[packed] + PORTION);
        if (!(await this.#pack(table, now, to).catch(() => false))) return now;
        now = { ...now, [packed]: to };
      }
    }
    return now;
  }

  async #pack(table: Table, head: Head, to: number): Promise<boolean> {
    const { kind, key, packed: mark } = KINDS[table];
    const texts = await this.#database.query<{ n: number; text: string }>(
      `SELECT ${key} AS n, text FROM ${table} WHERE agent = $1 AND ${key} > $2 AND ${key} <= $3 ORDER BY ${key}`,
      [this.#agent, head[mark], to],
    );
    const rows = [...postingsOf(texts).values()].map(({ term, block, postings }) => ({
      term,
      block,
      bytes: base64(packed(postings)),
    }));
    const moved = await this.#database.query(
      `WITH moved AS (
         UPDATE heads SET ${mark} = $1::bigint
         WHERE agent = $2::bigint AND fence = $3::bigint AND ${mark} = $4::bigint RETURNING agent
       ), added AS (
         INSERT INTO postings (agent, kind, term, block, bytes)
         SELECT moved.agent, ${kind}, r.term, r.block, decode(r.bytes, 'base64')
         FROM moved, json_to_recordset($5::json) AS r (term text, block bigint, bytes text)
         ON CONFLICT (agent, kind, term, block) DO UPDATE SET bytes = postings.bytes || excluded.bytes
       ) SELECT agent FROM moved`,
      [to, this.#agent, head.fence, head[mark], asRows(rows)],
    );
    return moved.length > 0;
  }
}

type Place = { readonly term: string; readonly block: number; readonly postings: Posting[] };

function postingsOf(texts: readonly { readonly n: number; readonly text: string }[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const { n, text } of texts) {
    const terms = termsIn(text);
    const positions = new Map<string, number[]>();
    terms.forEach((term, at) => {
      const known = positions.get(term);
      if (known === undefined) positions.set(term, [at]);
      else known.push(at);
    });
    const block = Math.floor(n / BLOCK);
    for (const [term, at] of positions) {
      const key = `${block} ${term}`;
      const place = places.get(key) ?? { term, block, postings: [] };
      places.set(key, place);
      place.postings.push({ n, length: terms.length, positions: at });
    }
  }
  return places;
}
