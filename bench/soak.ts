import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Agent, MemGPT } from "memgpt";
import { type Random, seeded } from "../test/crash/random.ts";
import { type Figures, UsageError, count, quantile, rounded } from "./figures.ts";
import { contentWord } from "./vocabulary.ts";

const USAGE = "soak [--turns 20000] [--warm 2000] [--windows 20] [--seed 1]";

/** Megabytes of resident memory that may be added after the warm-up. */
const MOST_GROWTH = 20;
/** Times as much of the processor that a turn may take at the end, compared with the first window after the warm-up. */
const MOST_SLOWER = 1.5;

/**
 * What was measured in one window of turns. `resident` and `heap`: after a collection, in megabytes. `vectors`: of these, what
 * archival memory's vectors take, which an agent keeps in memory from its first search on and which grow with its passages.
 */
type Window = {
  readonly turns: number;
  readonly resident: number;
  readonly heap: number;
  readonly vectors: number;
  readonly handles: number;
  /** Processor time in milliseconds of a turn that searches nothing. */
  readonly told: number;
  /** Of a question: two searches, which look at the more the more often its words were said. */
  readonly asked: number;
  readonly median: number;
  readonly p95: number;
};

/**
 * One agent, one process, many turns with the practice model: facts, questions, corrections, small talk, an undo now and then.
 * `ok` is false, and the exit code 1, if memory beyond the vectors, handles or the time of a turn
 * that searches nothing grew.
 */
export async function soak(args: readonly string[]): Promise<Figures> {
  const { turns, warm, windows, seed } = readOptions(args);
  const dir = mkdtempSync(join(tmpdir(), "memgpt-soak-"));
  const memgpt = await MemGPT.open({ dir, env: {} });
  try {
    const agent = await memgpt.createAgent({ name: "soak" });
    const random = seeded(seed);
    const measured: Window[] = [];
    const size = Math.max(1, Math.floor(turns / windows));
    for (let done = 0; done < turns; done += size) {
      const window = await run(agent, random, { from: done, to: Math.min(turns, done + size) });
      measured.push(window);
      process.stderr.write(`${JSON.stringify(window)}\n`);
    }
    const settled = measured.filter((window) => window.turns > warm);
    const [first] = settled;
    const last = settled.at(-1);
    const rest = settled.map(({ resident, vectors }) => resident - vectors);
    const growth = rounded(Math.max(...rest) - (rest[0] ?? 0), 1);
    const handles = (last?.handles ?? 0) - (first?.handles ?? 0);
    const slower = rounded((last?.told ?? 0) / (first?.told ?? 1), 2);
    return {
      turns,
      seed,
      resident_growth_mb: growth,
      vectors_growth_mb: rounded((last?.vectors ?? 0) - (first?.vectors ?? 0), 1),
      handles_added: handles,
      turn_cpu_ratio: slower,
      question_cpu_ratio: rounded((last?.asked ?? 0) / (first?.asked ?? 1), 2),
      database_mb: rounded(statSync(join(dir, "agents", "soak", "agent.db")).size / 2 ** 20, 1),
      windows: Object.fromEntries(measured.map(({ turns: upTo, ...window }) => [String(upTo), window])),
      ok: growth <= MOST_GROWTH && handles <= 0 && slower <= MOST_SLOWER,
    };
  } finally {
    await memgpt.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function run(agent: Agent, random: Random, { from, to }: { from: number; to: number }): Promise<Window> {
  const times: number[] = [];
  const told: number[] = [];
  const asked: number[] = [];
  for (let turn = from; turn < to; turn += 1) {
    const text = message(random, turn);
    const started = performance.now();
    const before = process.cpuUsage();
    await agent.ask(text);
    times.push(performance.now() - started);
    await agent.save();
    const { user, system } = process.cpuUsage(before);
    (text.endsWith("?") ? asked : told).push((user + system) / 1000);
    if (turn % 97 === 96) await agent.undo();
  }
  collectGarbage();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return {
    turns: to,
    resident: megabytes(rss),
    heap: megabytes(heapUsed),
    vectors: megabytes(arrayBuffers),
    handles: openFiles() + process.getActiveResourcesInfo().length,
    told: rounded(quantile(told, 0.5), 2),
    asked: rounded(quantile(asked, 0.5), 2),
    median: rounded(quantile(times, 0.5), 2),
    p95: rounded(quantile(times, 0.95), 2),
  };
}

function message(random: Random, turn: number): string {
  const [one, other] = [contentWord(random), contentWord(random)];
  switch (turn % 5) {
    case 0:
      return `Remember that my ${one} is called ${other}.`;
    case 1:
      return `What is my ${one} called?`;
    case 2:
      return `The ${one} near the ${other} was wonderful today.`;
    case 3:
      return `No, my ${one} is called ${other} now.`;
    default:
      return `Did I ever tell you about the ${one} and the ${other}?`;
  }
}

/** Without it, resident memory is what Node was in no hurry to give back. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  // What the flag adds has no type.
  const collect = runInNewContext("gc") as () => void;
  collect();
}

function megabytes(bytes: number): number {
  return rounded(bytes / 2 ** 20, 1);
}

/** 0 where the system does not list them. */
function openFiles(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}

function readOptions(args: readonly string[]): { turns: number; warm: number; windows: number; seed: number } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        turns: { type: "string", default: "20000" },
        warm: { type: "string", default: "2000" },
        windows: { type: "string", default: "20" },
        seed: { type: "string", default: "1" },
      },
    });
    return {
      turns: count(values.turns, "turns"),
      warm: count(values.warm, "warm"),
      windows: count(values.windows, "windows"),
      seed: count(values.seed, "seed"),
    };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}
