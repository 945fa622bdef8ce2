import { expect, test } from "vitest";
import { Entrance } from "../../src/server/house/entrance.ts";

/** An entrance with a clock and rounds of its own. */
function newEntrance() {
  let now = 0;
  const rounds: (() => void)[] = [];
  const entrance = new Entrance(
    () => now,
    (work) => rounds.push(work),
  );
  return {
    entrance,
    /** Ends a round, in which something took so many milliseconds. */
    round: async (milliseconds = 0): Promise<void> => {
      now += milliseconds;
      for (const work of rounds.splice(0)) work();
      await new Promise(setImmediate);
    },
  };
}

test("one turn begins in each round of the event loop, in order of arrival, and the first at once", async () => {
  const { entrance, round } = newEntrance();
  const begun: number[] = [];
  const all = [1, 2, 3].map(async (n) => entrance.enter().then(() => begun.push(n)));

  await new Promise(setImmediate);
  expect(begun).toEqual([1]);
  await round();
  expect(begun).toEqual([1, 2]);
  await round();
  await Promise.all(all);

  expect(begun).toEqual([1, 2, 3]);
  await round();
  await entrance.enter();
});

test("new connections are accepted before the next turn begins, but a steady stream of them does not stop turns", async () => {
  const { entrance, round } = newEntrance();
  const begun: string[] = [];
  await entrance.enter();
  const next = entrance.enter().then(() => begun.push("next"));

  for (let n = 0; n < 20; n += 1) {
    entrance.connected();
    await round();
    expect(begun).toEqual([]);
  }
  let rounds = 0;
  while (begun.length === 0 && rounds < 10_000) {
    entrance.connected();
    await round();
    rounds += 1;
  }
  await next;

  expect(rounds).toBeLessThan(1000);
});

test("a turn that would wait for more than three seconds is refused at once, and one that has waited that long then", async () => {
  const { entrance, round } = newEntrance();
  const outcomes: string[] = [];
  const enter = async (): Promise<void> =>
    entrance.enter().then(
      () => void outcomes.push("begun"),
      (error: unknown) => void outcomes.push((error as { code: string }).code),
    );
  await enter();
  const [waiting, late] = [enter(), enter()];
  await round(5000);
  await waiting;
  expect(outcomes).toEqual(["begun", "queue_full"]);

  const others = Array.from({ length: 10 }, enter);
  await new Promise(setImmediate);

  // A second for each, as far as is known: more than three are too many.
  expect(outcomes.filter((outcome) => outcome === "queue_full").length).toBeGreaterThan(5);
  for (let n = 0; n < 10; n += 1) await round();
  await Promise.all([late, ...others]);
  await round();
  await enter();
  expect(outcomes.at(-1)).toBe("begun");
});
