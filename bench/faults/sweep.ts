import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { MemGPT } from "memgpt";
import { describe } from "../../src/errors.ts";
import { ERRNOS, type Fault, KINDS, type Kind, faultName } from "./fault.ts";
import { OUTCOMES, type Outcome, type Report, isBad, worst } from "./outcome.ts";
import { buildShim, faultyEnvironment, makeControlFile } from "./shim.ts";
import { type World, difference, digest, observe, placeIn } from "./world.ts";

const SESSION = fileURLToPath(new URL("drivers/session.ts", import.meta.url));

/** Sessions per process. Its start takes as long as ten of them. */
const BATCH = 100;
/** Longest silence of a session, in milliseconds. */
const SILENCE_MS = 180_000;

/** A fault and its outcome. */
export type Case = {
  readonly fault: string;
  readonly outcome: Outcome;
  /** The first call that failed, and its file. */
  readonly first: string;
  /** The failed operation and its problem, if any. */
  readonly story: string;
};

export type SweepOptions = {
  /** The faults to try (default: every `every`-th call of the session). */
  readonly faults?: readonly Fault[] | undefined;
  readonly every: number;
  readonly kinds?: readonly Fault["kind"][] | undefined;
  /** Number of sessions to run at once. */
  readonly jobs?: number;
  /** Called after every case. */
  readonly report?: (done: Case, left: number) => void;
};

export type Tally = {
  /** Number of calls in a session without a fault, by kind. */
  readonly calls: Readonly<Record<Kind, number>>;
  readonly cases: readonly Case[];
  readonly counts: Readonly<Record<Outcome, number>>;
};

/** Runs the session once for every fault. @throws Error if it fails without one. */
export async function sweep(options: SweepOptions): Promise<Tally> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "memgpt-faults-")));
  try {
    const library = await buildShim(folder);
    const [golden] = await runBatch({ folder: join(folder, "golden"), library, faults: [null] });
    if (golden?.calls === undefined || golden.outcome !== "kept_and_said_so") {
      throw new Error(`The session fails without a fault: ${golden?.story ?? "it said nothing"}`);
    }
    const { calls } = golden;
    const queue = [...(options.faults ?? faultsOf(calls, options))];
    const cases: Case[] = [];
    const work = async (job: number): Promise<void> => {
      for (let batch = 0; queue.length > 0; batch += 1) {
        const faults = queue.splice(0, BATCH).map(faultName);
        const place = join(folder, `${job}-${batch}`);
        for (const done of await runBatch({ folder: place, library, faults })) {
          // Skips a fault that was not reached: the number of calls varies a little.
          if (done.first === "" && !isBad(done.outcome)) continue;
          cases.push(done);
          options.report?.(done, queue.length);
        }
      }
    };
    await Promise.all(Array.from({ length: options.jobs ?? 1 }, async (_, job) => work(job)));
    const counts = OUTCOMES.map((outcome): [Outcome, number] => [
      outcome,
      cases.filter((one) => one.outcome === outcome).length,
    ]);
    return { calls, cases, counts: Object.fromEntries(counts) as Record<Outcome, number> };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function faultsOf(calls: Readonly<Record<Kind, number>>, { every, kinds }: SweepOptions): Fault[] {
  const total = Object.values(calls).reduce((sum, count) => sum + count, 0);
  const wanted = kinds ?? [...KINDS, "any"];
  return wanted.flatMap((kind) => {
    // A single call that fails is the same one, whether counted among all or among those of its kind.
    const durations = kind === "any" && kinds === undefined ? [true] : [false, true];
    return [...positions(kind === "any" ? total : calls[kind], every)].flatMap((k) =>
      ERRNOS.flatMap((errno) => durations.map((lasting): Fault => ({ kind, k, errno, lasting }))),
    );
  });
}

function* positions(count: number, every: number): Generator<number, void, void> {
  for (let k = every; k <= count; k += every) yield k;
}

type Batch = { readonly folder: string; readonly library: string; readonly faults: readonly (string | null)[] };
type Done = Case & { readonly calls: Readonly<Record<Kind, number>> | undefined };

/** Runs sessions in a separate process; if it dies, continues with the rest in another. */
async function runBatch({ folder, library, faults }: Batch): Promise<Done[]> {
  const all: Done[] = [];
  while (all.length < faults.length) {
    const left = faults.slice(all.length);
    const { heard, ended } = await runSessions({ folder, library, faults: left });
    if (heard.length === 0) throw new Error(`The session did not start: ${ended ?? "no reason given"}`);
    for (const [index, one] of heard.entries()) all.push(await examine(join(folder, String(index)), one, ended));
    rmSync(folder, { recursive: true, force: true });
  }
  return all;
}

/** The reports of one session. */
type Heard = {
  readonly fault: string;
  readonly said: Extract<Report, { type: "said" }>[];
  current: string;
  end: Extract<Report, { type: "end" }> | undefined;
};

/** @returns the reports of each session, and why the process ended if it failed. */
async function runSessions({ folder, library, faults }: Batch): Promise<{ heard: Heard[]; ended: string | undefined }> {
  mkdirSync(folder, { recursive: true });
  const control = `${folder}.control`;
  makeControlFile(control);
  const child = spawn(process.execPath, ["--import", "tsx", SESSION, JSON.stringify({ folder, faults })], {
    env: { ...withoutSettings(faultyEnvironment(library, control)), MEMGPT_PROBE_PORTS: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const complaints = text(child.stderr);
  const closed = exit(child);
  const heard: Heard[] = [];
  let timer = setTimeout(() => child.kill("SIGKILL"), SILENCE_MS);
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(timer);
    timer = setTimeout(() => child.kill("SIGKILL"), SILENCE_MS);
    note(JSON.parse(line) as Report, heard);
  }
  clearTimeout(timer);
  const code = await closed;
  rmSync(control, { force: true });
  return { heard, ended: code === "0" ? undefined : `ended with ${code}: ${await complaints}` };
}

function note(report: Report, heard: Heard[]): void {
  if (report.type === "begin") {
    heard.push({ fault: report.fault ?? "none", said: [], current: "", end: undefined });
    return;
  }
  const session = heard.at(-1);
  if (session === undefined) return;
  if (report.type === "operation") session.current = report.name;
  else if (report.type === "said") session.said.push(report);
  else session.end = report;
}

function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^MEMGPT_|_API_KEY$/.test(name)));
}

