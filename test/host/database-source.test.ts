import { join } from "node:path";
import { type DatabaseRows, type LoadEvent, type MemGPT, databaseSource } from "memgpt";
import { describe, expect, onTestFinished, test } from "vitest";
import { PgDatabase } from "../../src/storage/postgres/pool.ts";
import { loadSqlite } from "../../src/storage/sqlite/load-sqlite.ts";
import { temporaryFolder, testHome } from "../support/agents.ts";
import { TEST_SERVER, databaseUrl } from "../support/postgres.ts";
import { TestEmbedder } from "../support/embedder.ts";

const TEXTS = ["My car is red.", "The boat leaks.", "A dog barks.", "The house is old.", "My doctor is Ana."];

/** A database of somebody else, with a table `items` of `id`, `body` and `vector`. */
async function foreign(rows: readonly { id: string; body: string | null; vector?: unknown }[]): Promise<string> {
  const file = join(temporaryFolder(), "shop.db");
  const Sqlite = await loadSqlite();
  const db = new Sqlite(file);
  db.exec("CREATE TABLE items (id TEXT, body TEXT, vector)");
  const insert = db.prepare("INSERT INTO items VALUES (?, ?, ?)");
  for (const { id, body, vector = null } of rows) insert.run(id, body, vector);
  db.close();
  return file;
}

async function load(memgpt: MemGPT, rows: DatabaseRows): Promise<LoadEvent[]> {
  const events: LoadEvent[] = [];
  for await (const event of memgpt.sources.load("shop", [databaseSource(rows)])) events.push(event);
  return events;
}

async function stored(memgpt: MemGPT): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of memgpt.sources.documents("shop")) names.push(name);
  return names;
}

test("the rows of a query become documents, and loading it again replaces only what changed", async () => {
  const memgpt = await testHome();
  const file = await foreign([
    { id: "a1", body: "# Not a heading\n\n{}" },
    { id: "a2", body: "Two." },
    { id: "a3", body: null },
  ]);
  const rows = { database: file, query: "SELECT id, body FROM items ORDER BY id;" };

  expect((await load(memgpt, rows)).at(-1)).toMatchObject({ added: 3, failed: 0, passages: 3 });
  expect(await stored(memgpt)).toEqual(["row a1", "row a2", "row a3"]);

  const Sqlite = await loadSqlite();
  const db = new Sqlite(file);
  db.exec("UPDATE items SET body = 'Three.' WHERE id = 'a3'; DELETE FROM items WHERE id = 'a1'");
  db.close();
  expect((await load(memgpt, rows)).at(-1)).toMatchObject({ added: 0, changed: 1, unchanged: 1, removed: 1 });
});

test("rows with the same id are separate documents", async () => {
  const memgpt = await testHome();
  const file = await foreign([
    { id: "x", body: "One." },
    { id: "x", body: "Two." },
  ]);

  await load(memgpt, { database: file, table: "items", textColumn: "body" });

  expect(await stored(memgpt)).toEqual(["items x", "items x (2)"]);
});

test.each([
  ["a query that changes something", { query: "DELETE FROM items" }, /does not return rows/],
  ["a query with a mistake", { query: "SELECT missing FROM items" }, /no such column/],
  ["a column that does not exist", { table: "items", textColumn: "text" }, /has no column text.*id, body, vector/],
  ["a table that does not exist", { table: "things", textColumn: "body" }, /no such table: things/],
])("%s is refused, and leaves no source", async (_, rows, message) => {
  const memgpt = await testHome();
  const file = await foreign([{ id: "a", body: "One." }]);

  await expect(load(memgpt, { database: file, ...rows })).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringMatching(message),
  });
  expect(await memgpt.sources.list()).toEqual([]);
});

