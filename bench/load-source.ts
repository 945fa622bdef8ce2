/**
 * Loads a folder into a source, and prints as JSON: seconds, those of the embedder and of the processor apart, peak memory, and the
 * most open files.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type * as Memgpt from "memgpt";
import type { Embedder } from "../src/ports/embedder.ts";
import { HashEmbedder } from "../src/llm/embedders/hash-embedder.ts";
import { built } from "./built.ts";
import { DenseEmbedder } from "./dense-embedder.ts";
import { openFiles } from "./open-files.ts";

const { MemGPT } = (await import(built("index.js"))) as typeof Memgpt;
const [dir = "", folder = "", embedding = "dense"] = process.argv.slice(2);
const inner: Embedder = embedding === "hash" ? new HashEmbedder() : new DenseEmbedder();
let embeddingMs = 0;
const embedder: Embedder = {
  model: inner.model,
  dimensions: inner.dimensions,
  minSimilarity: inner.minSimilarity,
  embed: (texts, signal) => {
    // Both are synchronous.
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
const cpuBefore = process.cpuUsage();
const started = performance.now();
let [mostFiles, stored] = [0, 0];
let totals: object = {};
for await (const event of memgpt.sources.load("bench", [folder])) {
  if (event.type === "progress") mostFiles = Math.max(mostFiles, openFiles());
  if (event.type === "indexing") stored = performance.now() - started;
  if (event.type === "done") totals = event;
}
const total = performance.now() - started;
const { user, system } = process.cpuUsage(cpuBefore);
await memgpt.close();
const figures = {
  totals,
  stored_s: stored / 1000,
  total_s: total / 1000,
  embedding_s: embeddingMs / 1000,
  cpu_s: (user + system) / 1e6,
  rss_before_mb: before / 1e6,
  peak_rss_mb: (process.resourceUsage().maxRSS * 1024) / 1e6,
  open_files: mostFiles,
  longest_delay_ms: delay.max / 1e6,
};
process.stdout.write(JSON.stringify(figures));