async function exit(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      resolve(String(code ?? signal));
    });
  });
}

/** Compares what is stored, once calls no longer fail, with what was reported. */
async function examine(root: string, { fault, said, current, end }: Heard, ended: string | undefined): Promise<Done> {
  const done = { fault, first: end?.first ?? "", calls: end?.seen as Record<Kind, number> | undefined };
  if (end === undefined) {
    const outcome = ended !== undefined && /SIGKILL/.test(ended) ? "unusable" : "stack_trace";
    return { ...done, outcome, story: `${current}: the process ${ended ?? "said no more"}` };
  }
  const spoken = worst(said.filter(({ failed }) => failed > 0).map(({ outcome }) => outcome));
  const bad = said.filter(({ outcome }) => isBad(outcome));
  const story = bad.map(({ name, outcome, text }) => `${name}: ${outcome}: ${text}`).join("\n");
  // A session without a fault reports all its calls.
  const outcome = bad.length > 0 ? worst(bad.map((one) => one.outcome)) : spoken;
  const found = await reopened(root, said);
  if (found === undefined) return { ...done, outcome, story };
  return { ...done, outcome: worst([outcome, found.outcome]), story: [story, found.story].join("\n").trim() };
}

/** Opens what is left, as a person would. @returns what is wrong with it. */
async function reopened(
  root: string,
  said: Heard["said"],
): Promise<{ readonly outcome: Outcome; readonly story: string } | undefined> {
  const place = placeIn(root);
  const expected = JSON.parse(readFileSync(join(root, "world.json"), "utf8")) as World;
  try {
    const memgpt = await MemGPT.open({ dir: place.home, env: {} });
    const notices: string[] = [...memgpt.notices];
    try {
      for (const name of Object.keys(expected.agents)) {
        const agent = await memgpt.openAgent(name);
        notices.push(...agent.notices);
        await agent.close();
      }
      const world = await observe(place);
      if (!said.some(({ isUnknown }) => isUnknown) && digest(world) !== digest(expected)) {
        const was = said.some((one) => one.digest === digest(world));
        const story = `reopened: ${difference(expected, world)}; it said: ${notices.join(" ")}`;
        return { outcome: was ? "contradicted" : "unusable", story };
      }
      for (const name of Object.keys(expected.agents)) {
        const agent = await memgpt.openAgent(name);
        const reply = await agent.ask("Are you there?");
        await agent.close();
        if (reply === null) return { outcome: "unusable", story: `reopened: ${name} does not answer` };
      }
      return undefined;
    } finally {
      await memgpt.close();
    }
  } catch (error) {
    return { outcome: "unusable", story: `reopened: ${describe(error)}` };
  }
}
