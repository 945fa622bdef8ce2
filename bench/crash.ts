import { parseArgs } from "node:util";
import { crashRounds, faultCount } from "../test/crash/rounds.ts";
import { type Figures, rounded } from "./figures.ts";
import { count, randomSeed, withUsage } from "./options.ts";
import { crashServers } from "./postgres/crash.ts";
import { ScratchDatabase } from "./postgres/scratch-database.ts";
import { crashServer } from "./server/crash.ts";

const USAGE =
  "crash [--server | --database postgres://… [--seconds 300]] [--rounds 200] [--seed N] [--verbose]\n" +
  "With --database, agents are in a new database on that server, and two memgpt servers are killed alternately for --seconds.";

type Options = ReturnType<typeof readOptions>;

/** Kills a talking agent, or servers with many, again and again. `ok` is false, and the exit code 1, if anything was lost. */
export async function crash(args: readonly string[]): Promise<Figures> {
  const options = readOptions(args);
  const { rounds, seed, server, database } = options;
  process.stderr.write(`seed ${seed}\n`);
  if (server) return crashServer({ rounds, seed });
  if (database === undefined) return crashAgent(options);
  const scratch = await ScratchDatabase.open(database);
  try {
    const agent = await crashAgent({ ...options, database: scratch.url });
    const servers = await crashServers({ url: scratch.url, seconds: options.seconds, seed });
    return { agent, servers, ok: agent["ok"] === true && servers["ok"] === true };
  } finally {
    await scratch.close();
  }
}

async function crashAgent({ rounds, seed, verbose, database }: Options): Promise<Figures> {
  const started = performance.now();
  const tally = await crashRounds({
    rounds,
    seed,
    database,
    report: (line) => {
      if (verbose || line.includes("FAULTY")) process.stderr.write(`${line}\n`);
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

function readOptions(args: readonly string[]) {
  return withUsage(USAGE, () => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: "string", default: "200" },
        seed: { type: "string", default: String(randomSeed()) },
        verbose: { type: "boolean", default: false },
        server: { type: "boolean", default: false },
        database: { type: "string" },
        seconds: { type: "string", default: "300" },
      },
    });
    const { verbose, server, database } = values;
    const [rounds, seed] = [count(values.rounds, "rounds"), count(values.seed, "seed")];
    return { rounds, seed, seconds: count(values.seconds, "seconds"), verbose, server, database };
  });
}
