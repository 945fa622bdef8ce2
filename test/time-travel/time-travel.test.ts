import fc from "fast-check";
import { test } from "vitest";
import { commands, opening } from "./commands.ts";
import { Life } from "./life.ts";
import { Model } from "./model.ts";
import { Witness, crowded, crowdedOpening } from "./observed.ts";

/** `TIME_TRAVEL_RUNS=2000 npx vitest run test/time-travel.test.ts` looks longer. */
const RUNS = Number(process.env["TIME_TRAVEL_RUNS"] ?? 60);
const MANY = { maxCommands: 25, size: "max" } as const;
/** Most of it is for finding a smaller example of what failed. */
const TIMEOUT = Math.max(120_000, RUNS * 2000);

test(
  "after any actions, undos, saves, loads and kills, state, core memory and both searches match a simple model",
  async () => {
    await fc.assert(
      fc.asyncProperty(opening, fc.commands(commands, MANY), async (before, story) => {
        const life = await Life.begin({ contextWindow: 200_000 });
        try {
          await fc.asyncModelRun(async () => ({ model: await Model.of(life), real: life }), [...before, ...story]);
        } finally {
          await life.end();
        }
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: TIMEOUT - 10_000, markInterruptAsFailure: false },
    );
  },
  TIMEOUT,
);

test(
  "across a flush of the queue, undo and load restore exactly the state before, and redo the state after",
  async () => {
    await fc.assert(
      fc.asyncProperty(crowdedOpening, fc.commands(crowded, MANY), async (before, story) => {
        const life = await Life.begin({ contextWindow: 4096 });
        try {
          await fc.asyncModelRun(async () => ({ model: await Witness.of(life), real: life }), [...before, ...story]);
        } finally {
          await life.end();
        }
      }),
      { numRuns: Math.ceil(RUNS / 2), interruptAfterTimeLimit: TIMEOUT - 10_000, markInterruptAsFailure: false },
    );
  },
  TIMEOUT,
);
