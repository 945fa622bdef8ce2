import { LettaClient } from "letta-client-2025";
import { expect, test } from "vitest";
import { ScriptedLlm } from "memgpt/testing";
import { all, lettaAt, said, testLetta, testServer } from "../support/server.ts";

const script = {
  name: "sam",
  model: "openai/gpt-4o-mini",
  embedding: "openai/text-embedding-3-small",
  memory_blocks: [
    { label: "human", value: "" },
    { label: "persona", value: "I am Sam." },
  ],
  tools: ["web_search"],
};

test("an old script runs unchanged: unknown models, embeddings and tools fall back with warnings", async () => {
  const client = await testLetta();

  const { data: agent, response } = await client.agents.create(script).withResponse();

  expect(agent).toMatchObject({ name: "sam", model: "memgpt/practice", agent_type: "letta_v1_agent" });
  expect(agent.blocks.map(({ label }) => label)).toEqual(["human", "persona"]);
  expect(response.headers.get("x-memgpt-warning")).toMatch(/gpt-4o-mini.*text-embedding-3-small|embed.*gpt-4o-mini/);
  expect(agent).toMatchObject({ warnings: expect.arrayContaining([expect.stringContaining("web_search")]) });
});

test("--strict refuses what the server does not have", async () => {
  const client = await testLetta({ strict: true });

  await expect(client.agents.create({ model: "openai/gpt-4o-mini" })).rejects.toMatchObject({ status: 404 });
  await expect(client.agents.create({ tools: ["web_search"] })).rejects.toMatchObject({ status: 404 });
  expect(await all(client.agents.list())).toEqual([]);
});

test("what an agent learns is in its reply, its blocks and its messages", async () => {
  const client = await testLetta();
  const agent = await client.agents.create(script);

  const response = await client.agents.messages.create(agent.id, {
    messages: [{ role: "user", content: "My boyfriend is called James." }],
  });

  expect(said(response.messages).join()).toContain("James");
  expect(response.stop_reason.stop_reason).toBe("end_turn");
  expect(response.usage.total_tokens).toBeGreaterThan(0);
  expect((await client.agents.blocks.retrieve("human", { agent_id: agent.id })).value).toContain("James");
  const listed = await all(client.agents.messages.list(agent.id));
  expect(listed.map(({ message_type }) => message_type)).toContain("user_message");
  expect(listed.at(-1)?.message_type).toBe("system_message");
});

test("parts have the same id in a stream and a list, and so do a part's tokens", async () => {
  const client = await testLetta();
  const agent = await client.agents.create(script);

  const stream = await client.agents.messages.create(agent.id, {
    input: "My cat is called Tom.",
    streaming: true,
    stream_tokens: true,
  });
  const parts = await all(stream);

  const listed = await all(client.agents.messages.list(agent.id, { order: "asc" }));
  const textOf = (part: object): string =>
    "reasoning" in part ? String(part.reasoning) : "content" in part ? String(part.content) : "";
  const texts = new Map<string, string>();
  for (const part of parts) {
    if (part.message_type !== "assistant_message" && part.message_type !== "reasoning_message") continue;
    texts.set(part.id, (texts.get(part.id) ?? "") + textOf(part));
  }
  expect(texts.size).toBeGreaterThan(1);
  for (const [id, text] of texts) expect(textOf(listed.find((message) => message.id === id) ?? {})).toBe(text);
  expect(parts.slice(-2).map(({ message_type }) => message_type)).toEqual(["stop_reason", "usage_statistics"]);
});

test("without token streaming each message is one event", async () => {
  const client = await testLetta();
  const agent = await client.agents.create(script);

  const stream = await client.agents.messages.create(agent.id, { input: "I like tea.", streaming: true });
  const ids = (await all(stream)).flatMap((part) => ("id" in part ? [part.id] : []));

  expect(new Set(ids).size).toBe(ids.length);
});

/** The client of each generation, in the middle of a streamed turn, which it then leaves. */
const LEAVING: readonly (readonly [name: string, leave: (url: string, agent: string) => Promise<void>])[] = [
  [
    "of today",
    async (url, agent) => {
      const sent = { input: "go", streaming: true, stream_tokens: true } as const;
      const stream = await lettaAt({ url }).agents.messages.create(agent, sent);
      for await (const part of stream) if (part.message_type === "reasoning_message") break;
    },
  ],
  [
    "of 2025",
    async (url, agent) => {
      const client = new LettaClient({ baseUrl: url, token: "any" });
      const messages = [{ role: "user" as const, content: "go" }];
      const stream = await client.agents.messages.createStream(agent, { messages, streamTokens: true });
      for await (const part of stream) if (part.messageType === "reasoning_message") break;
    },
  ],
];

