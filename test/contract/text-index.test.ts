import { join } from "node:path";
import { describe, onTestFinished } from "vitest";
import { PgAgentStore } from "../../src/storage/postgres/agent-store.ts";
import { addAgent } from "../../src/storage/postgres/agents.ts";
import { PgHead } from "../../src/storage/postgres/head.ts";
import { PgPassages } from "../../src/storage/postgres/passages.ts";
import { openDatabase } from "../../src/storage/sqlite/database.ts";
import { SqlitePassages } from "../../src/storage/sqlite/passages.ts";
import { temporaryFolder } from "../support/agents.ts";
import { MemoryPassages } from "../support/memory-index.ts";
import { DATABASES, sharedDatabase } from "../support/postgres.ts";
import { newState } from "../storage/support.ts";
import { textIndexContract } from "./text-index.ts";

textIndexContract("SQLite", async (texts) => {
  const db = await openDatabase(join(temporaryFolder(), "agent.db"));
  onTestFinished(() => {
    db.close();
  });
  const insert = db.prepare("INSERT INTO passages (id, created_at, text) VALUES (?, ?, ?)");
  const numbers = texts.map(({ id, createdAt, text }) => Number(insert.run(id, createdAt, text).lastInsertRowid));
  return { passages: new SqlitePassages(db), numberOf: (i) => numbers[i] ?? 0 };
});

describe.each(DATABASES)("$name", ({ name, open }) => {
  const database = sharedDatabase(open);
  for (const [how, packFrom] of [
    ["read", 1_000_000],
    ["packed", 1],
    ["some of them packed", 5],
  ] as const) {
    textIndexContract(`${name}, ${how}`, async (texts) => {
      const agent = (await addAgent(database(), "test", crypto.randomUUID())) ?? 0;
      const { history } = new PgAgentStore(database(), { agent, fence: 0, packFrom });
      const change = { action: { id: "a", label: "a" }, cause: "a", at: "", state: newState(), messages: [] };
      for (const part of [texts.slice(0, 6), texts.slice(6)]) {
        const passages = part.map((it) => ({ ...it, embedding: null }));
        await history.commit({ ...change, passages });
      }
      await history.settled();
      return { passages: new PgPassages(database(), new PgHead(database(), agent)), numberOf: (i) => i + 1 };
    });
  }
});

textIndexContract("in memory", async (texts) => {
  const passages = new MemoryPassages(texts.map((it, i) => ({ ...it, n: 10 * (i + 1) })));
  return { passages, numberOf: (i) => 10 * (i + 1) };
});
