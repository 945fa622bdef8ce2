import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { writeFileAtomic } from "../../src/storage/files/atomic.ts";
import { isKept, nextName, shownTimeOf, timeOf } from "../../src/storage/files/checkpoint-name.ts";
import { CheckpointFolder } from "../../src/storage/files/checkpoints.ts";
import { findCheckpoint } from "../../src/storage/files/find-checkpoint.ts";
import { programVersion } from "../../src/version.ts";
import { temporaryFolder } from "../support/agents.ts";
import { at, newState } from "./support.ts";

const NOON = "2026-11-21T12:00:00.000Z";

test("a checkpoint reads back as it was written", async () => {
  const folder = new CheckpointFolder(join(temporaryFolder(), "agent_state"));
  const state = newState({ evicted: 3, settings: { ...newState().settings, keepCheckpoints: 20 } });

  const file = await folder.write({ op: 7, time: at(1), name: null, kept: false, after: "/pop 3", state });

  const head = { file, format: 2, program: programVersion(), op: 7, time: at(1), name: null, after: "/pop 3" };
  const checkpoint = { ...head, state };
  expect(folder.newest()).toEqual({ checkpoint, damaged: [] });
  expect(folder.read(file)).toEqual(checkpoint);
  expect(file).toBe("2026-11-01T00-01-00.000Z.json");
});

test("a kept checkpoint is marked in its file name, and stores its own name", async () => {
  const folder = new CheckpointFolder(temporaryFolder());

  const file = await folder.write({ op: 7, time: at(1), name: "before the exam", kept: true, state: newState() });

  expect(file).toBe("2026-11-01T00-01-00.000Z.kept.json");
  expect(folder.newest().checkpoint).toMatchObject({ file, op: 7, name: "before the exam" });
});

test("the list is newest first, with names and kept marks", async () => {
  const { folder, files } = await aFew();

  expect(folder.list()).toEqual([
    { number: 1, file: files[3], op: 4, time: at(4), name: null, kept: false, after: null, problem: null },
    { number: 2, file: files[2], op: 3, time: at(3), name: null, kept: true, after: null, problem: null },
    { number: 3, file: files[1], op: 2, time: at(2), name: "Before the exam", kept: true, after: null, problem: null },
    { number: 4, file: files[0], op: 1, time: at(1), name: null, kept: false, after: null, problem: null },
  ]);
});

test("an unloadable checkpoint is listed with the reason and any readable name, and stays in place", async () => {
  const { path, folder, files } = await aFew();
  const [first = "", second = "", third = ""] = files;
  writeFileSync(join(path, first), '{"format":3,"mind":[]}');
  writeFileSync(join(path, second), readFileSync(join(path, second), "utf8").slice(0, 400));
  writeFileSync(join(path, third), JSON.stringify({ format: 1, op: 3, time: at(3), name: null, state: { id: "x" } }));
  mkdirSync(join(path, "2026-11-01T00-05-00.000Z.json"));

  const listed = folder.list();

  expect(listed.map(({ number, op, time, name, kept }) => [number, op, time, name, kept])).toEqual([
    [1, null, at(5), null, false],
    [2, 4, at(4), null, false],
    [3, null, at(3), null, true],
    [4, null, at(2), "Before the exam", true],
    [5, null, at(1), null, false],
  ]);
  expect(listed.map(({ problem }) => problem)).toEqual([
    expect.stringMatching(/^damaged: it cannot be read: EISDIR/),
    null,
    expect.stringMatching(/^damaged: /),
    expect.stringMatching(/^damaged: .*JSON/),
    "written by a newer memgpt (format 3)",
  ]);
  expect(readdirSync(path)).toHaveLength(5);
});

