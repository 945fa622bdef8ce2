import { expect, test } from "vitest";
import * as z from "zod";
import { datasetAt, readJson, readJsonItems, readJsonLines } from "../../src/eval/dataset.ts";
import { fileOf } from "./support.ts";

const schema = z.object({ id: z.string() });

test("a dataset has the SHA-256 of its bytes", async () => {
  const path = fileOf("abc");

  expect(await datasetAt(path)).toEqual({
    path,
    sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  });
});

test("the error for a missing file names it and asks for a copy of the data", async () => {
  const missing = { code: "not_found", message: expect.stringContaining("No file /nowhere/locomo10.json") };

  await expect(readJson("/nowhere/locomo10.json", schema)).rejects.toMatchObject(missing);
  await expect(datasetAt("/nowhere/locomo10.json")).rejects.toMatchObject(missing);
});

test("refuses a folder in place of a file", async () => {
  await expect(readJson("/", schema)).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining("/ cannot be read"),
  });
});

test.each([
  ["a file that is not JSON", "{id: 1}", "is not JSON"],
  ["a different structure", '{"id": 1}', "is not the expected data at id"],
])("refuses %s and says what is wrong", async (_, content, complaint) => {
  const path = fileOf(content);

  const reading = readJson(path, schema);

  await expect(reading).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringMatching(new RegExp(`${path}.*${complaint}.*Nothing was measured`)),
  });
});

test("the error for JSON lines names the first invalid line, counting blank ones", async () => {
  expect(await readJsonLines(fileOf('\uFEFF{"id":"a"}\r\n\n{"id":"b"}'), schema)).toEqual([{ id: "a" }, { id: "b" }]);

  await expect(readJsonLines(fileOf('{"id":"a"}\n\n{"id":2}\n'), schema)).rejects.toMatchObject({
    message: expect.stringContaining(", line 3 is not the expected data"),
  });
  await expect(readJsonLines(fileOf('{"id":"a"}\nid\n'), schema)).rejects.toMatchObject({
    message: expect.stringContaining(", line 2 is not JSON"),
  });
  await expect(readJsonLines(fileOf("\n"), schema)).rejects.toMatchObject({
    message: expect.stringContaining("is empty"),
  });
});

async function items(path: string): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of readJsonItems(path, schema)) all.push(item);
  return all;
}

test("reads an array's objects one by one, however the file is chunked", async () => {
  // Longer than three pieces, with what could be taken for an end of an object, or of a text, in it.
  const ids = ["}]", '"', "\\", '\\"}', "é😀", "x".repeat(3_500_000), '[{"', "last"];
  const path = fileOf(
    JSON.stringify(
      ids.map((id) => ({ id })),
      null,
      1,
    ),
  );

  expect(await items(path)).toEqual(ids.map((id) => ({ id })));
});

test.each([
  ["an object", '{"id": "a"}', "is not a JSON array of objects"],
  ["an array of nothing", "[]", "is empty. Nothing was measured."],
  ["nothing at all", "", "is empty. Nothing was measured."],
  ["an array of numbers", "[1,2]", "is empty. Nothing was measured."],
  ["no JSON", "id", "is not a JSON array of objects"],
  ["half of an array", '[{"id": "a"}, {"id": ', "is cut off"],
  ["an array with a wrong object", '[{"id": "a"}, {"id": 2}]', ", item 2 is not the expected data at id"],
  ["an array with an object that is no JSON", "[{id: 1}]", ", item 1 is not JSON"],
])("refuses %s in place of an array of objects", async (_, content, complaint) => {
  await expect(items(fileOf(content))).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining(complaint),
  });
});
