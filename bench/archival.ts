import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { parseQuery } from "../src/search/query.ts";
import { openDatabase } from "../src/storage/sqlite/database.ts";
import { loadSqlite } from "../src/storage/sqlite/load-sqlite.ts";
import { shardBytes, shardFiles } from "../src/storage/vectors/graph-files.ts";
import { HNSW_SETTINGS, loadHnsw } from "../src/storage/vectors/hnsw-graph.ts";
import { PassageVectors } from "../src/storage/sqlite/passage-vectors.ts";
import { BareTable, archivist, batches, commit, openStore } from "./archive.ts";
import { DenseEmbedder } from "./dense-embedder.ts";
import { type Figures, UsageError, rounded, summarize, timed } from "./figures.ts";
import { counts } from "./options.ts";
import { type FirstSearch, openArchive } from "./open-archive.ts";
import { type Texts, passagesOf } from "./passages.ts";

const QUERIES = 1000;
const WARM_UP = 30;
const PAGE = { page: 0, size: 10 };
const SIMILAR = 100;
const OPEN_RUNS = 7;

/**
 * Time of a search in archival storage by words and vectors of 384 dimensions, next to the bare full-text index and bare
 * graphs with the same texts, vectors and queries. Also the time of opening and the first search, in a new process each time,
 * which includes loading the code for both, and of opening again with a search.
 *
 * `--passages` names a file of lines `{"title": …, "text": …}`; `--sizes` is a comma-separated list. `--dir` keeps the agents
 * for the next run.
 */
export async function archival(args: readonly string[]): Promise<Figures> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      passages: { type: "string" },
      dir: { type: "string" },
      sizes: { type: "string", default: "10000,100000" },
    },
  });
  const texts = passagesOf(values.passages);
  const sizes: Record<string, Figures> = {};
  for (const size of counts(values.sizes, "sizes")) {
    sizes[String(size)] = await measure(texts, size, values.dir);
  }
  return { passages: texts.source, settings: HNSW_SETTINGS.dense, sizes };
}

async function measure(texts: Texts, size: number, dir: string | undefined): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  try {
    const file = await filled(dir === undefined ? folder : join(dir, String(size)), texts, size);
    const bare = await BareTable.open(folder);
    await copyTo(bare, file);
    const index = join(dirname(file), "archival.hnsw");
    const first = await firstSearches(file, texts.queries(OPEN_RUNS + 1));
    const found = await search(file, bare, shardFiles(index), texts.queries(QUERIES + WARM_UP));
    bare.close();
    return {
      database_mb: rounded(statSync(file).size / 1e6, 1),
      index_mb: rounded(shardBytes(index) / 1e6, 1),
      ...first,
      ...found,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Creates an agent with `size` passages and their index. @returns its database. */
async function filled(dir: string, texts: Texts, size: number): Promise<string> {
  const file = await archivist(dir);
  const { store, state } = await openStore(file);
  const there = await store.archival.size();
  if (there !== 0 && there !== size) throw new UsageError(`${dir} has ${there} passages`);
  if (there === 0) {
    const embedder = new DenseEmbedder();
    for await (const items of batches(texts, embedder, size)) await commit(store, state, items, embedder.model);
  }
  await store.indexed();
  await store.close();
  return file;
}

async function copyTo(bare: BareTable, file: string): Promise<void> {
  const Sqlite = await loadSqlite();
  const db = new Sqlite(file, { readonly: true });
  const rows = db.prepare<[from: number], { seq: number; text: string; embedding: Buffer }>(
    "SELECT seq, text, embedding FROM passages WHERE seq > ? ORDER BY seq LIMIT 1000",
  );
  for (let last = 0; ;) {
    const some = rows.all(last);
    bare.insert(some.map(({ text, embedding }) => ({ text, vector: new Float32Array(embedding.buffer) })));
    const next = some.at(-1)?.seq;
    if (next === undefined) break;
    last = next;
  }
  db.close();
}

/** Times opening and the first search, each in a new process. Skips the first, which warms the disk's cache. */
async function firstSearches(file: string, queries: readonly string[]): Promise<Figures> {
  const runs: FirstSearch[] = [];
  for (const query of queries) runs.push(await openArchive(file, query));
  const counted = runs.slice(1);
  return {
    open_ms: summarize(counted.map(({ open }) => open)),
    open_and_first_search_ms: summarize(counted.map(({ both }) => both)),
    open_and_first_search_cpu_ms: summarize(counted.map(({ cpu }) => cpu)),
    open_again_ms: summarize(counted.map(({ again }) => again.open)),
    open_again_and_search_ms: summarize(counted.map(({ again }) => again.both)),
    open_again_and_search_cpu_ms: summarize(counted.map(({ again }) => again.cpu)),
    bare_hnswlib_read_ms: summarize(counted.map(({ bare }) => bare)),
    memory_mb: rounded(Math.max(...counted.map(({ memory }) => memory)), 0),
  };
}

async function search(
  file: string,
  bare: BareTable,
  shards: readonly string[],
  texts: readonly string[],
): Promise<Figures> {
  const { store } = await openStore(file);
  // A new store, because a store caches the results of a query.
  const { store: other } = await openStore(file);
  const { HierarchicalNSW } = await loadHnsw();
  const embedder = new DenseEmbedder();
  const { model, dimensions, minSimilarity } = embedder;
  const graphs = shards.map((shard) => {
    const graph = new HierarchicalNSW("ip", dimensions);
    graph.readIndexSync(shard);
    graph.setEf(HNSW_SETTINGS.dense.ef);
    return graph;
  });
  const db = await openDatabase(file, { readonly: true });
  const similar = new PassageVectors(db, {
    file: join(dirname(file), "archival.hnsw"),
    readonly: true,
    notify: console.warn,
  });
  const none = (): number[] => [];
  const times = { hybrid: none(), words: none(), similar: none(), fts5: none(), hnswlib: none() };
  const vectors = await embedder.embed(texts);
  const queries = texts.flatMap((text, i) => {
    const vector = vectors[i];
    return vector === null || vector === undefined ? [] : [{ text, vector }];
  });
  for (const [i, { text, vector }] of queries.entries()) {
    if (i === WARM_UP) for (const samples of Object.values(times)) samples.length = 0;
    await timed(times.hybrid, () => store.archival.search({ text, embedding: { model, vector }, minSimilarity }, PAGE));
    await timed(times.words, () => other.archival.search({ text, embedding: null }, PAGE));
    await timed(times.similar, () => similar.nearest({ model, vector }, SIMILAR));
    await timed(times.fts5, () => {
      bare.search(parseQuery(text).terms);
    });
    await timed(times.hnswlib, () => {
      for (const graph of graphs) graph.searchKnn(Array.from(vector), SIMILAR);
    });
  }
  await store.close();
  await other.close();
  similar.close();
  db.close();
  return {
    hybrid_ms: summarize(times.hybrid),
    words_only_ms: summarize(times.words),
    vectors_only_ms: summarize(times.similar),
    bare_fts5_ms: summarize(times.fts5),
    bare_hnswlib_ms: graphs.length === 0 ? "no graph at this size" : summarize(times.hnswlib),
  };
}
