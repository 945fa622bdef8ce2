import { expect, test } from "vitest";
import { collect, only, scriptedAgent, testHome } from "../support/agents.ts";

const project = { label: "project", value: "Code name Heron.", limit: 500, description: "What we work on" };

test("an agent can be created with custom blocks and a custom prompt", async () => {
  const memgpt = await testHome();

  const agent = await memgpt.createAgent({ blocks: [project], system: "You keep the project's log." });

  expect(agent.state.blocks).toEqual([{ id: expect.any(String), ...project }]);
  expect(agent.state.system).toBe("You keep the project's log.");
});

test("the model sees a block's description and edits the block by its label", async () => {
  const { agent, llm } = await scriptedAgent(
    [
      { call: "core_memory_append", args: { name: "project", content: "Due in May.", request_heartbeat: true } },
      { call: "send_message", args: { message: "Noted." } },
    ],
    { blocks: [project] },
  );

  await collect(agent.send("it is due in May"));

  expect(llm.seen[0]?.system).toContain('<project characters="16/500">\n(What we work on)\nCode name Heron.');
  expect(agent.state.blocks[0]?.value).toBe("Code name Heron.\nDue in May.");
});

test("the model cannot edit a read-only block, and a person can", async () => {
  const { agent } = await scriptedAgent(
    [
      { call: "core_memory_append", args: { name: "project", content: "Due in May." } },
      { call: "send_message", args: { message: "I may not." } },
    ],
    { blocks: [{ ...project, readOnly: true }] },
  );

  const events = await collect(agent.send("it is due in May"));

  const returned = events.find((event) => event.type === "function_return");
  expect(returned).toMatchObject({ status: "Failed", output: expect.stringContaining("project is read-only") });
  await agent.changeBlock("project", { value: "Due in June." });
  expect(agent.state.blocks[0]?.value).toBe("Due in June.");
});

test("undo reverts adding, renaming and removing a block", async () => {
  const { agent } = await scriptedAgent([]);
  const before = agent.state.blocks;

  await agent.addBlock(project);
  await agent.changeBlock("project", { label: "work", limit: 900 });
  expect(agent.state.blocks.at(-1)).toMatchObject({ ...project, label: "work", limit: 900 });
  await agent.removeBlock("work");
  expect(agent.state.blocks).toEqual(before);

  await agent.undo();
  expect(agent.state.blocks.at(-1)?.label).toBe("work");
  await agent.undo(2);
  expect(agent.state.blocks).toEqual(before);
});

test.each([
  ["a label that is taken", { ...project, label: "human" }, /named human already/],
  ["a label that would break the prompt", { ...project, label: "a><b" }, /cannot be the label/],
  ["a value that does not fit", { ...project, limit: 3 }, /16 characters and project holds 3/],
])("refuses %s", async (_, block, message) => {
  const { agent } = await scriptedAgent([]);

  await expect(agent.addBlock(block)).rejects.toThrow(message);
  expect(agent.state.blocks).toHaveLength(2);
});

test("lists messages in either order from a cursor, even a removed one", async () => {
  const { agent } = await scriptedAgent([]);
  const ids = await agent.importMessages(["a", "b", "c", "d"].map((text) => ({ role: "user", text })));
  const [a = "", b = "", c = "", d = ""] = ids;
  const list = async (request: Parameters<typeof agent.recall.list>[0]): Promise<string[]> =>
    (await agent.recall.list(request)).map(({ id }) => id);

  expect(await list({ newestFirst: false, count: 2 })).toEqual([a, b]);
  expect(await list({ newestFirst: false, count: 2, after: b })).toEqual([c, d]);
  expect(await list({ newestFirst: true, count: 2, after: c })).toEqual([b, a]);
  expect(await list({ newestFirst: false, count: 2, before: d })).toEqual([b, c]);
  expect(await list({ newestFirst: true, count: 2, before: a })).toEqual([c, b]);
  expect(await list({ newestFirst: true, count: 9, after: d, before: a })).toEqual([c, b]);
  expect(await list({ newestFirst: true, count: 2, after: "no such id" })).toEqual([]);
  await agent.undo();
  await agent.importMessages([{ role: "user", text: "e" }]);
  expect(await list({ newestFirst: false, count: 9, after: b })).toHaveLength(1);
});

test("passages are removed, and an undo brings them back to lists and searches", async () => {
  const { agent } = await scriptedAgent([]);
  const [[first = ""] = [], [second = ""] = []] = await agent.addPassages([{ text: "red kite" }, { text: "heron" }]);

  expect(await agent.removePassages([first, "no such id"])).toBe(1);
  expect(await agent.archival.list({ newestFirst: false, count: 9 })).toMatchObject([{ id: second }]);
  expect((await agent.find({ query: "kite", in: "archival" })).total).toBe(0);

  await agent.undo();
  expect(await agent.archival.list({ newestFirst: false, count: 9 })).toMatchObject([{ id: first }, { id: second }]);
});

test("clearing the messages keeps memory, and one undo brings them back", async () => {
  const { agent } = await scriptedAgent([
    { call: "core_memory_append", args: { name: "human", content: "Likes tea.", request_heartbeat: true } },
    { call: "send_message", args: { message: "Tea it is." } },
  ]);
  await collect(agent.send("I like tea"));
  const [queue, size] = [agent.state.queue, await agent.recall.size()];

  expect(await agent.clearMessages()).toBe(size);
  expect(await agent.recall.size()).toBe(0);
  expect(agent.state.queue.some(({ role }) => role === "user")).toBe(false);
  expect(agent.state.blocks.at(-1)?.value).toContain("Likes tea.");

  await agent.undo();
  expect(agent.state.queue).toEqual(queue);
  expect(await agent.recall.size()).toBe(size);
});

test("another program's conversation is stored, with its end in context", async () => {
  const source = await scriptedAgent([{ think: "Hm.", call: "send_message", args: { message: "Hello." } }]);
  await collect(source.agent.send("hi"));
  const messages = await source.agent.recall.list({ newestFirst: false, count: 99 });
  const { agent } = await scriptedAgent([]);

  await agent.addHistory(messages, new Set(messages.slice(1).map(({ id }) => id)));

  expect(await agent.recall.list({ newestFirst: false, count: 99 })).toEqual(messages);
  expect(agent.state.queue).toEqual(messages.slice(1));
});

test("events name the messages that they are stored as, and a message can be given its id", async () => {
  const { agent } = await scriptedAgent([{ call: "send_message", args: { message: "Hello." } }]);

  const events = await collect(agent.send({ type: "user_message", message: "hi", id: "from-the-client" }));

  const stored = await agent.recall.list({ newestFirst: false, count: 9 });
  const ids = stored.map(({ id }) => id);
  expect(ids).toContain("from-the-client");
  expect(ids).toContain(only(events, "step_start").messageId);
  expect(ids).toContain(only(events, "function_return").messageId);
});
