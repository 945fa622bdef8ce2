import { join } from "node:path";
import * as fc from "fast-check";
import type { AgentState, Message } from "memgpt";
import { expect, test } from "vitest";
import type { EmbeddedPassage } from "../../src/schema/passage.ts";
import type { PageRequest } from "../../src/schema/page.ts";
import { loadSqlite } from "../../src/storage/sqlite/load-sqlite.ts";
import { MIGRATIONS } from "../../src/storage/sqlite/migrations.ts";
import { temporaryFolder } from "../support/agents.ts";
import {
  at,
  newState,
  noticesOf,
  openStore,
  passage,
  reply,
  revert,
  someAction,
  storeWith,
  userMessage,
} from "./support.ts";

const FIRST: PageRequest = { page: 0, size: 10 };
type Store = Awaited<ReturnType<typeof openStore>>;

test("what is committed is there after the store was closed and opened again", async () => {
  const file = join(temporaryFolder(), "agent.db");
  const messages = [userMessage("u1", "I met Ada in Porto"), ...reply("a1", "Ada, in Porto!")];
  const state = newState({ queue: messages });
  const store = await openStore(file);
  await store.history.commit({
    action: someAction(),
    cause: "create",
    at: at(0),
    state: newState(),
    messages: [],
    passages: [],
  });
  await store.history.commit({
    action: someAction(),
    cause: "u1",
    at: at(1),
    state,
    messages,
    passages: [passage("p1", "Ada lives in Porto")],
  });
  await store.close();

  const again = await openStore(file);

  expect(await again.history.load()).toEqual(state);
  expect(await again.recall.latest(10)).toEqual(messages);
  expect(await again.archival.latest(10)).toEqual([{ id: "p1", text: "Ada lives in Porto", createdAt: at(1) }]);
  expect((await again.recall.search({ text: "porto" }, FIRST)).items.map(({ id }) => id).sort()).toEqual(["a1", "u1"]);
});

test("a commit is stored whole or not at all", async () => {
  const store = await storeWith([userMessage("u1", "the first")]);
  const before = await observe(store);
  const state = newState({ evicted: 7 });

  const twice = [userMessage("u2", "the second"), userMessage("u1", "an id that is taken")];
  await expect(
    store.history.commit({ action: someAction(), cause: "u2", at: at(2), state, messages: twice, passages: [] }),
  ).rejects.toMatchObject({
    code: "storage_failed",
  });

  expect(await observe(store)).toEqual(before);
});

test("the journal numbers every change without a gap and names its cause", async () => {
  const store = await storeWith([userMessage("u1", "the first")]);
  const blocks = [
    { label: "persona", value: "I am Sam.", limit: 2000 },
    { label: "human", value: "Ada", limit: 2000 },
  ];
  const state = newState({ queue: [userMessage("u1", "the first")], blocks, evicted: 3 });

  const op = await store.history.commit({
    action: someAction(),
    cause: "u1",
    at: at(2),
    state,
    messages: [],
    passages: [passage("p1", "a note")],
  });

  const entries = await store.history.journal.entries(0, op);
  expect(entries.map(({ op }) => op)).toEqual(entries.map((_, index) => index + 1));
  expect(entries.slice(2).map(({ cause, kind, ref }) => [cause, kind, ref])).toEqual([
    ["u1", "passage", "p1"],
    ["u1", "state", "evicted"],
    ["u1", "block", "human"],
  ]);
  expect(await store.history.journal.head()).toBe(op);
});

test("a revert to an operation that there is not changes nothing", async () => {
  const store = await storeWith([userMessage("u1", "the first")]);
  const before = await observe(store);

  for (const op of [-1, 99]) await expect(revert(store, op, "x", at(9))).rejects.toMatchObject({ code: "not_found" });

  expect(await observe(store)).toEqual(before);
});