test.each([
  ["word", (text: string) => text.replace("Old text", "New text")],
  ["number", (text: string) => text.replace('"op": 1', '"op": 2')],
  ["checksum", (text: string) => text.replace(/sha256:./, (found) => (found.endsWith("0") ? "sha256:1" : "sha256:0"))],
  ["checksum that is gone", (text: string) => text.replace(/.*sha256:.*\n/, "")],
])("a changed %s is damage, unless a person says that the edit was intended", async (_, change) => {
  const path = temporaryFolder();
  const folder = new CheckpointFolder(path);
  const state = newState({ system: "Old text" });
  const file = await folder.write({ op: 1, time: at(1), name: "here", kept: true, state });
  const changed = change(readFileSync(join(path, file), "utf8"));
  writeFileSync(join(path, file), changed);

  const problem = "its content does not match its checksum";
  expect(failureOf(() => folder.read(file))).toMatchObject({
    code: "storage_failed",
    message: expect.stringMatching(
      `^The checkpoint of ${shownTimeOf(file)} is damaged: ${problem}. Nothing was changed. .*--edited`,
    ) as string,
  });
  expect(folder.list()).toMatchObject([{ file, name: "here", op: null, problem: `damaged: ${problem}` }]);
  expect(folder.newest()).toEqual({ checkpoint: undefined, damaged: [{ file, reason: problem }] });
  await expect(findCheckpoint(folder, "here", parseTime)).rejects.toThrow(problem);

  const { op, state: taken } = await findCheckpoint(folder, "here", parseTime, { edited: true });
  expect([op, taken.system]).toEqual([
    changed.includes('"op": 2') ? 2 : 1,
    changed.includes("New text") ? "New text" : "Old text",
  ]);
});

test("a checkpoint with different white space is accepted", async () => {
  const path = temporaryFolder();
  const folder = new CheckpointFolder(path);
  const file = await folder.write({ op: 1, time: at(1), name: null, kept: false, state: newState() });
  const before = folder.read(file);

  writeFileSync(
    join(path, file),
    JSON.stringify(JSON.parse(readFileSync(join(path, file), "utf8"))).replaceAll(",", " ,\r\n"),
  );

  expect(folder.read(file)).toEqual(before);
});

test("every truncation of a checkpoint is damage, and its name is still listed if readable", async () => {
  const { path, folder, files } = await aFew();
  const [, file = ""] = files;
  const whole = readFileSync(join(path, file), "utf8").trimEnd();

  for (let length = 0; length < whole.length; length += 7) {
    writeFileSync(join(path, file), whole.slice(0, length));
    const entry = folder.list()[2];
    expect(entry?.problem).toMatch(/^damaged: /);
    expect(entry?.name).toBe(whole.slice(0, length).includes('"Before the exam"') ? "Before the exam" : null);
  }
});

test.skipIf(process.platform === "win32")(
  "a file that disappears before it is read is left out of the list",
  async () => {
    const { path, folder, files } = await aFew();
    // A link to nothing stands for what the agent's own program removes while another one looks on.
    symlinkSync(join(path, "gone"), join(path, "2026-11-01T00-05-00.000Z.json"));

    expect(folder.list().map(({ file }) => file)).toEqual(files.toReversed());
  },
);

test("names sort by age even if the clock is set back", async () => {
  const folder = new CheckpointFolder(temporaryFolder());
  const times = [NOON, NOON, NOON, "2020-01-01T00:00:00.000Z", "2026-11-21T12:00:00.001Z"];

  const written: string[] = [];
  for (const [op, time] of times.entries()) {
    written.push(await folder.write({ op, time, name: null, kept: op % 2 === 1, state: newState() }));
  }

  expect(written.toSorted()).toEqual(written);
  expect(new Set(written.map(timeOf)).size).toBe(5);
  expect(folder.newest().checkpoint?.op).toBe(4);
});

test("a checkpoint's file name has its time, and whether it is kept", () => {
  const dates = fc.date({ min: new Date(NOON), max: new Date("2099-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(dates, fc.boolean(), (date, kept) => {
      const name = nextName(date.toISOString(), kept, undefined);
      expect([timeOf(name), isKept(name)]).toEqual([date.getTime(), kept]);
    }),
  );
});

test("damaged files newer than the newest readable one are reported, and stay in place", async () => {
  const { path, folder, files } = await aFew();
  const [old = "", good = "", bad = "", worse = ""] = files;
  for (const file of [old, bad]) writeFileSync(join(path, file), "{");
  writeFileSync(join(path, worse), "");

  const { checkpoint, damaged } = folder.newest();

  expect(checkpoint?.file).toBe(good);
  expect(damaged.map(({ file }) => file)).toEqual([worse, bad]);
  expect(readdirSync(path).sort()).toEqual(files);
});

test.each([
  ["of which the version is not known", '{"format":3,"mind":[]}', "a newer memgpt (format 3)"],
  ["of a known version", '{"format":3,"program":"0.9.0","op":"x"}', "memgpt 0.9.0 (format 3)"],
  ["of a version that is none", '{"format":3,"program":"\\u001b[2J"}', "a newer memgpt (format 3)"],
])("a checkpoint of a newer program %s is refused and left unchanged", async (_, text, writer) => {
  const path = temporaryFolder();
  const folder = new CheckpointFolder(path);
  const file = await folder.write({ op: 1, time: at(1), name: null, kept: false, state: newState() });
  writeFileSync(join(path, file), text);

  const message =
    `The checkpoint of ${shownTimeOf(file)} was written by ${writer}; this is memgpt ${programVersion()}, which knows format 2. ` +
    "Nothing was changed; update memgpt to open it.";
  expect(() => folder.newest()).toThrow(message);
  expect(() => folder.read(file)).toThrow(message);

  expect(readFileSync(join(path, file), "utf8")).toBe(text);
});

