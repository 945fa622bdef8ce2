import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import type { Embedder } from "../src/ports/embedder.ts";
import { HashEmbedder } from "../src/llm/embedders/hash-embedder.ts";
import { ExactIndex } from "../src/storage/vectors/exact-index.ts";
import { shardBytes, shardFiles } from "../src/storage/vectors/graph-files.ts";
import { HnswFile } from "../src/storage/vectors/hnsw-file.ts";
import { GRAPH_SIZE, HNSW_SETTINGS, type VectorKind, loadHnsw } from "../src/storage/vectors/hnsw-graph.ts";
import { HnswIndex } from "../src/storage/vectors/hnsw-index.ts";
import { HnswShards } from "../src/storage/vectors/hnsw-shards.ts";
import { batches } from "./archive.ts";
import { DenseEmbedder } from "./dense-embedder.ts";
import { type Figures, UsageError, rounded, summarize, timed } from "./figures.ts";
import { count, counts } from "./options.ts";
import { type Texts, passagesOf } from "./passages.ts";

const QUERIES = 200;

type Space = { readonly kind: VectorKind; readonly embedder: Embedder & { readonly dimensions: number } };
const SPACES: Readonly<Record<string, Space>> = {
  dense: { kind: "dense", embedder: new DenseEmbedder() },
  hash: { kind: "sparse", embedder: new HashEmbedder() },
};

/**
 * Recall and speed of the graph compared with exact search, on dense vectors of 384 dimensions like those of neural models,
 * and on the built-in embedder's 1,024 dimensions. 100,000 of the latter take minutes.
 *
 * `--passages` names a file of lines `{"title": …, "text": …}`; `--sizes` and `--spaces` are comma-separated lists.
 * `--shard-size` is the number of vectors per shard.
 */
export async function hnsw(args: readonly string[] = []): Promise<Figures> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      passages: { type: "string" },
      sizes: { type: "string", default: "10000,100000" },
      spaces: { type: "string", default: "dense,hash" },
      "shard-size": { type: "string", default: String(GRAPH_SIZE) },
    },
  });
  const texts = passagesOf(values.passages);
  const shardSize = count(values["shard-size"], "shard-size");
  const spaces: Record<string, Figures> = {};
  for (const name of values.spaces.split(",")) {
    const space = SPACES[name];
    if (space === undefined) throw new UsageError(`--spaces must be dense or hash (got ${name})`);
    const sizes: Record<string, Figures> = {};
    for (const size of counts(values.sizes, "sizes")) {
      sizes[String(size)] = await measure(space, texts, size, shardSize);
    }
    spaces[name] = { settings: HNSW_SETTINGS[space.kind], sizes };
  }
  return { passages: texts.source, spaces };
}

async function measure({ kind, embedder }: Space, texts: Texts, size: number, shardSize: number): Promise<Figures> {
  const { model, dimensions } = embedder;
  const library = await loadHnsw();
  const folder = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  try {
    let header: string | undefined;
    const path = join(folder, "archival.hnsw");
    const collection = { model, dimensions, generation: 0 };
    const file = new HnswFile(path, collection, { get: () => header, set: (value) => (header = value) });
    const [exact, pending] = [new ExactIndex(dimensions), new ExactIndex(dimensions)];
    for await (const items of batches(texts, embedder, size)) {
      for (const { vector } of items) {
        pending.add(exact.size, vector);
        exact.add(exact.size, vector);
      }
    }

    const vectors = exact.size;
    const [saving, opening]: number[][] = [[], []];
    const position = { seq: vectors, toggle: 0 };
    const shards = new HnswShards({ library, dimensions, kind, expected: vectors, shardSize });
    const built = await build(shards, pending, dimensions, (graph) =>
      timed(saving ?? [], () => file.save(graph, position)),
    );
    const saved = await timed(opening ?? [], () => file.read(library));
    if (saved === undefined) throw new Error("The file was not read.");
    const queries = (await embedder.embed(texts.queries(QUERIES))).filter((vector) => vector !== null);
    return {
      vectors,
      ...built,
      save_ms: rounded(saving?.at(-1) ?? Number.NaN),
      open_ms: rounded(opening?.at(-1) ?? Number.NaN),
      shards: shardFiles(path).length,
      file_mb: rounded(shardBytes(path) / 1e6, 1),
      ...(await compare(saved.graph, exact, queries, embedder.minSimilarity)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds and saves like an agent: in the background, in slices. */
async function build(
  graph: HnswShards,
  pending: ExactIndex,
  dimensions: number,
  save: (graph: HnswShards) => Promise<void>,
): Promise<Figures> {
  const failures: unknown[] = [];
  const saver = { save, saveNow: () => undefined, abandon: () => undefined };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const started = performance.now();
  delay.enable();
  const index = new HnswIndex({ graph, dimensions, pending, saver, onError: (error) => failures.push(error) });
  await index.built();
  delay.disable();
  if (failures.length > 0) throw failures[0];
  const [p99, most] = [delay.percentile(99), delay.max].map((ns) => rounded(ns / 1e6, 1));
  return { build_s: rounded((performance.now() - started) / 1000, 1), loop_delay_p99_ms: p99, loop_delay_max_ms: most };
}

async function compare(
  graph: HnswShards,
  exact: ExactIndex,
  queries: readonly Float32Array[],
  minSimilarity: number,
): Promise<Figures> {
  const times: { graph: number[]; exact: number[] } = { graph: [], exact: [] };
  const found = { 10: 0, 100: 0 };
  let similar = 0;
  for (const query of queries) {
    const hits = await timed(times.graph, () => graph.search(query, 100));
    const truth = await timed(times.exact, () => exact.search(query, 100));
    // Compares similarities, not ids: ties at the cut may come in any order.
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
