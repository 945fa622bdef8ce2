import { monitorEventLoopDelay } from "node:perf_hooks";
import { createEmbedder, type RecallStorage } from "memgpt";
import { embedAllSaid } from "../src/agent/embed-said.ts";
import type { SaidEmbeddings } from "../src/ports/maintenance.ts";
import { type Figures, rounded, summarize, timed } from "./figures.ts";

const PAGE = { page: 0, size: 5 };

type Store = { readonly recall: RecallStorage; readonly maintenance: { readonly said: SaidEmbeddings } };

/**
 * What embedding costs: all that was said at once, with the longest time that nothing else could happen, and each question.
 *
 * @param search_ms is the search with a vector that is already there, so that the rest of a question is its embedding.
 */
export async function measureMeaning({ recall, maintenance }: Store, questions: readonly string[]): Promise<Figures> {
  const embedder = createEmbedder({ provider: "local-lite", model: null, endpoint: null, dimensions: null });
  // The model is read from disk.
  await embedder.embed(["warm"]);
  const before = process.memoryUsage().rss;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  let lines = 0;
  await embedAllSaid({ said: maintenance.said, embedder }, ({ embedded }) => (lines = embedded));
  const seconds = (performance.now() - started) / 1000;
  delay.disable();
  const grown = process.memoryUsage().rss - before;
  const [embed, search]: [number[], number[]] = [[], []];
  for (const text of questions) {
    const [vector = null] = await timed(embed, () => embedder.embed([text]));
    const embedding = vector === null ? null : { model: embedder.model, vector };
    await timed(search, () => recall.search({ text, embedding, minSimilarity: embedder.minSimilarity }, PAGE));
  }
  return {
    lines,
    lines_per_second: rounded(lines / seconds, 1),
    loop_delay_ms: { p99: rounded(delay.percentile(99) / 1e6, 1), max: rounded(delay.max / 1e6, 1) },
    memory_mb: rounded(process.memoryUsage().rss / 1e6, 0),
    grown_mb: rounded(grown / 1e6, 0),
    embedding_of_a_question_ms: summarize(embed),
    search_ms: summarize(search),
  };
}
