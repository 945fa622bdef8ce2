import { ScriptedLlm } from "memgpt/testing";
import type { Agent, MemGPT } from "memgpt";
import { expect, test, vi } from "vitest";
import { collect, temporaryFolder, testHome } from "../support/agents.ts";

const PROJECT = { label: "project", value: "We build a boat.", limit: 200 };
const HI = { call: "send_message", args: { message: "Hi" } };

const labels = (agent: Agent): string[] => agent.state.blocks.map(({ label }) => label);

/** Agents that have the block `project`, and its id. */
async function sharing(memgpt: MemGPT, names: readonly string[]): Promise<{ agents: Agent[]; id: string }> {
  const { id } = await memgpt.blocks.create(PROJECT);
  const agents: Agent[] = [];
  for (const name of names) {
    const agent = await memgpt.createAgent({ name }, { verify: false });
    await memgpt.blocks.attach(agent, id);
    agents.push(agent);
  }
  return { agents, id };
}

test("a deleted block is gone from every agent that has it, without opening any", async () => {
  const llm = new ScriptedLlm([HI]);
  const dir = temporaryFolder();
  const memgpt = await testHome({ dir, llm: () => llm });
  const { agents, id } = await sharing(memgpt, ["sam", "bob"]);
  const [sam, bob] = agents as [Agent, Agent];
  await bob.close();
  const open = vi.spyOn(memgpt, "openAgent");

  await memgpt.blocks.delete(id);

  expect(open).not.toHaveBeenCalled();
  expect(await memgpt.blocks.list()).toEqual([]);
  await expect(memgpt.blocks.get(id)).rejects.toMatchObject({ code: "not_found" });
  expect((await memgpt.inspect("bob")).blocks.map(({ label }) => label)).not.toContain("project");
  await collect(sam.send("Hello"));
  expect(llm.seen[0]?.system).not.toContain("We build a boat.");
  // Another process, and long after.
  await memgpt.close();
  const reopened = await (await testHome({ dir })).openAgent("bob");
  await reopened.receiveBlocks();
  expect(labels(reopened)).not.toContain("project");
});

test("an undo brings a deleted block back to one agent, as its own", async () => {
  const memgpt = await testHome();
  const { agents, id } = await sharing(memgpt, ["sam", "bob", "kim"]);
  const [sam, bob, kim] = agents as [Agent, Agent, Agent];
  await memgpt.blocks.delete(id);
  await sam.receiveBlocks();
  await bob.receiveBlocks();

  expect((await sam.undo()).actions[0]?.label).toBe("removal of block project");
  await sam.receiveBlocks();
  await sam.editBlock("project", "We build a house.");

  expect(labels(sam)).toContain("project");
  await kim.receiveBlocks();
  await sam.receiveBlocks();
  for (const other of [bob, kim]) expect(labels(other)).not.toContain("project");
  expect(sam.state.blocks.find(({ label }) => label === "project")?.value).toBe("We build a house.");
  expect(await memgpt.blocks.list()).toEqual([]);
});
