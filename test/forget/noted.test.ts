import type { Agent } from "memgpt";
import { type ScriptedAnswer, ScriptedLlm } from "memgpt/testing";
import { describe, expect, test } from "vitest";
import { askAndForget } from "../../src/cli/slash/forgetting.ts";
import { createAgent } from "../../src/host/agents.ts";
import { collect, scriptedAgent, testClock, testHome } from "../support/agents.ts";
import { databaseHouse } from "../support/database-house.ts";
import { DATABASES, sharedDatabase } from "../support/postgres.ts";
import { FIRST, blockOf, filesSaying, tablesSaying, tea } from "./support/told.ts";

const reply = { call: "send_message", args: { message: "Noted." } };
const script: readonly ScriptedAnswer[] = [
  { calls: [{ call: "core_memory_append", args: { name: "human", content: "Likes tea" } }, reply] },
  {
    calls: [
      { call: "core_memory_replace", args: { name: "human", old_content: "tea", new_content: "tea. Sister: Oda" } },
      { call: "archival_memory_insert", args: { content: "One sister, Oda.", request_heartbeat: true } },
    ],
  },
  { calls: [{ call: "core_memory_append", args: { name: "human", content: "Oda is 30." } }, reply] },
  { calls: [{ call: "archival_memory_insert", args: { content: "The boat is blue." } }, reply] },
  tea,
];

/** Tells of tea, of a sister (noted in two steps, in words of the agent's own) and of a boat. @returns the id of the second. */
async function tellOfSister(agent: Agent): Promise<string> {
  await collect(agent.send("I like tea."));
  await collect(agent.send("You should know my only sibling."));
  await collect(agent.send("My boat is blue."));
  await agent.save();
  const [hit] = (await agent.recall.search({ text: "sibling" }, FIRST)).items;
  return hit?.id ?? "";
}

type Opened = { readonly agent: Agent; readonly placesSaying: (word: string) => Promise<readonly string[]> };

function rules(open: () => Promise<Opened>): void {
  test("it is previewed, and removed from blocks, passages, calls, history and checkpoints; no undo restores it", async () => {
    const { agent, placesSaying } = await open();
    const message = await tellOfSister(agent);
    expect((await placesSaying("Oda")).length).toBeGreaterThan(0);

    const found = await agent.forgettable({ message });
    expect(found.notes.map(({ text }) => text)).toEqual(["One sister, Oda."]);
    expect(found.rewrites.map(({ label, after }) => [label, after])).toEqual([
      ["human", blockOf(agent).replace(" Sister: Oda\nOda is 30.", "")],
    ]);
    await agent.forget({ message });

    expect(await placesSaying("Oda")).toEqual([]);
    expect(blockOf(agent)).toContain("Likes tea.");
    expect((await agent.archival.search({ text: "boat" }, FIRST)).total).toBe(1);
    expect((await agent.recall.search({ text: "boat" }, FIRST)).total).toBe(1);
    await agent.undo(2);
    await agent.redo();
    expect(JSON.stringify(agent.state)).not.toContain("Oda");
    await agent.close();
  });

  test("it stays in the block or in archival memory if the person keeps it there", async () => {
    const { agent, placesSaying } = await open();
    const message = await tellOfSister(agent);
    const before = blockOf(agent);
    const { notes } = await agent.forgettable({ message });

    await agent.forget({ message }, { keep: ["human", ...notes.map(({ id }) => id)] });

    expect(blockOf(agent)).toBe(before);
    expect((await agent.archival.search({ text: "Oda" }, FIRST)).total).toBe(1);
    expect(await placesSaying("only sibling")).toEqual([]);
    await agent.forget({ match: "Oda" });
    expect(await placesSaying("Oda")).toEqual([]);
    await agent.close();
  });

  test("passages imported together with the message are not notes", async () => {
    const { agent } = await open();
    const createdAt = "2026-11-20T12:00:00.000Z";
    const said = ["I have a sister.", "And a boat."].map((text) => ({ role: "user" as const, text, createdAt }));
    await agent.importOnce({ messages: said, passages: [{ text: "The boat is blue.", createdAt }] });
    const [hit] = (await agent.recall.search({ text: "sister" }, FIRST)).items;

    const found = await agent.forget({ message: hit?.id ?? "" });

    expect(found).toMatchObject({ messages: 1, passages: 0, rewrites: [], notes: [] });
    expect(await agent.archival.size()).toBe(1);
    await agent.close();
  });
}

test("the person is asked about each block, and about the passages", async () => {
  const { agent } = await scriptedAgent(script);
  const message = await tellOfSister(agent);
  const asked: string[] = [];
  const confirm = async (question: string): Promise<boolean> => {
    asked.push(question);
    return !question.startsWith("Remove");
  };

  const said = await askAndForget(agent, { message }, "test", { show: () => undefined, confirm });

  expect(asked).toEqual([
    expect.stringMatching(/^Rewrite human without ".*Oda/),
    'Remove 1 passage noted because of it: "One sister, Oda."?',
    "Forget this for good? No undo brings it back.",
  ]);
  expect(said).toContain("It stays in archival memory, as you chose.");
  expect(blockOf(agent)).not.toContain("Oda");
  expect(await agent.archival.size()).toBe(2);
});

describe("what the agent noted because of a forgotten message, in a home", () => {
  rules(async () => {
    const memgpt = await testHome({ llm: () => new ScriptedLlm(script), now: testClock().now });
    const agent = await memgpt.createAgent({ name: "sam" });
    return { agent, placesSaying: async (word) => filesSaying(word, memgpt.home.root) };
  });
});

describe.each(DATABASES)("what the agent noted because of a forgotten message, in $name", ({ open }) => {
  const database = sharedDatabase(open);

  rules(async () => {
    const house = databaseHouse(database(), { llm: () => new ScriptedLlm(script) });
    const agent = await createAgent(house, { name: "sam" }, {});
    return { agent, placesSaying: (word) => tablesSaying(word, database()) };
  });
});

test("the question shows the forgotten word, however late in the text it is", async () => {
  const { agent } = await scriptedAgent([]);
  const start =
    "On 30 November 2026 the user said that the weather in the mountains was so fine that everybody went out, ";
  await agent.editBlock(
    "human",
    `${start}and that James baked a cake for all the guests who came along in the evening.`,
  );
  const asked: string[] = [];
  const confirm = async (question: string): Promise<boolean> => {
    asked.push(question);
    return false;
  };

  await askAndForget(agent, { match: "james" }, "test", { show: () => undefined, confirm });

  expect(asked[0]).toMatch(/^Rewrite human without "\.\.\..*that James baked a cake/);
});
