import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { loadSqlite } from "../src/storage/sqlite/load-sqlite.ts";
import { HNSW_SETTINGS, loadHnsw } from "../src/storage/vectors/hnsw-graph.ts";
import { BareTable, type Item } from "./archive.ts";
import { type Figures, rounded } from "./figures.ts";
import { count } from "./options.ts";
import { passagesOf } from "./passages.ts";
import { pdfOf } from "../test/sources/support/pdf.ts";

const LOAD = fileURLToPath(new URL("load-source.ts", import.meta.url));
const PER_FILE = 1_000_000;
/** Passages per transaction of the bare libraries, as many as a load stores at a time. */
const BATCH = 128;
const MOST_MEMORY_MB = 1_000;
const MOST_OPEN_FILES = 100;
const PAGES = 300;
const LINES = 45;

const loadedSchema = z.object({
  totals: z.object({ added: z.number(), failed: z.number(), passages: z.number() }),
  stored_s: z.number(),
  total_s: z.number(),
  embedding_s: z.number(),
  cpu_s: z.number(),
  rss_before_mb: z.number(),
  peak_rss_mb: z.number(),
  open_files: z.number(),
  longest_delay_ms: z.number(),
});
type Loaded = z.infer<typeof loadedSchema>;

/**
 * Loads generated text into a source: `--mb` of it in files of 1 MB (default: 100), with vectors of 384 dimensions and with the
 * built-in embedder, `--files` small files (default: 10,000), and a PDF of 300 pages. Passages per second without what embedding took, beside the
 * bare libraries storing the same texts and vectors; memory and open files are bounded.
 */
export async function load(args: readonly string[]): Promise<Figures> {
  const { values } = parseArgs({
    args: [...args],
    options: { mb: { type: "string", default: "100" }, files: { type: "string", default: "10000" } },
  });
  const large = await inFolder((folder) => measureLarge(folder, count(values.mb, "mb")));
  const small = await inFolder(async (folder) => {
    const files = count(values.files, "files");
    const texts = passagesOf(undefined);
    mkdirSync(join(folder, "files"));
    for (let i = 0; i < files; i += 1) writeFileSync(join(folder, "files", `${i}.txt`), texts.at(i));
    return figuresOf(loaded(folder, "dense"));
  });
  const pdf = await inFolder(async (folder) => {
    mkdirSync(join(folder, "files"));
    writeFileSync(join(folder, "files", "book.pdf"), book());
    return figuresOf(loaded(folder, "dense"));
  });
  const runs = [large.dense, large.hash, small, pdf];
  const ok = runs.every(
    ({ failed, peak_rss_mb: memory, open_files: open }) =>
      failed === 0 && memory <= MOST_MEMORY_MB && open <= MOST_OPEN_FILES,
  );
  return { ok, mb: Number(values.mb), ...large, small_files: small, pdf };
}

/** Pages full of text. */
function book(): Uint8Array {
  const texts = passagesOf(undefined);
  let next = 0;
  const page = () => {
    let text = "";
    while (text.length < LINES * 78) text += `${texts.at(next++).replace(/[^\x20-\x7e]/g, "")} `;
    return Array.from({ length: LINES }, (_, i) => ({ text: text.slice(i * 78, (i + 1) * 78), y: 740 - i * 15 }));
  };
  return pdfOf(Array.from({ length: PAGES }, page));
}

async function measureLarge(folder: string, megabytes: number) {
  write(join(folder, "files"), megabytes);
  const dense = loaded(folder, "dense");
  const raw = await bare(folder);
  rmSync(join(folder, "home"), { recursive: true, force: true });
  return {
    dense: { ...figuresOf(dense), ...share(raw, dense) },
    hash: figuresOf(loaded(folder, "hash")),
  };
}

