/**
 * Opens an agent and searches archival memory for the first time, with or without a source. Prints as JSON the milliseconds of
 * attaching, of that search and a second one, and of the bare library reading the source's graphs.
 */
import { join } from "node:path";
import { MemGPT } from "memgpt";
import { shardFiles } from "../src/storage/vectors/graph-files.ts";
import { loadHnsw } from "../src/storage/vectors/hnsw-graph.ts";
import { DenseEmbedder } from "./dense-embedder.ts";

const [dir = "", source = "", query = ""] = process.argv.slice(2);
const embedder = new DenseEmbedder();
const memgpt = await MemGPT.open({ dir, env: {}, embedder: () => embedder });
const agent = await memgpt.openAgent("archivist", {}, { withoutModel: true });
const started = performance.now();
if (source !== "") await agent.attach(source);
const attached = performance.now();
await agent.find({ query, in: "archival" });
const first = performance.now();
await agent.find({ query: `${query} Or of what came before it?`, in: "archival" });
const second = performance.now();
if (source !== "") await agent.undo();
await memgpt.close();
const { HierarchicalNSW } = await loadHnsw();
const reading = performance.now();
if (source !== "") {
  for (const shard of shardFiles(join(dir, "sources", source, "archival.hnsw"))) {
    new HierarchicalNSW("ip", embedder.dimensions).readIndexSync(shard);
  }
}
const read = performance.now() - reading;
process.stdout.write(
  JSON.stringify({ attach: attached - started, first: first - attached, second: second - first, read }),
);
