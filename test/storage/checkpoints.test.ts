import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { writeFileAtomic } from "../../src/storage/files/atomic.ts";
import { nextName, timeOf } from "../../src/storage/files/checkpoint-name.ts";
import { CheckpointFolder } from "../../src/storage/files/checkpoints.ts";
import { surplus } from "../../src/storage/files/retention.ts";
import { temporaryFolder } from "../support/agents.ts";
import { at, newState } from "./support.ts";

const NOON = "2026-11-21T12:00:00.000Z";
const HOUR = 3_600_000;

test("a checkpoint reads back as it was written", () => {
  const folder = new CheckpointFolder(join(temporaryFolder(), "agent_state"));
  const state = newState({ evicted: 3 });

  const file = folder.write({ op: 7, time: at(1), name: null, state });

  expect(folder.newest()).toEqual({
    checkpoint: { file, format: 1, op: 7, time: at(1), name: null, state },
    damaged: [],
  });
  expect(folder.list()).toEqual([{ file, op: 7, time: at(1) }]);
});

test("names sort by age although the clock is set back", () => {
  const folder = new CheckpointFolder(temporaryFolder());
  const times = [NOON, NOON, "2020-01-01T00:00:00.000Z", "2026-11-21T12:00:00.001Z"];

  const written = times.map((time, op) => folder.write({ op, time, name: null, state: newState() }));

  expect(written.toSorted()).toEqual(written);
  expect(new Set(written).size).toBe(4);
  expect(folder.newest().checkpoint?.op).toBe(3);
});

test("the name of a checkpoint tells its time", () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(NOON), max: new Date("2099-01-01"), noInvalidDate: true }), (date) => {
      expect(timeOf(nextName(date.toISOString(), undefined))).toBe(date.getTime());
    }),
  );
});

test("damaged files are set aside under another name, up to the newest that can be read", () => {
  const path = temporaryFolder();
  const folder = new CheckpointFolder(path);
  const [old, good, bad, worse] = [1, 2, 3, 4].map((op) =>
    folder.write({ op, time: at(op), name: null, state: newState() }),
  );
  for (const file of [old, bad]) writeFileSync(join(path, file ?? ""), "{");
  writeFileSync(join(path, worse ?? ""), "");

  const { checkpoint, damaged } = folder.newest();

  expect(checkpoint?.file).toBe(good);
  expect(damaged.map(({ file }) => file)).toEqual([worse, bad]);
  expect(readdirSync(path).sort()).toEqual([old, good, `${bad ?? ""}.damaged`, `${worse ?? ""}.damaged`].sort());
});

test("a checkpoint of a newer program is refused and kept, whatever else it holds", () => {
  const path = temporaryFolder();
  const folder = new CheckpointFolder(path);
  const file = folder.write({ op: 1, time: at(1), name: null, state: newState() });
  writeFileSync(join(path, file), '{"format":2,"mind":[]}');

  expect(() => folder.newest()).toThrow(/newer memgpt \(format 2/);

  expect(readFileSync(join(path, file), "utf8")).toBe('{"format":2,"mind":[]}');
});

test("what is not a checkpoint is neither read nor removed", () => {
  const path = temporaryFolder();
  const folder = new CheckpointFolder(path);
  const strangers = ["notes.json", "2026-11-21.txt", "a.json.12.tmp.bak", "README"];
  for (const name of strangers) writeFileSync(join(path, name), "mine");

  folder.removeUnfinished();
  folder.write({ op: 1, time: at(1), name: null, state: newState() });

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

test("the newest 50 are kept, then the first of every hour for a day, then the first of every day", () => {
  const name = (hoursAgo: number): string =>
    nextName(new Date(Date.parse(NOON) - hoursAgo * HOUR).toISOString(), undefined);
  const recent = Array.from({ length: 50 }, (_, n) => name((50 - n) / 1000));
  const today = [name(3.9), name(3.8), name(3.7), name(1.9)];
  const before = [name(24 * 40 + 1), name(24 * 40), name(24 * 39)];

  const gone = surplus([...before, ...today, ...recent], NOON);

  expect(gone).toEqual([before[1], today[1], today[2]]);
});

test("however many there are, the newest are kept, the oldest of all is kept, and few remain", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60 * 24 * 60 }), { minLength: 1, maxLength: 300 }), (minutes) => {
      const sorted = minutes.toSorted((a, b) => b - a);
      const names = sorted.reduce<string[]>((made, ago) => {
        const time = new Date(Date.parse(NOON) - ago * 60_000).toISOString();
        return [...made, nextName(time, made.at(-1))];
      }, []);

      const gone = new Set(surplus(names, NOON));
      const kept = names.filter((file) => !gone.has(file));

      expect(kept.slice(-50)).toEqual(names.slice(-50));
      expect(kept[0]).toBe(names[0]);
      expect(kept.length).toBeLessThanOrEqual(50 + 25 + 61);
      // Keeping house twice is keeping house once.
      expect(surplus(kept, NOON)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
