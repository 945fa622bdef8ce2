import { expect, test } from "vitest";
import { LineVectors } from "../../../src/storage/vectors/line-vectors.ts";
import { seeded } from "../../crash/random.ts";

const DIMENSIONS = 64;

test("the nearest of a few thousand lines are exact", () => {
  const rows = rowsOf(3_000);
  const lines = filled(rows);

  const found = lines.nearest(vectorOf(rows[17]), 20);

  expect(found.map(({ n }) => n)).toEqual(nearestOf(rows, vectorOf(rows[17])).slice(0, 20));
  expect(found[0]).toMatchObject({ n: 17 });
});

test("of many lines, consecutive ones on the same topic are found", () => {
  const rows = rowsOf(20_000);
  const topic = rows[0] ?? new Int8Array(DIMENSIONS);
  // Half of what is said for 30 lines is the topic.
  for (let n = 9_000; n < 9_030; n += 1) rows[n] = (rows[n] ?? topic).map((value, i) => (value + (topic[i] ?? 0)) / 2);

  const found = filled(rows).nearest(vectorOf(topic), 30);

  const theirs = found.filter(({ n }) => n >= 9_000 && n < 9_030);
  expect(theirs.length).toBeGreaterThan(20);
});

test("of many lines that come back to their topics, 95 of 100 nearest are found", () => {
  const random = seeded(7);
  const topics = rowsOf(100);
  const near = (topic: Int8Array | undefined): Int8Array =>
    Int8Array.from(topic ?? [], (value) => Math.round((value + 0.6 * (254 * random() - 127)) / 2));
  const rows: Int8Array[] = [];
  while (rows.length < 9_000) {
    const topic = topics[Math.floor(topics.length * random())];
    for (let left = Math.ceil(12 * random()); left > 0; left -= 1) rows.push(near(topic));
  }
  const lines = filled(rows);

  const shares = Array.from({ length: 20 }, (_, i) => {
    const asked = vectorOf(near(topics[i]));
    const found = new Set(lines.nearest(asked, 50).map(({ n }) => n));
    return (
      nearestOf(rows, asked)
        .slice(0, 50)
        .filter((n) => found.has(n)).length / 50
    );
  });

  expect(shares.reduce((sum, share) => sum + share) / shares.length).toBeGreaterThan(0.95);
});

test("of many lines, 95 of 100 nearest are found wherever they are", () => {
  const random = seeded(9);
  const topics = rowsOf(200);
  const near = (topic: Int8Array | undefined): Int8Array =>
    Int8Array.from(topic ?? [], (value) => Math.round((value + 0.6 * (254 * random() - 127)) / 2));
  const rows = Array.from({ length: 20_000 }, () => near(topics[Math.floor(topics.length * random())]));
  const lines = filled(rows);

  const shares = Array.from({ length: 20 }, (_, i) => {
    const asked = vectorOf(near(topics[i]));
    const found = new Set(lines.nearest(asked, 50).map(({ n }) => n));
    const wanted = nearestOf(rows, asked).slice(0, 50);
    return wanted.filter((n) => found.has(n)).length / wanted.length;
  });

  expect(shares.reduce((sum, share) => sum + share) / shares.length).toBeGreaterThan(0.95);
});

test("a line that says something else now is found by that", () => {
  const rows = rowsOf(20_000);
  const lines = filled(rows);
  lines.nearest(vectorOf(rows[0]), 5);
  const said = rowsOf(20_001)[20_000] ?? new Int8Array(DIMENSIONS);

  for (let n = 5_000; n < 5_010; n += 1) lines.add(n, said);

  const found = lines.nearest(vectorOf(said), 10);
  expect(found.map(({ n }) => n)).toEqual(Array.from({ length: 10 }, (_, i) => 5_009 - i));
  expect(lines.size).toBe(20_000);
});

function rowsOf(count: number): Int8Array[] {
  const random = seeded(5);
  return Array.from({ length: count }, () =>
    Int8Array.from({ length: DIMENSIONS }, () => Math.round(254 * random() - 127)),
  );
}

function filled(rows: readonly Int8Array[]): LineVectors {
  const lines = new LineVectors(DIMENSIONS);
  for (const [n, row] of rows.entries()) lines.add(n, row);
  return lines;
}

function vectorOf(row: Int8Array | undefined): Float32Array {
  return Float32Array.from(row ?? []);
}

function nearestOf(rows: readonly Int8Array[], vector: Float32Array): number[] {
  const similarity = (row: Int8Array): number =>
    row.reduce((sum, value, i) => sum + value * (vector[i] ?? 0), 0) /
    Math.sqrt(row.reduce((sum, it) => sum + it * it, 0));
  return rows
    .map((row, n) => ({ n, similarity: similarity(row) }))
    .sort((a, b) => b.similarity - a.similarity)
    .map(({ n }) => n);
}
