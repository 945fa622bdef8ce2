import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Agent, MemGPT } from "memgpt";
import { expect, test } from "vitest";
import { type AgentFolder, agentFolder } from "../../src/storage/files/paths.ts";
import { scriptedAgent } from "../support/agents.ts";

const recorded = (memgpt: MemGPT): string => readFileSync(memgpt.home.blocksFile, "utf8");

test("no line of the block records contains what is forgotten, not even of a removed block", async () => {
  const { agent, memgpt } = await scriptedAgent([]);
  const zoo = await memgpt.blocks.create({ label: "zoo", value: "A zebra.", limit: 500 });
  const farm = await memgpt.blocks.create({ label: "farm", value: "A yak lives here. A hen too.", limit: 500 });
  await memgpt.blocks.attach(agent, zoo.id);
  await memgpt.blocks.attach(agent, farm.id);
  await agent.editBlock("zoo", "A zebra. A yak.");
  await agent.editBlock("zoo", "A zebra.");
  await memgpt.blocks.detach(agent, farm.id);
  await memgpt.blocks.delete(farm.id);
  expect(recorded(memgpt)).toMatch(/yak lives.*A yak/s);

  const found = await agent.forget({ match: "yak" });

  expect(found.blockLines).toBeGreaterThan(2);
  expect(recorded(memgpt)).not.toContain("yak");
  expect((await memgpt.blocks.get("zoo")).value).toBe("A zebra.");
});

test("an interrupted forgetting is completed before anybody reads the agent", async () => {
  const { agent, memgpt } = await scriptedAgent([]);
  await agent.addPassages([{ text: "The yak is called Okapi." }]);
  const { folder, order } = await ordered(memgpt, agent);
  await agent.close();
  writeFileSync(folder.forgetOrder, JSON.stringify(order));

  const found = await memgpt.find("sam", { query: "yak", in: "archival" });

  expect(found.total).toBe(0);
  expect(existsSync(folder.forgetOrder)).toBe(false);
});

test("an unreadable order to forget is removed, with a notice", async () => {
  const { agent, memgpt } = await scriptedAgent([]);
  await agent.close();
  const { forgetOrder } = agentFolder(memgpt.home, "sam");
  writeFileSync(forgetOrder, "{}");

  const { notices } = await memgpt.openAgent("sam");

  expect(notices).toContainEqual(
    expect.stringMatching(/An interrupted forgetting could not be completed: .* Forget it again\.$/),
  );
  expect(existsSync(forgetOrder)).toBe(false);
});

async function ordered(memgpt: MemGPT, agent: Agent): Promise<{ folder: AgentFolder; order: unknown }> {
  const folder = agentFolder(memgpt.home, agent.name);
  const at = "2026-11-22T12:00:00.000Z";
  const messages: string[] = [];
  const passages = (await agent.archival.latest(1)).map(({ id }) => id);
  const none = { notes: [], labels: [], keep: [], branches: [] };
  return { folder, order: { at, by: "test", agent: agent.state.id, words: ["yak"], messages, passages, ...none } };
}
