import { cpus } from "node:os";
import { loadSqlite } from "../src/storage/sqlite/load-sqlite.ts";

/** The figures of a benchmark, as JSON. Times are in milliseconds unless the name says otherwise. */
export type Figures = { readonly [name: string]: unknown };

/** A benchmark. `args` follow its name on the command line. */
export type Benchmark = (args: readonly string[]) => Promise<Figures>;

/** An invalid command line. The message is the usage. */
export class UsageError extends Error {}

/** The machine that was measured. */
export async function machine(): Promise<Figures> {
  const Sqlite = await loadSqlite();
  const db = new Sqlite(":memory:");
  const sqlite: unknown = db.prepare("SELECT sqlite_version()").pluck().get();
  db.close();
  const [cpu] = cpus();
  const { platform, arch, version } = process;
  return { node: version, platform, arch, cpu: cpu?.model.trim() ?? "unknown", cpus: cpus().length, sqlite };
}

/** Milliseconds. */
export type Summary = {
  readonly n: number;
  readonly median: number;
  readonly p95: number;
  readonly min: number;
  readonly max: number;
};

export function summarize(samples: readonly number[]): Summary {
  return {
    n: samples.length,
    median: rounded(quantile(samples, 0.5)),
    p95: rounded(quantile(samples, 0.95)),
    min: rounded(Math.min(...samples)),
    max: rounded(Math.max(...samples)),
  };
}

/** Nearest rank. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}

export function rounded(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}

/** Runs `work` and adds its duration to `samples`. */
export async function timed<T>(samples: number[], work: () => T | Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  samples.push(performance.now() - started);
  return result;
}

/** The last size's median divided by the first's. */
export function ratio(bySize: Figures): number {
  const medians = Object.values(bySize).map((summary) =>
    typeof summary === "object" && summary !== null && "median" in summary ? Number(summary.median) : Number.NaN,
  );
  return rounded((medians.at(-1) ?? Number.NaN) / (medians[0] ?? Number.NaN));
}
