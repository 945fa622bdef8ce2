import { readdirSync } from "node:fs";
import * as fc from "fast-check";
import { type MemGPT, MemGPTError, configSchema } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { agentFolder } from "../../src/storage/files/paths.ts";
import { chosenEmbedding } from "../../src/host/embedding-choice.ts";
import type { EmbeddingSettings } from "../../src/schema/state.ts";
import { openDatabase } from "../../src/storage/sqlite/database.ts";
import { testHome } from "../support/agents.ts";
import { TestEmbedder } from "../support/embedder.ts";
import { AGENT, OTHER, addPassages, agentWith, collected, embedderOf, looked, textOf } from "./agents.ts";

const BEFORE = { settings: null, collection: "first", vectors: "first" };
const AFTER = { settings: "other", collection: "other", vectors: "other", aside: 0 };

/** A home whose agents are embedded by what `make` makes. */
async function homeWith(make: (settings: EmbeddingSettings) => TestEmbedder): Promise<MemGPT> {
  return testHome({ embedder: make, llm: () => new ScriptedLlm([]) });
}

/** An embedder "other" that is interrupted in the batch of that number, and the signal to interrupt with. */
function interruptedIn(batch: number): { embedder: TestEmbedder; signal: AbortSignal } {
  const ending = new AbortController();
  const embedder: TestEmbedder = new TestEmbedder("other", {
    before: (_, signal) => {
      if (embedder.asked.length < batch) return;
      ending.abort();
      signal?.throwIfAborted();
    },
  });
  return { embedder, signal: ending.signal };
}

/** Texts of passages that a search by meaning alone finds. */
async function meaning(memgpt: MemGPT, query: string): Promise<number> {
  return (await memgpt.find(AGENT, { query, in: "archival" })).total;
}

test("an agent is re-embedded by another model, settings and searches with it", async () => {
  const memgpt = await homeWith(embedderOf);
  await agentWith(memgpt, 200);
  expect(await looked(memgpt)).toMatchObject(BEFORE);
  expect(await meaning(memgpt, "automobile")).toBe(40);

  const events = await collected(memgpt.reindex(AGENT, { embedding: OTHER }));

  expect(await looked(memgpt)).toMatchObject({ ...AFTER, withVector: 180 });
  expect(await meaning(memgpt, "automobile")).toBe(40);
  expect(events.map((event) => (event.type === "progress" ? event.done : event.type))).toEqual([
    0,
    64,
    128,
    192,
    200,
    "done",
  ]);
  expect(events.at(-1)).toEqual({
    type: "done",
    model: "other",
    dimensions: 8,
    passages: 200,
    takenBack: 0,
    withoutVector: 20,
  });
  const state = await memgpt.readAgent(AGENT, (store) => store.load());
  expect(state?.settings.embedding).toEqual({ ...OTHER, dimensions: null });
  // The state in the newest checkpoint agrees.
  expect(await memgpt.checkpoints(AGENT)).toMatchObject([{ after: "reindex" }, {}]);
});

test("undone passages are embedded too, for a later redo", async () => {
  const memgpt = await homeWith(embedderOf);
  await agentWith(memgpt, 10);
  const agent = await memgpt.openAgent(AGENT);
  await agent.undo();
  expect(await agent.archival.size()).toBe(0);
  await agent.close();

  const events = await collected(memgpt.reindex(AGENT, { embedding: OTHER }));

  expect(await looked(memgpt)).toMatchObject({ ...AFTER, withVector: 9 });
  expect(events.at(-2)).toMatchObject({ type: "progress", done: 10, total: 10 });
  expect(events.at(-1)).toMatchObject({ type: "done", passages: 0, takenBack: 10, withoutVector: 0 });
});

test("undo does not take an agent back to what it was embedded with, and no redo or checkpoint does", async () => {
  const memgpt = await homeWith(embedderOf);
  await agentWith(memgpt, 10);
  await collected(memgpt.reindex(AGENT, { embedding: OTHER }));
  const agent = await memgpt.openAgent(AGENT);

  expect((await agent.undo()).actions).toMatchObject([{ label: "reindex" }]);
  expect(agent.state.settings.embedding.model).toBe("other");
  await agent.redo();
  expect(agent.state.settings.embedding.model).toBe("other");
  await agent.loadCheckpoint(String((await agent.checkpoints()).length));
  expect(agent.state.settings.embedding.model).toBe("other");
  await agent.undo(2);
  await agent.close();

  expect(await looked(memgpt)).toMatchObject(AFTER);
  expect(await memgpt.find(AGENT, { query: "automobile", in: "archival" })).not.toHaveProperty("notices");
});

