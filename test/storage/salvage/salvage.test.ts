import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemGPT } from "memgpt";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { agentFolder } from "../../../src/storage/files/paths.ts";
import { loadSqlite } from "../../../src/storage/sqlite/load-sqlite.ts";
import { temporaryFolder } from "../../support/agents.ts";
import { type Memory, NAME, answers, makeSubject, memoryOf } from "../../damage/subject.ts";

const template = mkdtempSync(join(tmpdir(), "memgpt-template-"));
let truth: Memory;

beforeAll(async () => {
  await makeSubject(template, 30);
  truth = await memoryOf(template);
});

afterAll(() => {
  rmSync(template, { recursive: true, force: true });
});

/** A copy of the agent, closed. */
async function subject(): Promise<{ dir: string; memgpt: MemGPT; database: string }> {
  const dir = temporaryFolder();
  cpSync(template, dir, { recursive: true });
  const memgpt = await MemGPT.open({ dir, env: {}, llm: answers });
  onTestFinished(() => memgpt.close());
  return { dir, memgpt, database: agentFolder(memgpt.home, NAME).database };
}

/** Numbers of the pages of a table or index, by what kind of page they are. */
async function pagesOf(database: string, name: string, kind: "leaf" | "internal" | "overflow"): Promise<number[]> {
  const Sqlite = await loadSqlite();
  const db = new Sqlite(database, { readonly: true });
  try {
    const sql = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ? ORDER BY path";
    return db.prepare<[string, string], number>(sql).pluck().all(name, kind);
  } finally {
    db.close();
  }
}

function zero(database: string, pages: readonly number[]): void {
  const file = openSync(database, "r+");
  for (const page of pages) writeSync(file, Buffer.alloc(4096), 0, 4096, (page - 1) * 4096);
  closeSync(file);
}

test("messages are all recovered if only the root page of their table is zeroed", async () => {
  const { dir, memgpt, database } = await subject();
  zero(database, await pagesOf(database, "messages", "internal"));

  const [notice = ""] = await memgpt.repair(NAME);

  const { messages, passages } = truth;
  expect(notice).toContain(
    `${messages.size} of ${messages.size} messages, ${passages.size} of ${passages.size} passages`,
  );
  const again = await memoryOf(dir);
  expect([...again.messages]).toEqual([...messages]);
  expect([...again.passages]).toEqual([...passages]);
  expect(again.blocks).toBe(truth.blocks);
});

test("a database found damaged is checked completely, even if its state is unreadable", async () => {
  const { dir, memgpt, database } = await subject();
  const [ofState = 0] = await pagesOf(database, "state", "overflow");
  zero(database, (await pagesOf(database, "journal", "leaf")).slice(-1));
  const file = openSync(database, "r+");
  writeSync(file, "changed", (ofState - 1) * 4096 + 2000);
  closeSync(file);
  writeFileSync(`${database}.suspect`, "");

  const agent = await memgpt.openAgent(NAME);

  expect(agent.notices.join("\n")).toContain(`${truth.messages.size} of ${truth.messages.size} messages`);
  expect(agent.notices.join("\n")).toContain("Core memory and context were restored from the checkpoint");
  await agent.close();
  expect([...(await memoryOf(dir)).messages]).toEqual([...truth.messages]);
});

test("messages on a lost page are recovered from checkpoints, or else as words of the search index", async () => {
  const { dir, memgpt, database } = await subject();
  rmSync(agentFolder(memgpt.home, NAME).checkpoints, { recursive: true });
  const [, lost = 0] = await pagesOf(database, "messages", "leaf");
  zero(database, [lost]);

  const [notice = ""] = await memgpt.repair(NAME);

  const again = await memoryOf(dir);
  const { back, of, words } =
    /(?<back>\d+) of (?<of>\d+) messages \((?<words>\d+) only as words/.exec(notice)?.groups ?? {};
  expect([Number(back), Number(of)]).toEqual([again.messages.size, truth.messages.size]);
  expect(Number(words)).toBeGreaterThan(0);
  const inWords = [...again.messages.values()].filter((json) => json.includes("[Only the words"));
  expect(inWords).toHaveLength(Number(words));
  const { memgpt: sound } = await subject();
  const [found, before] = await Promise.all(
    [memgpt, sound].map((home) => home.find(NAME, { query: "glasshouse", in: "recall" })),
  );
  expect(found?.total).toBe(before?.total);
});

test("passages on a lost page are recovered from the messages that stored them", async () => {
  const { dir, memgpt, database } = await subject();
  zero(database, [
    ...(await pagesOf(database, "passages", "leaf")),
    ...(await pagesOf(database, "passages", "overflow")),
  ]);

  const [notice = ""] = await memgpt.repair(NAME);

  expect(notice).toContain(`${truth.passages.size} of ${truth.passages.size} passages,`);
  expect([...(await memoryOf(dir)).passages]).toEqual([...truth.passages]);
});

test("damage found in use is one error with advice, and the next opening repairs it", async () => {
  const { dir, memgpt, database } = await subject();
  const agent = await memgpt.openAgent(NAME);
  const [leaf = 0] = await pagesOf(database, "messages", "leaf");
  await agent.close();
  zero(database, [leaf]);
  const reading = memgpt.readAgent(NAME, async ({ recall }) => {
    for await (const message of recall.all()) expect(message.id).not.toBe("");
  });

  await expect(reading).rejects.toMatchObject({
    code: "storage_damaged",
    message: expect.stringMatching(/agent\.db is damaged .* `memgpt doctor --repair --agent sam`/),
  });

  await (await memgpt.openAgent(NAME)).close();
  expect((await memoryOf(dir)).messages.size).toBe(truth.messages.size);
  expect(readdirSync(join(database, "..")).filter((file) => file.includes(".damaged-"))).toHaveLength(1);
  expect(existsSync(`${database}.suspect`)).toBe(false);
});

test("a rebuilt database that a crash left aside is put in place", async () => {
  const { dir, memgpt, database } = await subject();
  cpSync(database, `${database}.salvaged`);
  zero(database, [1, 2, 3]);

  await (await memgpt.openAgent(NAME)).close();

  expect((await memoryOf(dir)).messages.size).toBe(truth.messages.size);
  expect(existsSync(`${database}.salvaged`)).toBe(false);
});

test("if the write-ahead log was removed, the notice says how much is missing", async () => {
  const { dir, memgpt, database } = await subject();
  const agent = await memgpt.openAgent(NAME);
  await agent.addPassages(Array.from({ length: 20 }, (_, n) => ({ text: `Late passage ${n}.` })));
  // Lists them once the one of the import is written.
  await agent.checkpoints();
  const copy = temporaryFolder();
  cpSync(dir, copy, { recursive: true });
  await agent.close();
  rmSync(join(copy, "agents", NAME, "agent.db-wal"));
  rmSync(join(copy, "agents", NAME, "agent.db-shm"));
  expect(database).not.toBe("");
  const reopened = await MemGPT.open({ dir: copy, env: {}, llm: answers });
  onTestFinished(() => reopened.close());

  const [notice = ""] = await reopened.repair(NAME);

  expect(notice).toMatch(/20 passages written after \d{4}-\d\d-\d\d \d\d:\d\d are missing and cannot be searched/);
  expect(notice).not.toContain("searches included");
  expect((await memoryOf(copy)).passages.size).toBe(truth.passages.size);
});

test("an intact agent is left unchanged", async () => {
  const { dir, memgpt } = await subject();

  expect(await memgpt.repair(NAME)).toEqual([]);

  expect(await memoryOf(dir)).toEqual(truth);
});
