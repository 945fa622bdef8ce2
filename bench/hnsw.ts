import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { z } from "zod";
import { HashEmbedder } from "../src/llm/hash-embedder.ts";
import { ExactIndex } from "../src/storage/vectors/exact-index.ts";
import { HnswFile } from "../src/storage/vectors/hnsw-file.ts";
import { HNSW_SETTINGS, HnswGraph, type HnswLibrary, loadHnsw } from "../src/storage/vectors/hnsw-graph.ts";
import { HnswIndex } from "../src/storage/vectors/hnsw-index.ts";
import { type Figures, UsageError, count, rounded, summarize, timed } from "./figures.ts";

const QUERIES = 200;
const passageSchema = z.object({ title: z.string(), text: z.string() });
type Passage = z.infer<typeof passageSchema>;

/**
 * Recall and speed of the graph against exact search, on vectors of the built-in embedder. Takes some minutes.
 *
 * `--passages` is a file of lines `{"title": …, "text": …}`. More texts are made of it: sentences, parts of them, and runs
 * of several. `--count` gives the sizes to try, parted by commas.
 */
export async function hnsw(args: readonly string[] = []): Promise<Figures> {
  const { values } = parseArgs({
    args: [...args],
    options: { passages: { type: "string" }, count: { type: "string", default: "20000,50000" } },
  });
  if (values.passages === undefined) throw new UsageError("hnsw needs --passages FILE, lines of {title, text}");
  const lines = readFileSync(values.passages, "utf8").trim().split("\n");
  const passages = lines.map((line) => passageSchema.parse(JSON.parse(line)));
  const texts = shuffled([...new Set(passages.flatMap(textsOf))]);
  const vectors = await embed(texts);
  const queries = await embed(passages.filter((_, i) => i % 13 === 0).map(queryOf));
  const library = await loadHnsw();
  const sizes: Figures[] = [];
  for (const size of values.count.split(",").map((text) => count(text, "count"))) {
    sizes.push(await measure(library, vectors.slice(0, size), queries.slice(0, QUERIES)));
  }
  return { settings: HNSW_SETTINGS, sizes };
}

async function measure(
  library: HnswLibrary,
  vectors: readonly Float32Array[],
  queries: readonly Float32Array[],
): Promise<Figures> {
  const { model, dimensions } = new HashEmbedder();
  const folder = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  try {
    let header: string | undefined;
    const path = join(folder, "archival.hnsw");
    const file = new HnswFile(
      path,
      { model, dimensions, generation: 0 },
      { get: () => header, set: (value) => (header = value) },
    );
    const exact = new ExactIndex(dimensions);
    for (const [seq, vector] of vectors.entries()) exact.add(seq, vector);

    const saving: number[] = [];
    const opening: number[] = [];
    const save = (graph: HnswGraph) =>
      timed(saving, () => {
        file.save(graph);
      });
    const built = await build(
      HnswGraph.create(library, dimensions, vectors.length),
      vectors,
      (graph) => void save(graph),
    );
    const graph = await timed(opening, () => file.read(library));
    if (graph === undefined) throw new Error("The file was not read.");

    return {
      vectors: vectors.length,
      ...built,
      save_ms: rounded(saving[0] ?? Number.NaN),
      open_ms: rounded(opening[0] ?? Number.NaN),
      file_mb: rounded(statSync(path).size / 1e6, 1),
      ...(await compare(graph, exact, queries)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds as an agent does: in the background, in slices. */
async function build(
  graph: HnswGraph,
  vectors: readonly Float32Array[],
  save: (graph: HnswGraph) => void,
): Promise<Figures> {
  const failures: unknown[] = [];
  const { dimensions } = new HashEmbedder();
  const index = new HnswIndex({ graph, dimensions, save, onError: (error) => failures.push(error) });
  for (const [seq, vector] of vectors.entries()) index.add(seq, vector);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const started = performance.now();
  delay.enable();
  // The save at the end blocks for longer, which has its own figure.
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (index.pending > 50) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
  delay.disable();
  await index.built();
  if (failures.length > 0) throw failures[0];
  const [p99, most] = [delay.percentile(99), delay.max].map((ns) => rounded(ns / 1e6, 1));
  return { build_s: rounded((performance.now() - started) / 1000, 1), loop_delay_p99_ms: p99, loop_delay_max_ms: most };
}

async function compare(graph: HnswGraph, exact: ExactIndex, queries: readonly Float32Array[]): Promise<Figures> {
  const times: { graph: number[]; exact: number[] } = { graph: [], exact: [] };
  const found = { 10: 0, 100: 0 };
  const { minSimilarity } = new HashEmbedder();
  let similar = 0;
  for (const query of queries) {
    const hits = await timed(times.graph, () => graph.search(query, 100));
    const truth = await timed(times.exact, () => exact.search(query, 100));
    // By similarity and not by number, since equals may come in any order where the list is cut.
    const tenth = (truth[9]?.similarity ?? -1) - 1e-6;
    found[10] += hits.slice(0, 10).filter(({ similarity }) => similarity >= tenth).length;
    const relevant = truth.filter(({ similarity }) => similarity >= minSimilarity);
    similar += relevant.length;
    const seqs = new Set(hits.map(({ seq }) => seq));
    found[100] += relevant.filter(({ seq }) => seqs.has(seq)).length;
  }
  return {
    recall_at_10: rounded(found[10] / (10 * queries.length), 4),
    recall_at_100_of_similar: rounded(found[100] / similar, 4),
    graph_ms: summarize(times.graph),
    exact_ms: summarize(times.exact),
  };
}

async function embed(texts: readonly string[]): Promise<Float32Array[]> {
  const vectors = await new HashEmbedder().embed(texts);
  return vectors.filter((vector) => vector !== null);
}

function textsOf({ title, text }: Passage): string[] {
  const sentences = text.split(/(?<=[.!?])\s+/).filter((it) => it.length > 20);
  const runs = [2, 3, 4].flatMap((n) =>
    sentences.slice(0, Math.max(0, sentences.length - n + 1)).map((_, i) => sentences.slice(i, i + n).join(" ")),
  );
  const parts = sentences.flatMap((it) => it.split(/[,;:] /)).filter((it) => it.length > 25);
  return [text, ...sentences, ...runs, ...parts, ...sentences.map((it) => `${title}: ${it}`)];
}

/** What an agent might search for: the title, or some words in a row. */
function queryOf({ title, text }: Passage, index: number): string {
  const words = text.split(/\s+/);
  const start = (index * 7) % Math.max(1, words.length - 6);
  return index % 4 === 0 ? title : words.slice(start, start + 3 + (index % 4)).join(" ");
}

/** The same order every time. */
function shuffled<T>(items: readonly T[]): T[] {
  let seed = 1;
  const keyed = items.map((item) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return { item, key: seed };
  });
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
