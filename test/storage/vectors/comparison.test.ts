import { expect, test } from "vitest";
import { Comparison } from "../../../src/storage/sqlite/comparison.ts";
import { ExactIndex } from "../../../src/storage/vectors/exact-index.ts";
import { VectorRows } from "../../../src/storage/sqlite/vector-rows.ts";
import { temporaryFolder } from "../../support/agents.ts";
import { DIMENSIONS, insert, open, setLive } from "./passages.ts";
import { randomVectors } from "./random.ts";

const vectors = randomVectors(3_500, DIMENSIONS);

test("an index with missing and extra rows catches up with the table, even while rows come and go", async () => {
  const { db } = await open(temporaryFolder());
  const rows = new VectorRows(db);
  insert(db, vectors);
  const index = new ExactIndex(DIMENSIONS);
  // Of the first 10 and of those from 1,500 on it has none.
  for (const { seq, vector } of rows.after(10, 1_490)) index.add(seq, vector);
  const taken = [20, 30, 2_000];
  setLive(db, taken, 0);
  index.add(9_999, vectors[0] ?? new Float32Array());
  const comparison = new Comparison(index, rows);
  const goOn = (): boolean =>
    comparison.goOn(({ seq, vector }) => {
      index.add(seq, vector);
    });

  expect(goOn()).toBe(false);
  // Followed by whoever compares: one that was not met comes back, one that was met goes, as do two that come later.
  setLive(db, [20], 1);
  index.add(20, vectors[19] ?? new Float32Array());
  setLive(db, [40, 1_200, 3_000], 0);
  for (const seq of [40, 1_200, 3_000]) index.remove(seq);
  let spans = 1;
  while (!goOn()) spans += 1;

  expect(spans).toBe(3);
  const gone = new Set([30, 40, 1_200, 2_000, 3_000]);
  const all = Array.from({ length: 3_500 }, (_, i) => i + 1).filter((seq) => !gone.has(seq));
  expect(index.seqs().sort((a, b) => a - b)).toEqual(all);
});
