import { LettaClient } from "letta-client-2025";
import { expect, test } from "vitest";
import { all, lettaAt, testLetta, testServer } from "../support/server.ts";

const texts = (messages: readonly object[]): string[] =>
  messages.flatMap((one) =>
    "content" in one && "message_type" in one && one.message_type === "user_message" ? [String(one.content)] : [],
  );

test("searches the messages of all agents, of one, or of one conversation", async () => {
  const client = await testLetta();
  const [one, two] = [await client.agents.create({ name: "one" }), await client.agents.create({ name: "two" })];
  await client.agents.messages.create(one.id, { input: "The heron nests in May." });
  await client.agents.messages.create(two.id, { input: "The heron left in June." });
  const conversation = await client.conversations.create({ agent_id: one.id });
  await all(await client.conversations.messages.create(conversation.id, { input: "The heron is grey." }));
  const search = async (more: object) => texts(await client.messages.search({ query: "heron", ...more }));

  expect((await search({})).sort()).toEqual([
    "The heron is grey.",
    "The heron left in June.",
    "The heron nests in May.",
  ]);
  expect((await search({ agent_id: one.id })).sort()).toEqual(["The heron is grey.", "The heron nests in May."]);
  expect(await search({ conversation_id: conversation.id })).toEqual(["The heron is grey."]);
  expect(await search({ limit: 1 })).toHaveLength(1);
  const [found] = await client.messages.search({ query: "June", agent_id: two.id });
  expect(found).toMatchObject({ agent_id: two.id, message_id: expect.stringMatching(/^message-/) });
});

test("lists the messages of all agents by time, page after page", async () => {
  const client = await testLetta();
  const agents = [await client.agents.create({}), await client.agents.create({})];
  const said: string[] = [];
  for (let n = 0; n < 6; n += 1) {
    const input = `I like number ${n}.`;
    await client.agents.messages.create(agents[n % 2]?.id ?? "", { input });
    said.unshift(input);
  }

  const listed: object[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await client.messages.list({ limit: 5, ...(after === undefined ? {} : { after }) });
    listed.push(...page);
    after = page.at(-1)?.id;
    if (page.length === 0) break;
  }
  expect(texts(listed)).toEqual(said);
  expect(texts(await client.messages.list({ order: "asc", limit: 1000 }))).toEqual(said.toReversed());
  const [newest] = await client.messages.list({ limit: 1 });
  expect(await client.messages.retrieve(newest?.id ?? "")).toEqual(expect.arrayContaining([newest]));
});

test("lists the messages of one agent or one conversation", async () => {
  const client = await testLetta();
  const [one, two] = [await client.agents.create({}), await client.agents.create({})];
  await client.agents.messages.create(one.id, { input: "I like tea." });
  await client.agents.messages.create(two.id, { input: "I like coffee." });
  const conversation = await client.conversations.create({ agent_id: two.id });
  await all(await client.conversations.messages.create(conversation.id, { input: "I like milk." }));
  const listed = async (query: string) => texts(await client.get<object[]>(`/v1/messages?${query}`));

  expect(await listed(`agent_id=${one.id}`)).toEqual(["I like tea."]);
  expect(await listed(`agent_id=${two.id}`)).toEqual(["I like milk.", "I like coffee."]);
  expect(texts(await client.messages.list({ conversation_id: conversation.id }))).toEqual(["I like milk."]);
  await expect(listed("agent_id=agent-unknown")).rejects.toMatchObject({ status: 404 });
});

test("a message is edited, in context and in searches, and one undo reverts it", async () => {
  const server = await testServer();
  const client = lettaAt(server);
  const { id } = await client.agents.create({});
  await client.agents.messages.create(id, { input: "My boyfriend is called James." });
  const listed = async () => all(client.agents.messages.list(id, { order: "asc" }));
  const message = (await listed()).find(({ message_type }) => message_type === "user_message");

  const old = new LettaClient({ baseUrl: server.url, token: "any" });
  await old.agents.messages.modify(id, message?.id ?? "", {
    messageType: "user_message",
    content: "My boyfriend is Peter.",
  });

  expect(texts(await listed())).toEqual(["My boyfriend is Peter."]);
  expect(texts(await client.messages.search({ query: "Peter" }))).toEqual(["My boyfriend is Peter."]);
  await client.post(`/v1/agents/${id}/undo`);
  expect(texts(await listed())).toEqual(["My boyfriend is called James."]);
  await expect(
    client.patch(`/v1/agents/${id}/messages/message-none`, { body: { content: "x" } }),
  ).rejects.toMatchObject({
    status: 404,
  });
});
