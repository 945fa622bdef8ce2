import { MemGPT, checkAgents } from "memgpt";
import { expect, onTestFinished, test } from "vitest";
import { agentFolder } from "../../src/storage/files/paths.ts";
import { loadSqlite } from "../../src/storage/sqlite/load-sqlite.ts";
import { temporaryFolder } from "../support/agents.ts";
import { NAME, answers, makeSubject, memoryOf } from "./subject.ts";

/** An agent in whose database something was changed as a flipped bit would: no index and no trigger sees it. */
async function changed(table: string, set: string): Promise<{ dir: string; memgpt: MemGPT }> {
  const dir = temporaryFolder();
  await makeSubject(dir, 6);
  const memgpt = await MemGPT.open({ dir, env: {}, llm: answers });
  onTestFinished(() => memgpt.close());
  const Sqlite = await loadSqlite();
  const withSchema = (sql: string): void => {
    const db = new Sqlite(agentFolder(memgpt.home, NAME).database);
    db.unsafeMode(true);
    db.pragma("writable_schema = ON");
    db.exec(sql);
    db.close();
  };
  const hidden = `name LIKE '${table}_sums' OR (type = 'trigger' AND tbl_name = '${table}')`;
  withSchema(`
    CREATE TABLE aside AS SELECT * FROM sqlite_schema WHERE ${hidden};
    DELETE FROM sqlite_schema WHERE ${hidden};
  `);
  withSchema(`UPDATE ${table} SET ${set}`);
  withSchema("INSERT INTO sqlite_schema SELECT * FROM aside; DROP TABLE aside;");
  return { dir, memgpt };
}

async function complaints(memgpt: MemGPT): Promise<string> {
  const details: string[] = [];
  for await (const { status, detail } of checkAgents(memgpt.home)) if (status !== "ok") details.push(detail);
  return details.join();
}

const MUSEUM = "WHERE seq = (SELECT min(seq) FROM messages WHERE text LIKE '%museum%' AND live = 1)";

test.each([
  "json = replace(json, 'museum', 'mureum')",
  "text = replace(text, 'museum', 'mureum')",
  "json = replace(json, '\"role\"', '\"rome\"')",
])("the doctor finds a changed letter in a message and repairs it (%s)", async (set) => {
  const { dir, memgpt } = await changed("messages", `${set} ${MUSEUM}`);
  const details = await complaints(memgpt);

  const notices = await memgpt.repair(NAME);

  expect(details).toMatch(/message \S+ (does not agree with itself|cannot be read)/);
  expect(notices.join()).toMatch(/brought into a new one/);
  const texts = [...(await memoryOf(dir)).messages.values()].join();
  expect(texts).not.toContain("mureum");
  expect(texts).toContain("museum");
});

test.each([
  ["passages", "text = replace(text, 'shelf', 'shell') WHERE seq = 1", /passage \S+ does not fit its checksum/],
  ["passages", "live = 0 WHERE seq = 1", /passage \S+ does not fit its checksum/],
  ["journal", "after = replace(after, 'Fact', 'Fast') WHERE kind = 'block'", /journal operation \d+ does not fit/],
  ["actions", "label = 'x' || label WHERE seq = 2", /action \S+ does not fit its checksum/],
  [
    "messages",
    "json = replace(json, 'None', 'Nine') WHERE seq = (SELECT max(seq) FROM messages WHERE role = 'function')",
    /message \S+ does not fit its checksum/,
  ],
])("the doctor finds a change in the %s and repairs it (%s)", async (table, set, complaint) => {
  const { dir, memgpt } = await changed(table, set);
  expect(await complaints(memgpt)).toMatch(complaint);

  const notices = await memgpt.repair(NAME);

  expect(notices.join()).toMatch(/brought into a new one/);
  expect(await complaints(memgpt)).toBe("");
  const { messages, passages } = await memoryOf(dir);
  expect([...messages.values(), ...passages.values()].join()).not.toMatch(/shell|Nine/);
  expect(passages.size).toBe(2);
});

test("a changed letter in the state is found at the next opening and repaired from checkpoint and journal", async () => {
  const { memgpt } = await changed("state", "json = replace(json, 'Fact 2', 'Fast 2')");

  const agent = await memgpt.openAgent(NAME);

  expect(agent.notices.join()).toMatch(/state of sam .* could not be read and was rebuilt/);
  expect(JSON.stringify(agent.state.blocks)).toContain("Fact 2.");
  await agent.close();
  expect(await complaints(memgpt)).toBe("");
});
