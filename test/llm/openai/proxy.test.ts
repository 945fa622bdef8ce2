import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { proxyFor } from "../../../src/llm/openai/proxy.ts";
import { modelServer, streamed } from "../../support/model-server.ts";
import { client, complete } from "./support.ts";

describe("proxies are looked up as in other programs", () => {
  test.each([
    ["https://api.openai.com/v1", { HTTPS_PROXY: "http://p:1" }, "http://p:1/"],
    ["https://api.openai.com/v1", { https_proxy: "p:1" }, "http://p:1/"],
    ["https://api.openai.com/v1", { HTTP_PROXY: "http://p:1" }, undefined],
    ["http://model.test/v1", { HTTP_PROXY: "http://p:1" }, "http://p:1/"],
    ["http://model.test/v1", { ALL_PROXY: "http://p:1" }, "http://p:1/"],
    ["http://model.test/v1", { HTTP_PROXY: "" }, undefined],
    ["http://model.test/v1", { HTTP_PROXY: "http://p:1", NO_PROXY: "*" }, undefined],
    ["http://model.test/v1", { HTTP_PROXY: "http://p:1", NO_PROXY: "a.b, .test" }, undefined],
    ["http://model.test/v1", { HTTP_PROXY: "http://p:1", no_proxy: "model.test:80" }, undefined],
    ["http://model.test/v1", { HTTP_PROXY: "http://p:1", no_proxy: "model.test:81" }, "http://p:1/"],
    ["http://mymodel.test/v1", { HTTP_PROXY: "http://p:1", no_proxy: "model.test" }, "http://p:1/"],
    ["http://localhost:11434/v1", { HTTP_PROXY: "http://p:1" }, undefined],
    ["http://127.0.0.1:11434/v1", { HTTP_PROXY: "http://p:1" }, undefined],
    ["http://[::1]:11434/v1", { HTTP_PROXY: "http://p:1" }, undefined],
  ])("%s with %j", (url, env, found) => {
    expect(proxyFor(new URL(url), env)?.href).toBe(found);
  });
});

test("a plain request goes through the proxy unencrypted", async () => {
  // The proxy answers by itself: what matters is what it is asked.
  const proxy = await modelServer([streamed([{ content: "Hello" }])]);
  const llm = client("http://model.test/v1", { env: { HTTP_PROXY: `http://me:secret@127.0.0.1:${proxy.port}` } });

  const { completion } = await complete(llm);

  expect(completion.content).toBe("Hello");
  expect(proxy.seen[0]).toMatchObject({
    url: "http://model.test/v1/chat/completions",
    headers: { host: "model.test", "proxy-authorization": `Basic ${btoa("me:secret")}` },
  });
});

test("an encrypted request asks the proxy for a tunnel, and speaks TLS through it", async () => {
  const asked: string[] = [];
  let firstByte = -1;
  const inside = createTcpServer((socket) => {
    socket.once("data", (data) => {
      firstByte = data[0] ?? -1;
      socket.destroy();
    });
    socket.on("error", () => undefined);
  });
  const proxy = createServer().on("connect", (request, socket) => {
    asked.push(request.url ?? "");
    socket.on("error", () => undefined);
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    inside.emit("connection", socket);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    proxy.close();
  });
  const { port } = proxy.address() as AddressInfo;

  const failure = complete(
    client("https://model.test/v1", { apiKey: "k", env: { HTTPS_PROXY: `http://127.0.0.1:${port}` } }),
  );

  await expect(failure).rejects.toMatchObject({ code: "llm_unavailable" });
  expect(asked[0]).toBe("model.test:443");
  // A TLS handshake record.
  expect(firstByte).toBe(0x16);
});

test("a proxy that refuses is named", async () => {
  const proxy = createServer().on("connect", (_, socket) =>
    socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
  );
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    proxy.close();
  });
  const { port } = proxy.address() as AddressInfo;

  const failure = complete(
    client("https://model.test/v1", { apiKey: "k", env: { HTTPS_PROXY: `http://127.0.0.1:${port}` } }),
  );

  await expect(failure).rejects.toThrow(new RegExp(`the proxy 127.0.0.1:${port} answered 407`));
});