test("requesting a damaged checkpoint is an error that names it and leaves it unchanged", async () => {
  const { path, folder, files } = await aFew();
  const [file = ""] = files;
  writeFileSync(join(path, file), "{");

  expect(failureOf(() => folder.read(file))).toMatchObject({
    code: "storage_failed",
    message: expect.stringContaining(`The checkpoint of ${shownTimeOf(file)} is damaged: `) as string,
  });

  expect(readFileSync(join(path, file), "utf8")).toBe("{");
});

test("a checkpoint without read permission is an error that names it", () => {
  const path = temporaryFolder();
  const file = "2026-11-01T00-01-00.000Z.json";
  mkdirSync(join(path, file));

  const expected = {
    code: "storage_failed",
    message: expect.stringContaining(`of ${shownTimeOf(file)} cannot be read`) as string,
  };
  expect(failureOf(() => new CheckpointFolder(path).read(file))).toMatchObject(expected);
  expect(failureOf(() => new CheckpointFolder(path).newest())).toMatchObject(expected);
});

test("every checkpoint of the version without time travel loads", () => {
  const folder = new CheckpointFolder(fileURLToPath(new URL("../fixtures/schema-1/agent_state", import.meta.url)));

  const loaded = folder.files().map((file) => folder.read(file));

  expect(loaded).toHaveLength(5);
  for (const { file, format, program, state } of loaded) {
    expect([format, program, state.name]).toEqual([1, undefined, "old"]);
    expect(timeOf(file)).toBeGreaterThan(0);
  }
  expect(folder.list()).toHaveLength(5);
});

test("removes what a crash left half written, even of a kept one", async () => {
  const { path, folder, files } = await aFew();
  for (const file of files) writeFileSync(join(path, `${file}.4711.tmp`), '{"form');

  folder.removeUnfinished();

  expect(readdirSync(path).sort()).toEqual(files);
});

test("other files are neither read nor removed", async () => {
  const path = temporaryFolder();
  const folder = new CheckpointFolder(path);
  const strangers = [
    "notes.json",
    "2026-11-21.txt",
    "2026-plans.json",
    "2026-99-99T99-99-99.000Z.json",
    "9999-12-31.kept.json",
    "a.json.12.tmp.bak",
    "README",
  ];
  for (const name of strangers) writeFileSync(join(path, name), "mine");

  folder.removeUnfinished();
  await folder.write({ op: 1, time: at(1), name: null, kept: false, state: newState() });

  expect(folder.newest().checkpoint?.op).toBe(1);
  expect(readdirSync(path)).toEqual(expect.arrayContaining(strangers));
});

test("a write that fails leaves the old file and nothing beside it", () => {
  const folder = temporaryFolder();
  // A folder of that name cannot be replaced by a file.
  mkdirSync(join(folder, "taken", "inside"), { recursive: true });

  expect(() => {
    writeFileAtomic(join(folder, "taken"), "new");
  }).toThrow();

  expect(readdirSync(folder)).toEqual(["taken"]);
  expect(existsSync(join(folder, "taken", "inside"))).toBe(true);
});

test.each([
  ["a file", "2026-11-01T00-02-00.000Z.kept.json", 2],
  ["a file without its ending", "2026-11-01T00-02-00.000Z", 2],
  ["a file without the end of its ending", "2026-11-01T00-02-00.000Z.kept", 2],
  ["an automatic file without its ending", "2026-11-01T00-01-00.000Z", 1],
  ["a name", "Before the exam", 2],
  ["a name in other capitals", " before the EXAM ", 2],
  ["a number, from the newest", "1", 4],
  ["the last number", "4", 1],
  ["a time in full", "2026-11-01T00:03:30Z", 3],
  ["a time in full, of another zone", "2026-11-01T02:03:30.500+02:00", 3],
  ["the very time of one", "2026-11-01T00:03:00.000Z", 3],
  ["words for a time", "a while ago", 2],
])("a checkpoint is found by %s", async (_, which, op) => {
  const { folder } = await aFew();

  expect(await findCheckpoint(folder, which, parseTime)).toMatchObject({ op });
});

