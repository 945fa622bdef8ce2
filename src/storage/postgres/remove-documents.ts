import { termsIn } from "../../search/analyze.ts";
import { type Posting, TermTexts, packed } from "../../search/postings/packed.ts";
import { type Queryable, type Value, asRows, base64, reading } from "./database.ts";
import { BLOCK, KINDS } from "./packing.ts";
import type { Parts } from "./statement.ts";
import type { WriteSet } from "./write-set.ts";

/** Documents to remove, their passages, and the postings that change. */
export type Removal = {
  readonly documents: readonly number[];
  readonly passages: readonly number[];
  readonly postings: readonly Readonly<Record<string, Value>>[];
};

type Row = { readonly seq: number; readonly terms: number; readonly text: string };

const { kind } = KINDS.passages;

/** The removal of some documents of a source. Subtracts it from the set's head. */
export async function removalOf(
  database: Queryable,
  { head }: WriteSet,
  documents: readonly number[],
): Promise<Removal> {
  if (documents.length === 0) return { documents, passages: [], postings: [] };
  const sql = `SELECT p.seq, p.terms, p.text FROM places l JOIN passages p ON p.agent = l.agent AND p.seq = l.seq
    WHERE l.agent = $1 AND l.document = ANY ($2::bigint[])`;
  const rows = await reading(() => database.query<Row>(sql, [head.agent, documents]));
  head.passages -= rows.length;
  head.passage_terms -= rows.reduce((sum, { terms }) => sum + terms, 0);
  head.toggled += rows.length;
  const seqs = new Set(rows.map(({ seq }) => seq));
  const places = placesOf(rows.filter(({ seq }) => seq <= head.passages_packed));
  return { documents, passages: [...seqs], postings: await without(database, head.agent, { places, seqs }) };
}

/** Adds a removal to a statement. */
export function addRemoval(parts: Parts, { documents, passages, postings }: Removal): void {
  if (documents.length === 0) return;
  parts.remove("documents", "id", "bigint", documents);
  parts.remove("places", "seq", "bigint", passages);
  parts.remove("passages", "seq", "bigint", passages);
  if (postings.length === 0) return;
  const rows = parts.rows(postings, { term: "text", block: "bigint", bytes: "text" });
  const same = `${parts.ofAgent} AND t.kind = ${kind} AND t.term = r.term AND t.block = r.block`;
  parts.add("emptied", `DELETE FROM postings t USING moved, ${rows} WHERE ${same} AND r.bytes IS NULL`);
  parts.add(
    "reduced",
    `UPDATE postings t SET bytes = decode(r.bytes, 'base64') FROM moved, ${rows} WHERE ${same} AND r.bytes IS NOT NULL`,
  );
}

type Place = { readonly term: string; readonly block: number };

/** The rows that hold the postings of some passages. */
function placesOf(rows: readonly Row[]): Place[] {
  const places = new Map<string, Place>();
  for (const { seq, text } of rows) {
    const block = Math.floor(seq / BLOCK);
    for (const term of new Set(termsIn(text))) places.set(`${block} ${term}`, { term, block });
  }
  return [...places.values()];
}

async function without(
  database: Queryable,
  agent: number,
  { places, seqs }: { readonly places: readonly Place[]; readonly seqs: ReadonlySet<number> },
): Promise<Record<string, Value>[]> {
  if (places.length === 0) return [];
  const sql = `SELECT t.term, t.block, t.bytes FROM json_to_recordset($2::json) AS r (term text, block bigint)
    JOIN postings t ON t.agent = $1 AND t.kind = ${kind} AND t.term = r.term AND t.block = r.block`;
  const rows = await reading(() =>
    database.query<Place & { readonly bytes: Uint8Array }>(sql, [agent, asRows(places)]),
  );
  return rows.map(({ term, block, bytes }) => {
    const left = postingsIn(bytes).filter(({ n }) => !seqs.has(n));
    return { term, block, bytes: left.length === 0 ? null : base64(packed(left)) };
  });
}

function postingsIn(bytes: Uint8Array): Posting[] {
  const texts = new TermTexts([bytes]);
  return texts.numbers.map((n, i) => ({ n, length: texts.lengths[i] ?? 0, positions: texts.places(i) }));
}
