import { NoticeList } from "../../../src/ports/notices.ts";
import { join } from "node:path";
import { expect, onTestFinished, vi } from "vitest";
import { openDatabase } from "../../../src/storage/sqlite/database.ts";
import type { Database } from "../../../src/storage/sqlite/load-sqlite.ts";
import { ExactIndex } from "../../../src/storage/vectors/exact-index.ts";
import { HnswIndex } from "../../../src/storage/vectors/hnsw-index.ts";
import { type StoredRange, VectorRows } from "../../../src/storage/sqlite/vector-rows.ts";
import type { Neighbour } from "../../../src/storage/vectors/vector-index.ts";
import { PassageVectors, type PassageVectorsOptions } from "../../../src/storage/sqlite/passage-vectors.ts";
import { temporaryFolder } from "../../support/agents.ts";
import { randomVectors } from "./random.ts";

export const DIMENSIONS = 16;
export const PASSAGES = 200;
/** What made the vectors. */
export const MODEL = "random-16";

export type Opened = {
  readonly db: Database;
  readonly vectors: PassageVectors;
  readonly notices: NoticeList;
  readonly close: () => void;
};

export async function open(folder: string, options: Partial<PassageVectorsOptions> = {}): Promise<Opened> {
  const { readonly = false } = options;
  const db = await openDatabase(join(folder, "agent.db"), { readonly });
  const notices = new NoticeList();
  const defaults = { file: join(folder, "archival.hnsw"), graphFrom: 100, notify: notices.add };
  const vectors = new PassageVectors(db, { ...defaults, ...options });
  // Nothing here is about power cuts, and waiting for the disk takes longer than all else.
  if (!readonly) db.pragma("synchronous = OFF");
  if (!readonly && vectors.collection.current() === undefined) {
    vectors.collection.set({ model: MODEL, dimensions: DIMENSIONS, generation: 0 });
  }
  const close = (): void => {
    if (db.open) vectors.close();
    db.close();
  };
  onTestFinished(close);
  return { db, vectors, notices, close };
}

/** How many rows of the table were looked at since to find what an index lacks. */
export function countRows(): () => number {
  const some = vi.spyOn(VectorRows.prototype, "after");
  const all = vi.spyOn(VectorRows.prototype, "between");
  onTestFinished(() => {
    some.mockRestore();
    all.mockRestore();
  });
  return () => [...some.mock.results, ...all.mock.results].flatMap(({ value }): unknown => value).length;
}

/** Adds rows to the table, each of another month of 2026, and tells `vectors` of them where it is given. */
export function insert(db: Database, rows: readonly Float32Array[], vectors?: PassageVectors): number[] {
  const statement = db.prepare<[string, string, Buffer]>(
    "INSERT INTO passages (id, created_at, text, embedding) VALUES (?, ?, 'text', ?)",
  );
  const seqs = db.transaction(() =>
    rows.map((row, i) => {
      const blob = Buffer.from(row.buffer, row.byteOffset, row.byteLength);
      return Number(statement.run(crypto.randomUUID(), monthOf(i), blob).lastInsertRowid);
    }),
  )();
  for (const [i, row] of rows.entries()) vectors?.added(seqs[i] ?? 0, row);
  return seqs;
}

function monthOf(i: number): string {
  return new Date(Date.UTC(2026, i % 12)).toISOString();
}

/** Few, most and none of what was inserted. */
const RANGES: readonly StoredRange[] = [
  { from: monthOf(2), to: monthOf(4) },
  { from: monthOf(1), to: "~" },
  { from: "2027", to: "~" },
];

export function setLive(db: Database, seqs: readonly number[], live: 0 | 1): void {
  for (const seq of seqs) db.prepare("UPDATE passages SET live = ? WHERE seq = ?").run(live, seq);
}

/** A folder with a database of `PASSAGES` passages and the file of their graph. */
export async function savedFolder(): Promise<string> {
  const folder = temporaryFolder();
  const { db, vectors, close } = await open(folder);
  insert(db, randomVectors(PASSAGES, DIMENSIONS));
  await graphOf(vectors, PASSAGES);
  close();
  return folder;
}

/** The graph when it is built, after checking that `pending` passages were not in it at first. */
export async function graphOf(vectors: PassageVectors, pending: number): Promise<HnswIndex> {
  const index = await vectors.index(MODEL);
  if (!(index instanceof HnswIndex)) throw new Error("Exact search serves.");
  expect(index.pending).toBe(pending);
  await index.built();
  return index;
}

/** That a search finds what comparing with every live row of the table finds. */
export async function expectRight({ db, vectors }: Pick<Opened, "db" | "vectors">): Promise<void> {
  const exact = exactIndex(db);
  const index = await vectors.index(MODEL);
  if (index === undefined) throw new Error("There is no index.");
  expect(index.size).toBe(exact.size);
  for (const query of randomVectors(5, DIMENSIONS, 99)) {
    expectSame(await index.search(query, 20), await exact.search(query, 20));
  }
}

/** That a search in a range finds what comparing with every live row of the range finds. */
export async function expectRightInRanges({ db, vectors }: Pick<Opened, "db" | "vectors">): Promise<void> {
  for (const range of RANGES) {
    const exact = exactIndex(db, range);
    for (const vector of randomVectors(2, DIMENSIONS, 99)) {
      expectSame(await vectors.nearest({ model: MODEL, vector }, 20, range), await exact.search(vector, 20));
    }
  }
}

function exactIndex(db: Database, { from, to }: StoredRange = { from: "", to: "~" }): ExactIndex {
  const exact = new ExactIndex(DIMENSIONS);
  const rows = db.prepare<[string, string], { seq: number; embedding: Buffer }>(
    "SELECT seq, embedding FROM passages WHERE live = 1 AND created_at >= ? AND created_at < ?",
  );
  for (const { seq, embedding } of rows.all(from, to)) {
    exact.add(seq, new Float32Array(new Uint8Array(embedding).buffer));
  }
  return exact;
}

function expectSame(found: readonly Neighbour[], expected: readonly Neighbour[]): void {
  expect(found.map(({ seq }) => seq)).toEqual(expected.map(({ seq }) => seq));
  for (const [i, { similarity }] of found.entries()) expect(similarity).toBeCloseTo(expected[i]?.similarity ?? -2, 5);
}
