import { describe, expect, test } from "vitest";
import { TEST_SERVER, databaseUrl } from "../support/postgres.ts";
import { crashRounds } from "./rounds.ts";

const KEEPS = "an agent killed at a random moment keeps every acknowledged message and no partial step";

test(KEEPS, async () => expectNothingLost(), 120_000);

describe.skipIf(TEST_SERVER === undefined)("in PostgreSQL", () => {
  test(KEEPS, async () => expectNothingLost(await databaseUrl()), 120_000);
});

async function expectNothingLost(database?: string): Promise<void> {
  const seed = Date.now() % 1_000_000;
  // Three of them die while they start; the other nine acknowledge at least one message each, however slow the machine is.
  const lines: string[] = [];

  const tally = await crashRounds({ rounds: 12, seed, database, report: (line) => lines.push(line) });

  const { lost, halfSteps, integrityFailures, recoveryFailures } = tally;
  const story = `seed ${seed}\n${lines.join("\n")}`;
  expect({ lost, halfSteps, integrityFailures, recoveryFailures }, story).toEqual({
    lost: [],
    halfSteps: [],
    integrityFailures: [],
    recoveryFailures: [],
  });
  expect(tally.acknowledged, story).toBeGreaterThan(8);
}
