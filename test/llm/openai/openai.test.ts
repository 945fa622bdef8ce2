import { expect, test } from "vitest";
import { OpenAiLlm } from "../../../src/llm/openai/openai-llm.ts";
import { chunk, modelServer, sse, stall, streamed } from "../../support/model-server.ts";
import { client, complete, context } from "./support.ts";

test("a streamed answer arrives in pieces and is returned whole, however calls are split", async () => {
  const { endpoint } = await modelServer([
    streamed(
      [
        { role: "assistant", content: "Think" },
        { content: "ing." },
        { tool_calls: [{ index: 0, id: "a", type: "function", function: { name: "send_message", arguments: "" } }] },
        { tool_calls: [{ index: 0, function: { arguments: '{"mess' } }] },
        {
          tool_calls: [
            { index: 1, id: "b", type: "function", function: { name: "pause_heartbeats", arguments: '{"minutes":' } },
          ],
        },
        { tool_calls: [{ index: 0, function: { arguments: 'age":"hi"}' } }] },
        { tool_calls: [{ index: 1, function: { arguments: "5}" } }] },
      ],
      {
        finish: "tool_calls",
        usage: {
          prompt_tokens: 50,
          completion_tokens: 7,
          total_tokens: 57,
          prompt_tokens_details: { cached_tokens: 40 },
        },
      },
    ),
  ]);

  const { deltas, completion } = await complete(client(endpoint));

  expect(completion).toEqual({
    content: "Thinking.",
    reasoning: null,
    calls: [
      { id: "a", name: "send_message", arguments: '{"message":"hi"}' },
      { id: "b", name: "pause_heartbeats", arguments: '{"minutes":5}' },
    ],
    usage: { prompt: 50, completion: 7, cached: 40 },
    finishReason: "function_calls",
  });
  expect(deltas.slice(0, 3)).toEqual([
    { type: "content", text: "Think" },
    { type: "content", text: "ing." },
    { type: "call", index: 0, name: "send_message", arguments: '{"mess' },
  ]);
});

test("the request carries the context in the protocol's words, and the key", async () => {
  const { endpoint, seen } = await modelServer([streamed([{ content: "ok" }])]);

  await complete(client(endpoint, { apiKey: "sk-secret" }));

  const callId = context.queue[2]?.role === "function" ? context.queue[2].callId : "";
  expect(seen[0]?.url).toBe("/v1/chat/completions");
  expect(seen[0]?.headers.authorization).toBe("Bearer sk-secret");
  expect(seen[0]?.body).toMatchObject({
    model: "m",
    stream: true,
    max_tokens: 100,
    messages: [
      { role: "system", content: "You remember." },
      { role: "user", content: expect.stringContaining("hello") },
      { role: "assistant", content: "I note it", tool_calls: [{ id: callId, type: "function" }] },
      { role: "tool", tool_call_id: callId },
    ],
    tools: [{ type: "function", function: { name: "send_message", description: "Sends" } }],
  });
});

test("an interrupt ends the request", async () => {
  const interrupt = new AbortController();
  const { endpoint } = await modelServer([stall(sse([chunk({ content: "Thi" })]))]);

  const answer = client(endpoint).complete({ context, maxTokens: 100, signal: interrupt.signal });
  await expect(answer.next()).resolves.toMatchObject({ value: { type: "content", text: "Thi" } });
  interrupt.abort(new Error("stop"));

  await expect(answer.next()).rejects.toThrow("stop");
});

test("an interrupt before the first byte ends the request", async () => {
  const interrupt = new AbortController();
  const { endpoint } = await modelServer([
    () => {
      interrupt.abort(new Error("stop"));
    },
  ]);

  await expect(complete(client(endpoint), { signal: interrupt.signal })).rejects.toThrow("stop");
});

test("a caller that stops reading ends the request", async () => {
  let closed: () => void = () => undefined;
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const { endpoint } = await modelServer([
    (response, request) => {
      response.on("close", closed);
      stall(sse([chunk({ content: "Thi" })]))(response, request);
    },
  ]);

  const answer = client(endpoint).complete({ context, maxTokens: 100 });
  await answer.next();
  await answer.return({ content: null, calls: [], usage: null, finishReason: "stop" });

  await isClosed;
});

test("OpenAI without a key, and an invalid endpoint, are refused before anything is sent", () => {
  expect(() => new OpenAiLlm({ model: "gpt-4o", endpoint: null, apiKey: null })).toThrow(/OPENAI_API_KEY/);
  expect(() => new OpenAiLlm({ model: "x", endpoint: "localhost:1234", apiKey: null })).toThrow(/http:\/\//);
});
