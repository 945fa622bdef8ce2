import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { MemGPT } from "memgpt";
import { TARGETS } from "../test/fuzz/targets.ts";
import { type Figures, rounded } from "./figures.ts";
import { randomSeed, readOptions } from "./options.ts";

const USAGE = "fuzz [--runs 2000] [--seed N]";

/** Milliseconds after which an input counts as a hang. */
const PATIENCE = 10_000;
/** Megabytes by which a target may grow the heap. */
const MOST_GROWTH = 100;

/** Feeds arbitrary input to every parser of foreign data. `ok` is false, and the exit code 1, if anything crashed or grew. */
export async function fuzz(args: readonly string[]): Promise<Figures> {
  const { runs, seed } = readOptions(args, USAGE, { runs: 2000, seed: randomSeed() });
  const dir = mkdtempSync(join(tmpdir(), "memgpt-fuzz-"));
  const memgpt = await MemGPT.open({ dir, env: {} });
  try {
    const agent = await memgpt.createAgent({ name: "fuzz" }, { withoutModel: true });
    await agent.importMessages([{ role: "user", text: "The harbour opens at six." }]);
    const targets: Record<string, { inputs: number; seconds: number; grown_mb: number; fault: string }> = {};
    for (const { name, property } of TARGETS) {
      const [started, before] = [performance.now(), process.memoryUsage().heapUsed];
      const found = await fc.check(property({ agent, folder: dir }), { numRuns: runs, seed, timeout: PATIENCE });
      const fault = found.failed ? `${String(found.errorInstance)} for ${JSON.stringify(found.counterexample)}` : "";
      targets[name] = {
        inputs: found.numRuns,
        seconds: rounded((performance.now() - started) / 1000, 1),
        grown_mb: rounded((process.memoryUsage().heapUsed - before) / 2 ** 20, 1),
        fault,
      };
      process.stderr.write(`${name}: ${fault === "" ? "ok" : fault}\n`);
    }
    const all = Object.values(targets);
    const ok = all.every(({ fault, grown_mb }) => fault === "" && grown_mb <= MOST_GROWTH);
    return { seed, inputs: all.reduce((sum, { inputs }) => sum + inputs, 0), targets, ok };
  } finally {
    await memgpt.close();
    rmSync(dir, { recursive: true, force: true });
  }
}
