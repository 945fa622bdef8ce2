import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isKept, nextName, timeOf } from "../../src/storage/files/checkpoint-name.ts";
import { CheckpointFolder } from "../../src/storage/files/checkpoints.ts";
import { surplus } from "../../src/storage/files/retention.ts";
import { temporaryFolder } from "../support/agents.ts";
import { newState } from "./support.ts";

const NOON = "2026-11-21T12:00:00.000Z";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test("the newest 50 are kept, then the first of every hour for a day, then the first of every day", () => {
  const recent = Array.from({ length: 50 }, (_, n) => name((50 - n) / 1000));
  const today = [name(22.9), name(3.9), name(3.8), name(3.7), name(1.9)];
  const before = [name(24 * 40 + 1), name(24 * 40), name(24 * 39), name(24.5), name(24)];

  const gone = surplus([...before, ...today, ...recent], NOON);

  expect(gone).toEqual([before[1], before[4], today[2], today[3]]);
});

test("saved checkpoints stay, and do not count toward the 50, an hour or a day", () => {
  const saved = Array.from({ length: 60 }, (_, n) => name((60 - n) / 2000, true));
  const recent = Array.from({ length: 50 }, (_, n) => name((60 - n) / 1000));
  const old = [name(24 * 40 + 2, true), name(24 * 40 + 1), name(24 * 40), name(3.9, true), name(3.8), name(3.7)];

  const gone = surplus([...old, ...recent, ...saved].sort(), NOON);

  expect(gone).toEqual([old[2], old[5]]);
});

test.each([0, -3, 1])("the newest automatic one stays if %s are to be kept", (newest) => {
  const files = [name(3.9), name(3.8), name(3.7)];

  expect(surplus(files, NOON, newest)).toEqual([files[1]]);
});

