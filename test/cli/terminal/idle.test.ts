import { expect, onTestFinished, test, vi } from "vitest";
import { onIdle, untilHeartbeat } from "../../../src/cli/terminal/idle.ts";

const MINUTE = 60_000;
const NOW = Date.parse("2026-11-21T12:00:00.000Z");
const idle = { every: 30 * MINUTE, since: NOW, typing: false, pausedUntil: null };
const at = (minutes: number): string => new Date(NOW + minutes * MINUTE).toISOString();

test("a heartbeat is due once nothing has happened for the interval", () => {
  expect(untilHeartbeat(idle, NOW)).toBe(30 * MINUTE);
  expect(untilHeartbeat(idle, NOW + 29 * MINUTE)).toBe(MINUTE);
  expect(untilHeartbeat(idle, NOW + 30 * MINUTE)).toBe(0);
  expect(untilHeartbeat(idle, NOW + 90 * MINUTE)).toBe(0);
});

test("a heartbeat is never due while the prompt holds text", () => {
  expect(untilHeartbeat({ ...idle, typing: true }, NOW + 90 * MINUTE)).toBe(30 * MINUTE);
});

test("a pause delays the heartbeat to its end", () => {
  expect(untilHeartbeat({ ...idle, pausedUntil: at(45) }, NOW + 30 * MINUTE)).toBe(15 * MINUTE);
  expect(untilHeartbeat({ ...idle, pausedUntil: at(45) }, NOW + 45 * MINUTE)).toBe(0);
  expect(untilHeartbeat({ ...idle, pausedUntil: at(10) }, NOW + 10 * MINUTE)).toBe(20 * MINUTE);
  expect(untilHeartbeat({ ...idle, pausedUntil: "never" }, NOW + 30 * MINUTE)).toBe(0);
});

test("onIdle wakes once, later after activity, and never once cancelled", () => {
  vi.useFakeTimers({ now: NOW });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  let since = NOW;
  const woken: string[] = [];
  onIdle(
    () => ({ ...idle, since }),
    () => woken.push("waits"),
  );
  const stop = onIdle(
    () => idle,
    () => woken.push("ended"),
  );

  vi.advanceTimersByTime(20 * MINUTE);
  since = Date.now();
  stop();
  vi.advanceTimersByTime(29 * MINUTE);
  const before = woken.length;
  vi.advanceTimersByTime(90 * MINUTE);

  expect(before).toBe(0);
  expect(woken).toEqual(["waits"]);
});
