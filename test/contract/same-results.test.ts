import { MemGPT, type ImportedMessage } from "memgpt";
import { expect, onTestFinished, test } from "vitest";
import { readLocomo } from "../../src/eval/locomo-data.ts";
import type { RecallQuery } from "../../src/ports/recall.ts";
import type { Line, NumberedPassage } from "../../src/ports/text-index.ts";
import { PassageSearch } from "../../src/search/passages/search.ts";
import { RecallSearch } from "../../src/search/recall/search.ts";
import { SqliteConversation } from "../../src/storage/sqlite/conversation.ts";
import { openDatabase } from "../../src/storage/sqlite/database.ts";
import { SqlitePassages } from "../../src/storage/sqlite/passages.ts";
import { agentFolder, homeAt } from "../../src/storage/files/paths.ts";
import type { Change } from "../../src/ports/history.ts";
import { PgAgentStore } from "../../src/storage/postgres/agent-store.ts";
import { addAgent } from "../../src/storage/postgres/agents.ts";
import { PgConversation } from "../../src/storage/postgres/conversation.ts";
import type { Database } from "../../src/storage/postgres/database.ts";
import { PgHead } from "../../src/storage/postgres/head.ts";
import { PgPassages } from "../../src/storage/postgres/passages.ts";
import { newState } from "../storage/support.ts";
import { temporaryFolder } from "../support/agents.ts";
import { LOCOMO_FILE, hasLocomo } from "../support/locomo.ts";
import { MemoryConversation, MemoryPassages } from "../support/memory-index.ts";
import { DATABASES, sharedDatabase } from "../support/postgres.ts";

// The ranking knows no database: over PostgreSQL, and over an index that is a few loops in memory, it finds the same as over
// SQLite, to the last bit.

const databases = DATABASES.map(({ open }) => sharedDatabase(open));

const PAGES = [0, 1].map((page) => ({ page, size: 10 }));

/** Every kind of search over the same texts, wherever they are: what was said, and the same texts as passages. */
async function allOver(messages: readonly ImportedMessage[]) {
  const dir = temporaryFolder();
  const memgpt = await MemGPT.open({ dir, env: {} });
  const agent = await memgpt.createAgent({ name: "reader" }, { withoutModel: true });
  await agent.importMessages(messages);
  await agent.addPassages(messages.map(({ text, createdAt }) => ({ text, createdAt })));
  await agent.close();
  const stored = await memgpt.readAgent("reader", async ({ recall, archival }) => ({
    messages: await allOf(recall.all()),
    passages: (await allOf(archival.all())).map((it) => ({ ...it, embedding: null })),
  }));
  const db = await openDatabase(agentFolder(homeAt(dir), "reader").database);
  onTestFinished(() => {
    db.close();
  });
  const sqlite = new SqliteConversation(db);
  const view = await sqlite.view({});
  const lines = await view.lines([[1, view.last]]);
  const utterances = new Map((await sqlite.utterances(lines.map(({ n }) => n))).map((it) => [it.n, it]));
  const said = lines.flatMap((line: Line) => {
    const utterance = utterances.get(line.n);
    return utterance === undefined ? [] : [{ ...utterance, ...line }];
  });
  const passages = db
    .prepare<[], NumberedPassage>(
      "SELECT seq AS n, id, text, created_at AS createdAt, origin FROM passages ORDER BY seq",
    )
    .all();
  const postgres = await Promise.all(databases.map(async (database) => inPostgres(database(), stored)));
  return {
    recall: [sqlite, new MemoryConversation(said), ...postgres.map(([it]) => it)].map((it) => new RecallSearch(it)),
    archival: [new SqlitePassages(db), new MemoryPassages(passages), ...postgres.map(([, it]) => it)].map(
      (it) => new PassageSearch(it),
    ),
  };
}

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The same in PostgreSQL, with all postings packed but those of the newest texts. */
async function inPostgres(
  database: Database,
  { messages, passages }: Pick<Change, "messages" | "passages">,
): Promise<[PgConversation, PgPassages]> {
  const agent = (await addAgent(database, "test", crypto.randomUUID())) ?? 0;
  const { history } = new PgAgentStore(database, { agent, fence: 0, packFrom: 8 });
  const change = { action: { id: "a", label: "a" }, cause: "a", at: "", state: newState() };
  await history.commit({ ...change, messages: messages.slice(0, -3), passages: passages.slice(0, -3) });
  await history.commit({ ...change, messages: messages.slice(-3), passages: passages.slice(-3) });
  await history.settled();
  const head = new PgHead(database, agent);
  return [new PgConversation(database, head), new PgPassages(database, head)];
}

