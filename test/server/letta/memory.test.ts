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

test("several blocks may have the same label, but an agent has only one of them", async () => {
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

test("every agent that has a block sees its edits, even of a read-only one", async () => {
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

test("an unknown block id in a change leaves the agent unchanged", async () => {
  const client = await testLetta();
  const { id } = await client.agents.create({
    name: "sam",
    memory_blocks: ["human", "extra"].map((label) => ({ label, value: `About ${label}.` })),
  });
  const blocks = await all(client.agents.blocks.list(id));

  const change = { block_ids: [blocks[0]?.id ?? "", "block-unknown"], system: "Be brief.", name: "Max" };
  await expect(client.agents.update(id, change)).rejects.toMatchObject({
    status: 404,
    error: { detail: "There is no block block-unknown.", kept: "nothing" },
  });

  expect(await all(client.agents.blocks.list(id))).toEqual(blocks);
  expect((await client.agents.retrieve(id)).name).toBe("sam");
  expect((await client.agents.retrieve(id)).system).not.toBe("Be brief.");
  await expect(client.agents.update(id, { block_ids: [], tool_ids: ["tool-unknown"] })).rejects.toMatchObject({
    status: 404,
  });
  expect(await all(client.agents.blocks.list(id))).toEqual(blocks);
});

test("a block that an undo removed from an agent does not block choosing others", async () => {
  const client = await testLetta();
  const shared = await client.blocks.create({ label: "team", value: "blue" });
  const { id, blocks } = await client.agents.create({ memory_blocks: [{ label: "human", value: "Sam." }] });
  await client.agents.blocks.attach(shared.id, { agent_id: id });
  await client.post(`/v1/agents/${id}/undo`);

  const changed = await client.agents.update(id, { block_ids: blocks.map((block) => block.id ?? "") });

  expect(changed.blocks.map(({ label }) => label)).toEqual(["human"]);
});

test("an agent's blocks, prompt and window change together; one undo reverts all and publishes nothing", async () => {
  const client = await testLetta();
  const shared = await client.blocks.create({ label: "human", value: "Likes tea." });
  const { id, system } = await client.agents.create({
    memory_blocks: [
      { label: "human", value: "Likes coffee." },
      { label: "extra", value: "Sails." },
    ],
  });
  const had = await all(client.agents.blocks.list(id));
  const seen = async () =>
    (await client.agents.retrieve(id)).blocks.map(({ id: block, label, value }) => ({ id: block, label, value }));
  const before = await seen();

  const changed = await client.agents.update(id, {
    block_ids: [had[1]?.id ?? "", shared.id],
    system: "Be brief.",
    context_window_limit: 20_000,
  });

  expect(changed.blocks.map((block) => block.id)).toEqual([had[1]?.id, shared.id]);
  expect((await client.blocks.retrieve(shared.id)).value).toBe("Likes tea.");
  expect((await client.blocks.retrieve(had[0]?.id ?? "")).value).toBe("Likes coffee.");
  await client.post(`/v1/agents/${id}/undo`);
  expect(await seen()).toEqual(before);
  expect((await client.agents.retrieve(id)).system).toBe(system);
  expect((await client.blocks.retrieve(shared.id)).value).toBe("Likes tea.");
  expect(await all(client.blocks.agents.list(shared.id))).toEqual([]);
  await client.agents.blocks.update("human", { agent_id: id, value: "Likes cocoa." });
  expect((await client.blocks.retrieve(shared.id)).value).toBe("Likes tea.");
});

test("blocks of one label cannot be chosen together", async () => {
  const client = await testLetta();
  const [blue, red] = [
    await client.blocks.create({ label: "team", value: "blue" }),
    await client.blocks.create({ label: "team", value: "red" }),
  ];
  const { id, blocks } = await client.agents.create({ memory_blocks: [{ label: "human", value: "Sam." }] });

  await expect(client.agents.update(id, { block_ids: [blue.id, red.id] })).rejects.toMatchObject({ status: 422 });

  expect((await client.agents.retrieve(id)).blocks).toEqual(blocks);
  expect(await all(client.blocks.agents.list(blue.id))).toEqual([]);
});

test("an agent has at most 100 blocks", async () => {
  const client = await testLetta();
  const blocks = Array.from({ length: 101 }, (_, n) => ({ label: `block ${n}`, value: "" }));

  await expect(client.agents.create({ memory_blocks: blocks })).rejects.toMatchObject({
    status: 422,
    error: { detail: expect.stringContaining("at most 100 blocks (got 101)") },
  });
  expect(await all(client.agents.list())).toEqual([]);
  const { id } = await client.agents.create({ memory_blocks: blocks.slice(1) });
  const one = await client.blocks.create({ label: "one more", value: "" });
  await expect(client.agents.blocks.attach(one.id, { agent_id: id })).rejects.toMatchObject({ status: 422 });
  expect(await all(client.agents.blocks.list(id))).toHaveLength(100);
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

test("a Python tool is stored with its schema, attached to an agent, and never run", async () => {
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
