import { MemGPT, checkAgents } from "memgpt";
import { expect, onTestFinished, test } from "vitest";
import { agentFolder } from "../../src/storage/files/paths.ts";
import { loadSqlite } from "../../src/storage/sqlite/load-sqlite.ts";
import { temporaryFolder } from "../support/agents.ts";
import { NAME, answers, makeSubject, memoryOf } from "./subject.ts";

/** An agent in one message of which, the first that says "museum", a letter was changed by SQL. */
async function changed(set: string): Promise<{ dir: string; memgpt: MemGPT }> {
  const dir = temporaryFolder();
  await makeSubject(dir, 6);
  const memgpt = await MemGPT.open({ dir, env: {}, llm: answers });
  onTestFinished(() => memgpt.close());
  const db = new (await loadSqlite())(agentFolder(memgpt.home, NAME).database);
  // As a flipped bit would: no trigger of ours sees it.
  db.exec("DROP TRIGGER messages_rewritten");
  const where = "seq = (SELECT min(seq) FROM messages WHERE text LIKE '%museum%' AND live = 1)";
  db.exec(`UPDATE messages SET ${set} WHERE ${where}`);
  db.close();
  return { dir, memgpt };
}

test.each([
  "json = replace(json, 'museum', 'mureum')",
  "text = replace(text, 'museum', 'mureum')",
  "json = replace(json, '\"role\"', '\"rome\"')",
])("a letter that was changed in what was said is found by the doctor and mended (%s)", async (set) => {
  const { dir, memgpt } = await changed(set);
  const details: string[] = [];
  for await (const { status, detail } of checkAgents(memgpt.home)) if (status !== "ok") details.push(detail);

  const notices = await memgpt.repair(NAME);

  expect(details.join()).toMatch(/message \S+ (does not agree with itself|cannot be read)/);
  expect(notices.join()).toMatch(/brought into a new one/);
  const texts = [...(await memoryOf(dir)).messages.values()].join();
  expect(texts).not.toContain("mureum");
  expect(texts).toContain("museum");
});
