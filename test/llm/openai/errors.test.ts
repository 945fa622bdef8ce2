import { chosenEmbedding, configSchema } from "memgpt";
import { url } from "../../../src/cli/commands/argument-types.ts";
import { IN_CHAT, errorText } from "../../../src/cli/terminal/report-error.ts";
import { OpenAiEmbedder } from "../../../src/llm/embedders/openai-embedder.ts";
import { ContextOverflowError, LlmError } from "memgpt";
import { describe, expect, test } from "vitest";
import { chunk, json, modelServer, raw, refuse, sse } from "../../support/model-server.ts";
import { fixture, fixtureNames, recorded } from "./fixtures.ts";
import { client, complete } from "./support.ts";

const KEY = "sk-secret-key";

async function failureOf(
  name: string,
  options: Parameters<typeof client>[1] = {},
): Promise<{ error: unknown; asked: number }> {
  const { endpoint, seen } = await modelServer([recorded(name)]);
  const error: unknown = await complete(client(endpoint, { apiKey: KEY, ...options })).catch(
    (caught: unknown) => caught,
  );
  return { error, asked: seen.length };
}

describe.each([true, false])("streaming %s", (stream) => {
  test.each([
    ["overflow-openai", 16385, 16468],
    ["overflow-azure", 128000, 173172],
    ["overflow-openrouter", 131072, 141607],
    ["overflow-openrouter-upstream", 8192, 8977],
    ["overflow-groq", undefined, undefined],
    ["overflow-groq-minute", 6000, 12328],
    ["overflow-openai-minute", 30000, 342389],
    ["overflow-vllm", 131072, 156632],
    ["overflow-vllm-negative", undefined, undefined],
    ["overflow-llama-cpp", 8192, 14429],
    ["overflow-llama-cpp-500", 256, 1407],
    ["overflow-lm-studio", 32768, 111490],
    ["overflow-lm-studio-keep", 7424, 15028],
    ["overflow-ollama", undefined, undefined],
    ["overflow-koboldcpp", 4096, undefined],
    ["overflow-textgen", 2048, 2054],
    ["overflow-cerebras", 40000, 42328],
    ["overflow-anthropic", 200000, 210000],
  ])("%s is an overflow, with the server's own numbers", async (name, window, requested) => {
    const { error, asked } = await failureOf(name, { options: { stream } });

    expect(error).toBeInstanceOf(ContextOverflowError);
    expect(error).toMatchObject({ code: "context_overflow", window, requested, canShrink: true });
    expect(asked).toBe(1);
  });

  test.each([
    [
      "auth-openai",
      /refused the API key \(401\).*Nothing was lost; check its key, or store another with .*configure set/,
    ],
    ["auth-azure", /refused the API key \(401\)/],
    ["auth-openrouter", /refused the API key \(401\)/],
    ["auth-proxy", /refused the API key \(403\)/],
    ["google-list", /refused the API key \(400: API key not valid/],
    ["model-openai", /has no model m .*--model/],
    ["model-azure", /has no model m .*--model/],
    ["model-openrouter", /has no model m .*not a valid model ID.*--model/],
    ["model-ollama", /has no model m .*not found/],
    ["model-vllm", /has no model m .*--model/],
    ["route-missing", /no chat completions at \/v1\/chat\/completions \(404: Not Found\).*--model-endpoint/],
    ["filter-azure", /filtered the request.*rephrase/],
    ["filter-openrouter", /filtered the request/],
    ["credit-openai", /no credit left.*add credit/],
    ["credit-openrouter", /no credit left/],
    ["functions-ollama", /does not support tools.*function_calling json/],
    ["functions-llama-cpp", /--jinja.*function_calling json/],
  ])("%s says what is wrong and what to do, and is not retried", async (name, message) => {
    const { error, asked } = await failureOf(name, { options: { stream } });

    expect(error).toBeInstanceOf(LlmError);
    expect(error).toMatchObject({ status: fixture(name).status, message: expect.stringMatching(message) });
    expect(error).not.toMatchObject({ message: expect.stringContaining(KEY) });
    expect(asked).toBe(1);
  });

  test.each([
    ["rate-groq", /limits the rate of requests/],
    ["rate-openrouter", /limits the rate of requests/],
    ["busy-koboldcpp", /Server is busy/],
    ["busy-openai", /overloaded/],
    ["page-nginx", /502 Bad Gateway/],
  ])("%s is temporary: it is tried four times", async (name, message) => {
    const { error, asked } = await failureOf(name, { options: { stream } });

    expect(error).toMatchObject({ code: "llm_unavailable", message: expect.stringMatching(message) });
    expect(error).toMatchObject({ message: expect.stringContaining("4 times") });
    expect(asked).toBe(4);
  });

  test.each(["overflow-openai", "overflow-llama-cpp", "overflow-vllm", "overflow-lm-studio"])(
    "%s with status 200 is an overflow too",
    async (name) => {
      const { endpoint } = await modelServer([recorded(name, 200)]);

      await expect(complete(client(endpoint, { options: { stream } }))).rejects.toBeInstanceOf(ContextOverflowError);
    },
  );

  test("an error with status 200 is recognised by its code, and never taken for an answer", async () => {
    const { endpoint, seen } = await modelServer([
      json({ error: { code: 502, message: "upstream is down" } }),
      json({ error: { code: 401, message: "User not found." } }),
    ]);

    const failure = complete(client(endpoint, { apiKey: KEY, options: { stream } }));

    await expect(failure).rejects.toThrow(/refused the API key \(401\)/);
    expect(seen).toHaveLength(2);
  });
});

test.each([
  ["an `error` event", [`event: error\ndata: ${JSON.stringify(fixture("overflow-lm-studio").body)}\n\n`]],
  [
    "an `error` event that is the error itself",
    [`event: error\ndata: {"message":"context length of only 5 tokens exceeded"}\n\n`],
  ],
  ["a chunk with an error", sse([{ ...chunk({}, "error"), ...(fixture("overflow-openrouter").body as object) }])],
  ["a chunk that is an error", sse([fixture("overflow-vllm").body])],
])("an overflow in the middle of a stream is recognised by %s", async (_, events) => {
  const { endpoint } = await modelServer([raw([...sse([chunk({ content: "Thi" })]), ...events])]);

  await expect(complete(client(endpoint))).rejects.toBeInstanceOf(ContextOverflowError);
});

test("a failure in the middle of a stream is retried, and what came before is discarded", async () => {
  const { endpoint } = await modelServer([
    raw(sse([chunk({ content: "Thi" }), { error: { message: "overloaded", type: "server_error" }, choices: [] }])),
    raw(sse([chunk({ content: "Thi" }), chunk({}, "error"), "[DONE]"])),
    raw(sse([chunk({ content: "Hello" }), chunk({}, "stop"), "[DONE]"])),
  ]);

  const { deltas, completion } = await complete(client(endpoint));

  expect(completion.content).toBe("Hello");
  expect(deltas.map(({ type }) => type)).toEqual(["content", "retry", "content", "retry", "content"]);
});

test("a body too large for a proxy in front of the server is an overflow", async () => {
  const { endpoint } = await modelServer([refuse(413, "Payload Too Large")]);

  await expect(complete(client(endpoint))).rejects.toBeInstanceOf(ContextOverflowError);
});

test("says that a key is missing", async () => {
  const { endpoint } = await modelServer([recorded("auth-openrouter")]);
  const advice = `store one with \`memgpt configure set api_key - --endpoint ${endpoint}\``;

  const failure = complete(client(endpoint));

  await expect(failure).rejects.toThrow(/needs an API key \(401\), and none was sent/);
  await expect(failure).rejects.toThrow(advice);
  // Not every command has a flag for it.
  await expect(failure).rejects.toThrow(/or allow OpenAI's key there with use_openai_key in config\.json\.$/);
});

test.each([
  ["OPENROUTER_API_KEY", /its key is from OPENROUTER_API_KEY: check that/],
  [
    "credentials.json",
    /its key is from credentials\.json: store another with `memgpt configure set api_key - --endpoint/,
  ],
])("names the source of a refused key: %s", async (keyOrigin, advice) => {
  const { endpoint } = await modelServer([recorded("auth-openai")]);

  const failure = complete(client(endpoint, { apiKey: "key-0123456789", keyOrigin }));

  await expect(failure).rejects.toThrow(advice);
  await expect(failure).rejects.not.toThrow(/OPENAI_API_KEY/);
});

test("advice names settings as the front end does", async () => {
  const { endpoint } = await modelServer([recorded("model-openai")]);

  const error: unknown = await complete(client(endpoint)).catch((failure: unknown) => failure);

  expect(errorText(error, false)).toMatch(/choose another with --model\.$/);
  expect(errorText(error, false, IN_CHAT)).toMatch(/choose another with \/model NAME\.$/);
});

test("refuses an endpoint with a name and password, for models and embeddings, without repeating them", () => {
  const endpoint = "http://user:secretword@127.0.0.1:9/v1";
  const makers = [
    () => client(endpoint),
    () => new OpenAiEmbedder({ model: "m", endpoint, apiKey: null }),
    () => url(endpoint),
    () => url("http://user:secretword@:nonsense"),
    () =>
      chosenEmbedding(
        { provider: "openai", model: "m", endpoint: null, dimensions: null },
        { endpoint },
        configSchema.parse({}),
      ),
  ];
  for (const make of makers) {
    expect(make).toThrow(/name or password/);
    expect(make).not.toThrow(/secretword/);
  }
});

test("a server that is down is named, with advice, and not retried", async () => {
  const slept: number[] = [];
  const llm = client("http://127.0.0.1:9/v1", {
    sleep: async (milliseconds) => Promise.resolve(slept.push(milliseconds)),
  });

  const failure = complete(llm);

  await expect(failure).rejects.toThrow(/Cannot reach http:\/\/127\.0\.0\.1:9\/v1.*is the server running/);
  expect(slept).toEqual([]);
});

test("so is a host with several addresses", async () => {
  await expect(complete(client("http://localhost:9/v1"))).rejects.toThrow(/ECONNREFUSED/);
});

test("a web page and a redirect are no API", async () => {
  const page = await modelServer([raw(["<!doctype html><title>Login</title>"], "text/html")]);
  const moved = await modelServer([refuse(308, {}, { location: "https://example.org/v1" })]);

  await expect(complete(client(page.endpoint))).rejects.toThrow(/web page.*--model-endpoint/);
  await expect(complete(client(moved.endpoint))).rejects.toThrow(/https:\/\/example.org\/v1.*--model-endpoint/);
});

test("every fixture names its source", () => {
  for (const name of fixtureNames()) expect(fixture(name).origin, name).toMatch(/^https:|hand-made/);
});
