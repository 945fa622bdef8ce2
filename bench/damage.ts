import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NAME, makeSubject, memoryOf } from "../test/damage/subject.ts";
import { changesNothing, damagesOf } from "./damage/damages.ts";
import { OUTCOMES, type Trial, tryDamage } from "./damage/trial.ts";
import { type Figures, rounded } from "./figures.ts";
import { readOptions } from "./options.ts";

const USAGE = "damage [--turns N] [--flips N] [--every N] [--examples N]";

/**
 * Damages each file of a small agent in many ways, uses the agent as a person would, and compares its memory with the
 * original. `ok` is false, and the exit code 1, if a report contradicts the facts or something is lost silently.
 */
export async function damage(args: readonly string[]): Promise<Figures> {
  const { turns, flips, every, examples } = readOptions(args, USAGE, { turns: 20, flips: 2, every: 1, examples: 5 });
  const started = performance.now();
  const template = mkdtempSync(join(tmpdir(), "memgpt-template-"));
  try {
    await makeSubject(template, turns);
    const truth = await memoryOf(template);
    const folder = join(template, "agents", NAME);
    const trials: Trial[] = [];
    for (const one of damagesOf(folder, { flips, every })) {
      if (!changesNothing(folder, one)) trials.push(await tryDamage(template, truth, one));
    }
    const ofKind = (outcome: Trial["outcome"]): Trial[] => trials.filter((trial) => trial.outcome === outcome);
    return {
      cases: trials.length,
      seconds: rounded((performance.now() - started) / 1000, 1),
      outcomes: Object.fromEntries(OUTCOMES.map((outcome) => [outcome, ofKind(outcome).length])),
      examples: (["contradicted", "silent"] as const).flatMap((outcome) => ofKind(outcome).slice(0, examples)),
      ok: ofKind("contradicted").length + ofKind("silent").length === 0,
    };
  } finally {
    rmSync(template, { recursive: true, force: true });
  }
}
