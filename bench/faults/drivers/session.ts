import { mkdirSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Kept, MemGPTError } from "memgpt";
import { errorText } from "../../../src/cli/terminal/report-error.ts";
import { type Fault, faultName, parseFault } from "../fault.ts";
import { type Course, OPERATIONS, type Operation, type Printed } from "../operations.ts";
import { type Outcome, type Report } from "../outcome.ts";
import { FaultControl } from "../shim.ts";
import { type World, difference, digest, observe, placeIn } from "../world.ts";

/**
 * Runs the session once for each fault, each in its own folder, and reports on standard output what was acknowledged and
 * what was refused. Null means no fault.
 */
const { folder, faults } = JSON.parse(process.argv[2] ?? "{}") as {
  folder: string;
  faults: readonly (string | null)[];
};

const control = new FaultControl(process.env["FAULT_CONTROL"] ?? "");
for (const [index, name] of faults.entries()) {
  await session(join(folder, String(index)), name === null ? undefined : parseFault(name));
}
control.close();

async function session(root: string, fault: Fault | undefined): Promise<void> {
  mkdirSync(root, { recursive: true });
  const place = placeIn(root);
  process.env["MEMGPT_DIR"] = place.home;
  say({ type: "begin", fault: fault === undefined ? null : faultName(fault) });
  let world = await observe(place);
  let committed = world;
  const look = async (): Promise<World> => control.paused(async () => observe(place, course.agent));
  const course: Course = {
    place,
    memgpt: undefined,
    agent: undefined,
    past: [],
    noted: new Map(),
    onStep: async () => {
      committed = await look();
    },
  };
  let isUnknown = false;
  control.arm(root, fault);
  for (const operation of OPERATIONS) {
    if (operation.needsAgent && course.agent === undefined) continue;
    say({ type: "operation", name: operation.name });
    committed = world;
    const result = await attempt(operation, course);
    const after = await look();
    const { outcome, text } = judge(operation, result, { before: world, committed, after, course });
    if (operation.isAction && digest(world) !== digest(after)) course.past.push(world);
    world = after;
    isUnknown = keptOf(result) === "unknown";
    say({
      type: "said",
      name: operation.name,
      outcome,
      text,
      failed: control.failed,
      digest: digest(world),
      isUnknown,
    });
    // Later operations cannot be judged.
    if (isUnknown) break;
  }
  control.disarm();
  await course.memgpt?.close();
  // For the comparison of the world with the reports.
  writeFileSync(join(root, "world.json"), JSON.stringify(world));
  const { failed, first, count, seen } = control;
  say({ type: "end", failed, first, count, seen });
}

type Result = { readonly error?: unknown; readonly printed?: Printed | undefined };

async function attempt(operation: Operation, course: Course): Promise<Result> {
  try {
    return { printed: await operation.run(course) };
  } catch (error) {
    return { error };
  }
}

type Sight = {
  readonly before: World;
  /** The world after the last acknowledged step. */
  readonly committed: World;
  readonly after: World;
  readonly course: Course;
};

function judge(operation: Operation, result: Result, sight: Sight): { outcome: Outcome; text: string } {
  const text = textOf(result);
  const isRefused = result.error !== undefined || (result.printed?.code ?? 0) !== 0;
  const isRaw = (result.error !== undefined && !(result.error instanceof MemGPTError)) || /bug in memgpt/.test(text);
  if (/^ {4}at .*:\d+:\d+\)?$/m.test(text)) return { outcome: "stack_trace", text };
  if (isRaw) return { outcome: "raw_error", text };
  const { before, committed, after, course } = sight;
  const kept = isRefused ? keptOf(result) : "all";
  if (kept !== "all" && digest(after) === digest(committed)) return { outcome: "refused_and_said_so", text };
  if (kept === "nothing")
    return { outcome: "contradicted", text: `${difference(committed, after)}, but the program reported: ${text}` };
  // What is not known to be kept is kept whole or not at all.
  const problem = operation.check(before, after, course);
  if (problem === undefined) return { outcome: "kept_and_said_so", text };
  return { outcome: "contradicted", text: `${problem}, but the program reported: ${text}` };
}

/** What an error says about how much was kept. */
function keptOf({ error, printed }: Result): Kept {
  const thrown = error ?? printed?.error;
  return thrown instanceof MemGPTError ? thrown.kept : "nothing";
}

function textOf({ error, printed }: Result): string {
  if (error !== undefined) return errorText(error, false);
  return printed?.stderr ?? "";
}

function say(report: Report): void {
  writeSync(1, `${JSON.stringify(report)}\n`);
}
