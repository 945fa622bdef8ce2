import type { LettaStreamingResponse } from "@letta-ai/letta-client/resources/agents/messages";
import { type Llm, LlmError } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { all, lettaAt, said, testLetta, testServer } from "../support/server.ts";

const note = { call: "core_memory_append", args: { name: "human", content: "Tea.", request_heartbeat: true } };
const reply = (message: string) => ({ call: "send_message", args: { message } });

test("a turn stops at its request's step limit, and the next message goes on", async () => {
  const llm = new ScriptedLlm([note, reply("You like tea.")]);
  const client = await testLetta({ llm: () => llm });
  const { id } = await client.agents.create({});

  const cut = await client.agents.messages.create(id, { input: "I like tea.", max_steps: 1 });
  const next = await client.agents.messages.create(id, { input: "What do I like?", max_steps: 50 });

  expect(cut).toMatchObject({ stop_reason: { stop_reason: "max_steps" }, usage: { step_count: 1 } });
  expect((await client.agents.blocks.retrieve("human", { agent_id: id })).value).toContain("Tea.");
  expect(said(next.messages)).toEqual(["You like tea."]);
});

test("a request may name the model that answers it, and the agent keeps its own", async () => {
  const [own, other] = [new ScriptedLlm([reply("own")]), new ScriptedLlm([reply("other")])];
  const env = { MEMGPT_MODEL: "house", MEMGPT_MODEL_ENDPOINT: "http://127.0.0.1:9/v1" };
  const client = await testLetta({ env, llm: ({ model }) => (model === "practice" ? other : own) });
  const { id, model } = await client.agents.create({});
  const ask = async (override_model: string) =>
    client.agents.messages.create(id, { input: "hi", override_model }).withResponse();

  const practice = await ask("memgpt/practice");
  const unknown = await ask("openai/gpt-4o");

  expect(said(practice.data.messages)).toEqual(["other"]);
  expect(said(unknown.data.messages)).toEqual(["own"]);
  expect(unknown.response.headers.get("x-memgpt-warning")).toContain("openai/gpt-4o");
  expect((await client.agents.retrieve(id)).model).toBe(model);
});

test("a background run continues without its client, who can follow it from the last part seen", async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const script = new ScriptedLlm([note, reply("You like tea.")]);
  const llm: Llm = {
    model: "slow",
    async *complete(request) {
      if (script.seen.length === 1) await held;
      return yield* script.complete(request);
    },
  };
  const client = await testLetta({ llm: () => llm });
  const { id } = await client.agents.create({});
  const seen: LettaStreamingResponse[] = [];

  const stream = await client.agents.messages.create(id, { input: "I like tea.", streaming: true, background: true });
  for await (const part of stream) {
    seen.push(part);
    if (seen.length === 2) break;
  }
  release();
  const { run_id: run, seq_id } = seen.at(-1) as { run_id: string; seq_id: number };
  const rest = await all(await client.runs.messages.stream(run, { starting_after: seq_id }));

  const whole = await all(await client.runs.messages.stream(run, {}));
  expect([...seen, ...rest]).toEqual(whole);
  expect(said(rest)).toEqual(["You like tea."]);
  expect(rest.slice(-2).map(({ message_type }) => message_type)).toEqual(["stop_reason", "usage_statistics"]);
  const stored = await all(client.agents.messages.list(id));
  expect(stored.filter(({ message_type }) => message_type === "user_message")).toHaveLength(1);
});

test("a turn that fails after its stream began says so in the stream, and its client throws", async () => {
  const llm = new ScriptedLlm([
    note,
    { error: new LlmError("The model is away.") },
    note,
    { error: new LlmError("No.") },
  ]);
  const server = await testServer({ llm: () => llm });
  const client = lettaAt(server);
  const { id } = await client.agents.create({});

  const answer = await fetch(`${server.url}/v1/agents/${id}/messages/stream`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ input: "I like tea." }),
  });
  const events = (await answer.text()).trimEnd().split("\n\n").slice(-3);

  expect(events[0]).toMatch(/^data: \{"message_type":"stop_reason","stop_reason":"llm_api_error"\}$/);
  expect(events[1]).toMatch(/^event: error\ndata: \{"message_type":"error_message".*The model is away\./);
  expect(events[2]).toBe("data: [DONE]");
  const stream = await client.agents.messages.create(id, { input: "I like figs.", streaming: true });
  await expect(all(stream)).rejects.toThrow("No.");
});

test("only a client that asks for pings gets them while the model thinks", async () => {
  const script = new ScriptedLlm([reply("one"), reply("two")]);
  const llm: Llm = {
    model: "slow",
    async *complete(request) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return yield* script.complete(request);
    },
  };
  const client = await testLetta({ llm: () => llm, pingMs: 20 });
  const { id } = await client.agents.create({});
  const pings = async (include_pings: boolean) => {
    const stream = await client.agents.messages.create(id, { input: "hi", streaming: true, include_pings });
    return (await all(stream)).filter(({ message_type }) => message_type === "ping");
  };

  expect((await pings(true))[0]).toMatchObject({ run_id: expect.stringMatching(/^run-/) });
  expect(await pings(false)).toEqual([]);
});

test("a client that asks for some kinds of messages gets only those, whole and streamed", async () => {
  const llm = new ScriptedLlm([
    { think: "Hm.", ...reply("one") },
    { think: "Hm.", ...reply("two") },
  ]);
  const client = await testLetta({ llm: () => llm });
  const { id } = await client.agents.create({});
  const asked = { input: "hi", include_return_message_types: ["assistant_message" as const] };

  const whole = await client.agents.messages.create(id, asked);
  const streamed = await all(await client.agents.messages.create(id, { ...asked, streaming: true }));

  expect(whole.messages.map(({ message_type }) => message_type)).toEqual(["assistant_message"]);
  expect(streamed.map(({ message_type }) => message_type)).toEqual([
    "assistant_message",
    "stop_reason",
    "usage_statistics",
  ]);
});

test("runs are found by why they stopped", async () => {
  const client = await testLetta({ llm: () => new ScriptedLlm([reply("Hello."), { error: new LlmError("No.") }]) });
  const { id } = await client.agents.create({});
  await client.agents.messages.create(id, { input: "Hello?" });
  await expect(client.agents.messages.create(id, { input: "Still there?" })).rejects.toThrow("No.");

  const found = await all(client.runs.list({ stop_reason: "end_turn" }));

  expect(found).toMatchObject([{ agent_id: id, stop_reason: "end_turn" }]);
});
