import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { identify } from "../../src/doctor/identify.ts";

/** A server on loopback that answers so by path, and 404 to everything else. */
async function server(routes: Readonly<Record<string, unknown>>): Promise<string> {
  const http = createServer((request, response) => {
    const answer = routes[request.url ?? ""];
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`;
}

const OLLAMA = { "/api/version": { version: "0.9.1" } };
const LLAMA_CPP = { "/props": { default_generation_settings: { n_ctx: 4096 } } };

test.each([
  ["ollama", OLLAMA],
  ["lmstudio", { "/api/v0/models": { object: "list", data: [] } }],
  ["llamacpp", LLAMA_CPP],
  ["vllm", { "/version": { version: "0.11.0" } }],
  ["koboldcpp", { ...OLLAMA, ...LLAMA_CPP, "/api/extra/version": { result: "KoboldCpp", version: "1.99" } }],
])("recognises %s by a route that only it has", async (id, routes) => {
  const endpoint = await server(routes);

  expect(await identify({ endpoint })).toMatchObject({ id, endpoint });
});

test("recognises a service by its host without a request; a server without known routes is unknown", async () => {
  expect(await identify({ endpoint: "https://openrouter.ai/api/v1" })).toMatchObject({ id: "openrouter" });
  expect(await identify({ endpoint: await server({}) })).toBeUndefined();
  expect(await identify({ endpoint: "http://127.0.0.1:9/v1" })).toBeUndefined();
});
