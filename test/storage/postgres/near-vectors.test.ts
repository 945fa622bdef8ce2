import { describe, expect, test } from "vitest";
import { NoticeList } from "../../../src/ports/notices.ts";
import type { AgentStore } from "../../../src/ports/agent-store.ts";
import type { EmbeddedPassage } from "../../../src/schema/passage.ts";
import { PgAgentStore } from "../../../src/storage/postgres/agent-store.ts";
import { addAgent, removeRows } from "../../../src/storage/postgres/agents.ts";
import { vectorEngineOf } from "../../../src/storage/postgres/near-vectors.ts";
import { ExactIndex } from "../../../src/storage/vectors/exact-index.ts";
import { archivalContract } from "../../contract/archival.ts";
import { PgliteDatabase } from "../../support/pglite.ts";
import { sharedDatabase } from "../../support/postgres.ts";
import { at, newState, passage, someAction } from "../support.ts";
import { randomVectors } from "../vectors/random.ts";

// PostgreSQL with pgvector, which here compares 40 vectors of an agent one by one and leads to the others by a graph.

const DIMENSIONS = 16;

describe("PGlite with pgvector", () => {
  const database = sharedDatabase(() => PgliteDatabase.open({ extensions: true }));
  const agents = new Map<string, number>();
  const notices = new WeakMap<AgentStore, NoticeList>();

  async function open(place: string): Promise<PgAgentStore> {
    const agent = agents.get(place) ?? (await addAgent(database(), "test", place)) ?? 0;
    agents.set(place, agent);
    const said = new NoticeList();
    const store = new PgAgentStore(database(), { agent, fence: 0, packFrom: 1, compared: 40 }, said.add);
    notices.set(store, said);
    return store;
  }

  archivalContract("PGlite with pgvector", open, (store) => notices.get(store)?.all ?? []);

  const vectors = randomVectors(120, DIMENSIONS);
  const [query = new Float32Array(DIMENSIONS)] = randomVectors(1, DIMENSIONS, 7);

  const archive = async (place: string): Promise<PgAgentStore> => {
    const store = await open(place);
    await store.history.commit(change([]));
    for (let i = 0; i < vectors.length; i += 30) {
      const part = vectors.slice(i, i + 30).map((vector, k) => passage(`p${i + k}`, `thing ${i + k}`, [...vector]));
      await store.history.commit(change(part));
      await store.history.settled();
    }
    return store;
  };

  const change = (passages: readonly EmbeddedPassage[]) => ({
    action: someAction(),
    cause: "t",
    at: at(2),
    state: newState(),
    messages: [],
    passages,
  });

  /** The numbers of the ten that are nearest, and how near they are, by comparing with each of `live`. */
  const expected = async (live: (n: number) => boolean): Promise<unknown[]> => {
    const index = new ExactIndex(DIMENSIONS);
    vectors.forEach((vector, i) => {
      if (live(i + 1)) index.add(i + 1, vector);
    });
    return (await index.search(query, 10)).map(({ seq, similarity }) => ({ n: seq, similarity }));
  };

  const found = async (store: PgAgentStore): Promise<unknown> => {
    const asked = { text: "", embedding: { model: "test-4", vector: query }, minSimilarity: -1 };
    return (await store.archival.searchable.vectorsFor(asked))?.nearest(10);
  };

  test("the nearest are found as by comparing with all, without undone ones", async () => {
    const store = await archive("nearest");

    expect(await found(store)).toEqual(await expected(() => true));
    await store.history.undo(1, at(3));
    expect(await found(store)).toEqual(await expected((n) => n <= 90));
    await store.history.redo(at(4));
    expect(await found(store)).toEqual(await expected(() => true));
    expect(await store.maintenance.vectorIndex()).toMatchObject({ kind: "graph", vectors: 120, pending: 0 });
  });

  test("vectors that are not compared one by one are found through a graph", async () => {
    await archive("graph");

    const [index] = await database().query<{ definition: string }>(
      "SELECT pg_get_indexdef(to_regclass($1)) AS definition",
      [`near_vectors_${DIMENSIONS}`],
    );

    expect(index?.definition).toContain("USING hnsw");
    expect(await vectorEngineOf(database())).toMatch(/^pgvector \d/);
  });

  test("passages older than the extension are added with the next ones, and until then compared one by one", async () => {
    const store = await archive("late");
    await database().query("DELETE FROM near_vectors WHERE agent = $1", [agents.get("late") ?? 0]);

    expect(await found(store)).toEqual(await expected(() => true));
    const again = await open("late");
    await again.history.commit(
      change([
        passage(
          "last",
          "another thing",
          [...query].map((it) => -it),
        ),
      ]),
    );
    await again.history.settled();

    expect(await again.maintenance.vectorIndex()).toMatchObject({ vectors: 121, pending: 0 });
    expect(await found(again)).toEqual(await expected(() => true));
  });

  test("deleting the agent deletes its vectors", async () => {
    await archive("gone");
    const agent = agents.get("gone") ?? 0;

    await removeRows(database(), agent, 0);

    expect(await database().query("SELECT 1 FROM near_vectors WHERE agent = $1", [agent])).toEqual([]);
  });

  test("a re-embedded agent is compared by its new vectors", async () => {
    const store = await archive("reindexed");
    const { reindexing } = store.maintenance;
    const target = { provider: "local", model: "test-5", endpoint: null, dimensions: null } as const;
    await reindexing.begin(target);
    const others = randomVectors(120, DIMENSIONS, 5);
    for (let next = await reindexing.next(50); next.length > 0; next = await reindexing.next(50)) {
      await reindexing.add(next.map(({ seq }) => ({ seq, vector: others[seq - 1] ?? null })));
    }
    await reindexing.finish({ ...change([]), passages: [] });
    await store.history.settled();

    const index = new ExactIndex(DIMENSIONS);
    others.forEach((vector, i) => {
      index.add(i + 1, vector);
    });
    const nearest = (await index.search(query, 10)).map(({ seq, similarity }) => ({ n: seq, similarity }));
    const asked = { text: "", embedding: { model: "test-5", vector: query }, minSimilarity: -1 };
    expect(await (await store.archival.searchable.vectorsFor(asked))?.nearest(10)).toEqual(nearest);
    expect(await store.maintenance.vectorIndex()).toMatchObject({ vectors: 120, pending: 0 });
  });
});
