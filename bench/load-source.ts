/**
 * Loads a folder into a source in a process of its own, and prints as JSON what that took: seconds, those of the embedder
 * apart, peak memory, and the most files that were open.
 */
import { readdirSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { MemGPT } from "memgpt";
import type { Embedder } from "../src/ports/embedder.ts";
import { HashEmbedder } from "../src/llm/embedders/hash-embedder.ts";
import { DenseEmbedder } from "./dense-embedder.ts";

const [dir = "", folder = "", embedding = "dense"] = process.argv.slice(2);
const inner: Embedder = embedding === "hash" ? new HashEmbedder() : new DenseEmbedder();
let embeddingMs = 0;
const embedder: Embedder = {
  model: inner.model,
  dimensions: inner.dimensions,
  minSimilarity: inner.minSimilarity,
  embed: (texts, signal) => {
    // Both do their work before they return.
    const started = performance.now();
    const made = inner.embed(texts, signal);
    embeddingMs += performance.now() - started;
    return made;
  },
};

const memgpt = await MemGPT.open({ dir, env: {}, embedder: () => embedder });
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const before = process.memoryUsage.rss();
const started = performance.now();
let [openFiles, stored] = [0, 0];
let totals: object = {};
for await (const event of memgpt.sources.load("bench", [folder])) {
  if (event.type === "progress") openFiles = Math.max(openFiles, filesOpen());
  if (event.type === "indexing") stored = performance.now() - started;
  if (event.type === "done") totals = event;
}
const total = performance.now() - started;
await memgpt.close();
const figures = {
  totals,
  stored_s: stored / 1000,
  total_s: total / 1000,
  embedding_s: embeddingMs / 1000,
  rss_before_mb: before / 1e6,
  peak_rss_mb: (process.resourceUsage().maxRSS * 1024) / 1e6,
  open_files: openFiles,
  longest_delay_ms: delay.max / 1e6,
};
process.stdout.write(JSON.stringify(figures));

/** 0 where the system does not say. */
function filesOpen(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}
