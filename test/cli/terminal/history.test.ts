import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { History } from "../../../src/cli/terminal/history.ts";

function file(content?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "memgpt-history-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, "history.jsonl");
  if (content !== undefined) writeFileSync(path, content);
  return path;
}

function lines(path: string): string[] {
  return readFileSync(path, "utf8").split("\n").filter(Boolean);
}

test("entries persist in a file that only its owner can read", () => {
  const path = join(file(), "..", "new folder", "history.jsonl");
  const history = new History(path);

  history.append("one");
  history.append("two\nlines");

  expect(new History(path).entries).toEqual(["one", "two\nlines"]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a line that asks to forget something is not stored", () => {
  const path = file();
  const history = new History(path);

  history.append("hello");
  history.append("/forget Zanzibar");

  expect(history.entries).toEqual(["hello", "/forget Zanzibar"]);
  expect(lines(path)).toEqual(['"hello"']);
});

test("forgetting an agent removes its entries only", () => {
  const path = file('"of an older version"\n');
  new History(path, "id of sam").append("to sam");
  new History(path, "id of tom").append("to tom");
  expect(new History(path).entries).toEqual(["of an older version", "to sam", "to tom"]);

  History.forget(path, "id of sam");

  expect(new History(path).entries).toEqual(["of an older version", "to tom"]);
  expect(readFileSync(path, "utf8")).not.toContain("to sam");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("skips blank texts and repetitions", () => {
  const history = new History(file());

  for (const text of ["a", "a", " \n", "b", "a"]) history.append(text);

  expect(history.entries).toEqual(["a", "b", "a"]);
});

test("skips damaged lines, and a truncated one does not swallow the next entry", () => {
  const path = file('"one"\n{"not": "text"}\n"cut\n\n42\n"two"\n"cut sho');
  const history = new History(path);

  expect(history.entries).toEqual(["one", "two"]);
  history.append("three");

  expect(new History(path).entries).toEqual(["one", "two", "three"]);
});

test("several processes append to one file", () => {
  const path = file();
  const one = new History(path);
  const other = new History(path);

  one.append("a");
  other.append("b");
  one.append("c");

  expect(new History(path).entries).toEqual(["a", "b", "c"]);
});

test("a long file is cut to its newest thousand entries and keeps its mode", () => {
  const path = file(Array.from({ length: 2_500 }, (_, index) => `"entry ${String(index)}"\n`).join(""));

  const { entries } = new History(path);

  expect(entries).toHaveLength(1_000);
  expect(entries.at(-1)).toBe("entry 2499");
  expect(lines(path)).toHaveLength(1_000);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a slightly longer file is left alone", () => {
  const path = file(Array.from({ length: 1_500 }, (_, index) => `"entry ${String(index)}"\n`).join(""));

  expect(new History(path).entries).toHaveLength(1_000);

  expect(lines(path)).toHaveLength(1_500);
});

test("an unreadable or unwritable file loses only history", () => {
  const folder = join(file(), "..");
  const history = new History(folder);

  history.append("kept for this run");

  expect(history.entries).toEqual(["kept for this run"]);
});

test("a very long text is remembered for this run only", () => {
  const path = file();
  const history = new History(path);
  const book = "x".repeat(100_000);

  history.append(book);
  history.append("short");

  expect(history.entries).toEqual([book, "short"]);
  expect(new History(path).entries).toEqual(["short"]);
});

test.each([
  ["the newest match comes first", "find", undefined, 3],
  ["an older one from further back", "find", 2, 1],
  ["capitals are only told apart in a fragment that has some", "LISBON", undefined, undefined],
  ["and otherwise not", "lisbon", undefined, 0],
  ["nothing before the first", "find", 0, undefined],
])("search: %s", (_, fragment, from, index) => {
  const history = new History();
  for (const text of ["Lisbon", "find me", "other", "find you"]) history.append(text);

  expect(history.search(fragment, from)?.index).toBe(index);
});
