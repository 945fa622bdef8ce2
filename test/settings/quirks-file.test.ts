import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fileQuirks } from "../../src/settings/quirks-file.ts";

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "memgpt-quirks-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return join(folder, "models.json");
}

const one = { endpoint: "http://me:secret@host/v1", model: "a" };

test("the next process knows what was learnt, for that endpoint and model only", () => {
  const file = newFile();

  fileQuirks(file, one).learn({ functionCalling: "json" });
  fileQuirks(file, one).learn({ streamOptions: false });
  fileQuirks(file, { endpoint: null, model: "a" }).learn({ stream: false });

  expect(fileQuirks(file, one).get()).toEqual({ functionCalling: "json", streamOptions: false });
  expect(fileQuirks(file, { endpoint: null, model: "a" }).get()).toEqual({ stream: false });
  expect(fileQuirks(file, { ...one, model: "b" }).get()).toEqual({});
  expect(readFileSync(file, "utf8")).not.toContain("secret");
});

test.each(["", "{", "[]", '{"http://host/v1 a": 5}'])("a damaged file (%j) is ignored", (text) => {
  const file = newFile();
  writeFileSync(file, text);

  const quirks = fileQuirks(file, one);
  expect(quirks.get()).toEqual({});
  quirks.learn({ stream: false });

  expect(fileQuirks(file, one).get()).toEqual({ stream: false });
});

test("values of a later version are kept and ignored", () => {
  const file = newFile();
  writeFileSync(file, JSON.stringify({ "http://host/v1 a": { functionCalling: "telepathy", stream: true, later: 1 } }));

  const quirks = fileQuirks(file, one);
  quirks.learn({ streamOptions: true });

  expect(quirks.get()).toEqual({ stream: true, streamOptions: true });
  expect(readFileSync(file, "utf8")).toContain('"later": 1');
});

test("an unwritable file is not an error", () => {
  const quirks = fileQuirks(join(newFile(), "no", "such", "folder"), one);

  quirks.learn({ stream: false });

  expect(quirks.get()).toEqual({ stream: false });
});
