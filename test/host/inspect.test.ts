import { statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type AgentInspection, inspectAgent } from "../../src/host/inspect.ts";
import { agentFolder, homeAt } from "../../src/storage/files/paths.ts";
import { bytesOf } from "../../src/storage/repository/stored-bytes.ts";
import { SqliteAgentStore } from "../../src/storage/sqlite/agent-store.ts";
import { at, newState, passage, revert, someAction } from "../storage/support.ts";
import { randomVectors } from "../storage/vectors/random.ts";
import { testHome } from "../support/agents.ts";

const DIMENSIONS = 16;
const vectors = randomVectors(150, DIMENSIONS);

test("shows the state of the vector index for no vectors, a few, and a graph, without opening the agent for writing", async () => {
  const memgpt = await testHome();
  await (await memgpt.createAgent({ name: "sam" })).close();
  const folder = agentFolder(homeAt(memgpt.home.root), "sam");
  const open = async (readonly: boolean): Promise<SqliteAgentStore> => {
    const store = await SqliteAgentStore.open({ file: folder.database, readonly, graphFrom: 100 });
    onTestFinished(() => store.close());
    return store;
  };
  const inspected = async (): Promise<AgentInspection["archival"]["index"]> => {
    const store = await open(true);
    const { history, recall, archival: passages, maintenance } = store;
    const memory = { name: "sam", history, recall, archival: passages, maintenance };
    const reader = { ...memory, bytes: async () => bytesOf(folder), close: async () => store.close() };
    const { archival, disk } = await inspectAgent("sam", reader, {
      checkpoints: [],
      current: async ({ blocks }) => blocks,
    });
    await store.close();
    expect(archival.index.file_bytes).toBe(disk.index);
    return archival.index;
  };
  const commit = async (store: SqliteAgentStore, from: number, to: number): Promise<number> => {
    const passages = vectors.slice(from, to).map((vector, i) => passage(`p${from + i}`, "text", Array.from(vector)));
    return store.history.commit({
      action: someAction(),
      cause: "t",
      at: at(2),
      state: newState(),
      messages: [],
      passages,
    });
  };
  const none = { kind: "none", vectors: 0, pending: 0, removed: 0, memory_bytes: 0, file_bytes: 0 };
  expect(await inspected()).toEqual(none);
  expect((await memgpt.inspect("sam")).archival.index).toEqual(none);

  const store = await open(false);
  await commit(store, 0, 40);
  const { memory_bytes: exact, ...few } = await inspected();
  expect(few).toEqual({ kind: "exact", vectors: 40, pending: 0, removed: 0, file_bytes: 0 });
  expect(exact).toBeGreaterThan(40 * DIMENSIONS * 4);

  const some = await commit(store, 40, 100);
  await commit(store, 100, 120);
  await store.indexed();
  await revert(store, some, "undo", at(3));
  await commit(store, 120, 150);
  const { memory_bytes: graph, ...many } = await inspected();
  const { size } = statSync(join(folder.root, "archival.hnsw"));
  expect(many).toEqual({ kind: "graph", vectors: 100, pending: 30, removed: 20, file_bytes: size });
  // The file has 120 of the 150 that will be in memory.
  expect(graph).toBeGreaterThan((size / 120) * 150);
  expect(graph).toBeLessThan((size / 120) * 150 + 150 * 200);

  await store.close();
  unlinkSync(join(folder.root, "archival.hnsw"));
  expect(await inspected()).toEqual({
    kind: "graph",
    vectors: 0,
    pending: 130,
    removed: 0,
    memory_bytes: Math.round((graph / 150) * 130),
    file_bytes: 0,
  });
});
