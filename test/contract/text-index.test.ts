import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openDatabase } from "../../src/storage/sqlite/database.ts";
import { SqlitePassages } from "../../src/storage/sqlite/passages.ts";
import { temporaryFolder } from "../support/agents.ts";
import { MemoryPassages } from "../support/memory-index.ts";
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

textIndexContract("in memory", async (texts) => {
  const passages = new MemoryPassages(texts.map((it, i) => ({ ...it, n: 10 * (i + 1) })));
  return { passages, numberOf: (i) => 10 * (i + 1) };
});
