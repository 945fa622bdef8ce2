import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { MemGPT } from "memgpt";
import { agentFolder, homeAt } from "../src/storage/files/paths.ts";
import { parseQuery } from "../src/search/query.ts";
import { STOP_WORDS } from "../src/search/stop-words.ts";
import { SqliteAgentStore } from "../src/storage/sqlite/agent-store.ts";
import { loadSqlite } from "../src/storage/sqlite/load-sqlite.ts";
import { seeded } from "../test/crash/random.ts";
import { type Corpus, fill, messageAt, questionsFor, readCorpus } from "./corpus.ts";
import { type Figures, UsageError, rounded, summarize, timed } from "./figures.ts";
import { counts } from "./options.ts";
import { measureInvented, measureMeaning } from "./meaning.ts";

const WARM_UP = 30;
const PAGE = { page: 0, size: 5 };

/**
 * Time of a search in recall storage by number of messages, next to the bare full-text index with the same texts.
 *
 * `--data` names a file of conversations with questions in LoCoMo's format. They are repeated with other names and some words
 * replaced until there are enough. Without a file, texts are generated from a vocabulary. `--sizes` is a comma-separated
 * list. `--embedding local-lite` also embeds everything and prints what that costs. `--vectors invented` times searches with
 * invented vectors.
 */
export async function recall(args: readonly string[]): Promise<Figures> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: "string" },
      sizes: { type: "string", default: "10000,100000,1000000" },
      embedding: { type: "string" },
      vectors: { type: "string" },
    },
  });
  if (values.embedding !== undefined && values.embedding !== "local-lite") {
    throw new UsageError(`--embedding must be local-lite (got ${values.embedding})`);
  }
  if (values.vectors !== undefined && values.vectors !== "invented") {
    throw new UsageError(`--vectors must be invented (got ${values.vectors})`);
  }
  const corpus = await readCorpus(values.data);
  const sizes: Record<string, Figures> = {};
  for (const size of counts(values.sizes, "sizes")) {
    sizes[String(size)] = await measure(corpus, size, values);
  }
  return { data: values.data === undefined ? "invented" : "given", sizes };
}

/** Figures with vectors, from a model or invented. */
type Vectors = { readonly embedding?: string | undefined; readonly vectors?: string | undefined };

async function measure(corpus: Corpus, size: number, { embedding, vectors }: Vectors): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), "memgpt-bench-"));
  try {
    const memgpt = await MemGPT.open({ dir: folder, env: {} });
    await (await memgpt.createAgent({ name: "reader" }, { withoutModel: true })).close();
    const file = agentFolder(homeAt(folder), "reader").database;
    const building = performance.now();
    const filling = await SqliteAgentStore.open({ file });
    await fill(filling.history, corpus, size);
    await filling.close();
    const build_s = rounded((performance.now() - building) / 1000, 1);
    const raw = await bare(join(folder, "bare.db"), corpus, size);
    const opening: number[] = [];
    const store = await timed(opening, () => SqliteAgentStore.open({ file }));
    const first: number[] = [];
    const times = { question: [] as number[], lookup: [] as number[], second_page: [] as number[] };
    const bareTimes: number[] = [];
    const questions = questionsFor(corpus, size);
    await timed(first, () => store.recall.search({ text: questions[0] ?? "" }, PAGE));
    // The first few are slower while the engine compiles; `first_search_ms` shows that.
    for (const text of questions.slice(0, WARM_UP)) await store.recall.search({ text }, PAGE);
    for (const [i, text] of questions.entries()) {
      await timed(times.question, () => store.recall.search({ text }, PAGE));
      await timed(times.second_page, () => store.recall.search({ text }, { ...PAGE, page: 1 }));
      await timed(bareTimes, () => {
        raw.search(text);
      });
      const lookup = parseQuery(text).terms.slice(0, 2).join(" ");
      if (i % 4 === 0) await timed(times.lookup, () => store.recall.search({ text: lookup }, PAGE));
    }
    const meaning = {
      ...(embedding === undefined ? {} : { local_lite: await measureMeaning(store, questions) }),
      ...(vectors === undefined ? {} : { invented_vectors: await measureInvented(store, questions) }),
    };
    await store.close();
    raw.close();
    return {
      build_s,
      database_mb: rounded(statSync(file).size / 1e6, 1),
      open_ms: rounded(opening[0] ?? Number.NaN, 1),
      first_search_ms: rounded(first[0] ?? Number.NaN, 1),
      question_ms: summarize(times.question),
      second_page_ms: summarize(times.second_page),
      lookup_ms: summarize(times.lookup),
      bare_fts5_ms: summarize(bareTimes),
      ...meaning,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same texts in a bare full-text index: any of the words, best first. */
async function bare(
  file: string,
  corpus: Corpus,
  size: number,
): Promise<{ search: (text: string) => void; close: () => void }> {
  const Sqlite = await loadSqlite();
  const db = new Sqlite(file);
  db.exec("CREATE VIRTUAL TABLE f USING fts5 (text, content = '', tokenize = 'porter unicode61 remove_diacritics 2')");
  const insert = db.prepare<[n: number, text: string]>("INSERT INTO f (rowid, text) VALUES (?, ?)");
  const random = seeded(size);
  db.transaction(() => {
    for (let i = 0; i < size; i += 1) insert.run(i + 1, messageAt(corpus, i, random).text);
  })();
  const find = db.prepare<[match: string]>("SELECT rowid, rank FROM f WHERE f MATCH ? ORDER BY rank LIMIT 5");
  return {
    search: (text) => {
      const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
      const terms = words.filter((word) => !STOP_WORDS.has(word));
      if (terms.length > 0) find.all(terms.map((term) => `"${term}"`).join(" OR "));
    },
    close: () => {
      db.close();
    },
  };
}
