import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { findLocalServers, listModels, serverWindow } from "../../src/doctor/probe.ts";
import { LOCAL_PROVIDERS, type Provider, knownWindow } from "../../src/settings/providers.ts";

type Answer = { status?: number; body: string; delay?: number };

/** A server on loopback that answers by path, and what it was asked. */
async function server(
  routes: Record<string, object | Answer>,
): Promise<{ url: string; port: number; asked: string[] }> {
  const asked: string[] = [];
  const http = createServer((request, response) => {
    const { authorization = "no key" } = request.headers;
    asked.push(`${request.method ?? ""} ${request.url ?? ""} ${authorization}`);
    const route = routes[(request.url ?? "").replace(/\?.*/, "")];
    if (route === undefined) {
      response.writeHead(404).end("nothing here");
      return;
    }
    const answer: Answer = "body" in route ? route : { body: JSON.stringify(route) };
    setTimeout(() => response.writeHead(answer.status ?? 200).end(answer.body), answer.delay ?? 0);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, port, asked };
}

function at(id: string, port: number): Provider {
  const provider = LOCAL_PROVIDERS.find((known) => known.id === id);
  if (provider === undefined) throw new Error(`no provider ${id}`);
  return { ...provider, port, endpoint: `http://127.0.0.1:${port}/v1` };
}

describe("servers on this machine", () => {
  test("are found in parallel, without a key, if they list models; silent and other ones are left out", async () => {
    const ollama = await server({ "/v1/models": { object: "list", data: [{ id: "llama3.2:3b" }] } });
    const other = await server({ "/v1/models": { body: "<html>my web application</html>" } });
    const silent = await server({ "/v1/models": { body: "{}", delay: 60_000 } });
    const candidates = [
      at("ollama", ollama.port),
      at("vllm", other.port),
      at("llamacpp", silent.port),
      at("lmstudio", 9),
    ];

    const found = await findLocalServers(candidates, { timeout: 400 });

    expect(found.map(({ provider, models }) => [provider.id, models.map(({ id }) => id)])).toEqual([
      ["ollama", ["llama3.2:3b"]],
    ]);
    expect(ollama.asked).toEqual(["GET /v1/models no key"]);
  });
});

describe("a list of models", () => {
  /** Shapes as documented: OpenRouter, Groq, vLLM (modal-labs/modal-examples#843), Together (a bare array), OpenAI. */
  test.each([
    [
      "OpenRouter",
      { data: [{ id: "openai/gpt-4o", context_length: 128_000, top_provider: { context_length: 128_000 } }] },
    ],
    ["Groq", { object: "list", data: [{ id: "openai/gpt-4o", context_window: 128_000, active: true }] }],
    ["vLLM", { object: "list", data: [{ id: "openai/gpt-4o", owned_by: "vllm", max_model_len: 128_000 }] }],
    ["Together", [{ id: "openai/gpt-4o", type: "chat", context_length: 128_000 }]],
  ])("of %s includes the window", async (_, body) => {
    const { url } = await server({ "/v1/models": { body: JSON.stringify(body) } });

    expect(await listModels({ endpoint: url })).toEqual([{ id: "openai/gpt-4o", contextWindow: 128_000 }]);
  });

  test("is requested with the key; nameless entries and odd windows are ignored", async () => {
    const { url, asked } = await server({
      "/v1/models": { data: [{ id: "a", context_length: "big" }, { name: "b" }, 7, { id: "a" }] },
    });

    expect(await listModels({ endpoint: url, apiKey: "sk-1" })).toEqual([{ id: "a", contextWindow: undefined }]);
    expect(asked).toEqual(["GET /v1/models Bearer sk-1"]);
  });

  test("of an Azure deployment is that of its resource, with the api-version", async () => {
    const { port, asked } = await server({ "/openai/models": { data: [{ id: "gpt-4o" }] } });

    await listModels({ endpoint: `http://127.0.0.1:${port}/openai/deployments/mine`, apiVersion: "2024-10-21" });

    expect(asked).toEqual(["GET /openai/models?api-version=2024-10-21 no key"]);
  });

  test.each([
    [{ status: 401, body: "{}" }, /refused the key/],
    [{ status: 404, body: "" }, /404.*\/v1/],
    [{ status: 500, body: "" }, /answered 500/],
    [{ body: "<html>" }, /OpenAI-compatible/],
    [{ body: '{"models":[]}' }, /not with a list of models/],
    [{ body: "{}", delay: 60_000 }, /did not answer within 0\.3 s/],
  ])("that is unavailable (%j) is an error that says why, without the key", async (answer, says) => {
    const { url } = await server({ "/v1/models": answer });

    const asking = listModels({ endpoint: url, apiKey: "sk-never-shown", timeout: 300 });

    await expect(asking).rejects.toThrow(says);
    await expect(asking).rejects.not.toThrow(/sk-never-shown/);
  });

  test("of an unreachable server is an error that says so", async () => {
    await expect(listModels({ endpoint: "http://127.0.0.1:9/v1" })).rejects.toThrow(
      /Cannot reach http:\/\/127\.0\.0\.1:9/,
    );
  });

  test("with a key, refuses redirects", async () => {
    const elsewhere = await server({ "/v1/models": { data: [] } });
    const http = createServer((_, response) => {
      response.writeHead(302, { location: `${elsewhere.url}/models` }).end();
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      http.close();
    });

    const { port } = http.address() as AddressInfo;
    await expect(listModels({ endpoint: `http://127.0.0.1:${port}/v1`, apiKey: "sk-1" })).rejects.toThrow(
      /Cannot reach/,
    );
    expect(elsewhere.asked).toEqual([]);
  });

  test("without a key, follows a few redirects", async () => {
    const elsewhere = await server({ "/moved/models": { data: [{ id: "a" }] } });
    const http = createServer((request, response) => {
      const location = request.url === "/v1/models" ? `${elsewhere.url.replace("/v1", "")}/moved/models` : "/for-ever";
      response.writeHead(307, { location }).end();
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      http.close();
    });
    const { port } = http.address() as AddressInfo;

    expect(await listModels({ endpoint: `http://127.0.0.1:${port}/v1` })).toEqual([
      { id: "a", contextWindow: undefined },
    ]);
    await expect(listModels({ endpoint: `http://127.0.0.1:${port}/for-ever` })).rejects.toThrow(
      /Cannot reach .*has moved to/,
    );
  });

  test("is requested through the proxy, except from a local server", async () => {
    // The proxy answers by itself: what matters is what it is asked.
    const proxy = await server({ "http://model.test/v1/models": { data: [{ id: "far", max_model_len: 8192 }] } });
    const here = await server({ "/v1/models": { data: [{ id: "near" }] } });
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
    const far = { endpoint: "http://model.test/v1", env };

    const listed = await listModels(far);
    const window = await serverWindow("far", far, listed);
    const near = await listModels({ endpoint: here.url, env });

    expect([window, near.map(({ id }) => id)]).toEqual([8192, ["near"]]);
    expect(proxy.asked).toEqual(["GET http://model.test/v1/models no key"]);
  });

  test("over https is requested through a tunnel of the proxy", async () => {
    const asked: string[] = [];
    const proxy = createServer().on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      proxy.close();
    });
    const { port } = proxy.address() as AddressInfo;

    const asking = listModels({ endpoint: "https://model.test/v1", env: { ALL_PROXY: `http://127.0.0.1:${port}` } });

    await expect(asking).rejects.toThrow(/Cannot reach https:\/\/model\.test\/v1 \(the proxy .* answered 407\)/);
    expect(asked).toEqual(["model.test:443"]);
  });
});

