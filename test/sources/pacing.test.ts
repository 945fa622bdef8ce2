import { expect, test } from "vitest";
import { Pacing } from "../../src/sources/pacing.ts";

test("other work runs once a slice has lasted long enough, and not before", async () => {
  let [now, turns] = [0, 0];
  const pacing = new Pacing(() => now);
  const pausedAt = async (time: number): Promise<number> => {
    now = time;
    setImmediate(() => {
      turns += 1;
    });
    await pacing.pause();
    return turns;
  };

  expect(await pausedAt(9)).toBe(0);
  expect(await pausedAt(10)).toBe(2);
  expect(await pausedAt(19)).toBe(2);
  expect(await pausedAt(25)).toBe(4);
});
