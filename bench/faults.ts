import { parseArgs } from "node:util";
import { type Fault, KINDS, parseFault } from "./faults/fault.ts";
import { OUTCOMES, isBad } from "./faults/outcome.ts";
import { missingForFaults } from "./faults/shim.ts";
import { type Case, sweep } from "./faults/sweep.ts";
import { type Figures, UsageError, rounded } from "./figures.ts";
import { count, withUsage } from "./options.ts";

const USAGE =
  "faults [--every N] [--kinds write,sync,…|any] [--fault KIND:K:ERRNO:once|lasting] … [--jobs N] [--examples N] [--verbose]";

/**
 * Runs a session of every operation that writes, once for each call that could fail. `ok` is false, and the exit code 1, if
 * any outcome was contradicted, raw, a stack trace or unusable.
 */
export async function faults(args: readonly string[]): Promise<Figures> {
  const options = readOptions(args);
  const missing = await missingForFaults();
  if (missing !== undefined) throw new UsageError(missing);
  const started = performance.now();
  let reported = 0;
  const { calls, cases, counts } = await sweep({
    ...options,
    report: (done, left) => {
      reported += 1;
      if (reported % 1000 === 0) process.stderr.write(`${reported} cases, about ${left} left\n`);
      if (isBad(done.outcome)) process.stderr.write(`${done.fault}: ${done.outcome} (${done.first})\n${done.story}\n`);
      else if (options.verbose) process.stderr.write(`${done.fault}: ${done.outcome}, ${left} left\n`);
    },
  });
  const bad = cases.filter(({ outcome }) => isBad(outcome));
  return {
    calls,
    cases: cases.length,
    seconds: rounded((performance.now() - started) / 1000, 1),
    outcomes: counts,
    examples: OUTCOMES.flatMap((wanted) =>
      bad.filter(({ outcome }) => outcome === wanted).slice(0, options.examples),
    ).map(example),
    ok: bad.length === 0,
  };
}

function example({ fault, outcome, first, story }: Case): Figures {
  const { kind, k, errno, lasting } = parseFault(fault);
  return { outcome, kind, k, errno, lasting, first, story };
}

function readOptions(args: readonly string[]): {
  every: number;
  kinds: Fault["kind"][] | undefined;
  faults: Fault[] | undefined;
  jobs: number;
  examples: number;
  verbose: boolean;
} {
  return withUsage(USAGE, () => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        every: { type: "string", default: "1" },
        kinds: { type: "string" },
        fault: { type: "string", multiple: true },
        jobs: { type: "string", default: "1" },
        examples: { type: "string", default: "5" },
        verbose: { type: "boolean", default: false },
      },
    });
    return {
      every: count(values.every, "every"),
      kinds: values.kinds?.split(",").map(kindOf),
      faults: values.fault?.map(parseFault),
      jobs: count(values.jobs, "jobs"),
      examples: count(values.examples, "examples"),
      verbose: values.verbose,
    };
  });
}

function kindOf(name: string): Fault["kind"] {
  const kind = ([...KINDS, "any"] as const).find((known) => known === name);
  if (kind === undefined) throw new Error(`Unknown kind of call ${name}. Kinds: ${KINDS.join(", ")}, any.`);
  return kind;
}