test("a name wins over a number and a time, and the newest of a name over older ones", async () => {
  const folder = new CheckpointFolder(temporaryFolder());
  for (const [n, name] of ["a while ago", "1", "exam", "exam", "Exam"].entries()) {
    await folder.write({ op: n + 1, time: at(n + 1), name, kept: true, state: newState() });
  }

  const ops = ["a while ago", "1", "exam", "Exam", "EXAM", "2"].map(async (which) => {
    const { op } = await findCheckpoint(folder, which, parseTime);
    return op;
  });

  expect(await Promise.all(ops)).toEqual([1, 2, 4, 5, 5, 4]);
});

test.each([
  ["a number beyond the list", "5", /There is no checkpoint "5"\. There are 4, from 2026-\S+ .* to 2026-/],
  ["nought", "0", /There is no checkpoint "0"/],
  ["a slip of a name", "before the exma", /Did you mean Before the exam\? There are 4,.*; named: "Before the exam"\./],
  ["a path", "../agent_state/2026-11-01T00-01-00.000Z.json", /There is no checkpoint "\.\.\/agent_state/],
  ["a time before the oldest", "2026-10-31T23:00:00Z", /no checkpoint at or before 2026-\S+ .* There are 4, from/],
])("%s finds nothing, and the error says what exists", async (_, which, message) => {
  const { folder } = await aFew();

  await expect(findCheckpoint(folder, which, parseTime)).rejects.toMatchObject({
    code: "not_found",
    message: expect.stringMatching(message) as string,
  });
});

test("a blank is refused", async () => {
  const { folder } = await aFew();

  const message = expect.stringMatching(/Say which checkpoint\. There are 4/) as string;
  await expect(findCheckpoint(folder, "  ", parseTime)).rejects.toMatchObject({ code: "invalid_input", message });
});

test("the error says if there are no checkpoints, or only one", async () => {
  const folder = new CheckpointFolder(join(temporaryFolder(), "none"));
  await expect(findCheckpoint(folder, "1", parseTime)).rejects.toThrow(
    'There is no checkpoint "1". There are none yet.',
  );

  await folder.write({ op: 1, time: at(1), name: null, kept: false, state: newState() });

  await expect(findCheckpoint(folder, "2", parseTime)).rejects.toThrow(/"2"\. There is 1, of 2026-/);
});

test("of many names the error lists some", async () => {
  const folder = new CheckpointFolder(temporaryFolder());
  for (let n = 1; n <= 13; n += 1)
    await folder.write({ op: n, time: at(n), name: `part ${n}`, kept: true, state: newState() });

  await expect(findCheckpoint(folder, "whole", parseTime)).rejects.toThrow(
    /named: "part 13", "part 12", .*"part 4" and 3 more\.$/,
  );
});

test("requesting a damaged checkpoint is an error, and does not choose another", async () => {
  const { path, folder, files } = await aFew();
  const [file = ""] = files;
  writeFileSync(join(path, file), "{");

  await expect(findCheckpoint(folder, file, parseTime)).rejects.toMatchObject({
    code: "storage_failed",
    message: expect.stringContaining(`The checkpoint of ${shownTimeOf(file)} is damaged`) as string,
  });

  expect(readdirSync(path).sort()).toEqual(files);
});

test("requesting a newer program's checkpoint is refused with both versions", async () => {
  const { path, folder, files } = await aFew();
  const [file = ""] = files;
  writeFileSync(join(path, file), '{"format":3,"program":"7.0.0"}');

  await expect(findCheckpoint(folder, file.replace(".json", ""), parseTime)).rejects.toMatchObject({
    code: "storage_failed",
    message: expect.stringContaining(`memgpt 7.0.0 (format 3); this is memgpt ${programVersion()}`) as string,
  });
});

/** Four checkpoints a minute apart, of which the second and the third are kept. */
async function aFew(): Promise<{ path: string; folder: CheckpointFolder; files: string[] }> {
  const path = temporaryFolder();
  const folder = new CheckpointFolder(path);
  const files: string[] = [];
  for (const [n, name] of [null, "Before the exam", null, null].entries()) {
    files.push(await folder.write({ op: n + 1, time: at(n + 1), name, kept: n === 1 || n === 2, state: newState() }));
  }
  return { path, folder, files };
}

function failureOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("It did not fail");
}

/** Knows one time in words. */
function parseTime(text: string): Promise<string | undefined> {
  return Promise.resolve(text === "a while ago" ? at(2.5) : undefined);
}