test("reindexing with the same embedding fills in missing vectors", async () => {
  const memgpt = await homeWith(embedderOf);
  await agentWith(memgpt, 10);
  await addPassages(memgpt, 10, 20, new TestEmbedder("elsewhere"));
  expect((await memgpt.inspect(AGENT)).archival).toMatchObject({ without_vector: 11 });
  const before = await memgpt.inspect(AGENT);

  await collected(memgpt.reindex(AGENT));

  const after = await memgpt.inspect(AGENT);
  const index = expect.objectContaining({ kind: "exact", vectors: 18, pending: 0 }) as unknown;
  expect(after.archival).toEqual({ total: 20, embedding: "first", dimensions: 8, without_vector: 2, index });
  expect(await meaning(memgpt, "automobile")).toBe(4);
  expect(after.journal).toEqual(before.journal);
  expect(after.checkpoints).toEqual(before.checkpoints);
});

/** So many passages that are only near in meaning are found. */
const NEAREST = 50;

test("wherever it is interrupted, the agent is unchanged, and the next run resumes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 300 }),
      fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
      async (passages, interruptions) => {
        let embedder = new TestEmbedder("other");
        const memgpt = await homeWith(({ model }) => (model === null ? new TestEmbedder("first") : embedder));
        await agentWith(memgpt, passages);
        let done = 0;
        let total = passages;

        for (const [i, batch] of interruptions.entries()) {
          const interrupted = interruptedIn(batch);
          embedder = interrupted.embedder;
          const run = collected(memgpt.reindex(AGENT, { embedding: OTHER, signal: interrupted.signal }));
          if (done + (batch - 1) * 64 >= total) {
            // There is nothing left to interrupt.
            await run;
            expect(await looked(memgpt)).toMatchObject(AFTER);
            return;
          }
          await expect(run).rejects.toMatchObject({ code: "interrupted" });
          done += (batch - 1) * 64;
          expect(await looked(memgpt)).toMatchObject({ ...BEFORE, aside: done });
          const cars = Array.from({ length: total }, (_, n) => textOf(n)).filter((text) => text.includes("car")).length;
          expect(await meaning(memgpt, "automobile")).toBe(Math.min(cars, NEAREST));
          // The agent lives on in between.
          await addPassages(memgpt, total, total + i, new TestEmbedder("first"));
          total += i;
        }
        embedder = new TestEmbedder("other");
        const events = await collected(memgpt.reindex(AGENT, { embedding: OTHER }));

        expect(events[0]).toEqual({ type: "progress", model: "other", done, total });
        expect(embedder.asked.flat()).toEqual(Array.from({ length: total - done }, (_, n) => textOf(done + n)));
        expect(await looked(memgpt)).toMatchObject(AFTER);
      },
    ),
    { numRuns: 15 },
  );
});

test("vectors for another model or other dimensions are not reused", async () => {
  let embedder = new TestEmbedder("other");
  const memgpt = await homeWith(({ model }) => (model === null ? new TestEmbedder("first") : embedder));
  await agentWith(memgpt, 200);
  const first = interruptedIn(3);
  ({ embedder } = first);
  await expect(collected(memgpt.reindex(AGENT, { embedding: OTHER, signal: first.signal }))).rejects.toMatchObject({
    code: "interrupted",
    message: expect.stringMatching(/128 of 200 passages .*resumes there/),
  });

  const second = interruptedIn(3);
  ({ embedder } = second);
  const smaller = { ...OTHER, dimensions: 8 };
  await expect(collected(memgpt.reindex(AGENT, { embedding: smaller, signal: second.signal }))).rejects.toMatchObject({
    code: "interrupted",
  });
  expect(embedder.asked[0]?.[0]).toBe(textOf(0));

  embedder = new TestEmbedder("third");
  const events = await collected(memgpt.reindex(AGENT, { embedding: OTHER }));
  expect(events[0]).toMatchObject({ done: 0 });
  expect(await looked(memgpt)).toMatchObject({ collection: "third", aside: 0 });
});

test("a failing embedder leaves the agent unchanged, and says so", async () => {
  const failing = new TestEmbedder("other", {
    before: () => {
      if (failing.asked.length === 2) throw new MemGPTError("llm_unavailable", "No server answers.");
    },
  });
  const memgpt = await homeWith(({ model }) => (model === null ? new TestEmbedder("first") : failing));
  await agentWith(memgpt, 100);

  await expect(collected(memgpt.reindex(AGENT, { embedding: OTHER }))).rejects.toMatchObject({
    code: "llm_unavailable",
    message: expect.stringMatching(/^No server answers\. The agent is unchanged; 64 of 100 passages/),
  });

  expect(await looked(memgpt)).toMatchObject({ ...BEFORE, aside: 64 });
});

test("an unavailable or invalid embedding changes nothing", async () => {
  const memgpt = await testHome();
  await agentWith(memgpt, 3);

  for (const [embedding, code] of [
    [{ provider: "openai", model: "m", endpoint: "https://api.openai.com/v1" }, "llm_unavailable"],
    [{ model: "m" }, "invalid_input"],
    [{ provider: "local", endpoint: "http://127.0.0.1:1" }, "invalid_input"],
  ] as const) {
    await expect(collected(memgpt.reindex(AGENT, { embedding }))).rejects.toMatchObject({ code });
  }
  await expect(collected(memgpt.reindex("nobody"))).rejects.toMatchObject({ code: "agent_not_found" });

  expect(await looked(memgpt)).toMatchObject(BEFORE);
});

