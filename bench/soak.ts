import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Agent, MemGPT } from "memgpt";
import { type Random, seeded } from "../test/crash/random.ts";
import { type Figures, quantile, rounded } from "./figures.ts";
import { openFiles } from "./open-files.ts";
import { readOptions } from "./options.ts";
import { contentWord } from "./vocabulary.ts";

const USAGE = "soak [--turns 20000] [--warm 2000] [--windows 20] [--seed 1]";

/** Most megabytes by which resident memory may grow after the warm-up. */
const MOST_GROWTH = 20;
/** Most growth of a turn's processor time, as a factor of that in the first window after the warm-up. */
const MOST_SLOWER = 1.5;

/**
 * Figures of one window of turns. `resident` and `heap`: after a collection, in megabytes. `buffers`: the part of `resident`
 * for buffers, such as the vectors of archival memory, which an agent keeps in memory from its first search on.
 */
type Window = {
  readonly turns: number;
  readonly resident: number;
  readonly heap: number;
  readonly buffers: number;
  readonly handles: number;
  /** Processor time in milliseconds of a turn that searches nothing. */
  readonly told: number;
  /** Processor time of a step of a question: the more often its words were said, the more pages the model reads. */
  readonly asked: number;
  /** Steps of a question. */
  readonly steps: number;
  readonly median: number;
  readonly p95: number;
};

/**
 * One agent, one process, many turns with the practice model: facts, questions, corrections, small talk, an occasional undo.
 * `ok` is false, and the exit code 1, if memory, handles, the time of a turn without searches or that of a step of a question
 * grew.
 */
export async function soak(args: readonly string[]): Promise<Figures> {
  const { turns, warm, windows, seed } = readOptions(args, USAGE, { turns: 20_000, warm: 2000, windows: 20, seed: 1 });
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
    const growth = rounded(Math.max(...settled.map(({ resident }) => resident)) - (first?.resident ?? 0), 1);
    const handles = (last?.handles ?? 0) - (first?.handles ?? 0);
    const slower = rounded((last?.told ?? 0) / (first?.told ?? 1), 2);
    const askedSlower = rounded((last?.asked ?? 0) / (first?.asked ?? 1), 2);
    return {
      turns,
      seed,
      resident_growth_mb: growth,
      buffers_growth_mb: rounded((last?.buffers ?? 0) - (first?.buffers ?? 0), 1),
      handles_added: handles,
      turn_cpu_ratio: slower,
      question_step_cpu_ratio: askedSlower,
      database_mb: rounded(statSync(join(dir, "agents", "soak", "agent.db")).size / 2 ** 20, 1),
      windows: Object.fromEntries(measured.map(({ turns: upTo, ...window }) => [String(upTo), window])),
      ok: growth <= MOST_GROWTH && handles <= 0 && Math.max(slower, askedSlower) <= MOST_SLOWER,
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
  const steps: number[] = [];
  for (let turn = from; turn < to; turn += 1) {
    const text = message(random, turn);
    const started = performance.now();
    const before = process.cpuUsage();
    let taken = 0;
    for await (const { type } of agent.send(text)) if (type === "step_start") taken += 1;
    times.push(performance.now() - started);
    await agent.save();
    const { user, system } = process.cpuUsage(before);
    const spent = (user + system) / 1000;
    if (text.endsWith("?")) {
      asked.push(spent / Math.max(1, taken));
      steps.push(taken);
    } else told.push(spent);
    if (turn % 97 === 96) await agent.undo();
  }
  const { rss, heapUsed, arrayBuffers } = await settledMemory();
  return {
    turns: to,
    resident: megabytes(rss),
    heap: megabytes(heapUsed),
    buffers: megabytes(arrayBuffers),
    handles: openFiles() + process.getActiveResourcesInfo().length,
    told: rounded(quantile(told, 0.5), 2),
    asked: rounded(quantile(asked, 0.5), 2),
    steps: quantile(steps, 0.5),
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

/** Memory once collections free nothing more: V8's threads return pages, later on a busy machine. */
async function settledMemory(): Promise<NodeJS.MemoryUsage> {
  let least = process.memoryUsage();
  for (let idle = 0; idle < 3;) {
    collectGarbage();
    await setTimeout(200);
    const now = process.memoryUsage();
    idle = now.rss < least.rss - 2 ** 20 ? 0 : idle + 1;
    if (now.rss < least.rss) least = now;
  }
  return least;
}

/** Without a collection, resident memory would include what Node has not returned yet. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  // The flag's function has no type.
  const collect = runInNewContext("gc") as () => void;
  collect();
}

function megabytes(bytes: number): number {
  return rounded(bytes / 2 ** 20, 1);
}