test.each(LEAVING)(
  "the client %s that leaves a stream stops the turn, and the next message works",
  async (_, leave) => {
    let stopped = false;
    const quick = new ScriptedLlm([{ call: "send_message", args: { message: "Done." } }]);
    const server = await testServer({
      llm: () => ({
        model: "slow",
        async *complete(request) {
          const { signal } = request;
          if (stopped) return yield* quick.complete(request);
          for (let n = 0; n < 200 && signal?.aborted !== true; n += 1) {
            yield { type: "content", text: "hm " };
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
          stopped ||= signal?.aborted === true;
          signal?.throwIfAborted();
          return { content: "hm", calls: [], usage: null, finishReason: "stop" };
        },
      }),
    });
    const client = lettaAt(server);
    const agent = await client.agents.create({});

    await leave(server.url, agent.id);

    await expect.poll(() => stopped).toBe(true);
    const runs = await all(client.runs.list({ agent_id: agent.id }));
    await expect.poll(async () => (await client.runs.retrieve(runs[0]?.id ?? "")).status).toBe("cancelled");
    expect(await all(client.agents.messages.list(agent.id))).toHaveLength(1);
    expect(said((await client.agents.messages.create(agent.id, { input: "again" })).messages)).toEqual(["Done."]);
  },
);

test("a background run can be followed and queried", async () => {
  const client = await testLetta();
  const agent = await client.agents.create(script);

  const run = await client.agents.messages.createAsync(agent.id, { input: "I like tea." });

  await expect.poll(async () => (await client.runs.retrieve(run.id)).status).toBe("completed");
  expect(said(await all(client.runs.messages.list(run.id)))).toHaveLength(1);
  expect((await client.runs.usage.retrieve(run.id)).total_tokens).toBeGreaterThan(0);
});

test("the client of 2025 creates agents, talks, streams, edits blocks, stores passages and lists models", async () => {
  const { url } = await testServer();
  const client = new LettaClient({ baseUrl: url, token: "any" });

  const agent = await client.agents.create({
    memoryBlocks: [{ label: "human", value: "Name: Ana" }],
    model: "openai/gpt-4o-mini",
    embedding: "openai/text-embedding-3-small",
  });
  const response = await client.agents.messages.create(agent.id, {
    messages: [{ role: "user", content: "I live in Lisbon." }],
  });
  const streamed = await all(
    await client.agents.messages.createStream(agent.id, {
      messages: [{ role: "user", content: "Where do I live?" }],
      streamTokens: true,
    }),
  );
  await client.agents.blocks.modify(agent.id, "human", { value: "Name: Ana Silva" });
  const passages = await client.agents.passages.create(agent.id, { text: "Ana plays chess." });

  expect(response.messages.map(({ messageType }) => messageType)).toContain("assistant_message");
  expect(streamed.map(({ messageType }) => messageType)).toContain("usage_statistics");
  expect((await client.agents.blocks.list(agent.id)).map(({ value }) => value)).toEqual(["Name: Ana Silva"]);
  expect(passages).toHaveLength(1);
  expect((await client.models.list()).map(({ handle }) => handle)).toContain("memgpt/practice");
  expect(await client.health.check()).toMatchObject({ status: "ok" });
});

test("the client of 2025 finds folders by name and asks for the built-in tools, and a passage is changed", async () => {
  const { url } = await testServer();
  const client = new LettaClient({ baseUrl: url, token: "any" });
  const { id } = await client.agents.create({});
  const folder = await client.folders.create({ name: "nature" });
  const [passage] = await client.agents.passages.create(id, { text: "Ana plays chess.", tags: ["games"] });

  expect(await client.folders.retrieveByName("nature")).toBe(folder.id);
  expect(await client.sources.retrieveByName("nature")).toBe(folder.id);
  await expect(client.folders.retrieveByName("nothing")).rejects.toMatchObject({ statusCode: 404 });
  const old = passage?.id ?? "";
  await lettaAt({ url }).patch(`/v1/agents/${id}/archival-memory/${old}`, { body: { text: "Ana plays go." } });
  expect(await client.agents.passages.list(id)).toMatchObject([{ text: "Ana plays go.", tags: ["games"] }]);
  expect((await client.tools.upsertBaseTools()).map(({ name }) => name)).toContain("core_memory_append");
  expect(await client.identities.count()).toBe(0);
});