test("what was taken back is not found, not counted, and comes again with the revert of the revert", async () => {
  const store = await storeWith([userMessage("u1", "the zebra is striped")]);
  const op = await store.history.journal.head();
  const state = newState({ queue: [userMessage("u2", "a zebra again")] });
  const second = {
    messages: [userMessage("u2", "a zebra again")],
    passages: [passage("p1", "zebra notes", [1, 0, 0, 0])],
  };
  const head = await store.history.commit({ action: someAction(), cause: "u2", at: at(2), state, ...second });

  await revert(store, op, "undo", at(3));

  expect((await store.recall.search({ text: "zebra" }, FIRST)).total).toBe(1);
  expect((await store.recall.searchDate({}, FIRST)).items.map(({ id }) => id)).toEqual(["u1"]);
  expect(await store.recall.get("u2")).toBeUndefined();
  expect((await store.recall.latest(9)).map(({ id }) => id)).toEqual(["u1"]);
  const embedding = { model: "test-4", vector: Float32Array.from([1, 0, 0, 0]) };
  expect((await store.archival.search({ text: "zebra", embedding, minSimilarity: 0.1 }, FIRST)).total).toBe(0);
  expect([await store.recall.size(), await store.archival.size()]).toEqual([1, 0]);

  await revert(store, head, "redo", at(4));

  expect((await store.recall.search({ text: "zebra" }, FIRST)).total).toBe(2);
  expect((await store.archival.search({ text: "zebra", embedding, minSimilarity: 0.1 }, FIRST)).total).toBe(1);
});

test("totals are exact on every page, and the pages together are every result once, in the same order each time", async () => {
  const said = Array.from({ length: 57 }, (_, n) => userMessage(`u${n}`, `apple ${"tree ".repeat(n % 4)}`, at(n)));
  const kept = Array.from({ length: 57 }, (_, n) => passage(`p${n}`, `apple ${"tree ".repeat(n % 4)}`));
  const store = await storeWith(said, kept);
  const searches = {
    recall: (page: PageRequest) => store.recall.search({ text: "apple tree" }, page),
    date: (page: PageRequest) => store.recall.searchDate({ from: at(0) }, page),
    archival: (page: PageRequest) => store.archival.search({ text: "apple" }, page),
  };

  for (const [name, search] of Object.entries(searches)) {
    const total = name === "recall" ? 42 : 57;
    const pages = await Promise.all(Array.from({ length: 7 }, (_, page) => search({ page, size: 10 })));
    const ids = pages.flatMap(({ items }) => items.map(({ id }) => id));
    expect(
      pages.map((page) => page.total),
      name,
    ).toEqual(pages.map(() => total));
    expect(new Set(ids).size, name).toBe(total);
    expect(ids.length, name).toBe(total);
    expect(
      (await search({ page: 0, size: 100 })).items.map(({ id }) => id),
      name,
    ).toEqual(ids);
  }
});

test("passages that are only similar follow those that share words, over pages, each once", async () => {
  const words = Array.from({ length: 7 }, (_, n) => passage(`w${n}`, `apple number ${n}`, [1, n / 10, 0, 0]));
  const similar = Array.from({ length: 8 }, (_, n) => passage(`s${n}`, `fruit number ${n}`, [1, 0, n / 10, 0]));
  const far = [passage("far", "a spanner", [0, 0, 0, 1])];
  const store = await storeWith([], [...words, ...similar, ...far]);
  const embedding = { model: "test-4", vector: Float32Array.from([1, 0, 0, 0]) };
  const query = { text: "apple", embedding, minSimilarity: 0.5 };

  const pages = await Promise.all([0, 1, 2].map((page) => store.archival.search(query, { page, size: 6 })));

  expect(pages.map(({ total }) => total)).toEqual([15, 15, 15]);
  const ids = pages.flatMap(({ items }) => items.map(({ id }) => id));
  expect(ids.slice(0, 7).sort()).toEqual(words.map(({ id }) => id));
  expect(ids.slice(7)).toEqual(similar.map(({ id }) => id));
});

test.each([
  "striped AND NOT horse",
  "NEAR(zebra horse)",
  "text:zebra",
  "zeb*",
  '"zebra',
  "zebra'; DROP TABLE messages; --",
  "^zebra + (horse",
  "{zebra} : -horse",
  "zebra OR 1=1",
])("operators in the query %s are text", async (query) => {
  const store = await storeWith([userMessage("u1", "a zebra is striped"), userMessage("u2", "a horse is not")]);

  const found = await store.recall.search({ text: query }, FIRST);

  expect(found.total).toBe(found.items.length);
  expect(await store.recall.size()).toBe(2);
  if (query === "zeb*") expect(found.total).toBe(0);
  if (query === "striped AND NOT horse") expect(found.items.map(({ id }) => id).sort()).toEqual(["u1", "u2"]);
});

