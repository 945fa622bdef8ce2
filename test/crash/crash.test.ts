import { expect, test } from "vitest";
import { crashRounds } from "./rounds.ts";

test("an agent killed at a random moment keeps every acknowledged message and no partial step", async () => {
  const seed = Date.now() % 1_000_000;
  const lines: string[] = [];

  const tally = await crashRounds({ rounds: 8, seed, report: (line) => lines.push(line) });

  const { lost, halfSteps, integrityFailures, recoveryFailures } = tally;
  const story = `seed ${seed}\n${lines.join("\n")}`;
  expect({ lost, halfSteps, integrityFailures, recoveryFailures }, story).toEqual({
    lost: [],
    halfSteps: [],
    integrityFailures: [],
    recoveryFailures: [],
  });
  expect(tally.acknowledged, story).toBeGreaterThan(8);
}, 60_000);
