import fc from "fast-check";
import { expect, test } from "vitest";
import { type Report, recalibrate } from "../../src/memory/calibration.ts";

type Pressure = Parameters<typeof recalibrate>[0];

const START: Pressure = { alerted: false, calibration: 1 };

/** What is known after each of `reports`, and the windows that a person was told of. */
function listen(reports: readonly Report[], from: Pressure = START): { pressure: Pressure; told: number[] } {
  let pressure = from;
  const told: number[] = [];
  for (const report of reports) {
    const { cutAt, ...next } = recalibrate(pressure, report);
    pressure = next.pressure;
    if (cutAt !== undefined) told.push(cutAt);
  }
  return { pressure, told };
}

/** Sizes of a context from request to request, flushes among them. */
const sizes = fc
  .array(fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 600 }) }, fc.constant("flush" as const)), {
    maxLength: 60,
  })
  .map((changes) => {
    let queue = 100;
    return changes.map((change) => {
      queue = change === "flush" ? Math.ceil(queue * 0.4) : queue + change;
      return 2400 + queue;
    });
  });

test("believes a server that counts everything, whatever its vocabulary, without a report", () => {
  fc.assert(
    fc.property(sizes, fc.double({ min: 0.55, max: 1.4, noNaN: true }), (estimates, ratio) => {
      const reports = estimates.map((estimate) => ({ estimate, prompt: Math.round(estimate * ratio) }));

      const { pressure, told } = listen(reports);

      expect(told).toEqual([]);
      if (reports.length > 0) expect(pressure.calibration).toBeCloseTo(ratio, 2);
    }),
  );
});

test("believes a server whose vocabulary fits messages better than the prompt", () => {
  fc.assert(
    fc.property(sizes, fc.double({ min: 0.3, max: 1.2, noNaN: true }), (estimates, ratio) => {
      const reports = estimates.map((estimate) => ({
        estimate,
        prompt: Math.round(2400 * 0.8 + (estimate - 2400) * ratio),
      }));

      expect(listen(reports).told).toEqual([]);
    }),
  );
});

test("reports a server that cuts prompts to its window once, and learns nothing from it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 60, max: 500 }), { minLength: 60, maxLength: 80 }),
      fc.integer({ min: 1500, max: 9000 }),
      fc.double({ min: 0.65, max: 1, noNaN: true }),
      (added, window, ratio) => {
        let estimate = 2400;
        const reports = added.map((tokens) => {
          estimate += tokens;
          return { estimate, prompt: Math.min(window, Math.round(estimate * ratio)) };
        });
        const isCut = estimate * ratio * 0.8 > window;

        const { pressure, told } = listen(reports);

        if (isCut) expect(told).toEqual([window]);
        // What was first counted may be cut already.
        const first = Math.min(ratio, window / 2900);
        expect(pressure.calibration).toBeGreaterThan(first * 0.85);
      },
    ),
  );
});

test("also reports a rolling window, whose counts rise and fall below its size", () => {
  const counts = [2000, 2400, 2900, 3400, 3900, 2300, 2700, 3200, 3700, 2100];
  const reports = counts.map((prompt, n) => ({ estimate: 2600 + 600 * n, prompt }));

  const { pressure, told } = listen(reports);

  expect(told).toEqual([3900]);
  expect(pressure.calibration).toBeGreaterThan(0.7);
});

test("ignores a server that counts only what was not in its cache, without a report", () => {
  const counts = [2000, 150, 90, 240, 60, 180, 2900, 120];
  const reports = counts.map((prompt, n) => ({ estimate: 2600 + 150 * n, prompt }));

  const { pressure, told } = listen(reports);

  expect(told).toEqual([]);
  expect(pressure.calibration).toBeGreaterThan(0.7);
});

test("a first count far below the estimate does not change the calibration", () => {
  expect(listen([{ estimate: 6000, prompt: 1024 }]).pressure.calibration).toBe(1);
});
