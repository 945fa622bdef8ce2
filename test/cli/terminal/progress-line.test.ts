import { expect, test } from "vitest";
import { type Progress, ProgressLine } from "../../../src/cli/terminal/progress-line.ts";

/** The line after each progress report, at the given seconds. */
function lines(steps: readonly (readonly [seconds: number, progress: Progress])[], columns = 100): string[] {
  let [now, written] = [0, ""];
  const line = new ProgressLine({ isTTY: true, columns, write: (text) => (written = text) }, () => now);
  return steps.map(([seconds, progress]) => {
    now = seconds * 1000;
    line.show(progress);
    return written.replace("\r\x1b[2K", "");
  });
}

test("a bar fills and shows rate and time left once known", () => {
  const label = "embedding with m";
  const unit = "passages";

  const shown = lines([
    [0, { label, done: 0, total: 4000, unit }],
    [0.5, { label, done: 64, total: 4000, unit }],
    [2, { label, done: 1000, total: 4000, unit }],
    [8, { label, done: 4000, total: 4000, unit }],
  ]);

  expect(shown).toEqual([
    "[..............................] embedding with m: 0 of 4,000 passages",
    "[..............................] embedding with m: 64 of 4,000 passages",
    "[########......................] embedding with m: 1,000 of 4,000 passages, 500/s, 6 s left",
    "[##############################] embedding with m: 4,000 of 4,000 passages, 500/s",
  ]);
});

test.each([
  { done: 10, total: 600, text: "10 of 600, 1.0/s, 10 min left" },
  { done: 1, total: 61, text: "1 of 61, 6.0/min, 10 min left" },
  { done: 1, total: 1000, text: "1 of 1,000, 6.0/min, 2 h 47 min left" },
  { done: 25, text: "25, 2.5/s" },
])("$done of $total after ten seconds is shown as $text", ({ text, ...progress }) => {
  const [, line] = lines([
    [0, { ...progress, done: 0 }],
    [10, progress],
  ]);

  expect(line?.replace(/^\[.*\] /, "")).toBe(text);
});

test("if items differ in size, bar and time left follow the work, and the rate counts the named items", () => {
  const files = (done: number, passages: number, bytes: number): Progress => ({
    label: "loading notes",
    done,
    total: 3,
    unit: "files",
    detail: `${passages} passages`,
    rated: { done: passages, unit: "passages" },
    work: { done: bytes, total: 1000 },
  });

  const shown = lines(
    [
      [0, files(0, 0, 0)],
      [10, files(0, 200, 250)],
    ],
    120,
  );

  expect(shown).toEqual([
    "[..............................] loading notes: 0 of 3 files, 0 passages",
    "[########......................] loading notes: 0 of 3 files, 200 passages, 20 passages/s, 30 s left",
  ]);
});

test("the rate excludes earlier runs and other phases", () => {
  const [, resumed, , next] = lines([
    [0, { done: 900, total: 1000 }],
    [10, { done: 910, total: 1000 }],
    [20, { done: 1, unit: "pieces embedded" }],
    [22, { done: 5, unit: "pieces embedded" }],
  ]);

  expect(resumed).toMatch(/910 of 1,000, 1\.0\/s, 2 min left$/);
  expect(next).toBe("5 pieces embedded, 2.0/s");
});

test("a narrow window keeps the count and drops the bar; escape sequences are made visible", () => {
  expect(lines([[0, { label: "with \x1b[2Jm", done: 1, total: 2, unit: "passages" }]], 32)).toEqual([
    "with ␛[2Jm: 1 of 2 passages",
  ]);
  expect(lines([[0, { label: "with a long name", done: 1, total: 2 }]], 20)[0]?.length).toBeLessThan(20);
});

test("prints nothing unless the output is a terminal", () => {
  let written = "";
  const line = new ProgressLine({ isTTY: false, write: (text) => (written += text) });

  line.show({ done: 1, total: 2 });
  line.end();

  expect(written).toBe("");
});
