import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { homeAt } from "../src/storage/files/paths.ts";
import { FileSourceRepository } from "../src/storage/repository/source-files.ts";
import { archivist, batches, commit, openStore } from "./archive.ts";
import { DenseEmbedder } from "./dense-embedder.ts";
import { type Figures, quantile, rounded, summarize } from "./figures.ts";
import { count } from "./options.ts";
import { type Texts, passagesOf } from "./passages.ts";

const AGENT = fileURLToPath(new URL("attach-agent.ts", import.meta.url));
const RUNS = 7;
/** The agent's own passages. */
const OWN = 1_000;
const MOST_ATTACH_MS = 50;
/** Allowance for checking the graph's checksum and for a busy machine. */
const TOLERANCE_MS = 100;

const ranSchema = z.object({ attach: z.number(), first: z.number(), second: z.number(), read: z.number() });
type Ran = z.infer<typeof ranSchema>;

/**
 * Attaches a source of `--size` passages (default: 100,000) to an agent, and searches its archival memory for the first time, in
 * a new process each time, compared with one without the source. Attaching must take less than 50 ms, and the first search may
 * be slower than the next only by as much as without the source, plus the time to read its graph.
 */
export async function attach(args: readonly string[]): Promise<Figures> {
  const { values } = parseArgs({ args: [...args], options: { size: { type: "string", default: "100000" } } });
  const size = count(values.size, "size");
  const dir = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  try {
    const texts = passagesOf(undefined);
    const file = await archivist(dir);
    const { store, state } = await openStore(file);
    const embedder = new DenseEmbedder();
    for await (const items of batches(texts, embedder, OWN)) await commit(store, state, items, embedder.model);
    await store.close();
    await fill(dir, texts, size);
    // Questions, because short queries are lookups, which do not need vectors.
    const queries = texts.queries(RUNS + 1).map((text) => `What do you know about ${text}?`);
    const [, ...pairs] = queries.map((query) => ({ with: run(dir, "docs", query), without: run(dir, "", query) }));
    const [withSource, without] = [pairs.map((pair) => pair.with), pairs.map((pair) => pair.without)];
    const attaching = median(withSource, "attach");
    const once = (runs: readonly Ran[]): number => median(runs, "first") - median(runs, "second");
    const [longer, reading] = [once(withSource) - once(without), median(withSource, "read")];
    return {
      ok: attaching < MOST_ATTACH_MS && longer <= reading + TOLERANCE_MS,
      passages: size,
      attach_ms: summarize(withSource.map((it) => it.attach)),
      first_search_ms: summarize(withSource.map((it) => it.first)),
      second_search_ms: summarize(withSource.map((it) => it.second)),
      first_search_without_ms: summarize(without.map((it) => it.first)),
      second_search_without_ms: summarize(without.map((it) => it.second)),
      bare_reading_of_graph_ms: summarize(withSource.map((it) => it.read)),
      longer_once_ms: rounded(longer, 1),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function median(runs: readonly Ran[], what: keyof Ran): number {
  return quantile(
    runs.map((run) => run[what]),
    0.5,
  );
}

function run(dir: string, source: string, query: string): Ran {
  const args = ["--import", "tsx", AGENT, dir, source, query];
  return ranSchema.parse(JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })));
}

/** Creates a source as loading would, without reading documents. */
async function fill(dir: string, texts: Texts, size: number): Promise<void> {
  const embedder = new DenseEmbedder();
  const at = new Date().toISOString();
  const embedding = { provider: "local", model: embedder.model, endpoint: null, dimensions: null } as const;
  const opened = await new FileSourceRepository(homeAt(dir)).hold("docs", {
    description: "",
    createdAt: at,
    embedding,
  });
  const { store } = opened;
  let number = 0;
  for await (const items of batches(texts, embedder, size)) {
    number += 1;
    const document = { root: "/bench", name: `${number}.txt`, kind: "text", hash: String(number), bytes: 1 };
    const passages = items.map(({ text, vector }, i) => ({
      id: crypto.randomUUID(),
      createdAt: at,
      text,
      embedding: { model: embedder.model, vector },
      position: i + 1,
      page: null,
      line: null,
      heading: null,
    }));
    await store.add([{ document, passages, isLast: true }]);
  }
  await store.indexed();
  await opened.close();
}
