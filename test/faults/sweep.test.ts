import { describe, expect, test } from "vitest";
import { ERRNOS, type Fault } from "../../bench/faults/fault.ts";
import { isBad } from "../../bench/faults/outcome.ts";
import { missingForFaults } from "../../bench/faults/shim.ts";
import { sweep } from "../../bench/faults/sweep.ts";

const missing = await missingForFaults();

/**
 * Calls from all over the session, which are about 1,540 writes, 128 syncs, 26 renames, 126 openings, 37 truncations, 60 removals. A
 * copy of the agent makes the syncs around 113.
 */
const CALLS: Readonly<Record<Fault["kind"], readonly number[]>> = {
  write: [90, 240, 420, 600, 780, 960, 1140, 1300],
  sync: [12, 30, 48, 60, 75, 95, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 125],
  rename: [2, 6, 10, 14, 18, 22, 25],
  open: [5, 20, 35, 50, 65, 80, 95, 110, 120],
  truncate: [3, 12, 20, 30],
  unlink: [5, 20, 35, 50],
  any: [100, 300, 700, 1100, 1334, 1472, 1500],
};

describe.skipIf(missing !== undefined)(`a failing disk (${missing ?? "there is a C compiler"})`, () => {
  test("keeps or refuses every request, and reports which truthfully", { timeout: 600_000 }, async () => {
    const faults = Object.entries(CALLS)
      .flatMap(([kind, calls]) => calls.map((k) => ({ kind: kind as Fault["kind"], k })))
      .map((call, index): Fault => ({ ...call, errno: ERRNOS[index % 3] ?? "EIO", lasting: index % 2 === 0 }));

    const { cases } = await sweep({ faults, every: 1, jobs: 2 });

    expect(cases.length).toBeGreaterThan(40);
    expect(cases.filter(({ outcome }) => isBad(outcome))).toEqual([]);
  });
});