test("no query makes a search fail", async () => {
  const store = await storeWith([userMessage("u1", "a zebra is striped")], [passage("p1", "a zebra is striped")]);

  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: "binary" }), fc.string()), async (text) => {
      const recall = await store.recall.search({ text }, FIRST);
      const archival = await store.archival.search({ text }, FIRST);
      expect(recall.total).toBe(recall.items.length);
      expect(archival.total).toBe(archival.items.length);
    }),
    { numRuns: 300 },
  );
});

test("a date range takes its first moment and leaves out its last", async () => {
  const store = await storeWith([1, 2, 3].map((n) => userMessage(`u${n}`, "apple", at(n))));

  const range = { from: at(1), to: at(3) };

  expect((await store.recall.searchDate(range, FIRST)).items.map(({ id }) => id)).toEqual(["u1", "u2"]);
  const found = await store.recall.search({ text: "apple", range }, FIRST);
  expect([found.total, found.items.map(({ id }) => id).sort()]).toEqual([2, ["u1", "u2"]]);
});

test("a reader sees what another connection commits, and may not write", async () => {
  const file = join(temporaryFolder(), "agent.db");
  const writer = await openStore(file);
  await writer.history.commit({
    action: someAction(),
    cause: "create",
    at: at(0),
    state: newState(),
    messages: [],
    passages: [],
  });
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
  await store.history.commit({
    action: someAction(),
    cause: "create",
    at: at(0),
    state: newState(),
    messages: [],
    passages: [],
  });
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

test.each(indexDamages)("a full-text index that is %s is made anew when it is searched", async (_, sql) => {
  const { file, found } = await withDamagedIndex(sql);

  const store = await openStore(file);

  expect(await searched(store)).toEqual(found);
  expect(await searched(store)).toEqual(found);
});

test.each(indexDamages)("a full-text index that is %s keeps nobody from storing and undoing", async (_, sql) => {
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
  expect(noticesOf(store)).toEqual([expect.stringMatching(/full-text index was damaged and was made anew/)]);
});

test("a full-text index that is damaged while the store is in use is made anew by the next commit", async () => {
  const file = join(temporaryFolder(), "agent.db");
  const store = await openStore(file);
  await store.history.commit({
    action: someAction(),
    cause: "create",
    at: at(0),
    state: newState(),
    messages: [],
    passages: [],
  });
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
  "an intact full-text index of %s is left as it is",
  async (text) => {
    const file = join(temporaryFolder(), "agent.db");
    const store = await openStore(file);
    await store.history.commit({
      action: someAction(),
      cause: "create",
      at: at(0),
      state: newState(),
      messages: [],
      passages: [],
    });
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

test("a database of a newer program is refused and left as it is", async () => {
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

/** One thing that happens to an agent. Numbers choose among what there is at that moment. */
type Happening =
  | { readonly type: "say"; readonly words: readonly string[] }
  | { readonly type: "edit"; readonly label: string; readonly value: string }
  | { readonly type: "flush"; readonly share: number }
  | { readonly type: "archive"; readonly words: readonly string[]; readonly vector: readonly number[] | null }
  | { readonly type: "settings"; readonly contextWindow: number }
  | { readonly type: "relabel"; readonly label: string }
  | { readonly type: "revert"; readonly share: number };

const WORDS = ["apple", "tree", "zebra", "n00042", "river", "日本", "running", "ran"];
const words = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 6 });
const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const component = fc.constantFrom(-1, -0.5, 0.25, 1);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("say"), words }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("edit"), label: fc.constantFrom("persona", "human"), value: fc.string() }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("flush"), share }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("archive"),
      words,
      vector: fc.option(fc.tuple(component, component, component, component)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("settings"), contextWindow: fc.integer({ min: 4096, max: 9000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("relabel"), label: fc.constantFrom("human", "person") }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("revert"), share }) },
);

