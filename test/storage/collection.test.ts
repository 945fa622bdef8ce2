import { join } from "node:path";
import { expect, test } from "vitest";
import type { EmbeddedPassage } from "../../src/schema/passage.ts";
import type { AgentStore } from "../../src/ports/agent-store.ts";
import { openDatabase } from "../../src/storage/sqlite/database.ts";
import { loadSqlite } from "../../src/storage/sqlite/load-sqlite.ts";
import { temporaryFolder } from "../support/agents.ts";
import { at, newState, noticesOf, openStore, passage, revert, someAction, toSchema } from "./support.ts";

const FIRST = { page: 0, size: 10 };

/** A passage whose vector is of a model, or of an unusual length. */
function embedded(id: string, model: string, numbers: readonly number[]): EmbeddedPassage {
  return { id, text: `text of ${id}`, createdAt: at(1), embedding: { model, vector: Float32Array.from(numbers) } };
}

async function add(store: AgentStore, ...passages: readonly EmbeddedPassage[]): Promise<number> {
  const change = { action: someAction(), cause: "m", at: at(1), state: newState(), messages: [], passages };
  return store.history.commit(change);
}

/** Ids of what is similar to a vector of a model, found by nothing else. */
async function similar(store: AgentStore, model: string, numbers: readonly number[]): Promise<string[]> {
  const query = { text: "nothing", embedding: { model, vector: Float32Array.from(numbers) }, minSimilarity: 0.9 };
  return (await store.archival.search(query, FIRST)).items.map(({ id }) => id);
}

/** What is stored as the vector of each passage. */
async function stored(file: string): Promise<Record<string, number[] | null>> {
  const db = await openDatabase(file, { readonly: true });
  try {
    const rows = db.prepare<[], { id: string; embedding: Buffer | null }>("SELECT id, embedding FROM passages").all();
    const numbers = (blob: Buffer): number[] => [...new Float32Array(new Uint8Array(blob).buffer)];
    return Object.fromEntries(
      rows.map(({ id, embedding }) => [id, embedding === null ? null : numbers(embedding)] as const),
    );
  } finally {
    db.close();
  }
}

async function newStore(): Promise<{ store: AgentStore; file: string }> {
  const file = join(temporaryFolder(), "agent.db");
  const store = await openStore(file);
  await add(store);
  return { store, file };
}

test("the first vector determines a collection's model for good", async () => {
  const { store, file } = await newStore();
  expect(await store.archival.collection()).toEqual({ model: null, dimensions: null, withoutVector: 0 });
  await add(store, passage("plain", "no vector"));
  expect(await store.archival.collection()).toEqual({ model: null, dimensions: null, withoutVector: 1 });

  await add(store, embedded("one", "m-3", [1, 0, 0]), embedded("two", "m-3", [0, 1, 0]));
  await store.close();

  const again = await openStore(file);
  expect(await again.archival.collection()).toEqual({ model: "m-3", dimensions: 3, withoutVector: 1 });
  expect(await similar(again, "m-3", [0, 1, 0])).toEqual(["two"]);
  expect(noticesOf(again)).toEqual([]);
});

test("another model's passage is stored without its vector and found by its words, with one notice", async () => {
  const { store, file } = await newStore();
  await add(store, embedded("ours", "m-3", [1, 0, 0]));

  await add(store, embedded("theirs", "other-3", [1, 0, 0]), embedded("theirs too", "other-3", [0, 1, 0]));

  expect(await stored(file)).toEqual({ ours: [1, 0, 0], theirs: null, "theirs too": null });
  expect(await similar(store, "m-3", [1, 0, 0])).toEqual(["ours"]);
  expect((await store.archival.search({ text: "theirs" }, FIRST)).total).toBe(2);
  expect(await store.archival.collection()).toEqual({ model: "m-3", dimensions: 3, withoutVector: 2 });
  expect(noticesOf(store)).toEqual([
    expect.stringMatching(/^Archival memory is embedded with m-3 and not with other-3, .*`memgpt reindex NAME`/),
  ]);
});

test("another model's query searches by words only, with one notice", async () => {
  const { store } = await newStore();
  await add(store, embedded("ours", "m-3", [1, 0, 0]));

  expect(await similar(store, "other-3", [1, 0, 0])).toEqual([]);
  expect(await similar(store, "other-3", [1, 0, 0])).toEqual([]);
  const query = { text: "text", embedding: { model: "other-3", vector: Float32Array.from([1, 0, 0]) } };
  expect((await store.archival.search(query, FIRST)).items).toMatchObject([{ id: "ours", signals: {} }]);

  expect(noticesOf(store)).toEqual([expect.stringContaining("can only be found by their words")]);
  expect(await store.archival.accepts("other-3")).toBe(false);
  expect(await store.archival.usesVector("text", "other-3")).toBe(false);
  expect(await store.archival.usesVector("text", "m-3")).toBe(true);
});

test("whether a search would use a vector is known before one is made", async () => {
  const { store } = await newStore();
  expect(await store.archival.usesVector("text", "m-3")).toBe(false);
  expect(await store.archival.accepts("m-3")).toBe(true);
  await add(store, embedded("ours", "m-3", [1, 0, 0]));

  expect(await store.archival.usesVector("some words", "m-3")).toBe(true);
  expect(await store.archival.usesVector('"an exact phrase"', "m-3")).toBe(false);
  expect(await store.archival.usesVector("order 4711-b", "m-3")).toBe(false);
});