test("a missing database is an error that names it, without its password", async () => {
  const memgpt = await testHome();

  await expect(load(memgpt, { database: "nowhere.db", query: "SELECT 1" })).rejects.toMatchObject({
    message: expect.stringContaining("nowhere.db"),
  });
  const refused = load(memgpt, { database: "postgres://ana:secret@127.0.0.1:9/shop", query: "SELECT 1" });
  await expect(refused).rejects.toMatchObject({
    code: "storage_failed",
    message: expect.stringMatching(/^(?!.*secret).*postgres:\/\/ana@127\.0\.0\.1:9\/shop/),
  });
});

describe("embeddings that come with the rows", () => {
  const embeddings = { table: "items", textColumn: "body", embeddingColumn: "vector" };
  const many = Array.from({ length: 40 }, (_, i) => TEXTS.map((text) => `${text} ${i}`)).flat();

  /** Rows whose vectors `model` made, as `form` writes them. */
  async function embedded(model: TestEmbedder, form: (vector: number[]) => unknown): Promise<string> {
    const vectors = many.map((text) => form(Array.from(model.vectorOf(text) ?? [])));
    return foreign(many.map((body, i) => ({ id: String(i), body, vector: vectors[i] })));
  }

  function notices(events: readonly LoadEvent[]): string[] {
    return events.flatMap((event) => (event.type === "notice" ? [event.text] : []));
  }

  test.each([
    ["JSON", (vector: number[]) => JSON.stringify(vector)],
    ["32-bit numbers", (vector: number[]) => Buffer.from(Float32Array.from(vector).buffer)],
  ])("are used, as %s, if the source's own embedder gives the same", async (_, form) => {
    const own = new TestEmbedder("mine");
    const memgpt = await testHome({ embedder: () => own });
    const file = await embedded(new TestEmbedder("mine"), form);

    const events = await load(memgpt, { database: file, ...embeddings });

    expect(own.asked.flat()).toHaveLength(64);
    expect(notices(events)).toEqual(["the embeddings of its rows are by mine, too, and are used"]);
    expect(await memgpt.sources.overview("shop")).toMatchObject({
      passages: 200,
      collection: { model: "mine", dimensions: 8, withoutVector: 0 },
    });
  });

  test.each([
    ["of another model", new TestEmbedder("theirs"), /are by another model than mine/],
    ["of another length", new TestEmbedder("mine", { dimensions: 16 }), /have 16 dimensions, and those of mine 8/],
  ])("%s are recomputed, with one notice", async (_, theirs, reason) => {
    const own = new TestEmbedder("mine");
    const memgpt = await testHome({ embedder: () => own });
    const file = await embedded(theirs, (vector) => JSON.stringify(vector));

    const events = await load(memgpt, { database: file, ...embeddings });

    expect(own.asked.flat()).toHaveLength(200);
    expect(notices(events)).toEqual([expect.stringMatching(reason)]);
    expect(await memgpt.sources.overview("shop")).toMatchObject({ collection: { model: "mine", dimensions: 8 } });
  });
});

describe.skipIf(TEST_SERVER === undefined)("rows in PostgreSQL", () => {
  test("are read page by page, as a query and as a table, by its column id", async () => {
    const memgpt = await testHome();
    const url = await databaseUrl();
    const server = new PgDatabase({ url });
    onTestFinished(async () => server.close());
    await server.script(
      "CREATE TABLE public.items AS SELECT i AS id, 'Note ' || i AS body FROM generate_series(1, 450) i",
    );
    const database = url.replace("postgres:", "postgresql+pg8000:");

    const asQuery = await load(memgpt, { database, query: "SELECT id, body FROM items ORDER BY id;" });
    expect(asQuery.at(-1)).toMatchObject({ added: 450, passages: 450 });
    const asTable = await load(memgpt, { database, table: "public.items", textColumn: "body" });
    expect(asTable.at(-1)).toMatchObject({ added: 450 });
    expect((await stored(memgpt)).at(-1)).toBe("public.items 450");

    const changing = load(memgpt, { database, query: "SELECT 1; DROP TABLE items" });
    await expect(changing).rejects.toThrow("cannot insert multiple commands");
  });
});