test("a revert gives exactly what there was at that operation, and a revert of it all that came after", async () => {
  const folder = temporaryFolder();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 1, maxLength: 14 }),
      fc.array(share, { maxLength: 3 }),
      async (story, jumps) => {
        const store = await openStore(join(folder, `${(run += 1)}.db`));
        await store.history.commit({
          action: someAction(),
          cause: "create",
          at: at(0),
          state: newState(),
          messages: [],
          passages: [],
        });
        const seen = [{ op: 0, observed: await observe(store) }];
        for (const [index, next] of story.entries()) {
          if (next.type === "revert") {
            const target = pick(seen, next.share);
            expect(await revert(store, target.op, `undo ${index}`, at(index))).toEqual(target.observed.state);
            expect(await observe(store)).toEqual(target.observed);
          } else await happen(store, next, index);
          seen.push({ op: await store.history.journal.head(), observed: await observe(store) });
        }
        for (const jump of jumps) {
          const head = await store.history.journal.head();
          const former = await observe(store);
          // Any operation at all, also one in the middle of a step.
          await revert(store, Math.floor(jump * (head + 1)), "anywhere", at(0));
          await revert(store, head, "back", at(0));
          expect(await observe(store)).toEqual(former);
        }
        await store.close();
      },
    ),
    { numRuns: 40 },
  );
});

function pick<T>(items: readonly T[], share: number): T {
  const item = items[Math.floor(share * items.length)];
  if (item === undefined) throw new Error("There is nothing to pick from");
  return item;
}

async function happen(store: Store, next: Exclude<Happening, { type: "revert" }>, index: number): Promise<void> {
  const before = (await store.history.load()) ?? newState();
  const id = `${next.type}-${index}`;
  const { state, messages = [], passages = [] } = changed(before, next, id, index);
  await store.history.commit({ action: someAction(), cause: id, at: at(index), state, messages, passages });
}

function changed(
  before: AgentState,
  next: Exclude<Happening, { type: "revert" }>,
  id: string,
  minute: number,
): { state: AgentState; messages?: Message[]; passages?: EmbeddedPassage[] } {
  switch (next.type) {
    case "say": {
      const text = next.words.join(" ");
      const messages = [userMessage(id, text, at(minute)), ...reply(`${id}-reply`, `You say ${text}`, at(minute))];
      // One that was too long for the context is shown cut and stored whole.
      const shown = messages.map((message) =>
        next.words.length > 5 && message.role === "user" ? userMessage(id, "cut") : message,
      );
      return { state: { ...before, queue: [...before.queue, ...shown], lastActiveAt: at(minute) }, messages };
    }
    case "edit":
      return {
        state: {
          ...before,
          blocks: before.blocks.map((block) => (block.label === next.label ? { ...block, value: next.value } : block)),
        },
      };
    case "flush": {
      const cut = Math.floor(next.share * before.queue.length);
      const summary: Message = {
        id,
        createdAt: at(minute),
        role: "user",
        event: "summary",
        content: JSON.stringify({ message: `${cut} apples` }),
      };
      return {
        state: { ...before, queue: [summary, ...before.queue.slice(cut)], evicted: before.evicted + cut },
        messages: [summary],
      };
    }
    case "archive":
      return { state: before, passages: [passage(id, next.words.join(" "), next.vector)] };
    case "settings":
      return { state: { ...before, settings: { ...before.settings, contextWindow: next.contextWindow } } };
    case "relabel":
      return {
        state: {
          ...before,
          blocks: before.blocks.map((block, at) => (at === 1 ? { ...block, label: next.label } : block)),
        },
      };
  }
}

/** All that can be seen of a store from outside, except how it came about. */
async function observe(store: Store) {
  const page = { page: 0, size: 100 };
  const embedding = { model: "test-4", vector: Float32Array.from([1, 0.5, 0, 0]) };
  const queries = ["apple", "zebra tree river", "日", '"apple tree"', "n00042", "run"];
  return {
    state: await store.history.load(),
    sizes: [await store.recall.size(), await store.archival.size()],
    recall: await Promise.all(queries.map((query) => store.recall.search({ text: query }, page))),
    date: await store.recall.searchDate({}, page),
    latest: await store.recall.latest(100),
    archival: await Promise.all(
      queries.map((text) => store.archival.search({ text, embedding, minSimilarity: 0.2 }, page)),
    ),
    passages: await store.archival.latest(100),
  };
}
