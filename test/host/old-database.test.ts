import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder, testHome } from "../support/agents.ts";
import { type OldAgent, originalDatabase } from "../support/original-database.ts";

const oldDatabase = (agents: readonly OldAgent[]): string => originalDatabase(temporaryFolder(), agents);

const OLD_STATE = {
  persona: "Dry wit.",
  human: "Name: Chad",
  system: "Be brief.",
  functions: [],
  messages: ["a-5", "gone"],
};
const NEW_STATE = { messages: [], memory: { human: { value: "Name: Kim", limit: 3000, description: "the user" } } };

test("imports both forms of MemGPT 0.3's agents: core memory, messages, passages; the database stays unchanged", async () => {
  const memgpt = await testHome();
  const file = oldDatabase([
    { id: "a", name: "sam", state: OLD_STATE },
    { id: "b", name: "kim", state: NEW_STATE, system: "Be kind." },
  ]);
  const before = readFileSync(file);

  const { found, unread } = await memgpt.imports.findInDatabase(file);
  for (const expected of [
    { messages: 2, passages: 1, known: 0 },
    { messages: 0, passages: 0, known: 3 },
  ]) {
    for (const one of found) {
      for (const memory of one.memories) expect(await memgpt.imports.add(one, memory)).toMatchObject(expected);
    }
  }

  expect(unread).toEqual([]);
  expect(found.map(({ memories }) => memories[0]?.blocks)).toEqual([
    [
      { label: "persona", value: "Dry wit.", limit: 5000 },
      { label: "human", value: "Name: Chad", limit: 5000 },
    ],
    [{ label: "human", value: "Name: Kim", limit: 3000, description: "the user" }],
  ]);
  expect(found.map(({ memories }) => memories[0]?.system)).toEqual(["Be brief.", "Be kind."]);
  expect(found[0]?.memories[0]?.messages).toEqual([
    { role: "user", text: "I moved to Oslo.", createdAt: "2024-05-01T10:00:04.000Z" },
    { role: "assistant", text: "How is Oslo?", createdAt: "2024-05-01T10:00:05.000Z" },
  ]);
  expect(found[0]?.left).toEqual([
    "4 messages other than speech: prompts, thoughts, calls and their results",
    "1 message of its context that the database lacks",
  ]);
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(readdirSync(join(file, ".."))).toEqual(["sqlite.db"]);
});

test("an agent with an unreadable state is reported, and the others are imported", async () => {
  const memgpt = await testHome();
  const file = oldDatabase([
    { id: "a", name: "cut", state: '{"persona": "Dry' },
    { id: "b", name: "kim", state: NEW_STATE },
  ]);

  const { found, unread } = await memgpt.imports.findInDatabase(file);

  expect(found.map(({ memories }) => memories[0]?.agent)).toEqual(["kim"]);
  expect(unread).toEqual([expect.stringMatching(/^Agent cut cannot be read: state: .*None of it was imported\.$/)]);
});

test("a file that is not a database is an error that names it; one without agents has none", async () => {
  const memgpt = await testHome();
  const garbage = join(temporaryFolder(), "sqlite.db");
  writeFileSync(garbage, "x".repeat(5000));

  await expect(memgpt.imports.findInDatabase(garbage)).rejects.toThrow(`${garbage}: file is not a database`);
  expect(await memgpt.imports.findInDatabase(oldDatabase([]))).toEqual({ found: [], unread: [] });
});