describe("the context window of a model", () => {
  const OLLAMA = { model_info: { "general.architecture": "llama", "llama.context_length": 131_072 } };

  /** Shapes as documented by each: see src/probe.ts. */
  test.each([
    ["Ollama", { "/api/show": OLLAMA }, 131_072],
    ["Ollama with num_ctx", { "/api/show": { ...OLLAMA, parameters: 'stop  "x"\nnum_ctx     8192' } }, 8192],
    [
      "LM Studio, loaded",
      { "/api/v0/models": { data: [{ id: "m", max_context_length: 32_768, loaded_context_length: 4096 }] } },
      4096,
    ],
    [
      "LM Studio",
      { "/api/v0/models": { data: [{ id: "m", max_context_length: 32_768, state: "not-loaded" }] } },
      32_768,
    ],
    ["llama.cpp", { "/props": { default_generation_settings: { n_ctx: 4096 }, total_slots: 1 } }, 4096],
    ["KoboldCpp", { "/api/extra/true_max_context_length": { value: 6144 } }, 6144],
    ["a server that tells nothing", {}, undefined],
    ["a server that tells nonsense", { "/props": { default_generation_settings: { n_ctx: "much" } } }, undefined],
  ])("is reported by %s", async (_, routes, window) => {
    const { url } = await server(routes);

    expect(await serverWindow("m", { endpoint: url })).toBe(window);
  });

  test("is taken from the list, if that has it, without another request", async () => {
    const { url, asked } = await server({});

    expect(await serverWindow("m", { endpoint: url }, [{ id: "m", contextWindow: 16_384 }])).toBe(16_384);
    expect(asked).toEqual([]);
  });

  test.each([
    ["gpt-4o-mini", 128_000],
    ["openai/gpt-4.1-mini", 1_047_576],
    ["gpt-4", 8192],
    ["gpt-4-0613", 8192],
    ["gpt-3.5-turbo", 16_385],
    ["meta-llama/Llama-3.3-70B-Instruct-Turbo", 131_072],
    ["llama3.2:3b", 131_072],
    ["my-own-model", undefined],
  ])("of %s is known by name: %s", (name, tokens) => {
    expect(knownWindow(name)).toBe(tokens);
  });
});

test("an endless list of models is cut off", async () => {
  const { url } = await server({ "/v1/models": { body: `{"data":[${"0,".repeat(4_000_000)}` } });

  await expect(listModels({ endpoint: url })).rejects.toThrow("far too long for a list of models");
});
