/**
 * Opens an agent's database and searches its archival storage once. Prints how many milliseconds opening took, how many
 * both took, how many of those the processor was busy, and how many megabytes of memory the process has then.
 */
import { SqliteAgentStore } from "../src/storage/sqlite/agent-store.ts";
import { DenseEmbedder } from "./dense-embedder.ts";

const [file = "", text = ""] = process.argv.slice(2);
const embedder = new DenseEmbedder();
const { model, minSimilarity } = embedder;
const [vector] = await embedder.embed([text]);
const embedding = vector === null || vector === undefined ? null : { model, vector };

const used = process.cpuUsage();
const started = performance.now();
const store = await SqliteAgentStore.open({ file });
const opened = performance.now();
await store.archival.search({ text, embedding, minSimilarity }, { page: 0, size: 10 });
const searched = performance.now();
const { user, system } = process.cpuUsage(used);
const figures = [opened - started, searched - started, (user + system) / 1000, process.memoryUsage.rss() / 1e6];
process.stdout.write(figures.join(" "));
store.close();