function write(folder: string, megabytes: number): void {
  mkdirSync(folder);
  const texts = passagesOf(undefined);
  let next = 0;
  for (let file = 0; file < megabytes; file += 1) {
    let text = `# Chapter ${file}\n\n`;
    while (text.length < PER_FILE) text += `${texts.at(next++)}\n\n`;
    writeFileSync(join(folder, `${String(file).padStart(4, "0")}.md`), text.slice(0, PER_FILE));
  }
}

function loaded(folder: string, embedding: "dense" | "hash"): Loaded {
  const args = ["--import", "tsx", LOAD, join(folder, "home"), join(folder, "files"), embedding];
  const text = execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return loadedSchema.parse(JSON.parse(text));
}

function figuresOf(run: Loaded) {
  const { added, failed, passages } = run.totals;
  return {
    documents: added,
    failed,
    passages,
    passages_per_s: Math.round(passages / run.stored_s),
    passages_per_s_without_embedding: Math.round(passages / (run.stored_s - run.embedding_s)),
    stored_s: rounded(run.stored_s, 1),
    embedding_s: rounded(run.embedding_s, 1),
    cpu_s: rounded(run.cpu_s, 1),
    with_graph_s: rounded(run.total_s, 1),
    rss_before_mb: Math.round(run.rss_before_mb),
    peak_rss_mb: Math.round(run.peak_rss_mb),
    open_files: run.open_files,
    longest_delay_ms: Math.round(run.longest_delay_ms),
  };
}

/** Seconds that the bare libraries take for the same texts and vectors. */
async function bare(folder: string): Promise<{ readonly sqlite: number; readonly hnswlib: number }> {
  const Sqlite = await loadSqlite();
  const db = new Sqlite(join(folder, "home", "sources", "bench", "source.db"), { readonly: true });
  const rows = db.prepare<[from: number, limit: number], { seq: number; text: string; embedding: Buffer }>(
    "SELECT seq, text, embedding FROM passages WHERE seq > ? ORDER BY seq LIMIT ?",
  );
  const { size } = db.prepare<[], { size: number }>("SELECT count(*) AS size FROM passages").get() ?? { size: 0 };
  const table = await BareTable.open(folder);
  const { HierarchicalNSW } = await loadHnsw();
  const { m, efConstruction } = HNSW_SETTINGS.dense;
  let graph: InstanceType<typeof HierarchicalNSW> | undefined;
  let [last, sqlite, hnswlib] = [0, 0, 0];
  for (;;) {
    const some = rows.all(last, BATCH);
    const items: Item[] = some.map(({ text, embedding: { buffer, byteOffset, length } }) => ({
      text,
      vector: new Float32Array(buffer.slice(byteOffset, byteOffset + length)),
    }));
    const [first] = items;
    if (first === undefined) break;
    if (graph === undefined) {
      graph = new HierarchicalNSW("ip", first.vector.length);
      graph.initIndex({ maxElements: size, m, efConstruction });
    }
    const started = performance.now();
    table.insert(items);
    const stored = performance.now();
    for (const [i, { vector }] of items.entries()) graph.addPoint(Array.from(vector), last + i);
    sqlite += stored - started;
    hnswlib += performance.now() - stored;
    last = some.at(-1)?.seq ?? last;
  }
  const saving = performance.now();
  graph?.writeIndexSync(join(folder, "bare.hnsw"));
  hnswlib += performance.now() - saving;
  table.close();
  db.close();
  return { sqlite: sqlite / 1000, hnswlib: hnswlib / 1000 };
}

function share(
  { sqlite, hnswlib }: { readonly sqlite: number; readonly hnswlib: number },
  { totals, total_s, embedding_s }: Loaded,
) {
  return {
    raw_sqlite_s: rounded(sqlite, 1),
    raw_hnswlib_s: rounded(hnswlib, 1),
    raw_passages_per_s: Math.round(totals.passages / (sqlite + hnswlib)),
    share_of_raw: rounded((sqlite + hnswlib) / (total_s - embedding_s)),
  };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