async function expectTheSame(searches: Awaited<ReturnType<typeof allOver>>, query: RecallQuery): Promise<number> {
  let found = 0;
  for (const page of PAGES) {
    const [sqlite, ...others] = await Promise.all(searches.recall.map((it) => it.search(query, page)));
    for (const other of others) expect(other, query.text).toEqual(sqlite);
    const [sessions, ...same] = await Promise.all(searches.recall.map((it) => it.searchSessions(query, page)));
    for (const other of same) expect(other, query.text).toEqual(sessions);
    const archival = { text: query.text, range: query.range, now: query.now };
    const [stored, ...held] = await Promise.all(searches.archival.map((it) => it.search(archival, page)));
    for (const other of held) expect(other, query.text).toEqual(stored);
    found += (sqlite?.items.length ?? 0) + (stored?.items.length ?? 0);
  }
  return found;
}

const HOUR = 3_600_000;
const START = Date.UTC(2026, 4, 1, 9);

const CHAT: readonly ImportedMessage[] = [
  ["Ana", "Hi Ben! How was the weekend at the lake?"],
  ["Ben", "We caught a trout! My brother grilled it with lemon."],
  ["Ana", "I tried pottery. The bowl is rather crooked."],
  ["Ben", "Pottery! In May I start lessons with Carla, too."],
  [undefined, "My flight code is QX7-99Z and the gate is 12."],
  [undefined, "我在北京買了一本書，很好看"],
  ["Ben", "The marathon is in two weeks, and my knee hurts."],
  ["Ana", "See a doctor before you run the marathon!"],
  ["Ana", "Did you see a doctor?"],
  ["Ben", "Yes, on Monday. He said “rest”, and I bought a note book."],
  [undefined, "My daughter Mia plays the violin."],
  [undefined, "Mia's recital is on 12 June."],
  [undefined, "It is in the town hall."],
  [undefined, "When is my daughter's recital?"],
].map(([name, text = ""], i) => ({
  role: i % 3 === 2 ? "assistant" : "user",
  text,
  ...(name === undefined ? {} : { name }),
  createdAt: new Date(START + i * 40 * 60_000 + (i > 4 ? 9 * HOUR : 0)).toISOString(),
}));

const QUERIES: readonly RecallQuery[] = [
  { text: "What did Ben start in May?" },
  { text: "pottery" },
  { text: "doctor marathon" },
  { text: '"see a doctor"' },
  { text: "QX7-99Z" },
  { text: "Did Ana see the lake on the weekend?", role: "user" },
  { text: "notebook" },
  { text: "北京" },
  { text: "yesterday", now: new Date(START + 26 * HOUR).toISOString() },
  { text: "Ben" },
  { text: "Who hurt his knee?", range: { from: "2026-05-01", to: "2026-05-02T00:00:00.000Z" } },
  { text: "rest", speaker: "ben" },
  { text: "When is my daughter's recital?" },
  { text: "daughter's recital" },
  { text: "recital", orRelated: true },
  { text: "nothing of it" },
  { text: "?!" },
];

test("SQLite, PostgreSQL and memory give the same pages, scores and signals for messages and passages", async () => {
  const searches = await allOver(CHAT);

  let found = 0;
  for (const query of QUERIES) found += await expectTheSame(searches, query);

  expect(found).toBeGreaterThan(QUERIES.length);
});

if (!hasLocomo) console.warn(`skipped: ${LOCOMO_FILE} is not here`);

test.skipIf(!hasLocomo)(
  "and the same answers to questions about a real conversation",
  { timeout: 120_000 },
  async () => {
    const [conversation] = await readLocomo(LOCOMO_FILE);
    const searches = await allOver(conversation?.turns.map(({ message }) => message) ?? []);

    let found = 0;
    for (const { question } of (conversation?.questions ?? []).filter((_, i) => i % 7 === 0)) {
      found += await expectTheSame(searches, { text: question });
      found += await expectTheSame(searches, { text: question.split(" ").slice(-2).join(" ") });
    }

    expect(found).toBeGreaterThan(1000);
  },
);
