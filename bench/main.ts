import { type Benchmark, UsageError, machine } from "./figures.ts";
import { render } from "./render.ts";

type Entry = { readonly summary: string; readonly load: () => Promise<Benchmark> };

/** Imported when one is run: what one of them needs must not slow or break another. */
const BENCHMARKS: Readonly<Record<string, Entry>> = {
  start: {
    summary: "what it takes to start the program, beside bare Node",
    load: async () => (await import("./start.ts")).start,
  },
  turn: {
    summary: "time of a turn and of opening an agent, by length of the history",
    load: async () => (await import("./turn.ts")).turn,
  },
  undo: {
    summary: "time to undo a turn, to redo it and to pop messages, by length of the history",
    load: async () => (await import("./undo.ts")).undo,
  },
  prefix: {
    summary: "share of the prompt that a provider's cache has seen",
    load: async () => (await import("./prefix.ts")).prefix,
  },
  recall: {
    summary: "time of a search in what was said, by how much was said",
    load: async () => (await import("./recall.ts")).recall,
  },
  archival: {
    summary: "time of a search in archival storage, and of the first one after opening, by how much is in it",
    load: async () => (await import("./archival.ts")).archival,
  },
  ingest: {
    summary: "passages a second into archival storage, beside the bare libraries",
    load: async () => (await import("./ingest.ts")).ingest,
  },
  crash: {
    summary: "kill the process at random moments and look for what is lost",
    load: async () => (await import("./crash.ts")).crash,
  },
  faults: {
    summary: "make every call fail that changes a file, and compare what was said with what was kept",
    load: async () => (await import("./faults.ts")).faults,
  },
  damage: {
    summary: "damage every file of an agent, and compare what it remembers with what it did",
    load: async () => (await import("./damage.ts")).damage,
  },
  hnsw: {
    summary: "recall and speed of vector search",
    load: async () => (await import("./hnsw.ts")).hnsw,
  },
};

process.exitCode = await main(process.argv.slice(2));

/** @returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const [name = "", ...rest] = args.filter((arg) => arg !== "--json");
  const entry = BENCHMARKS[name];
  if (entry === undefined) return complain(name === "" ? "Which benchmark?" : `There is no benchmark named ${name}.`);
  try {
    const benchmark = await entry.load();
    const figures = { benchmark: name, machine: await machine(), ...(await benchmark(rest)) };
    process.stdout.write(`${args.includes("--json") ? JSON.stringify(figures) : render(figures)}\n`);
    return "ok" in figures && figures.ok === false ? 1 : 0;
  } catch (error) {
    if (error instanceof UsageError) return complain(error.message);
    throw error;
  }
}

function complain(message: string): number {
  const lines = Object.entries(BENCHMARKS).map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`);
  process.stderr.write(`${message}\nUsage: npm run bench -- NAME [--json] [options]\n${lines.join("\n")}\n`);
  return 2;
}
