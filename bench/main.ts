import { type Benchmark, UsageError, machine } from "./figures.ts";
import { render } from "./render.ts";

type Entry = { readonly summary: string; readonly load: () => Promise<Benchmark> };

/** Each benchmark is imported only when run, so that none can slow or break another. */
const BENCHMARKS: Readonly<Record<string, Entry>> = {
  start: {
    summary: "time and memory to start the program, next to bare Node",
    load: async () => (await import("./start.ts")).start,
  },
  turn: {
    summary: "time of a turn and of opening an agent, by length of history",
    load: async () => (await import("./turn.ts")).turn,
  },
  undo: {
    summary: "time to undo a turn, redo it and pop messages, by length of history",
    load: async () => (await import("./undo.ts")).undo,
  },
  prefix: {
    summary: "share of the prompt that a provider's cache can reuse",
    load: async () => (await import("./prefix.ts")).prefix,
  },
  recall: {
    summary: "time of a search in recall storage, by size",
    load: async () => (await import("./recall.ts")).recall,
  },
  archival: {
    summary: "time of a search in archival storage, and of the first after opening, by size",
    load: async () => (await import("./archival.ts")).archival,
  },
  ingest: {
    summary: "passages per second into archival storage, next to the bare libraries",
    load: async () => (await import("./ingest.ts")).ingest,
  },
  load: {
    summary: "passages per second and memory of loading documents, next to the bare libraries; 10,000 small files",
    load: async () => (await import("./load.ts")).load,
  },
  attach: {
    summary: "time to attach a source of 100,000 passages, and of the first search after it",
    load: async () => (await import("./attach.ts")).attach,
  },
  crash: {
    summary: "kill the process at random moments and check for losses",
    load: async () => (await import("./crash.ts")).crash,
  },
  faults: {
    summary: "make each call that writes fail, and compare reports with what was kept",
    load: async () => (await import("./faults.ts")).faults,
  },
  damage: {
    summary: "damage every file of an agent, and compare its memory with the original",
    load: async () => (await import("./damage.ts")).damage,
  },
  postgres: {
    summary: "agents in PostgreSQL: turns, questions, undo, space, and several processes",
    load: async () => (await import("./postgres.ts")).postgres,
  },
  fuzz: {
    summary: "arbitrary input for every parser of foreign data: no crash, no hang, no growth",
    load: async () => (await import("./fuzz.ts")).fuzz,
  },
  soak: {
    summary: "many turns in one process: memory, file handles and turn time stay flat",
    load: async () => (await import("./soak.ts")).soak,
  },
  forget: {
    summary: "forgetting a word, and nearly everything, of a long history: memory and time",
    load: async () => (await import("./forget.ts")).forget,
  },
  protections: {
    summary: "remove each protection of SECURITY.md, and check that a test fails",
    load: async () => (await import("./protections.ts")).protections,
  },
  page: {
    summary: "the web page with a long conversation: opened, scrolled and searched",
    load: async () => (await import("./page.ts")).page,
  },
  server: {
    summary: "a server: the cost of REST, concurrent users, open streams, the first byte, a start with many agents",
    load: async () => (await import("./server.ts")).server,
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
  if (entry === undefined) return complain(name === "" ? "Which benchmark?" : `Unknown benchmark ${name}.`);
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