test("omitted settings stay or come from the configuration, and do not carry over to another provider", () => {
  const config = configSchema.parse({ model_endpoint: "http://127.0.0.1:5/v1", embedding_model: "configured" });
  const current = { provider: "openai", model: "big", endpoint: "http://127.0.0.1:1/v1", dimensions: 256 } as const;
  const hash = { provider: "hash", model: null, endpoint: null, dimensions: null } as const;

  expect(chosenEmbedding(current, {}, config)).toEqual(current);
  expect(chosenEmbedding(current, { endpoint: "http://127.0.0.1:2/v1" }, config)).toEqual({
    ...current,
    endpoint: "http://127.0.0.1:2/v1",
  });
  expect(chosenEmbedding(current, { model: "small" }, config)).toEqual({
    ...current,
    model: "small",
    dimensions: null,
  });
  expect(chosenEmbedding(current, { dimensions: null }, config)).toEqual({ ...current, dimensions: null });
  expect(chosenEmbedding(current, { provider: "hash" }, config)).toEqual(hash);
  expect(chosenEmbedding(hash, current, config)).toEqual(current);
  expect(chosenEmbedding(hash, { provider: "openai", model: "m" }, config)).toMatchObject({
    model: "m",
    endpoint: "http://127.0.0.1:5/v1",
  });
  expect(chosenEmbedding(hash, { provider: "openai" }, { ...config, embedding: "openai" }).model).toBe("configured");
});

test("a caller that stops listening stops it, and the agent is free for others", async () => {
  const memgpt = await homeWith(embedderOf);
  await agentWith(memgpt, 200);

  for await (const event of memgpt.reindex(AGENT, { embedding: OTHER })) {
    if (event.type !== "progress") continue;
    await expect(memgpt.openAgent(AGENT)).rejects.toMatchObject({ code: "agent_locked" });
    if (event.done > 0) break;
  }

  expect(await looked(memgpt)).toMatchObject({ ...BEFORE, aside: 64 });
  await (await memgpt.openAgent(AGENT)).close();
  const [first] = await collected(memgpt.reindex(AGENT, { embedding: OTHER }));
  expect(first).toMatchObject({ done: 64 });
});

test("a swap that fails halfway changes nothing, and the next one embeds nothing again", async () => {
  let embedder = new TestEmbedder("other");
  const memgpt = await homeWith(({ model }) => (model === null ? new TestEmbedder("first") : embedder));
  await agentWith(memgpt, 100);
  const { database } = agentFolder(memgpt.home, AGENT);
  const db = await openDatabase(database);
  // The last thing that the swap writes.
  db.exec("CREATE TRIGGER full BEFORE UPDATE ON state BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  db.close();

  await expect(collected(memgpt.reindex(AGENT, { embedding: OTHER }))).rejects.toMatchObject({
    code: "storage_failed",
    message: expect.stringContaining("disk full"),
  });

  expect(await looked(memgpt)).toMatchObject({ ...BEFORE, aside: 100 });
  const again = await openDatabase(database);
  again.exec("DROP TRIGGER full");
  again.close();
  embedder = new TestEmbedder("other");
  await collected(memgpt.reindex(AGENT, { embedding: OTHER }));
  expect(embedder.asked).toEqual([]);
  expect(await looked(memgpt)).toMatchObject(AFTER);
});

test("without passages, only the agent's embedding setting changes", async () => {
  const memgpt = await homeWith(embedderOf);
  await agentWith(memgpt, 0);

  expect(await collected(memgpt.reindex(AGENT, { embedding: OTHER }))).toEqual([
    { type: "progress", model: "other", done: 0, total: 0 },
    { type: "done", model: "other", dimensions: null, passages: 0, takenBack: 0, withoutVector: 0 },
  ]);

  expect(await looked(memgpt)).toMatchObject({ settings: "other", collection: null });
});

test("a copy made meanwhile resumes by itself", async () => {
  const memgpt = await homeWith(embedderOf);
  await agentWith(memgpt, 100);
  for await (const event of memgpt.reindex(AGENT, { embedding: OTHER })) {
    if (event.type === "progress" && event.done > 0) break;
  }

  await memgpt.copyAgent(AGENT, "copy");

  expect(readdirSync(memgpt.home.agents).sort()).toEqual(["copy", AGENT]);
  const [first] = await collected(memgpt.reindex("copy", { embedding: OTHER }));
  expect(first).toMatchObject({ done: 64 });
  expect((await memgpt.inspect("copy")).archival.embedding).toBe("other");
  expect(await looked(memgpt)).toMatchObject({ ...BEFORE, aside: 64 });
});