test("saved and newest ones stay; of older ones the first of each hour, then of each day", () => {
  fc.assert(
    fc.property(written(), fc.integer({ min: 1, max: 60 }), ({ files, now }, newest) => {
      const left = without(files, surplus(files, now, newest));

      expect(left.filter(isKept)).toEqual(files.filter(isKept));
      const automatic = without(files, files.filter(isKept));
      const old = automatic.slice(0, -newest);
      const firsts = old.filter((file) => {
        const slot = Date.parse(now) - timeOf(file) < DAY ? "2026-11-21T12" : "2026-11-21";
        return file === old.find((other) => other.startsWith(file.slice(0, slot.length)));
      });
      expect(without(left, left.filter(isKept))).toEqual([...firsts, ...automatic.slice(-newest)]);
      // Keeping house twice is keeping house once.
      expect(surplus(left, now, newest)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test("pruning after every write leaves the same as pruning once", () => {
  fc.assert(
    fc.property(written(), fc.integer({ min: 1, max: 12 }), ({ files, now }, newest) => {
      const left = afterEveryWrite(files, newest).at(-1) ?? [];

      // In the hour that a day ago cuts in two, the file that stood for it may just have gone.
      const cut = new Date(Date.parse(now) - DAY).toISOString().slice(0, 13);
      const isWhole = (file: string): boolean => !file.startsWith(cut);
      expect(left.filter(isWhole)).toEqual(without(files, surplus(files, now, newest)).filter(isWhole));
    }),
    { numRuns: 150 },
  );
});

test("after months of turns exactly one per old day is left, and there are always few", () => {
  const start = Date.parse("2026-03-01T07:30:00.000Z");
  // Talk from half past seven for 16 hours a day, every 20 minutes, but not on every seventh day.
  const times = Array.from({ length: 120 }, (_, day) => day)
    .filter((day) => day % 7 !== 6)
    .flatMap((day) => Array.from({ length: 48 }, (_, turn) => start + day * DAY + turn * 20 * MINUTE));
  const files = times.map((time) => nextName(new Date(time).toISOString(), false, undefined));

  const stages = afterEveryWrite(files, 50);

  const days = new Set(times.map((time) => Math.floor(time / DAY))).size;
  expect(Math.max(...stages.map(({ length }) => length))).toBeLessThanOrEqual(50 + 25 + days);
  const [left = []] = stages.slice(-1);
  const old = left.filter((file) => timeOf(file) < Date.parse("2026-06-26T00:00:00.000Z"));
  const firstOfDays = files.filter((file, n) => file.slice(0, 10) !== files[n - 1]?.slice(0, 10));
  expect(old).toEqual(firstOfDays.filter((file) => file < "2026-06-26"));
});

test("a write prunes old checkpoints, except the requested number", async () => {
  const path = filled([3.9, 3.8, 3.7, 3.6]);
  const folder = new CheckpointFolder(path);

  const file = await folder.write({ op: 1, time: NOON, name: null, kept: false, state: newState() }, 2);

  expect(folder.files()).toEqual([name(3.9), name(3.6), file]);
});

test("a write keeps the newest 50 by default, itself included", async () => {
  const path = filled([3.99, ...Array.from({ length: 60 }, (_, n) => 3.9 - n / 1000)]);
  const folder = new CheckpointFolder(path);

  await folder.write({ op: 1, time: NOON, name: null, kept: false, state: newState() });

  expect(folder.files()).toHaveLength(51);
});

test("pruning on demand reports how many files were removed", () => {
  const path = filled([3.9, 3.8, 3.7, 3.6]);
  const folder = new CheckpointFolder(path);
  writeFileSync(join(path, name(3.85, true)), "");
  writeFileSync(join(path, "2026-notes.json"), "mine");

  expect(folder.prune(NOON, 4)).toBe(0);
  expect(folder.prune(NOON, 1)).toBe(2);

  expect(readdirSync(path).sort()).toEqual(["2026-notes.json", name(3.9), name(3.85, true), name(3.6)].sort());
});

test("without a folder there is nothing to remove", () => {
  expect(new CheckpointFolder(join(temporaryFolder(), "none")).prune(NOON, 1)).toBe(0);
});

/** The name of a checkpoint written so many hours before noon. */
function name(hoursAgo: number, kept = false): string {
  return nextName(new Date(Date.parse(NOON) - hoursAgo * HOUR).toISOString(), kept, undefined);
}

/** A folder with files that old. House is kept by their names alone. */
function filled(hoursAgo: readonly number[]): string {
  const path = join(temporaryFolder(), "agent_state");
  mkdirSync(path);
  for (const hours of hoursAgo) writeFileSync(join(path, name(hours)), "");
  return path;
}

/** Checkpoints one after another, with pauses from none to days, some of them saved by a person; `now` is the last's. */
function written(): fc.Arbitrary<{ files: string[]; now: string }> {
  const pause = fc.oneof(
    fc.integer({ min: 0, max: MINUTE }),
    fc.integer({ min: 0, max: HOUR }),
    fc.integer({ min: 0, max: 6 * HOUR }),
    fc.integer({ min: 0, max: 3 * DAY }),
  );
  const turn = fc.record({ pause, kept: fc.integer({ min: 0, max: 9 }).map((n) => n === 0) });
  return fc.array(turn, { minLength: 1, maxLength: 250, size: "max" }).map((turns) => {
    let now = Date.parse(NOON);
    const files = turns.reduce<string[]>((made, { pause, kept }) => {
      now += pause;
      return [...made, nextName(new Date(now).toISOString(), kept, made.at(-1))];
    }, []);
    return { files, now: new Date(timeOf(files.at(-1) ?? "")).toISOString() };
  });
}

/** What is left after each of the writes, when house is kept after each. */
function afterEveryWrite(files: readonly string[], newest: number): string[][] {
  let left: string[] = [];
  return files.map((file) => {
    const all = [...left, file];
    left = without(all, surplus(all, new Date(timeOf(file)).toISOString(), newest));
    return left;
  });
}

function without(files: readonly string[], gone: readonly string[]): string[] {
  const set = new Set(gone);
  return files.filter((file) => !set.has(file));
}
