import type { LettaResponse } from "@letta-ai/letta-client/resources/agents/messages";
import { expect, test } from "vitest";
import { all, said, testLetta } from "../support/server.ts";

test("conversations have their own messages and share core memory", async () => {
  const client = await testLetta();
  const agent = await client.agents.create({ name: "sam" });
  const one = await client.conversations.create({ agent_id: agent.id, summary: "first" });
  const two = await client.conversations.create({ agent_id: agent.id });

  const streamed = await all(
    await client.conversations.messages.create(one.id, { input: "My boyfriend is called James." }),
  );
  const body = { input: "I live in Lisbon.", streaming: false };
  const whole = await client.post<LettaResponse>(`/v1/conversations/${two.id}/messages`, { body });

  expect(streamed.at(-1)?.message_type).toBe("usage_statistics");
  expect(said(whole.messages).join()).toContain("Lisbon");
  const human = await client.agents.blocks.retrieve("human", { agent_id: agent.id });
  expect(human.value).toMatch(/James[\s\S]*Lisbon/);
  const texts = async (id: string): Promise<string> =>
    JSON.stringify(await all(client.conversations.messages.list(id)));
  expect(await texts(one.id)).toContain("My boyfriend");
  expect(await texts(one.id)).not.toContain("I live in Lisbon.");
  expect(await all(client.agents.messages.list(agent.id))).toHaveLength(1);
  expect((await client.conversations.list({ agent_id: agent.id })).map(({ id }) => id)).toEqual([two.id, one.id]);
  expect((await all(client.agents.list())).map(({ id }) => id)).toEqual([agent.id]);
  expect((await all(client.runs.list({ agent_id: agent.id }))).length).toBe(2);
});

test("a conversation is renamed and removed, and deleting the agent removes them all", async () => {
  const client = await testLetta();
  const agent = await client.agents.create({});
  const [one, two] = [
    await client.conversations.create({ agent_id: agent.id }),
    await client.conversations.create({ agent_id: agent.id }),
  ];

  expect(await client.conversations.update(one.id, { summary: "weekend" })).toMatchObject({ summary: "weekend" });
  await client.conversations.delete(one.id);
  await expect(client.conversations.retrieve(one.id)).rejects.toMatchObject({ status: 404 });
  await client.agents.delete(agent.id);
  await expect(client.conversations.retrieve(two.id)).rejects.toMatchObject({ status: 404 });
  expect(await all(client.blocks.list())).toEqual([]);
});

test("the conversation named default is the agent's main one", async () => {
  const client = await testLetta();
  const agent = await client.agents.create({});

  await all(await client.conversations.messages.create("default", { agent_id: agent.id, input: "I like tea." }));

  expect(JSON.stringify(await all(client.agents.messages.list(agent.id)))).toContain("I like tea.");
});

test("a fork begins with the whole conversation, and later messages stay separate", async () => {
  const client = await testLetta();
  const agent = await client.agents.create({});
  const one = await client.conversations.create({ agent_id: agent.id, summary: "first" });
  const say = async (id: string, input: string) => all(await client.conversations.messages.create(id, { input }));
  await say(one.id, "My boyfriend is called James.");

  const two = await client.conversations.fork(one.id);
  await say(two.id, "I live in Lisbon.");

  const heard = async (id: string) => JSON.stringify(await all(client.conversations.messages.list(id)));
  expect(await heard(two.id)).toMatch(/Lisbon[\s\S]*James/);
  expect(await heard(one.id)).not.toContain("I live in Lisbon.");
  expect((await client.agents.blocks.retrieve("human", { agent_id: agent.id })).value).toMatch(/James[\s\S]*Lisbon/);
  const own = await client.conversations.fork("default", { agent_id: agent.id });
  expect(own.agent_id).toBe(agent.id);
  expect((await client.conversations.list({ agent_id: agent.id })).map(({ id }) => id)).toEqual([
    own.id,
    two.id,
    one.id,
  ]);
});
