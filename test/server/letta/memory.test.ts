import { expect, test } from "vitest";
import { all, testLetta } from "../support/server.ts";

test("a shared block that one agent edits is seen by the other before it next acts", async () => {
  const client = await testLetta();
  const block = await client.blocks.create({ label: "human", value: "" });
  const one = await client.agents.create({ name: "one", memory_blocks: [], block_ids: [block.id] });
  const two = await client.agents.create({ name: "two", memory_blocks: [] });
  await client.agents.blocks.attach(block.id, { agent_id: two.id });

  await client.agents.messages.create(one.id, { input: "My boyfriend is called James." });

  expect((await client.agents.blocks.retrieve("human", { agent_id: two.id })).value).toContain("James");
  await client.agents.messages.create(two.id, { input: "I live in Lisbon." });
  const value = (await client.blocks.retrieve(block.id)).value;
  expect(value).toContain("James");
  expect(value).toContain("Lisbon");
  expect((await client.agents.blocks.retrieve("human", { agent_id: one.id })).value).toBe(value);
  expect((await all(client.blocks.agents.list(block.id))).map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
});

test("several blocks may be named alike, of which an agent has one", async () => {
  const client = await testLetta();
  const [one, two] = [
    await client.blocks.create({ label: "team", value: "blue" }),
    await client.blocks.create({ label: "team", value: "red" }),
  ];
  const { id } = await client.agents.create({ memory_blocks: [], block_ids: [one.id] });

  await expect(client.agents.blocks.attach(two.id, { agent_id: id })).rejects.toMatchObject({ status: 422 });

  expect((await all(client.blocks.list({ label: "team" }))).map((block) => block.id)).toEqual([one.id, two.id]);
  expect((await client.agents.retrieve(id)).blocks.map(({ value }) => value)).toEqual(["blue"]);
  await client.agents.blocks.detach(one.id, { agent_id: id });
  await client.agents.blocks.attach(two.id, { agent_id: id });
  expect((await client.agents.blocks.retrieve("team", { agent_id: id })).value).toBe("red");
});

test("an edit of a block is seen by every agent that has it, a read-only one as well", async () => {
  const client = await testLetta();
  const block = await client.blocks.create({ label: "rules", value: "Be kind.", read_only: true });
  const agents = await Promise.all(["a", "b"].map((name) => client.agents.create({ name, block_ids: [block.id] })));

  await client.blocks.update(block.id, { value: "Be brief." });

  for (const { id } of agents) {
    const found = await client.agents.blocks.retrieve("rules", { agent_id: id });
    expect(found).toMatchObject({ id: block.id, value: "Be brief.", read_only: true });
  }
});

test("a block is renamed, limited, detached and deleted", async () => {
  const client = await testLetta();
  const { id, blocks } = await client.agents.create({ memory_blocks: [{ label: "project", value: "Heron." }] });

  const renamed = await client.agents.blocks.update("project", { agent_id: id, label: "work", limit: 50 });
  expect(renamed).toMatchObject({ id: blocks[0]?.id, label: "work", limit: 50, value: "Heron." });
  await expect(client.agents.blocks.update("work", { agent_id: id, value: "x".repeat(51) })).rejects.toMatchObject({
    status: 422,
  });
  await client.agents.blocks.detach(renamed.id, { agent_id: id });
  expect((await client.agents.retrieve(id)).blocks).toEqual([]);
  expect((await client.blocks.retrieve(renamed.id)).value).toBe("Heron.");
  await client.blocks.delete(renamed.id);
  await expect(client.blocks.retrieve(renamed.id)).rejects.toMatchObject({ status: 404 });
});

test("an agent is changed, found by name and tags, reset and deleted", async () => {
  const client = await testLetta();
  const { id } = await client.agents.create({ name: "sam", tags: ["work", "home"] });
  await client.agents.messages.create(id, { input: "I like tea." });

  const changed = await client.agents.update(id, {
    name: "Sam & co",
    description: "Helps.",
    tags: ["home"],
    system: "Be brief.",
  });
  expect(changed).toMatchObject({ name: "Sam & co", description: "Helps.", tags: ["home"], system: "Be brief." });
  expect((await all(client.agents.list({ tags: ["home"] }))).map((agent) => agent.id)).toEqual([id]);
  expect(await all(client.agents.list({ tags: ["work"] }))).toEqual([]);
  await client.agents.messages.reset(id, {});
  expect(await all(client.agents.messages.list(id))).toHaveLength(1);
  await client.agents.delete(id);
  await expect(client.agents.retrieve(id)).rejects.toMatchObject({ status: 404 });
});

const source = `
import requests

def roll_dice(sides: int, times: int = 1, label: Optional[str] = None) -> str:
    """
    Rolls dice.

    Args:
        sides (int): How many sides each has.
        times (int): How often.

    Returns:
        str: What came up.
    """
    return str(sides)
`;

test("a tool of Python source is kept with its schema, given to an agent, and never run", async () => {
  const client = await testLetta();

  const tool = await client.tools.create({ source_code: source });
  expect(tool).toMatchObject({ name: "roll_dice", description: "Rolls dice.", source_code: source });
  expect(tool.json_schema).toMatchObject({
    parameters: {
      properties: { sides: { type: "integer", description: "How many sides each has." }, label: { type: "string" } },
      required: ["sides"],
    },
  });
  const again = await client.tools.upsert({ source_code: source.replace("Rolls dice.", "Rolls them.") });
  expect(again).toMatchObject({ id: tool.id, description: "Rolls them." });
  const { id } = await client.agents.create({ tools: ["roll_dice"], memory_blocks: [] });
  expect((await all(client.agents.tools.list(id))).map(({ name }) => name)).toContain("roll_dice");
  const run = await client.agents.tools.run("roll_dice", { agent_id: id, args: { sides: 6 } });
  expect(run).toMatchObject({ status: "error", func_return: expect.stringContaining("was not run") });
  await client.agents.tools.detach(tool.id, { agent_id: id });
  expect((await all(client.agents.tools.list(id))).map(({ name }) => name)).not.toContain("roll_dice");
});
