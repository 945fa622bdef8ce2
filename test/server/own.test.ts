import { expect, test } from "vitest";
import { all, testLetta } from "./support/server.ts";

test("a turn is undone and redone over HTTP, memory included", async () => {
  const client = await testLetta();
  const { id } = await client.agents.create({});
  await client.agents.messages.create(id, { input: "My boyfriend is called James." });
  const human = async (): Promise<string> => (await client.agents.blocks.retrieve("human", { agent_id: id })).value;

  const undone = await client.post<{ actions: unknown[] }>(`/v1/agents/${id}/undo`);
  expect(undone.actions).toHaveLength(1);
  expect(await human()).not.toContain("James");
  expect(await all(client.agents.messages.list(id))).toHaveLength(1);
  await client.post(`/v1/agents/${id}/redo`);
  expect(await human()).toContain("James");
});

test("a slash command runs over HTTP, and an unknown one is refused", async () => {
  const client = await testLetta();
  const { id } = await client.agents.create({});
  await client.agents.messages.create(id, { input: "My boyfriend is called James." });
  const run = (command: string): Promise<{ result: unknown }> =>
    client.post(`/v1/agents/${id}/command`, { body: { command } });

  expect(await run("/rewrite Noted, James it is.")).toMatchObject({ result: { after: "Noted, James it is." } });
  expect(await run("undo 2")).toMatchObject({ result: { actions: [{}, {}] } });
  await expect(run("/undo much")).rejects.toMatchObject({ status: 422 });
  await expect(run("/dance")).rejects.toMatchObject({ status: 422 });
});

test("a checkpoint is saved by name, listed and loaded", async () => {
  const client = await testLetta();
  const { id } = await client.agents.create({});
  await client.post(`/v1/agents/${id}/checkpoints`, { body: { name: "before" } });
  await client.agents.messages.create(id, { input: "My boyfriend is called James." });

  const listed = await client.get<{ name: string | null }[]>(`/v1/agents/${id}/checkpoints`);
  expect(listed.map(({ name }) => name)).toContain("before");
  await client.post(`/v1/agents/${id}/checkpoints/load`, { body: { checkpoint: "before" } });
  expect((await client.agents.blocks.retrieve("human", { agent_id: id })).value).not.toContain("James");
});

test("why, history, search and context show how memory came about and where it is", async () => {
  const client = await testLetta();
  const { id } = await client.agents.create({});
  await client.agents.messages.create(id, { input: "My boyfriend is called James." });

  expect(await client.get(`/v1/agents/${id}/why`)).toMatchObject({ asked: "My boyfriend is called James." });
  expect(JSON.stringify(await client.get(`/v1/agents/${id}/history`, { query: { label: "human" } }))).toContain(
    "James",
  );
  const found = await client.get<{ recall: { total: number } }>(`/v1/agents/${id}/search`, {
    query: { query: "James" },
  });
  expect(found.recall.total).toBeGreaterThan(0);
  const context = await client.get<Record<string, number>>(`/v1/agents/${id}/context`);
  expect(context["context_window_size_current"]).toBeLessThan(context["context_window_size_max"] ?? 0);
  expect(context["num_recall_memory"]).toBeGreaterThan(0);
});
