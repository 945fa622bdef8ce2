/**
 * Opens an agent's database and searches its archival storage once. Prints milliseconds for opening, for both, and of
 * processor time, megabytes of memory used, and milliseconds that the bare library takes to read
 * the same graphs.
 */
import { dirname, join } from "node:path";
import { SqliteAgentStore } from "../src/storage/sqlite/agent-store.ts";
import { shardFiles } from "../src/storage/vectors/graph-files.ts";
import { loadHnsw } from "../src/storage/vectors/hnsw-graph.ts";
import { DenseEmbedder } from "./dense-embedder.ts";

const [file = "", text = ""] = process.argv.slice(2);
const embedder = new DenseEmbedder();
const { model, dimensions, minSimilarity } = embedder;
const [vector] = await embedder.embed([text]);
const embedding = vector === null || vector === undefined ? null : { model, vector };

const used = process.cpuUsage();
const started = performance.now();
const store = await SqliteAgentStore.open({ file });
const opened = performance.now();
await store.archival.search({ text, embedding, minSimilarity }, { page: 0, size: 10 });
const searched = performance.now();
const { user, system } = process.cpuUsage(used);
const memory = process.memoryUsage.rss() / 1e6;
await store.close();
const { HierarchicalNSW } = await loadHnsw();
const reading = performance.now();
for (const shard of shardFiles(join(dirname(file), "archival.hnsw"))) {
  new HierarchicalNSW("ip", dimensions).readIndexSync(shard);
}
const bare = performance.now() - reading;
process.stdout.write([opened - started, searched - started, (user + system) / 1000, memory, bare].join(" "));
