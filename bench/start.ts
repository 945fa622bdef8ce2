import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "@lydell/node-pty";
import { built } from "./built.ts";
import { type Figures, quantile, rounded } from "./figures.ts";
import { readOptions } from "./options.ts";

const USAGE = "start [--runs 30]";

/** Milliseconds of processor time, user and system, and of wall time; `peak` is the largest resident set in MB. */
type Cost = { readonly processor: number; readonly wall: number; readonly peak?: number };

const AGENT = "sam";

/** The programs to start, with limits: times the processor time of bare Node, and MB. */
const STARTS = {
  version: { what: "--version", most: 1.3, measure: (home: string) => piped(home, ["--version"]) },
  list: { what: "list agents", most: 2, measure: (home: string) => piped(home, ["list", "agents"]) },
  print: {
    what: "run -p",
    most: 3.5,
    measure: (home: string) => piped(home, ["run", "--agent", AGENT, "-p", "Hello there"]),
  },
  prompt: { what: "first prompt", most: 3.5, mostPeak: 110, measure: prompted },
} as const;

/**
 * Time and memory to start the built program. Each start is measured right after a bare `node -e 0` and compared with
 * it, because a busy machine slows both equally. The agent is always the same and uses
 * the practice model.
 */
export async function start(args: readonly string[]): Promise<Figures> {
  const { runs } = readOptions(args, USAGE, { runs: 30 });
  const folder = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  try {
    const template = join(folder, "template");
    piped(template, ["run", "--agent", AGENT, "-p", "My boyfriend James baked me a birthday cake"]);
    const bare: Cost[] = [];
    const samples = new Map(Object.keys(STARTS).map((name): [string, { cost: Cost; ratio: number }[]] => [name, []]));
    for (let run = 0; run <= runs; run += 1) {
      for (const [name, { measure }] of Object.entries(STARTS)) {
        const home = join(folder, "home");
        cpSync(template, home, { recursive: true });
        const node = timed(["-e", "0"], home);
        const cost = await measure(home);
        rmSync(home, { recursive: true });
        // The first round reads the files from disk.
        if (run === 0) continue;
        bare.push(node);
        samples.get(name)?.push({ cost, ratio: cost.processor / node.processor });
      }
    }
    return report(runs, bare, samples);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(
  runs: number,
  bare: readonly Cost[],
  samples: ReadonlyMap<string, readonly { cost: Cost; ratio: number }[]>,
): Figures {
  const rows = Object.entries(STARTS).map(([name, limits]) => {
    const taken = samples.get(name) ?? [];
    const peaks = taken.flatMap(({ cost: { peak } }) => (peak === undefined ? [] : [peak]));
    const row = {
      processor_ms: rounded(median(taken.map(({ cost }) => cost.processor)), 1),
      wall_ms: rounded(median(taken.map(({ cost }) => cost.wall)), 1),
      times_bare_node: rounded(median(taken.map(({ ratio }) => ratio)), 2),
      at_most: limits.most,
      peak_mb: peaks.length === 0 ? null : rounded(median(peaks), 1),
      peak_at_most: "mostPeak" in limits ? limits.mostPeak : null,
    };
    return [limits.what, row] as const;
  });
  const node = {
    processor_ms: rounded(median(bare.map(({ processor }) => processor)), 1),
    wall_ms: rounded(median(bare.map(({ wall }) => wall)), 1),
    times_bare_node: 1,
    at_most: null,
    peak_mb: null,
    peak_at_most: null,
  };
  const ok = rows.every(
    ([, row]) =>
      row.times_bare_node <= row.at_most && (row.peak_at_most === null || (row.peak_mb ?? 0) <= row.peak_at_most),
  );
  return { runs, starts: { "node -e 0": node, ...Object.fromEntries(rows) }, ok };
}

function piped(home: string, args: readonly string[]): Cost {
  return timed([built("cli/main.js"), ...args], home);
}

/** Runs Node to its end. The shell's `time` reports the system's count (`getrusage`), which Node cannot read for a child. */
function timed(args: readonly string[], home: string): Cost {
  const script = 'TIMEFORMAT="%3R %3U %3S"; time "$@" >/dev/null 2>&1';
  const { stderr, error } = spawnSync("bash", ["-c", script, "time", process.execPath, ...args], {
    encoding: "utf8",
    env: environment(home),
  });
  if (error !== undefined) throw error;
  const [real = 0, user = 0, system = 0] = stderr.trim().split(/\s+/).map(Number);
  return { processor: 1000 * (user + system), wall: 1000 * real };
}

/** `memgpt run` in a pseudo-terminal, until it waits for the first line. Linux counts the rest. */
async function prompted(home: string): Promise<Cost> {
  const started = performance.now();
  const args = [built("cli/main.js"), "run", "--agent", AGENT, "--yes"];
  const terminal = spawn(process.execPath, args, {
    name: "xterm-256color",
    cols: 100,
    rows: 40,
    env: environment(home),
  });
  const gone = new Promise<void>((resolve) => {
    terminal.onExit(() => {
      resolve();
    });
  });
  try {
    await new Promise<void>((resolve, reject) => {
      let shown = "";
      terminal.onData((data) => {
        shown += data;
        // The prompt turns on bracketed paste.
        if (shown.includes("\u001b[?2004h")) resolve();
      });
      void gone.then(() => {
        reject(new Error(`memgpt run ended before its prompt: ${shown}`));
      });
    });
    return { wall: performance.now() - started, ...usageOf(terminal.pid) };
  } finally {
    terminal.kill("SIGKILL");
    await gone;
  }
}

function usageOf(pid: number): { processor: number; peak: number } {
  const tasks = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(tasks).map((task) =>
    Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]),
  );
  const peak = /VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { processor: nanoseconds.reduce((sum, ns) => sum + ns, 0) / 1e6, peak: Number(peak) / 1024 };
}

/** The caller's environment, as for bare Node: what it makes Node load, such as extra certificates, counts for both. */
function environment(home: string): Record<string, string> {
  const own = Object.entries(process.env).flatMap(([name, value]): [string, string][] =>
    value === undefined || /^MEMGPT_|_API_KEY$/.test(name) ? [] : [[name, value]],
  );
  return { ...Object.fromEntries(own), HOME: home, MEMGPT_DIR: home, MEMGPT_PROBE_PORTS: "", TERM: "xterm-256color" };
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
