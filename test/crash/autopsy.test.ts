import { cpSync, mkdtempSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { MemGPT } from "memgpt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AgentFolder, agentFolder, homeAt } from "../../src/storage/files/paths.ts";
import { defineDerived } from "../../src/storage/sqlite/derived.ts";
import { loadSqlite } from "../../src/storage/sqlite/load-sqlite.ts";
import { temporaryFolder } from "../support/agents.ts";
import type { Findings } from "./autopsy.ts";
import { examineFiles } from "./files.ts";
import { messageOf } from "./messages.ts";

const MESSAGES = 8;
const template = mkdtempSync(join(tmpdir(), "memgpt-autopsy-"));

beforeAll(async () => {
  const memgpt = await MemGPT.open({ dir: template, env: {} });
  const agent = await memgpt.createAgent({ name: "victim", contextWindow: 4096 });
  for (let number = 1; number <= MESSAGES; number += 1) await agent.ask(messageOf(number));
  await memgpt.close();
});

afterAll(() => {
  rmSync(template, { recursive: true, force: true });
});

function corpse(): AgentFolder {
  const home = temporaryFolder();
  cpSync(template, home, { recursive: true });
  return agentFolder(homeAt(home), "victim");
}

test("an untouched agent passes after all kinds of work", async () => {
  const { findings, highest, work } = await examineFiles(corpse(), { last: MESSAGES });

  expect(findings).toEqual({ integrity: [], lost: [], halfSteps: [] });
  expect(highest).toBe(MESSAGES);
  for (const count of Object.values(work)) expect(count).toBeGreaterThan(0);
});

test("a wiped agent passes", async () => {
  const folder = corpse();
  const memgpt = await MemGPT.open({ dir: dirname(dirname(folder.root)), env: {} });
  await (await memgpt.openAgent("victim")).wipe();
  await memgpt.close();

  const { findings } = await examineFiles(folder, { last: 0 });

  expect(findings).toEqual({ integrity: [], lost: [], halfSteps: [] });
});

/** What is done to the database, and where it must be seen. */
const damages: readonly (readonly [name: string, sql: string, seen: keyof Findings])[] = [
  ["a message is gone", `DELETE FROM messages WHERE text = '${messageOf(3)}'`, "lost"],
  ["a message is taken back", `UPDATE messages SET live = 0 WHERE text = '${messageOf(MESSAGES)}'`, "lost"],
  ["a message is there twice", copyOf(3), "lost"],
  ["a return is gone", "DELETE FROM messages WHERE role = 'function' AND seq > 9", "halfSteps"],
  ["an answer is gone", "DELETE FROM messages WHERE role = 'assistant' AND seq > 9", "halfSteps"],
  ["the newest message is not in the queue", newer(), "halfSteps"],
  ["the journal has a gap", "DELETE FROM journal WHERE op = 5", "halfSteps"],
  ["the journal's end is gone", "DELETE FROM journal WHERE op > 20", "halfSteps"],
  ["a cause is not known", "UPDATE journal SET cause = 'nobody' WHERE op = 3", "halfSteps"],
  ["a passage is gone", "DELETE FROM passages WHERE seq = 1", "halfSteps"],
  [
    "a block is not as it was journalled",
    "UPDATE state SET json = replace(json, 'avourite colo', 'orst colo')",
    "halfSteps",
  ],
  ["the state is no state", `UPDATE state SET json = '{"id":1}'`, "integrity"],
  ["a total is off by one", "UPDATE totals SET value = value + 1 WHERE name = 'passages'", "integrity"],
  ["the full-text index lacks a row", unindexed(), "integrity"],
  ["the full-text index has other words", reindexed(), "integrity"],
];

test.each(damages)("detects when %s", async (_, sql, seen) => {
  const folder = corpse();
  const Sqlite = await loadSqlite();
  const db = new Sqlite(folder.database);
  // The indexes are kept by triggers that call functions of ours.
  defineDerived(db);
  db.exec(sql);
  db.close();

  const { findings } = await examineFiles(folder, { last: MESSAGES });

  expect(findings[seen]).not.toEqual([]);
});

test("detects an index that does not match its table", async () => {
  const folder = corpse();
  const Sqlite = await loadSqlite();
  const db = new Sqlite(folder.database);
  db.unsafeMode(true);
  db.pragma("writable_schema = ON");
  db.exec(
    "UPDATE sqlite_schema SET sql = replace(sql, 'created_at, seq', 'seq, created_at') WHERE name = 'messages_said'",
  );
  db.close();

  const { findings } = await examineFiles(folder, { last: MESSAGES });

  expect(findings.integrity.join()).toContain("integrity_check");
});

test("detects a partly written checkpoint", async () => {
  const folder = corpse();
  const file = readdirSync(folder.checkpoints).sort().at(-1) ?? "";
  truncateSync(join(folder.checkpoints, file), 500);

  const { findings } = await examineFiles(folder, { last: MESSAGES });

  expect(findings.integrity.join()).toContain(`checkpoint ${file} cannot be read`);
});

function copyOf(number: number): string {
  return `INSERT INTO messages (id, created_at, role, text, json, n, session)
    SELECT 'copy', created_at, role, text, json, (SELECT max(n) + 1 FROM messages), session FROM messages WHERE text = '${messageOf(number)}'`;
}

function newer(): string {
  return `INSERT INTO messages (id, created_at, role, json)
    SELECT 'newer', created_at, 'user', replace(json, id, 'newer') FROM messages WHERE role = 'user' ORDER BY seq DESC LIMIT 1`;
}

function unindexed(): string {
  return "INSERT INTO passages_fts (passages_fts, rowid, text) SELECT 'delete', seq, text FROM passages WHERE seq = 1";
}

function reindexed(): string {
  return `${unindexed()}; INSERT INTO passages_fts (rowid, text) VALUES (1, 'something else')`;
}
