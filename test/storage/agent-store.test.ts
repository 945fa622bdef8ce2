import { join } from "node:path";
import type { Message } from "memgpt";
import { expect, test } from "vitest";
import type { PageRequest } from "../../src/schema/page.ts";
import { loadSqlite } from "../../src/storage/sqlite/load-sqlite.ts";
import { MIGRATIONS } from "../../src/storage/sqlite/migrations.ts";
import { temporaryFolder } from "../support/agents.ts";
import { at, created, newState, noticesOf, openStore, passage, revert, someAction, userMessage } from "./support.ts";

const FIRST: PageRequest = { page: 0, size: 10 };
type Store = Awaited<ReturnType<typeof openStore>>;

test("a reader sees other connections' commits, and cannot write", async () => {
  const file = join(temporaryFolder(), "agent.db");
  const writer = await openStore(file);
  await created(writer);
  const reader = await openStore(file, { readonly: true });

  const messages = [userMessage("u1", "apple")];
  await writer.history.commit({
    action: someAction(),
    cause: "u1",
    at: at(1),
    state: newState({ queue: messages }),
    messages,
    passages: [],
  });

  expect(await reader.recall.size()).toBe(1);
  expect((await reader.history.load())?.queue).toEqual(messages);
  const change = { action: someAction(), cause: "u2", at: at(2), state: newState(), messages: [], passages: [] };
  await expect(reader.history.commit(change)).rejects.toMatchObject({ code: "storage_failed" });
});

const GARBAGE = "UPDATE messages_fts_data SET block = x'ffffffff'; UPDATE passages_fts_data SET block = x'ffffffff'";
const indexDamages: readonly (readonly [name: string, sql: string])[] = [
  ["garbage", GARBAGE],
  ["garbage but for its averages", `${GARBAGE.replace(";", " WHERE id >= 10;")} WHERE id >= 10`],
  ["garbage in its pages", `${GARBAGE.replace(";", " WHERE id > 10;")} WHERE id > 10`],
  ["garbage in its averages", `${GARBAGE.replace(";", " WHERE id = 1;")} WHERE id = 1`],
  ["of zeros", GARBAGE.replaceAll("x'ffffffff'", "zeroblob(length(block))")],
  ["empty", "DELETE FROM messages_fts_data; DELETE FROM passages_fts_data"],
  ["garbage in its lengths", "UPDATE messages_fts_docsize SET sz = x'ff'; UPDATE passages_fts_docsize SET sz = x'ff'"],
];

/** A database with a damaged full-text index, an undone message in it, and what was found in it before. */
async function withDamagedIndex(sql: string): Promise<{ file: string; found: unknown; live: Message[] }> {
  const file = join(temporaryFolder(), "agent.db");
  const store = await openStore(file);
  await created(store);
  const live = [1, 2, 3].map((n) => userMessage(`u${n}`, `apple ${n}`, at(n)));
  const passages = [passage("p1", "an apple tree")];
  const op = await store.history.commit({
    action: someAction(),
    cause: "u1",
    at: at(1),
    state: newState({ queue: live }),
    messages: live,
    passages,
  });
  const undone = [userMessage("u9", "apple undone", at(9))];
  await store.history.commit({
    action: someAction(),
    cause: "u9",
    at: at(9),
    state: newState({ queue: undone }),
    messages: undone,
    passages: [],
  });
  await revert(store, op, "undo", at(10));
  const found = await searched(store);
  await store.close();
  const Sqlite = await loadSqlite();
  const db = new Sqlite(file);
  // Lets the tables be written that SQLite keeps for itself, as a bad disk does.
  db.unsafeMode(true);
  db.exec(sql);
  db.close();
  return { file, found, live };
}

async function searched(store: Store): Promise<unknown> {
  const both = [
    await store.recall.search({ text: "apple" }, FIRST),
    await store.archival.search({ text: "apple" }, FIRST),
  ];
  return both.map(({ items, total }) => ({ total, ids: items.map(({ id }) => id) }));
}

test.each(indexDamages)("a full-text index that is %s is rebuilt when it is searched", async (_, sql) => {
  const { file, found } = await withDamagedIndex(sql);

  const store = await openStore(file);

  expect(await searched(store)).toEqual(found);
  expect(await searched(store)).toEqual(found);
});

test.each(indexDamages)("a full-text index that is %s does not prevent storing and undoing", async (_, sql) => {
  const { file, live } = await withDamagedIndex(sql);
  const store = await openStore(file);
  const next = [userMessage("u4", "apple 4", at(4))];

  const state = newState({ queue: [...live, ...next] });
  await store.history.commit({
    action: someAction(),
    cause: "u4",
    at: at(4),
    state,
    messages: next,
    passages: [passage("p2", "apple pie")],
  });

  expect((await store.recall.search({ text: "apple" }, FIRST)).total).toBe(4);
  expect((await store.archival.search({ text: "apple" }, FIRST)).total).toBe(2);
  await revert(store, 0, "undo", at(5));
  expect((await store.recall.search({ text: "apple" }, FIRST)).total).toBe(0);
  expect(noticesOf(store)).toEqual([expect.stringMatching(/full-text index was damaged. It was rebuilt/)]);
});

test("a full-text index that is damaged while the store is in use is rebuilt by the next commit", async () => {
  const file = join(temporaryFolder(), "agent.db");
  const store = await openStore(file);
  await created(store);
  const messages = [userMessage("u1", "apple")];
  await store.history.commit({
    action: someAction(),
    cause: "u1",
    at: at(1),
    state: newState({ queue: messages }),
    messages,
    passages: [],
  });
  const Sqlite = await loadSqlite();
  const other = new Sqlite(file);
  other.unsafeMode(true);
  other.exec(GARBAGE);
  other.close();

  const next = [userMessage("u2", "apple too")];
  await store.history.commit({
    action: someAction(),
    cause: "u2",
    at: at(2),
    state: newState({ queue: next }),
    messages: next,
    passages: [],
  });

  expect((await store.recall.search({ text: "apple" }, FIRST)).total).toBe(2);
  expect(noticesOf(store)).toHaveLength(1);
});

test.each(["!?", "日本語", "Straße", "cafe\u0301s", "नमस्ते दुनिया", "\u{1F600}", "x\u0301", "ﬁne ①"])(
  "an intact full-text index of %s is left unchanged",
  async (text) => {
    const file = join(temporaryFolder(), "agent.db");
    const store = await openStore(file);
    await created(store);
    const messages = [userMessage("u1", text)];
    const passages = [passage("p1", text)];
    await store.history.commit({
      action: someAction(),
      cause: "u1",
      at: at(1),
      state: newState({ queue: messages }),
      messages,
      passages,
    });
    await store.close();

    expect(noticesOf(await openStore(file))).toEqual([]);
  },
);

test("refuses a newer program's database and leaves it unchanged", async () => {
  const file = join(temporaryFolder(), "agent.db");
  const Sqlite = await loadSqlite();
  const db = new Sqlite(file);
  db.pragma(`user_version = ${MIGRATIONS.length + 1}`);
  db.exec("CREATE TABLE theirs (one TEXT)");
  db.close();

  await expect(openStore(file)).rejects.toMatchObject({
    code: "storage_failed",
    message: expect.stringMatching(/newer memgpt/),
  });

  const again = new Sqlite(file, { readonly: true });
  expect(again.pragma("user_version", { simple: true })).toBe(MIGRATIONS.length + 1);
  expect(again.prepare("SELECT name FROM sqlite_master").pluck().all()).toEqual(["theirs"]);
  again.close();
});
