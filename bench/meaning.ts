import { monitorEventLoopDelay } from "node:perf_hooks";
import { type Embedder, createEmbedder, type RecallStorage } from "memgpt";
import { embedAllSaid } from "../src/agent/embed-said.ts";
import type { SaidEmbeddings } from "../src/ports/maintenance.ts";
import { DenseEmbedder } from "./dense-embedder.ts";
import { type Figures, rounded, summarize, timed } from "./figures.ts";

const PAGE = { page: 0, size: 5 };

type Store = { readonly recall: RecallStorage; readonly maintenance: { readonly said: SaidEmbeddings } };

/**
 * The cost of embedding: of all lines at once, with the longest block of the event loop, and of each question. Searches are
 * timed alternately without a vector and with one computed before.
 */
export async function measureMeaning(store: Store, questions: readonly string[]): Promise<Figures> {
  const embedder = createEmbedder({ provider: "local-lite", model: null, endpoint: null, dimensions: null });
  // The model is read from disk.
  await embedder.embed(["warm"]);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const filled = await fillVectors(store, embedder);
  delay.disable();
  const [embed, searched] = await search(store, embedder, questions);
  return {
    ...filled,
    loop_delay_ms: { p99: rounded(delay.percentile(99) / 1e6, 1), max: rounded(delay.max / 1e6, 1) },
    memory_mb: rounded(process.memoryUsage().rss / 1e6, 0),
    embedding_of_a_question_ms: summarize(embed),
    ...searched,
  };
}

/** The same with invented vectors of local-lite's length, which reflect words, not meanings. */
export async function measureInvented(store: Store, questions: readonly string[]): Promise<Figures> {
  const embedder = new DenseEmbedder(512);
  const { lines } = await fillVectors(store, embedder);
  const [, searched] = await search(store, embedder, questions);
  return { lines, memory_mb: rounded(process.memoryUsage().rss / 1e6, 0), ...searched };
}

async function fillVectors({ maintenance }: Store, embedder: Embedder): Promise<Figures> {
  const before = process.memoryUsage().rss;
  const started = performance.now();
  let lines = 0;
  await embedAllSaid({ said: maintenance.said, embedder }, ({ embedded }) => (lines = embedded));
  const seconds = (performance.now() - started) / 1000;
  const grown = process.memoryUsage().rss - before;
  return { lines, lines_per_second: rounded(lines / seconds, 1), grown_mb: rounded(grown / 1e6, 0) };
}

async function search(
  { recall }: Store,
  embedder: Embedder,
  questions: readonly string[],
): Promise<[embed: number[], Figures]> {
  const [embed, words, meaning]: [number[], number[], number[]] = [[], [], []];
  const { model, minSimilarity } = embedder;
  const first: number[] = [];
  for (const [i, text] of questions.entries()) {
    const [vector = null] = await timed(embed, () => embedder.embed([text]));
    const embedding = vector === null ? null : { model, vector };
    await timed(words, () => recall.search({ text }, PAGE));
    // The first reads all vectors.
    await timed(i === 0 ? first : meaning, () => recall.search({ text, embedding, minSimilarity }, PAGE));
  }
  const grown = summarize(meaning).median - summarize(words).median;
  return [
    embed,
    {
      first_search_ms: rounded(first[0] ?? Number.NaN, 1),
      search_ms: summarize(meaning),
      search_without_vector_ms: summarize(words),
      grown_ms: rounded(grown),
    },
  ];
}
