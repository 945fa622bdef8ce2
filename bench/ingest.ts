import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { shardBytes } from "../src/storage/vectors/graph-files.ts";
import { HNSW_SETTINGS, loadHnsw } from "../src/storage/vectors/hnsw-graph.ts";
import { GRAPH_FROM } from "../src/storage/sqlite/passage-graphs.ts";
import { BareTable, archivist, batches, commit, openStore } from "./archive.ts";
import { DenseEmbedder } from "./dense-embedder.ts";
import { type Figures, rounded } from "./figures.ts";
import { counts } from "./options.ts";
import { type Texts, passagesOf } from "./passages.ts";

/**
 * Passages per second into archival storage, until all are in the table and in a saved graph, next to hnswlib and SQLite with
 * the same texts and vectors. The two take turns batch by batch, so that both meet the same conditions. Generating texts and
 * vectors is not counted. The goal is at least 0.6 of the raw speed.
 *
 * `--passages` names a file of lines `{"title": …, "text": …}`; `--sizes` is a comma-separated list. Below 10,000 vectors
 * there is no graph.
 */
export async function ingest(args: readonly string[]): Promise<Figures> {
  const { values } = parseArgs({
    args: [...args],
    options: { passages: { type: "string" }, sizes: { type: "string", default: "10000,100000" } },
  });
  const texts = passagesOf(values.passages);
  const sizes: Record<string, Figures> = {};
  for (const size of counts(values.sizes, "sizes")) {
    sizes[String(size)] = await measure(texts, size);
  }
  return { passages: texts.source, settings: HNSW_SETTINGS.dense, sizes };
}

async function measure(texts: Texts, size: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  try {
    const { model, dimensions } = new DenseEmbedder();
    const file = await archivist(folder);
    const { store, state } = await openStore(file);
    const bare = await BareTable.open(folder);
    const { HierarchicalNSW } = await loadHnsw();
    const graph = new HierarchicalNSW("ip", dimensions);
    const { m, efConstruction } = HNSW_SETTINGS.dense;
    graph.initIndex({ maxElements: size, m, efConstruction });
    const ours = new Stopwatch();
    const [sqlite, hnswlib] = [new Stopwatch(), new Stopwatch()];
    const delays: number[] = [];
    const index = (most: number): Promise<void> =>
      delayed(delays, () => Promise.race([store.indexed(), setTimeout(most)]));
    let label = 0;
    for await (const items of batches(texts, new DenseEmbedder(), size)) {
      await ours.during(() => commit(store, state, items, model));
      await sqlite.during(() => {
        bare.insert(items);
      });
      const before = hnswlib.seconds;
      await hnswlib.during(() => {
        for (const { vector } of items) graph.addPoint(Array.from(vector), label++);
      });
      // Gives the background build the time that embedding the next texts would.
      const turn = (hnswlib.seconds - before) * 1000;
      await ours.during(() => index(turn));
    }
    await ours.during(() => delayed(delays, () => store.indexed()));
    await hnswlib.during(() => {
      graph.writeIndexSync(join(folder, "bare.hnsw"));
    });
    await store.close();
    bare.close();
    const rate = (seconds: number): number => Math.round(size / seconds);
    return {
      passages_per_s: rate(ours.seconds),
      raw_passages_per_s: rate(sqlite.seconds + hnswlib.seconds),
      share_of_raw: rounded((sqlite.seconds + hnswlib.seconds) / ours.seconds),
      share_of_raw_cpu: rounded((sqlite.cpu + hnswlib.cpu) / ours.cpu),
      ours_s: rounded(ours.seconds, 1),
      raw_sqlite_s: rounded(sqlite.seconds, 1),
      raw_hnswlib_s: rounded(hnswlib.seconds, 1),
      longest_delay_ms: rounded(Math.max(...delays), 1),
      database_mb: rounded(statSync(file).size / 1e6, 1),
      index_mb: size >= GRAPH_FROM ? rounded(shardBytes(join(dirname(file), "archival.hnsw")) / 1e6, 1) : 0,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs `work` and adds the longest time that it blocked the event loop, in milliseconds. */
async function delayed(delays: number[], work: () => Promise<unknown>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  delays.push(delay.max / 1e6);
}

/** Adds up wall time and processor time in seconds. Other programs disturb the latter less. */
class Stopwatch {
  seconds = 0;
  cpu = 0;

  async during(work: () => unknown): Promise<void> {
    const [started, used] = [performance.now(), process.cpuUsage()];
    await work();
    const { user, system } = process.cpuUsage(used);
    this.seconds += (performance.now() - started) / 1000;
    this.cpu += (user + system) / 1e6;
  }
}
