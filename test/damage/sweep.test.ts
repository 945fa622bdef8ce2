import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { changesNothing, damagesOf } from "../../bench/damage/damages.ts";
import { tryDamage } from "../../bench/damage/trial.ts";
import { NAME, makeSubject, memoryOf } from "./subject.ts";

test("reports exactly what damage to any file cost the agent", async () => {
  const template = mkdtempSync(join(tmpdir(), "memgpt-template-"));
  onTestFinished(() => {
    rmSync(template, { recursive: true, force: true });
  });
  await makeSubject(template, 6);
  const truth = await memoryOf(template);
  const folder = join(template, "agents", NAME);
  const damages = damagesOf(folder, { flips: 1, every: 7 }).filter((one) => !changesNothing(folder, one));

  for (const damage of damages) {
    const { outcome, differs, said } = await tryDamage(template, truth, damage);

    expect(["recovered", "named"], JSON.stringify({ damage, differs, said })).toContain(outcome);
  }
});
