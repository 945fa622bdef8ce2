import type { Embedder, MemGPT, ReindexEvent } from "memgpt";
import { agentFolder } from "../../src/storage/files/paths.ts";
import type { EmbeddingSettings } from "../../src/schema/state.ts";
import { openDatabase } from "../../src/storage/sqlite/database.ts";
import { SqliteAgentStore } from "../../src/storage/sqlite/agent-store.ts";
import { TestEmbedder } from "../support/embedder.ts";

export const AGENT = "sam";
/** What the tests embed with anew, as settings. */
export const OTHER = { provider: "openai", model: "other", endpoint: "http://127.0.0.1:1/v1" } as const;

const WORDS = ["car", "boat", "dog", "house", "physician"];

/** A passage of which every fifth is about the same, and every tenth has nothing to embed. */
export function textOf(number: number): string {
  return number % 10 === 9 ? `note ${number}` : `note ${number} about a ${WORDS[number % 5] ?? ""}`;
}

/** The embedder of the settings: named as their model is. */
export function embedderOf({ model }: EmbeddingSettings): TestEmbedder {
  return new TestEmbedder(model ?? "first");
}

/** Gives an agent that is not open passages, embedded by `embedder`. */
export async function addPassages(memgpt: MemGPT, from: number, to: number, embedder: Embedder): Promise<void> {
  const store = await SqliteAgentStore.open({ file: agentFolder(memgpt.home, AGENT).database });
  try {
    const state = await store.history.load();
    if (state === undefined) throw new Error("There is no agent.");
    const numbers = Array.from({ length: to - from }, (_, i) => from + i);
    const vectors = await embedder.embed(numbers.map(textOf));
    const { model } = embedder;
    const createdAt = "2026-11-20T12:00:00.000Z";
    const passages = numbers.map((number, i) => {
      const vector = vectors[i] ?? null;
      return { id: `p${number}`, text: textOf(number), createdAt, embedding: vector && { model, vector } };
    });
    const action = { id: `add-${from}`, label: "add" };
    await store.history.commit({ action, cause: "add", at: createdAt, state, messages: [], passages });
  } finally {
    await store.close();
  }
}

/** A new agent, closed, with so many passages embedded by the model "first". */
export async function agentWith(memgpt: MemGPT, passages: number): Promise<void> {
  await (await memgpt.createAgent({ name: AGENT })).close();
  await addPassages(memgpt, 0, passages, new TestEmbedder("first"));
}

/** What is on disk: which model, by settings and by collection, and of which models the vectors are. */
export async function looked(memgpt: MemGPT): Promise<{
  settings: string | null;
  collection: string | null;
  vectors: string;
  withVector: number;
  aside: number;
}> {
  const state = await memgpt.readAgent(AGENT, (store) => store.load());
  const { archival } = await memgpt.inspect(AGENT);
  const db = await openDatabase(agentFolder(memgpt.home, AGENT).database, { readonly: true });
  try {
    const rows = db
      .prepare<[], { text: string; embedding: Buffer | null }>("SELECT text, embedding FROM passages")
      .all();
    const isOf = (model: string): boolean => {
      const embedder = new TestEmbedder(model);
      return rows.every(({ text, embedding }) => {
        const expected = embedder.vectorOf(text);
        return expected === null
          ? embedding === null
          : embedding !== null && Buffer.from(expected.buffer).equals(embedding);
      });
    };
    return {
      settings: state?.settings.embedding.model ?? null,
      collection: archival.embedding,
      vectors: ["first", "other"].filter(isOf).join(),
      withVector: rows.filter(({ embedding }) => embedding !== null).length,
      aside: db.prepare<[], { n: number }>("SELECT count(*) AS n FROM reindexed").get()?.n ?? 0,
    };
  } finally {
    db.close();
  }
}

export async function collected(events: AsyncIterable<ReindexEvent>): Promise<ReindexEvent[]> {
  const all: ReindexEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