test.each([
  { what: "of another length", numbers: [1, 0, 0, 0] },
  { what: "that is no direction", numbers: [0, 0, 0] },
  { what: "with a number that is none", numbers: [Number.NaN, 1, 0] },
])("a vector $what is not stored, but its passage is", async ({ numbers }) => {
  const { store, file } = await newStore();
  await add(store, embedded("bad first", "m-3", numbers.length === 3 ? numbers : []));
  expect(await store.archival.collection()).toMatchObject({ model: null });
  await add(store, embedded("ours", "m-3", [1, 0, 0]));

  await add(store, embedded("bad", "m-3", numbers));

  expect(await stored(file)).toMatchObject({ ours: [1, 0, 0], bad: null });
  expect((await store.archival.search({ text: "bad" }, FIRST)).total).toBe(2);
  expect(await similar(store, "m-3", numbers)).toEqual([]);
  expect(noticesOf(store).join()).toContain("vectors cannot be used");
});

test("a collection keeps its model after all passages are undone, because a redo restores them", async () => {
  const { store } = await newStore();
  const before = await store.history.journal.head();
  const after = await add(store, embedded("ours", "m-3", [1, 0, 0]));
  await revert(store, before, "undo", at(2));

  await add(store, embedded("theirs", "other-3", [1, 0, 0]));
  await revert(store, after, "redo", at(3));

  expect(await similar(store, "m-3", [1, 0, 0])).toEqual(["ours"]);
  expect(await similar(store, "other-3", [1, 0, 0])).toEqual([]);
});

test("a collection without vectors accepts another model", async () => {
  const { store, file } = await newStore();
  await add(store, embedded("ours", "m-3", [1, 0, 0]));
  expect(await similar(store, "m-3", [1, 0, 0])).toEqual(["ours"]);
  const db = await openDatabase(file);
  db.prepare("UPDATE passages SET embedding = NULL").run();
  db.close();

  await add(store, embedded("theirs", "other-2", [0, 1]));

  expect(await similar(store, "other-2", [0, 1])).toEqual(["theirs"]);
  expect(await similar(store, "m-3", [1, 0, 0])).toEqual([]);
});

test("vectors without a recorded model belong to the built-in embedding", async () => {
  const { store, file } = await newStore();
  await add(store, embedded("old", "hash-1024", [1, 0, 0]));
  await store.close();
  await toSchema(3, file);
  const db = new (await loadSqlite())(file);
  db.exec("DELETE FROM meta WHERE key = 'embedding'");
  db.close();

  const again = await openStore(file);
  await add(again, embedded("theirs", "other-3", [1, 0, 0]), embedded("new", "hash-1024", [0, 1, 0]));

  expect(await again.archival.collection()).toEqual({ model: "hash-1024", dimensions: 3, withoutVector: 1 });
  expect(await similar(again, "hash-1024", [0, 1, 0])).toEqual(["new"]);
  expect(await similar(again, "other-3", [1, 0, 0])).toEqual([]);
});

test("if a collection's model is unreadable, no vectors are compared, and searches still work", async () => {
  const { store, file } = await newStore();
  await add(store, embedded("ours", "m-3", [1, 0, 0]));
  const db = await openDatabase(file);
  db.exec("UPDATE meta SET value = '{\"model\":7' WHERE key = 'embedding'");
  db.close();

  expect(await similar(store, "m-3", [1, 0, 0])).toEqual([]);
  expect((await store.archival.search({ text: "ours" }, FIRST)).total).toBe(1);
  await add(store, embedded("more", "m-3", [1, 0, 0]));
  expect(await stored(file)).toMatchObject({ more: null });
});

test("a reader goes on searching while another connection embeds everything with another model of the same length", async () => {
  const { store, file } = await newStore();
  await add(store, embedded("one", "m-3", [1, 0, 0]), embedded("two", "m-3", [0, 1, 0]));
  const reader = await openStore(file, { readonly: true });
  expect(await similar(reader, "m-3", [1, 0, 0])).toEqual(["one"]);

  await store.maintenance.reindexing.begin({ provider: "openai", endpoint: null, model: "other-3", dimensions: null });
  const passages = await store.maintenance.reindexing.next(10);
  await store.maintenance.reindexing.add(
    passages.map(({ seq }, i) => ({ seq, vector: Float32Array.from(i === 0 ? [0, 0, 1] : [1, 0, 0]) })),
  );
  expect(await similar(reader, "m-3", [1, 0, 0])).toEqual(["one"]);
  await store.maintenance.reindexing.finish({
    action: someAction(),
    cause: "reindex",
    at: at(2),
    state: newState(),
    messages: [],
    passages: [],
  });

  for (const it of [reader, store]) {
    expect(await similar(it, "m-3", [1, 0, 0])).toEqual([]);
    expect(await similar(it, "other-3", [1, 0, 0])).toEqual(["two"]);
  }
});

test("a query vector of a different length searches by words, with advice", async () => {
  const { store } = await newStore();
  await add(store, embedded("one", "m-3", [1, 0, 0]));

  expect(await similar(store, "m-3", [1, 0])).toEqual([]);

  expect(noticesOf(store)).toEqual([expect.stringMatching(/searched by words only, .*`memgpt reindex NAME`/)]);
});
