import { expect, test } from "vitest";
import { all, testLetta } from "../support/server.ts";

test("the steps of a run say what they took, which messages they made, and what somebody thinks of them", async () => {
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
