import { ContextOverflowError } from "memgpt";
import { memoryQuirks } from "../../../src/ports/quirks.ts";
import { expect, test } from "vitest";
import { modelServer, raw, refuse, streamed } from "../../support/model-server.ts";
import { recorded } from "./fixtures.ts";
import { client, complete, context } from "./support.ts";

const lines = (...all: unknown[]): string[] => all.map((line) => `${JSON.stringify(line)}\n`);

/** As https://github.com/ollama/ollama/blob/main/docs/api.md has it. */
const COMMON = { model: "m", created_at: "2026-11-21T12:00:00Z" };

test("Ollama gets the window through its own protocol", async () => {
  const { endpoint, seen } = await modelServer(
    [
      raw(
        lines(
          { ...COMMON, message: { role: "assistant", content: "", thinking: "Hm." }, done: false },
          { ...COMMON, message: { role: "assistant", content: "Hel" }, done: false },
          { ...COMMON, message: { role: "assistant", content: "lo" }, done: false },
          {
            ...COMMON,
            message: {
              role: "assistant",
              content: "",
              tool_calls: [
                { function: { name: "send_message", arguments: { message: "hi" } } },
                { function: { name: "send_message", arguments: { message: "ho" } } },
              ],
            },
            done: false,
          },
          {
            ...COMMON,
            message: { content: "" },
            done: true,
            done_reason: "stop",
            prompt_eval_count: 26,
            eval_count: 9,
          },
        ),
        "application/x-ndjson",
      ),
    ],
    { version: "0.12.0" },
  );
  const options = { temperature: 0.5, topP: 0.9, seed: 7, body: { keep_alive: "1h", options: { top_k: 20 } } };

  const { deltas, completion } = await complete(client(endpoint, { options }), { contextWindow: 8192 });

  expect(seen[0]?.url).toBe("/api/chat");
  expect(seen[0]?.body).toMatchObject({
    model: "m",
    stream: true,
    truncate: false,
    keep_alive: "1h",
    options: { num_ctx: 8192, num_predict: 100, temperature: 0.5, top_p: 0.9, seed: 7, top_k: 20 },
    tools: [{ type: "function", function: { name: "send_message" } }],
    messages: [
      { role: "system", content: "You remember." },
      { role: "user", content: expect.stringContaining("hello") },
      {
        role: "assistant",
        content: "I note it",
        tool_calls: [{ function: { name: "core_memory_append", arguments: {} } }],
      },
      { role: "tool", tool_name: "core_memory_append" },
    ],
  });
  expect(completion).toEqual({
    content: "Hello",
    reasoning: "Hm.",
    calls: [
      { id: "", name: "send_message", arguments: '{"message":"hi"}' },
      { id: "", name: "send_message", arguments: '{"message":"ho"}' },
    ],
    usage: { prompt: 26, completion: 9, cached: 0 },
    finishReason: "function_calls",
  });
  expect(deltas.map(({ type }) => type)).toEqual(["reasoning", "content", "content", "call", "call"]);
});

test("Ollama on another machine is detected and used through the proxy", async () => {
  const said = { ...COMMON, message: { role: "assistant", content: "Hello" }, done: true, done_reason: "stop" };
  // The proxy answers by itself: what matters is what it is asked.
  const proxy = await modelServer([raw(lines(said), "application/x-ndjson")], { version: "0.12.0" });
  const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };

  const { completion } = await complete(client("http://ollama.test:11434/v1", { env }), { contextWindow: 8192 });

  expect(completion.content).toBe("Hello");
  expect(proxy.seen.map(({ url }) => url)).toEqual(["http://ollama.test:11434/api/chat"]);
});

test("without streaming it answers with one line", async () => {
  const { endpoint, seen } = await modelServer(
    [raw(lines({ ...COMMON, message: { role: "assistant", content: "Hello" }, done: true, done_reason: "length" }))],
    { version: "0.12.0" },
  );

  const { completion } = await complete(client(endpoint, { options: { stream: false } }), {
    contextWindow: 8192,
    responseSchema: { type: "object" },
  });

  expect(seen[0]?.body).toMatchObject({ stream: false, format: { type: "object" } });
  expect(completion).toMatchObject({ content: "Hello", usage: null, finishReason: "length" });
});

test("a truncated answer is requested again, and an error in the middle is an error", async () => {
  const begun = lines({ ...COMMON, message: { role: "assistant", content: "Hel" }, done: false });
  const { endpoint } = await modelServer(
    [raw(begun), raw([...begun, '{"error":"an error was encountered"}\n']), recorded("overflow-ollama")],
    {
      version: "0.12.0",
    },
  );

  const failure = complete(client(endpoint), { contextWindow: 8192 });

  await expect(failure).rejects.toBeInstanceOf(ContextOverflowError);
});

test("a missing model is an error that says how to get it", async () => {
  const { endpoint } = await modelServer([refuse(404, { error: "model 'm' not found" })], { version: "0.12.0" });

  const failure = complete(client(endpoint), { contextWindow: 8192 });

  await expect(failure).rejects.toThrow(/has no model m .*`ollama pull m`/);
});

test("other servers, and Ollama without a configured window, get the usual protocol", async () => {
  const other = await modelServer([streamed([{ content: "ok" }])]);
  const ollama = await modelServer([streamed([{ content: "ok" }])], { version: "0.12.0" });

  await complete(client(other.endpoint), { contextWindow: 8192 });
  await complete(client(ollama.endpoint), { context });

  expect(other.seen[0]?.url).toBe("/v1/chat/completions");
  expect(ollama.seen[0]?.url).toBe("/v1/chat/completions");
});

test("without a grammar for its model, Ollama is asked for JSON, then for nothing, which is remembered", async () => {
  // Said in an answer that began as a success: https://github.com/ollama/ollama/issues/12422
  const cannot = raw(lines({ error: "failed to load model vocabulary required for format" }), "application/x-ndjson");
  const said = raw(lines({ ...COMMON, message: { content: "{}" }, done: true, done_reason: "stop" }));
  const { endpoint, seen } = await modelServer([cannot, cannot, said], { version: "0.12.0" });
  const quirks = memoryQuirks();
  const request = { contextWindow: 8192, responseSchema: { type: "object" } };

  const { completion, deltas } = await complete(client(endpoint, { quirks }), request);
  await complete(client(endpoint, { quirks }), request);

  expect(completion.content).toBe("{}");
  expect(deltas.filter(({ type }) => type === "retry")).toEqual([]);
  expect(seen.map(({ body }) => body["format"])).toEqual([{ type: "object" }, "json", undefined, undefined]);
  expect(quirks.get()).toEqual({ responseFormat: "none" });
});

test("a configured format is left unchanged", async () => {
  const cannot = raw(lines({ error: "failed to load model vocabulary required for format" }), "application/x-ndjson");
  const { endpoint, seen } = await modelServer([cannot], { version: "0.12.0" });
  const llm = client(endpoint, { options: { body: { format: "json" } } });

  const failure = complete(llm, { contextWindow: 8192, responseSchema: { type: "object" } });

  await expect(failure).rejects.toThrow(/vocabulary required for format/);
  expect(new Set(seen.map(({ body }) => body["format"]))).toEqual(new Set(["json"]));
});
