import { parseArgs } from "node:util";
import { crashRounds, faultCount } from "../test/crash/rounds.ts";
import { type Figures, UsageError, count, rounded } from "./figures.ts";
import { crashServer } from "./server/crash.ts";

const USAGE = "crash [--server] [--rounds 200] [--seed N] [--verbose]";

/** Kills a talking agent, or a server with many, again and again. `ok` is false, and the exit code 1, if anything was lost. */
export async function crash(args: readonly string[]): Promise<Figures> {
  const { rounds, seed, verbose, server } = readOptions(args);
  process.stderr.write(`seed ${seed}\n`);
  if (server) return crashServer({ rounds, seed });
  const started = performance.now();
  const tally = await crashRounds({
    rounds,
    seed,
    report: (line) => {
      if (verbose || line.endsWith("FAULTY")) process.stderr.write(`${line}\n`);
    },
  });
  const { acknowledged, operations, work, lost, halfSteps, integrityFailures, recoveryFailures } = tally;
  return {
    seed,
    rounds,
    killed_at_start_up: tally.startUpRounds,
    seconds: rounded((performance.now() - started) / 1000, 1),
    acknowledged,
    operations,
    core_memory_edits: work.blockEdits,
    archival_inserts: work.passages,
    flushes: work.flushes,
    commands: tally.commands,
    lost: lost.length,
    half_steps: halfSteps.length,
    integrity_failures: integrityFailures.length,
    recovery_failures: recoveryFailures.length,
    faults: [...lost, ...halfSteps, ...integrityFailures, ...recoveryFailures],
    ok: faultCount(tally) === 0,
  };
}

function readOptions(args: readonly string[]): { rounds: number; seed: number; verbose: boolean; server: boolean } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: "string", default: "200" },
        seed: { type: "string", default: String((Date.now() % 1_000_000) + 1) },
        verbose: { type: "boolean", default: false },
        server: { type: "boolean", default: false },
      },
    });
    const { verbose, server } = values;
    return { rounds: count(values.rounds, "rounds"), seed: count(values.seed, "seed"), verbose, server };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}
