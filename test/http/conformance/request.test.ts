import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { recorded } from "../../llm/openai/fixtures.ts";
import { modelServer } from "../../support/model-server.ts";
import { listen } from "../practice-server.ts";
import { WELL, well } from "./answers.ts";
import { KEY, MODES, talk, learned } from "./driver.ts";

describe.each(MODES)("the request: %s", (mode) => {
  test("unset options are not sent", async () => {
    const server = await modelServer([well]);
    const { say } = await talk(server, mode);

    await say("Hello?");

    const streaming = mode === "stream" ? ["stream", "stream_options"] : [];
    expect(Object.keys(server.seen[0]?.body ?? {})).toEqual(["model", "messages", "tools", ...streaming, "max_tokens"]);
    expect(server.seen[0]?.body).toMatchObject({ model: "some-model" });
    expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  test("options are sent per agent, and survive a change of the configuration", async () => {
    const server = await modelServer([well]);
    const config = {
      temperature: 0.3,
      top_p: 0.9,
      seed: 7,
      max_tokens_field: "max_completion_tokens",
      extra_body: { provider: { order: ["x"] }, min_p: 0.1 },
      extra_headers: { "x-title": "memgpt", "user-agent": "me" },
    };
    const first = await talk(server, mode, { config });
    await first.say("Hello?");
    await first.agent.close();

    const again = await talk(server, mode, { dir: first.dir, config: { temperature: 1.5 } });
    await again.say("Hello again.");
    const other = await again.memgpt.createAgent({ name: "other" }, { verify: false });
    await other.ask("Hello?");

    const [one, two, three] = server.seen;
    for (const request of [one, two]) {
      expect(request?.body).toMatchObject({
        temperature: 0.3,
        top_p: 0.9,
        seed: 7,
        provider: { order: ["x"] },
        min_p: 0.1,
      });
      expect(request?.body["max_completion_tokens"]).toBeGreaterThan(0);
      expect(request?.headers).toMatchObject({ "x-title": "memgpt", "user-agent": "me" });
    }
    expect(three?.body).toMatchObject({ temperature: 1.5 });
    expect(three?.body).not.toHaveProperty("seed");
    expect(three?.headers).not.toHaveProperty("x-title");
  });

  test("the extra body wins over all that memgpt sends", async () => {
    const server = await modelServer([well]);
    const { say } = await talk(server, mode, {
      config: { temperature: 0.3, extra_body: { temperature: 0.7, max_tokens: 77 } },
    });

    expect(await say("Hello?")).toMatchObject({ reply: WELL });

    expect(server.seen[0]?.body).toMatchObject({ temperature: 0.7, max_tokens: 77 });
  });

  const refusals: readonly (readonly [string, object, string])[] = [
    ["unsupported-max-tokens-openai", { maxTokensField: "max_completion_tokens" }, "max_tokens"],
    ["unsupported-max-tokens-copilot", { maxTokensField: "max_completion_tokens" }, "max_tokens"],
    ["unsupported-stream-options-azure", { streamOptions: false }, "stream_options"],
    ["unsupported-stream-options-vllm", { streamOptions: false }, "stream_options"],
    ["unsupported-stream-openai", { stream: false }, "stream"],
    ["unsupported-stream-llama-cpp", { stream: false }, "stream"],
  ];

  test.each(refusals.filter(([, , left]) => mode === "stream" || left === "max_tokens"))(
    "%s: the request is repeated at once in another form, which is remembered, also by the next process",
    async (name, quirk, left) => {
      const server = await modelServer([recorded(name), well]);
      const one = await talk(server, mode, {});

      const heard = await one.say("Hello?");
      await one.agent.close();
      const again = await talk(server, mode, { dir: one.dir });
      await again.say("Hello again.");

      expect(heard).toMatchObject({ reply: WELL, retries: [], notices: [] });
      expect(learned(one.dir)).toEqual(quirk);
      expect(server.seen.map(({ body }) => left in body)).toEqual([true, false, false]);
    },
  );

  test("max_completion_tokens is unlearnt if it did not help", async () => {
    const server = await modelServer([
      recorded("unsupported-max-tokens-openai"),
      well,
      recorded("unsupported-max-completion-tokens"),
      well,
    ]);
    const { dir, say } = await talk(server, mode);

    await say("Hello?");
    const heard = await say("Hello again.");

    expect(heard).toMatchObject({ reply: WELL, retries: [] });
    expect(learned(dir)).toEqual({ maxTokensField: "max_tokens" });
  });

  test("a key goes only to its own endpoint", async () => {
    const [mine, other] = [await modelServer([well]), await modelServer([well])];
    const { agent, say } = await talk(mine, mode);
    await say("Hello?");

    await agent.configure({ endpoint: other.endpoint });
    expect(await say("Hello, you other.")).toMatchObject({ reply: WELL });

    expect(mine.seen).toHaveLength(1);
    expect(other.seen).toHaveLength(1);
    expect(JSON.stringify(other.seen)).not.toContain(KEY);
  });

  test("an Azure deployment is asked at its own address, with the key in its own header", async () => {
    const server = await modelServer([well]);
    const endpoint = server.endpoint.replace("/v1", "");
    const config = { model: "my gpt", api_version: "2024-10-21" };
    const { say } = await talk(server, mode, { endpoint, config });

    expect(await say("Hello?")).toMatchObject({ reply: WELL });

    expect(server.seen[0]?.url).toBe("/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21");
    expect(server.seen[0]?.headers).toMatchObject({ "api-key": KEY });
    expect(server.seen[0]?.headers).not.toHaveProperty("authorization");
  });
});

describe.each(MODES)("a proxy that the environment names: %s", (mode) => {
  test("gets plain requests whole, and nobody else sees its password", async () => {
    // The proxy answers by itself: what matters is what it is asked.
    const proxy = await modelServer([well]);
    environment({ HTTP_PROXY: `http://me:proxy-secret@127.0.0.1:${proxy.port}` });
    const { say } = await talk(proxy, mode, { endpoint: "http://model.test/v1" });

    expect(await say("Hello?")).toMatchObject({ reply: WELL });

    expect(proxy.seen[0]).toMatchObject({
      url: "http://model.test/v1/chat/completions",
      headers: { host: "model.test", "proxy-authorization": `Basic ${btoa("me:proxy-secret")}` },
    });
  });

  test("is bypassed for hosts of NO_PROXY, and for this machine", async () => {
    const server = await modelServer([well]);
    const proxy = await modelServer([well]);
    environment({ HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, ALL_PROXY: `http://127.0.0.1:${proxy.port}` });
    const { say } = await talk(server, mode);

    expect(await say("Hello?")).toMatchObject({ reply: WELL });

    expect([server.seen.length, proxy.seen.length]).toEqual([1, 0]);
  });

  test("tunnels to an https endpoint, and sees nothing in the clear", async () => {
    const asked: string[] = [];
    const through: number[] = [];
    const inside = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", (data) => {
        through.push(data[0] ?? -1);
        socket.destroy();
      });
    });
    const proxy = createServer().on("connect", (request, socket) => {
      asked.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
      socket.on("error", () => undefined);
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      inside.emit("connection", socket);
    });
    environment({ HTTPS_PROXY: `http://127.0.0.1:${await listen(proxy)}` });
    // The tunnel ends in the middle of the handshake, which may pass: nobody waits for that here.
    const { say } = await talk(await modelServer([well]), mode, { endpoint: "https://model.test/v1" });
    const stop = new AbortController();
    const talking = say("Hello?", { signal: stop.signal });
    await vi.waitFor(() => {
      expect(through.length).toBeGreaterThan(0);
    });
    stop.abort();

    const heard = await talking;

    expect(heard.error).toMatchObject({ code: "interrupted" });
    expect(asked[0]).toMatch(/^CONNECT model\.test:443 /);
    expect(asked.join()).not.toContain(KEY);
    // A TLS handshake record.
    expect(through[0]).toBe(0x16);
  });

  test("that refuses is named in the error", async () => {
    const proxy = createServer().on("connect", (_, socket) =>
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
    );
    const port = await listen(proxy);
    environment({ HTTPS_PROXY: `http://127.0.0.1:${port}` });
    const { say } = await talk(await modelServer([well]), mode, { endpoint: "https://model.test/v1" });

    const heard = await say("Hello?");

    expect(heard.error?.message).toMatch(new RegExp(`the proxy 127.0.0.1:${port} answered 407.*HTTPS_PROXY`));
  });
});

/** The proxies of this process, until the test is over. */
function environment(variables: Readonly<Record<string, string>>): void {
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"]) {
    vi.stubEnv(name, variables[name]);
    vi.stubEnv(name.toLowerCase(), undefined);
  }
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}
