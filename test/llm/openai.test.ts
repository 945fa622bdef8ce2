import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { text } from "node:stream/consumers";
import type { Completion, LlmDelta, MainContext } from "memgpt";
import { expect, onTestFinished, test } from "vitest";
import { OpenAiLlm } from "../../src/llm/openai/openai-llm.ts";
import { exchange, userMessage } from "../memory/support.ts";

type Handler = (request: { body: unknown; headers: IncomingMessage["headers"] }, response: ServerResponse) => void;

/** A server on loopback. @returns its base URL. */
async function serve(handler: Handler): Promise<string> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      handler({ body: JSON.parse(body), headers: request.headers }, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}/v1`;
}

/** Answers with server-sent events, one chunk each, in the form of the chat-completions reference. */
function stream(
  response: ServerResponse,
  deltas: readonly unknown[],
  { usage, finish = "stop" }: { usage?: unknown; finish?: string } = {},
): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (chunk: unknown): void => {
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  const common = { id: "c", object: "chat.completion.chunk", created: 1, model: "m" };
  for (const delta of deltas) send({ ...common, choices: [{ index: 0, delta, finish_reason: null }] });
  send({ ...common, choices: [{ index: 0, delta: {}, finish_reason: finish }] });
  if (usage !== undefined) send({ ...common, choices: [], usage });
  response.end("data: [DONE]\n\n");
}

const context: MainContext = {
  system: "You remember.",
  queue: [userMessage("hello"), ...exchange("I note it", "x", ["ok"])],
  functions: [{ name: "send_message", description: "Sends", parameters: { type: "object" } }],
};

async function complete(llm: OpenAiLlm, signal?: AbortSignal): Promise<{ deltas: LlmDelta[]; completion: Completion }> {
  const deltas: LlmDelta[] = [];
  const answer = llm.complete({ context, maxTokens: 100, signal });
  for (;;) {
    const { done, value } = await answer.next();
    if (done === true) return { deltas, completion: value };
    deltas.push(value);
  }
}

test("a streamed answer comes piece by piece and is returned whole, calls split anywhere", async () => {
  const endpoint = await serve((_, response) => {
    stream(
      response,
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
    );
  });

  const { deltas, completion } = await complete(new OpenAiLlm({ model: "m", endpoint, apiKey: null }));

  expect(completion).toEqual({
    content: "Thinking.",
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
  let seen: { body: unknown; headers: IncomingMessage["headers"] } | undefined;
  const endpoint = await serve((request, response) => {
    seen = request;
    stream(response, [{ content: "ok" }]);
  });

  await complete(new OpenAiLlm({ model: "m", endpoint, apiKey: "sk-secret" }));

  const callId = context.queue[2]?.role === "function" ? context.queue[2].callId : "";
  expect(seen?.headers.authorization).toBe("Bearer sk-secret");
  expect(seen?.body).toMatchObject({
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

test.each([
  [401, { message: "bad key" }, "llm_unavailable", /refused the API key \(401\)/],
  [404, { message: "model not found" }, "llm_unavailable", /model not found/],
  [
    400,
    { message: "This model's maximum context length is 4096 tokens", code: "context_length_exceeded" },
    "context_overflow",
    /context window/,
  ],
])("status %i is told apart: %j", async (status, error, code, message) => {
  const endpoint = await serve((_, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ error }));
  });

  const failure = complete(new OpenAiLlm({ model: "m", endpoint, apiKey: "sk-secret" }));

  await expect(failure).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  await expect(failure).rejects.not.toThrow(/sk-secret/);
});

test("a server that is not there is named, with what to do", async () => {
  const llm = new OpenAiLlm({ model: "m", endpoint: "http://127.0.0.1:9/v1", apiKey: null });

  await expect(complete(llm)).rejects.toThrow(/Cannot reach http:\/\/127\.0\.0\.1:9\/v1.*is the server running/);
});

test("an interrupt ends the request", async () => {
  const interrupt = new AbortController();
  const endpoint = await serve((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(
      'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Thi"}}]}\n\n',
    );
    interrupt.abort(new Error("stop"));
  });

  await expect(complete(new OpenAiLlm({ model: "m", endpoint, apiKey: null }), interrupt.signal)).rejects.toThrow(
    "stop",
  );
});

test("OpenAI itself without a key is refused before anything is sent", async () => {
  expect(() => new OpenAiLlm({ model: "gpt-4o", endpoint: null, apiKey: null })).toThrow(/OPENAI_API_KEY/);
});
