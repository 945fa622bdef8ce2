import { MemGPT } from "memgpt";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../support/agents.ts";
import { all, lettaAt, testLetta, testServer } from "../support/server.ts";

test("the steps of a run have their usage, their messages and their feedback", async () => {
  const client = await testLetta();
  const agent = await client.agents.create({});
  const answer = await client.agents.messages.create(agent.id, { input: "My boyfriend is called James." });
  const [run] = await all(client.runs.list({ agent_id: agent.id }));

  const steps = await all(client.runs.steps.list(run?.id ?? ""));

  expect(steps).toHaveLength(answer.usage.step_count ?? 0);
  const tokens = steps.map(({ total_tokens }) => total_tokens ?? 0).reduce((sum, count) => sum + count, 0);
  expect(tokens).toBe(answer.usage.total_tokens);
  const [newest] = steps;
  const id = newest?.id ?? "";
  expect(await client.steps.retrieve(id)).toMatchObject({
    agent_id: agent.id,
    status: "success",
    stop_reason: "end_turn",
  });
  const messages = await all(client.steps.messages.list(id));
  expect(messages.length).toBeGreaterThan(0);
  expect(answer.messages.map((message) => message.id)).toEqual(
    expect.arrayContaining(messages.map(({ id: its }) => its)),
  );
  expect((await client.steps.metrics.retrieve(id)).step_ns).toBeGreaterThanOrEqual(0);
  await client.patch(`/v1/steps/${id}/feedback`, { body: { feedback: "positive" } });
  expect((await all(client.steps.list({ feedback: "positive" }))).map((step) => step.id)).toEqual([id]);
  expect((await all(client.steps.list({ agent_id: agent.id }))).map((step) => step.id)).toEqual(
    steps.map((step) => step.id),
  );
});

test("runs, steps, their messages and feedback are known after a restart", async () => {
  const dir = temporaryFolder();
  const server = await testServer({ dir });
  const before = lettaAt(server);
  const agent = await before.agents.create({});
  const conversation = await before.conversations.create({ agent_id: agent.id });
  const answer = await before.agents.messages.create(agent.id, { input: "My boyfriend is called James." });
  const asked = { input: "Who is James?", streaming: false };
  await before.post(`/v1/conversations/${conversation.id}/messages`, { body: asked });
  const [other, run] = await all(before.runs.list());
  const steps = await all(before.runs.steps.list(run?.id ?? ""));
  const id = steps[0]?.id ?? "";
  await before.patch(`/v1/steps/${id}/feedback`, { body: { feedback: "positive" } });
  await server.close(0);

  const client = lettaAt(await testServer({ dir }));

  expect((await all(client.runs.list())).map((one) => one.id)).toEqual([other?.id, run?.id]);
  expect(await client.runs.retrieve(run?.id ?? "")).toEqual(run);
  expect((await client.runs.usage.retrieve(run?.id ?? "")).total_tokens).toBe(answer.usage.total_tokens);
  expect((await all(client.steps.list({ agent_id: agent.id }))).map((step) => step.id)).toEqual(
    expect.arrayContaining(steps.map((step) => step.id)),
  );
  expect(await client.steps.retrieve(id)).toMatchObject({ run_id: run?.id, status: "success", feedback: "positive" });
  const ids = async (messages: AsyncIterable<{ id: string }>) => (await all(messages)).map((message) => message.id);
  expect(await ids(client.runs.messages.list(run?.id ?? ""))).toEqual(answer.messages.map((message) => message.id));
  expect((await ids(client.steps.messages.list(id))).length).toBeGreaterThan(0);
  expect(JSON.stringify(await all(client.runs.messages.list(other?.id ?? "")))).toContain("James");
  await client.patch(`/v1/steps/${id}/feedback`, { body: { feedback: "negative" } });
  expect((await all(client.steps.list({ feedback: "negative" }))).map((step) => step.id)).toEqual([id]);
});

test("a finished turn does not repeat what another process forgot", async () => {
  const dir = temporaryFolder();
  const client = lettaAt(await testServer({ dir, idleMs: 50 }));
  const { id } = await client.agents.create({ name: "sam" });
  const run = await client.agents.messages.createAsync(id, { input: "Zanzibar is where I lived." });
  await expect.poll(async () => (await client.runs.retrieve(run.id)).status).toBe("completed");
  const told = async (): Promise<string> =>
    JSON.stringify([
      await all(client.runs.messages.list(run.id)),
      await all(await client.runs.messages.stream(run.id, {})),
    ]);
  expect((await told()).split("Zanzibar").length).toBeGreaterThan(2);

  const other = await MemGPT.open({ dir, env: {} });
  onTestFinished(() => other.close());
  await expect
    .poll(async () => (await other.openAgent("sam")).forget({ match: "Zanzibar" }), { timeout: 20_000 })
    .toBeDefined();

  expect(await told()).not.toContain("Zanzibar");
});
