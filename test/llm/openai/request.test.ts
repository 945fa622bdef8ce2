import { describe, expect, onTestFinished, test, vi } from "vitest";
import { memoryQuirks } from "../../../src/ports/quirks.ts";
import { addressOf } from "../../../src/llm/openai/address.ts";
import { clientOf } from "../../../src/llm/openai/client.ts";
import { type Behaviour, json, modelServer, streamed, whole } from "../../support/model-server.ts";
import { recorded } from "./fixtures.ts";
import { client, complete } from "./support.ts";

const good: Behaviour = (response, request) => {
  (request.body["stream"] === true ? streamed([{ content: "Hello" }]) : whole({ content: "Hello" }))(response, request);
};

test("configured options are sent, the extra body last", async () => {
  const { endpoint, seen } = await modelServer([good]);
  const options = {
    temperature: 0.5,
    topP: 0.9,
    seed: 7,
    headers: { "x-title": "memgpt", "user-agent": "me" },
    body: { temperature: 0.7, provider: { order: ["x"] } },
  };

  await complete(client(endpoint, { options }));

  expect(seen[0]?.body).toMatchObject({ temperature: 0.7, top_p: 0.9, seed: 7, provider: { order: ["x"] } });
  expect(seen[0]?.headers).toMatchObject({ "x-title": "memgpt", "user-agent": "me" });
});

test("nothing that the openai client finds in the environment or knows about the machine is sent", async () => {
  const { endpoint, seen } = await modelServer([good]);
  const ambient = {
    OPENAI_API_KEY: "sk-of-the-environment",
    OPENAI_ADMIN_KEY: "sk-admin",
    OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
    OPENAI_ORG_ID: "org-secret",
    OPENAI_PROJECT_ID: "proj-secret",
    OPENAI_CUSTOM_HEADERS: "Authorization: Bearer of-another-server\nX-Secret: 1",
  };
  for (const [name, value] of Object.entries(ambient)) vi.stubEnv(name, value);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });

  await complete(client(endpoint));

  const names = Object.keys(seen[0]?.headers ?? {}).filter((name) => !/^(host|connection|content-length)$/.test(name));
  expect(names.sort()).toEqual(["accept", "content-type", "user-agent"]);
  expect(seen[0]?.headers["user-agent"]).toBe("memgpt");
});

test("unset options are not sent", async () => {
  const { endpoint, seen } = await modelServer([good]);

  await complete(client(endpoint));

  expect(Object.keys(seen[0]?.body ?? {})).toEqual([
    "model",
    "messages",
    "tools",
    "stream",
    "stream_options",
    "max_tokens",
  ]);
  expect(seen[0]?.headers.authorization).toBeUndefined();
});

test("without streaming, requests an answer in one piece", async () => {
  const { endpoint, seen } = await modelServer([good]);

  const { deltas } = await complete(client(endpoint, { options: { stream: false } }));

  expect(seen[0]?.body).not.toHaveProperty("stream");
  expect(deltas).toEqual([{ type: "content", text: "Hello" }]);
});

describe("a refused form is replaced at once, and remembered", () => {
  test.each([
    [
      "unsupported-max-tokens-openai",
      { maxTokensField: "max_completion_tokens" },
      { max_completion_tokens: 100 },
      "max_tokens",
    ],
    [
      "unsupported-max-tokens-copilot",
      { maxTokensField: "max_completion_tokens" },
      { max_completion_tokens: 100 },
      "max_tokens",
    ],
    ["unsupported-stream-options-azure", { streamOptions: false }, { stream: true }, "stream_options"],
    ["unsupported-stream-options-vllm", { streamOptions: false }, { stream: true }, "stream_options"],
    ["unsupported-stream-openai", { stream: false }, { max_tokens: 100 }, "stream"],
    ["unsupported-stream-llama-cpp", { stream: false }, { max_tokens: 100 }, "stream"],
  ])("%s", async (name, quirk, sent, left) => {
    const quirks = memoryQuirks();
    const { endpoint, seen } = await modelServer([recorded(name), good]);
    const llm = client(endpoint, { quirks });

    const { deltas, completion } = await complete(llm);
    await complete(llm);

    expect(completion.content).toBe("Hello");
    expect(deltas.map(({ type }) => type)).toEqual(["content"]);
    expect(quirks.get()).toEqual(quirk);
    expect(seen).toHaveLength(3);
    for (const { body } of seen.slice(1)) {
      expect(body).toMatchObject(sent);
      expect(body).not.toHaveProperty(left);
    }
  });

  test("max_completion_tokens, if it did not help", async () => {
    const quirks = memoryQuirks({ maxTokensField: "max_completion_tokens" });
    const { endpoint, seen } = await modelServer([recorded("unsupported-max-completion-tokens"), good]);

    await complete(client(endpoint, { quirks }));

    expect(seen[1]?.body).toMatchObject({ max_tokens: 100 });
    expect(quirks.get()).toEqual({ maxTokensField: "max_tokens" });
  });

  test("one after the other", async () => {
    const quirks = memoryQuirks();
    const script = ["unsupported-stream-options-azure", "unsupported-max-tokens-openai", "unsupported-stream-openai"];
    const { endpoint, seen } = await modelServer([...script.map((name) => recorded(name)), good]);

    const { completion } = await complete(client(endpoint, { quirks }));

    expect(completion.content).toBe("Hello");
    expect(seen).toHaveLength(4);
    expect(quirks.get()).toEqual({ streamOptions: false, maxTokensField: "max_completion_tokens", stream: false });
  });

  test("a server that refuses both forms is an error", async () => {
    const both: Behaviour = (response, request) => {
      recorded("max_tokens" in request.body ? "unsupported-max-tokens-openai" : "unsupported-max-completion-tokens")(
        response,
        request,
      );
    };
    const { endpoint, seen } = await modelServer([both]);

    await expect(complete(client(endpoint))).rejects.toMatchObject({ code: "llm_unavailable" });

    expect(seen.length).toBeLessThan(5);
  });

  test("but not a number that is too large", async () => {
    const message = "max_tokens is too large: 100. More than 50 at most is not supported.";
    const { endpoint, seen } = await modelServer([json({ error: { message, param: "max_tokens" } }, 400), good]);

    await expect(complete(client(endpoint))).rejects.toThrow(/too large/);

    expect(seen).toHaveLength(1);
  });

  test("nor what a person put in the extra body", async () => {
    const { endpoint, seen } = await modelServer([recorded("unsupported-max-tokens-openai"), good]);

    await expect(complete(client(endpoint, { options: { body: { max_tokens: 5 } } }))).rejects.toThrow(/max_tokens/);

    expect(seen).toHaveLength(1);
  });

  test("nor what a person insists on", async () => {
    const { endpoint, seen } = await modelServer([recorded("unsupported-max-tokens-openai"), good]);

    const failure = complete(client(endpoint, { options: { maxTokensField: "max_tokens" } }));

    await expect(failure).rejects.toThrow(/max_completion_tokens/);
    expect(seen).toHaveLength(1);
  });

  test("a server that does not stream is not asked to again", async () => {
    const quirks = memoryQuirks();
    const { endpoint, seen } = await modelServer([json({ choices: [{ message: { content: "Hello" } }] }), good]);
    const llm = client(endpoint, { quirks });

    await complete(llm);
    await complete(llm);

    expect(quirks.get()).toEqual({ stream: false });
    expect(seen.map(({ body }) => body["stream"])).toEqual([true, undefined]);
  });

  test("a schema falls back to its older place, then to plain JSON, then to nothing", async () => {
    const quirks = memoryQuirks();
    const { endpoint, seen } = await modelServer([
      recorded("unsupported-json-schema"),
      recorded("unsupported-json-schema"),
      recorded("unsupported-json-schema"),
      good,
    ]);

    await complete(client(endpoint, { quirks }), { responseSchema: { type: "object" } });

    expect(seen.map(({ body }) => body["response_format"])).toEqual([
      { type: "json_schema", json_schema: { name: "answer", schema: { type: "object" } } },
      { type: "json_object", schema: { type: "object" } },
      { type: "json_object" },
      undefined,
    ]);
    expect(quirks.get()).toEqual({ responseFormat: "none" });
  });
});

