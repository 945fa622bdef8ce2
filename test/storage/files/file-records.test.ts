import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { FileRecords } from "../../../src/storage/files/file-records.ts";
import { Table } from "../../../src/ports/record-table.ts";
import { temporaryFolder } from "../../support/agents.ts";

const newFile = (): string => join(temporaryFolder(), "server", "records.jsonl");

test("a read that ends inside a character does not lose it", async () => {
  const file = newFile();
  const records = new FileRecords(file);
  await records.write([{ kind: "agent", id: "a", value: "first" }]);
  const bytes = Buffer.from(`${JSON.stringify({ kind: "agent", id: "b", value: "Zoë 日本 🐢" })}\n`);
  const cut = bytes.indexOf(Buffer.from("🐢")) + 2;

  appendFileSync(file, bytes.subarray(0, cut));
  await records.refresh();
  appendFileSync(file, bytes.subarray(cut));
  await records.refresh();

  expect(records.get("agent", "b")?.value).toBe("Zoë 日本 🐢");
});

test("a line that a crash cut off is ignored, and does not damage later ones", async () => {
  const file = newFile();
  await new FileRecords(file).write([{ kind: "agent", id: "a", value: 1 }]);
  appendFileSync(file, '{"kind":"agent","id":"b","val');

  const records = new FileRecords(file);
  await records.write([{ kind: "agent", id: "c", value: 3 }]);

  expect(new FileRecords(file).entries("agent").map(([id]) => id)).toEqual(["a", "c"]);
});

test("the file stays small however often a value changes; places are kept, even of removed records", async () => {
  const file = newFile();
  const records = new FileRecords(file);
  const table = new Table(records, "block", z.string());
  for (const id of ["a", "b", "c"]) await table.put(id, "start");
  await table.remove("b");

  for (let n = 0; n < 300; n += 1) await table.put(n % 2 === 0 ? "a" : "c", `${n}: ${"x".repeat(10_000)}`);

  expect(statSync(file).size).toBeLessThan(400_000);
  const reopened = new Table(new FileRecords(file), "block", z.string());
  expect(reopened.all().map(({ id, value }) => [id, value.slice(0, 3)])).toEqual([
    ["a", "298"],
    ["c", "299"],
  ]);
  for (const it of [table, reopened]) {
    const places = ["a", "b", "c"].map((id) => it.place(id) ?? Number.NaN);
    expect(places).toEqual(places.toSorted((x, y) => x - y));
  }
});

test("two processes write to one file and see each other's writes, across compactions", async () => {
  const file = newFile();
  const [one, two] = [new FileRecords(file), new FileRecords(file)];
  const [first, second] = [new Table(one, "block", z.string()), new Table(two, "block", z.string())];

  for (let n = 0; n < 100; n += 1) {
    await first.put("a", `${n} ${"x".repeat(8000)}`);
    await second.put(`b${n % 5}`, `${n} ${"y".repeat(8000)}`);
  }

  await one.refresh();
  expect(first.all()).toEqual(second.all());
  expect(first.all().map(({ value }) => value.slice(0, 2))).toEqual(["99", "95", "96", "97", "98", "99"]);
});

test("a newer version's records survive a compaction", async () => {
  const file = newFile();
  const records = new FileRecords(file);
  const table = new Table(records, "block", z.string());
  await records.write([{ kind: "later", id: "x", value: { unheard: "of" } }]);

  for (let n = 0; n < 200; n += 1) await table.put("a", "x".repeat(5000));

  expect(new FileRecords(file).get("later", "x")?.value).toEqual({ unheard: "of" });
});

test("a killed compaction leaves the file unchanged", async () => {
  const file = newFile();
  const records = new FileRecords(file);
  await records.write([{ kind: "agent", id: "a", value: 1 }]);
  const before = readFileSync(file, "utf8");

  // What a process leaves that ends before it puts the new file in place.
  writeFileSync(`${file}.999.tmp`, '{"kind":"ag');

  expect(new FileRecords(file).get("agent", "a")?.value).toBe(1);
  expect(readFileSync(file, "utf8")).toBe(before);
});
