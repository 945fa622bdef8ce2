import { expect, test } from "vitest";
import { crashRounds } from "./rounds.ts";

test("an agent killed at a random moment keeps every acknowledged message and no partial step", async () => {
  const seed = Date.now() % 1_000_000;
  // Three of them die while they start; the other nine acknowledge at least one message each, however slow the machine is.
  const lines: string[] = [];

  const tally = await crashRounds({ rounds: 12, seed, report: (line) => lines.push(line) });

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
