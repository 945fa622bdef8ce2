import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { shardFiles } from "../src/storage/vectors/graph-files.ts";
import { built } from "./built.ts";
import { DenseEmbedder } from "./dense-embedder.ts";

/**
 * Opens an agent and searches its archival storage once. Prints milliseconds for opening, for both, and of processor time,
 * megabytes of memory, the same three figures for a second opening, when the code is loaded, and milliseconds that the bare
 * library takes to read the same graphs.
 */
const OPEN = `
  const { library, home: dir, agent: name, query, dimensions, hnsw, shards } = JSON.parse(process.argv[1]);
  const { MemGPT } = await import(library);
  const { text, model, numbers, minSimilarity } = query;
  const embedding = numbers === null ? null : { model, vector: Float32Array.from(numbers) };
  const processor = () => Object.values(process.cpuUsage()).reduce((sum, micros) => sum + micros / 1000, 0);
  const timed = async (home) => {
    const [used, started] = [processor(), performance.now()];
    const memgpt = home ?? (await MemGPT.open({ dir, env: {} }));
    const agent = await memgpt.openAgent(name);
    const opened = performance.now();
    await agent.archival.search({ text, embedding, minSimilarity }, { page: 0, size: 10 });
    const figures = [opened - started, performance.now() - started, processor() - used];
    const memory = process.memoryUsage.rss() / 1e6;
    await agent.close();
    return { memgpt, figures, memory };
  };
  const first = await timed();
  const second = await timed(first.memgpt);
  const { default: { HierarchicalNSW } } = await import(hnsw);
  const reading = performance.now();
  for (const shard of shards) new HierarchicalNSW("ip", dimensions).readIndexSync(shard);
  const bare = performance.now() - reading;
  process.stdout.write(JSON.stringify([...first.figures, first.memory, ...second.figures, bare]));
`;

/** Milliseconds of opening, of both, and of processor time for both. */
type Opening = { readonly open: number; readonly both: number; readonly cpu: number };

/** `again`: the second opening. `memory` is in megabytes, `bare` in milliseconds. */
export type FirstSearch = Opening & { readonly memory: number; readonly again: Opening; readonly bare: number };

/** Runs it in a new process with the built library: a TypeScript loader would load every source file. */
export async function openArchive(file: string, text: string): Promise<FirstSearch> {
  const { model, dimensions, minSimilarity, ...embedder } = await embedded(text);
  const input = {
    library: built("index.js"),
    home: dirname(dirname(dirname(file))),
    agent: basename(dirname(file)),
    query: { text, model, minSimilarity, numbers: embedder.vector },
    dimensions,
    hnsw: createRequire(import.meta.url).resolve("hnswlib-node"),
    shards: shardFiles(join(dirname(file), "archival.hnsw")),
  };
  const args = ["--input-type=module", "-e", OPEN, JSON.stringify(input)];
  const printed = execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const [open, both, cpu, memory, openAgain, bothAgain, cpuAgain, bare] = JSON.parse(printed) as Eight;
  return { open, both, cpu, memory, again: { open: openAgain, both: bothAgain, cpu: cpuAgain }, bare };
}

type Eight = [number, number, number, number, number, number, number, number];

async function embedded(
  text: string,
): Promise<{ model: string; dimensions: number; minSimilarity: number; vector: number[] | null }> {
  const embedder = new DenseEmbedder();
  const [vector = null] = await embedder.embed([text]);
  const { model, dimensions, minSimilarity } = embedder;
  return { model, dimensions, minSimilarity, vector: vector === null ? null : [...vector] };
}