describe("the address", () => {
  const of = async (endpoint: string | null, apiVersion: string | null = null): Promise<string> => {
    const asked: string[] = [];
    const server = { connection: { apiKey: "k", headers: {} }, address: addressOf({ endpoint, apiVersion }) };
    const client = clientOf({ ...server, model: "gpt 4" }, async (url) => {
      asked.push(url);
      return Promise.resolve(new Response("{}"));
    });
    await client.post("/chat/completions", { body: {} }).asResponse();
    return asked.join();
  };

  test.each([
    [null, "https://api.openai.com/v1/chat/completions"],
    ["http://localhost:1234/v1", "http://localhost:1234/v1/chat/completions"],
    ["http://localhost:1234/v1/", "http://localhost:1234/v1/chat/completions"],
    ["http://127.0.0.1:11434", "http://127.0.0.1:11434/v1/chat/completions"],
    ["https://api.groq.com/openai/v1/chat/completions", "https://api.groq.com/openai/v1/chat/completions"],
    ["https://api.perplexity.ai", "https://api.perplexity.ai/chat/completions"],
    ["https://gateway.example.org/v1?team=a", "https://gateway.example.org/v1/chat/completions?team=a"],
  ])("%s is understood", async (endpoint, url) => {
    expect(await of(endpoint)).toBe(url);
  });

  const deployment = "https://x.openai.azure.com/openai/deployments/gpt%204/chat/completions";

  test.each([
    ["https://x.openai.azure.com", null, `${deployment}?api-version=2024-10-21`],
    ["https://x.openai.azure.com/openai/", "2025-01-01-preview", `${deployment}?api-version=2025-01-01-preview`],
    [
      "https://x.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2024-06-01",
      null,
      "https://x.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2024-06-01",
    ],
    ["https://x.openai.azure.com/openai/v1/", null, "https://x.openai.azure.com/openai/v1/chat/completions"],
    [
      "https://gateway.example.org",
      "2024-10-21",
      "https://gateway.example.org/openai/deployments/gpt%204/chat/completions?api-version=2024-10-21",
    ],
  ])("%s with version %s is an Azure deployment", async (endpoint, version, url) => {
    expect(await of(endpoint, version)).toBe(url);
  });

  test("Azure gets the key in its own header", async () => {
    const { endpoint, seen } = await modelServer([good]);

    await complete(client(endpoint.replace("/v1", ""), { apiKey: "azure-key", options: { apiVersion: "2024-10-21" } }));

    expect(seen[0]).toMatchObject({
      url: "/openai/deployments/m/chat/completions?api-version=2024-10-21",
      headers: { "api-key": "azure-key" },
    });
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  test("OpenAI itself gets max_completion_tokens", () => {
    expect(addressOf({ endpoint: null, apiVersion: null }).kind).toBe("openai");
  });

  test("a name and password in the address are never shown", () => {
    const found = addressOf({ endpoint: "http://me:pass%20word@host/v1", apiVersion: null });

    expect(found.label).toBe("http://host/v1");
    expect(found.base).toBe("http://host/v1");
  });
});
