import { once } from "node:events";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { recorded } from "../../llm/openai/fixtures.ts";
import { type Behaviour, chunk, cut, json, modelServer, raw, refuse, sse, stall } from "../../support/model-server.ts";
import { WELL, answer, either, well } from "./answers.ts";
import { MODES, talk } from "./driver.ts";

/** In milliseconds: what is silent is given up soon. */
const LIMITS = { connectMs: 1000, firstMs: 600, betweenMs: 600, wholeMs: 600 };

const begun = [
  chunk({ content: "I think" }),
  chunk({ tool_calls: [{ index: 0, id: "x", function: { name: "send_message", arguments: '{"message":"We' } }] }),
];
const half = JSON.stringify(answer("calls-openai").whole).slice(0, 120);

describe.each(MODES)("temporary failures: %s", (mode) => {
  test.each([408, 409, 429, 500, 502, 503, 504, 529])("%i is retried, with a notice", async (status) => {
    const server = await modelServer([refuse(status, {}), well]);
    const { say, slept } = await talk(server, mode, { waits: {} });

    const heard = await say("Hello?");

    expect(heard).toMatchObject({ reply: WELL, error: undefined });
    expect(heard.retries).toEqual([{ reason: expect.stringContaining(`(${status})`), seconds: 0.5 }]);
    expect(slept).toEqual([500]);
    expect(server.seen).toHaveLength(2);
    expect(server.seen[1]?.body).toEqual(server.seen[0]?.body);
  });

  test.each([400, 401, 403, 404, 405, 422])("%i is not retried", async (status) => {
    const server = await modelServer([refuse(status, {}), well]);
    const { say, slept } = await talk(server, mode, { waits: {} });

    const heard = await say("Hello?");

    expect(heard.error).toMatchObject({ code: "llm_unavailable", status });
    expect([slept, heard.retries]).toEqual([[], []]);
    expect(server.seen).toHaveLength(1);
    expect(await say("And now?")).toMatchObject({ reply: WELL });
  });

  test.each(["rate-groq", "rate-openrouter", "busy-koboldcpp", "busy-openai", "page-nginx"])(
    "%s: four attempts, then a clear error; nothing is stored, and the next turn works",
    async (name) => {
      const server = await modelServer([...Array.from({ length: 4 }, () => recorded(name)), well]);
      const { say, slept } = await talk(server, mode, { waits: {} });

      const heard = await say("Hello?");

      expect(heard.error).toMatchObject({ code: "llm_unavailable" });
      expect(heard.error?.message).toMatch(/4 times in a row\. Nothing was lost; send the message again\./);
      expect(heard.retries).toHaveLength(3);
      expect(slept).toEqual(name === "rate-groq" ? [4770, 4770, 4770] : [500, 1000, 2000]);
      expect(await say("Hello again.")).toMatchObject({ reply: WELL });
    },
  );

  test.each([
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after-ms": "350" }, 350],
    [{ "retry-after": "Sat, 21 Nov 2026 12:00:30 GMT" }, 30_000],
  ])("%j is waited for", async (headers, wait) => {
    const server = await modelServer([refuse(429, { error: { message: "Slow down." } }, headers), well]);
    const { say, slept } = await talk(server, mode, { waits: {} });

    expect(await say("Hello?")).toMatchObject({ reply: WELL, retries: [{ seconds: Math.ceil(wait / 100) / 10 }] });
    expect(slept).toEqual([wait]);
  });

  test.each([
    [{ "retry-after": "3600" }, "60 minutes"],
    [{ "retry-after": "Sun, 22 Nov 2026 12:00:00 GMT" }, "24 hours"],
  ])("%j is too long to wait for: the error says when to try again", async (headers, when) => {
    const server = await modelServer([refuse(429, {}, headers), well]);
    const { say, slept } = await talk(server, mode, { waits: {} });

    expect((await say("Hello?")).error?.message).toContain(`try again in ${when}`);
    expect(slept).toEqual([]);
  });

  const reset: Behaviour = (response) => response.destroy();
  const garbled: Behaviour = (response) => response.socket?.end("garbage\r\n\r\n");

  test.each([
    ["resets the connection", reset, /the connection broke/],
    ["breaks off in the middle", either(cut(sse(begun)), cut([half])), /broke|cut off|not JSON/],
    ["ends in the middle", either(raw(sse(begun)), raw([half], "application/json")), /cut off|not JSON/],
    [
      "ends in the middle of a chunk",
      either(raw([...sse(begun), 'data: {"choices":[{"del']), raw([half.slice(0, 9)], "application/json")),
      /cut off|not JSON/,
    ],
    ["answers nothing", raw([""]), /the answer was empty/],
    ["answers garbage", raw(["\u0000\u0001garbage\n\n"]), /empty|cut off|not JSON/],
    ["answers what is no HTTP", garbled, /not HTTP/],
    [
      "fails in the middle",
      either(
        raw(sse([...begun, { error: { message: "overloaded", type: "server_error" }, choices: [] }])),
        json({ error: { message: "overloaded", type: "server_error" } }),
      ),
      /the server failed/,
    ],
    [
      "ends for an error",
      either(
        raw(sse([...begun, chunk({}, "error"), "[DONE]"])),
        json({ choices: [{ message: { content: "I" }, finish_reason: "error" }] }),
      ),
      /failed in the middle/,
    ],
    ["does not answer", stall(), /no answer/],
    [
      "falls silent in the middle",
      either(stall(sse(begun)), stall([half])),
      /no more of the answer|no end of the answer/,
    ],
    [
      "only says that it is alive",
      either(stall([...sse(begun), ": alive\n\n"]), stall(["\n\n"])),
      /no more of the answer|no end of the answer/,
    ],
  ])(
    "a server that %s is retried; what was shown before is discarded, and nothing is stored twice",
    async (_, behaviour, reason) => {
      const server = await modelServer([behaviour, well]);
      const { say } = await talk(server, mode, { waits: { limits: LIMITS } });

      const heard = await say("Hello?");

      expect(heard).toMatchObject({ reply: WELL, thoughts: "I think of it.", error: undefined });
      expect(heard.retries).toEqual([{ reason: expect.stringMatching(reason), seconds: 0.5 }]);
      expect(await say("And now?")).toMatchObject({ reply: WELL });
      expect(server.seen).toHaveLength(3);
    },
  );

  test("a failure in the middle of a chain repeats only that step", async () => {
    const append = { name: "human", content: "Likes tea.", request_heartbeat: true };
    const call = {
      id: "call_t",
      type: "function",
      function: { name: "core_memory_append", arguments: JSON.stringify(append) },
    };
    const first = either(
      raw(sse([chunk({ tool_calls: [{ index: 0, ...call }] }), chunk({}, "tool_calls"), "[DONE]"])),
      json({
        choices: [{ message: { role: "assistant", content: null, tool_calls: [call] }, finish_reason: "tool_calls" }],
      }),
    );
    const server = await modelServer([first, either(cut(sse(begun)), cut([half])), refuse(503, {}), well]);
    const { agent, say } = await talk(server, mode, { waits: { limits: LIMITS } });

    const heard = await say("I like tea.");

    expect(heard).toMatchObject({ reply: WELL, returns: ["core_memory_append OK: None", "send_message OK: None"] });
    expect(heard.retries).toHaveLength(2);
    expect(agent.state.blocks.find(({ label }) => label === "human")?.value.split("Likes tea.")).toHaveLength(2);
  });

  test("a step that fails for good keeps the earlier ones, and can be resumed", async () => {
    const append = { name: "human", content: "Likes tea.", request_heartbeat: true };
    const call = {
      id: "call_t",
      type: "function",
      function: { name: "core_memory_append", arguments: JSON.stringify(append) },
    };
    const first = either(
      raw(sse([chunk({ tool_calls: [{ index: 0, ...call }] }), chunk({}, "tool_calls"), "[DONE]"])),
      json({
        choices: [{ message: { role: "assistant", content: null, tool_calls: [call] }, finish_reason: "tool_calls" }],
      }),
    );
    const server = await modelServer([first, refuse(401, {}), well]);
    const { agent, say } = await talk(server, mode, { waits: {} });

    const heard = await say("I like tea.");

    expect(heard.error).toMatchObject({ code: "llm_unavailable", status: 401 });
    expect(agent.state.blocks.find(({ label }) => label === "human")?.value).toContain("Likes tea.");
    expect(await say("And now?")).toMatchObject({ reply: WELL });
  });

  test("a wait can be interrupted, at once, and leaves no trace", async () => {
    const server = await modelServer([refuse(429, {}, { "retry-after": "50" }), well]);
    const interrupt = new AbortController();
    const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
      interrupt.abort();
      // As the wait that nothing is handed in for.
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    };
    const { say } = await talk(server, mode, { waits: { sleep } });

    const heard = await say("Hello?", { signal: interrupt.signal });

    expect(heard.error).toMatchObject({ code: "interrupted" });
    expect(heard.retries).toHaveLength(1);
    expect(server.seen).toHaveLength(1);
    expect(await say("Hello again.")).toMatchObject({ reply: WELL });
  });

  test("an answer can be interrupted before its first byte and in the middle", async () => {
    for (const behaviour of [stall(), either(stall(sse(begun)), stall([half]))]) {
      const interrupt = new AbortController();
      const server = await modelServer([
        (response, request) => {
          behaviour(response, request);
          setTimeout(() => {
            interrupt.abort();
          }, 20);
        },
        well,
      ]);
      const { say } = await talk(server, mode);

      const heard = await say("Hello?", { signal: interrupt.signal });

      expect(heard.error).toMatchObject({ code: "interrupted" });
      expect(await say("Hello again.")).toMatchObject({ reply: WELL });
    }
  });

  test("a server that is down is named, with advice, and the agent works once it is up", async () => {
    const server = await modelServer([well]);
    const { agent, say, slept } = await talk(server, mode, { waits: {} });
    await agent.configure({ endpoint: "http://127.0.0.1:9/v1" });

    const heard = await say("Hello?");
    await agent.configure({ endpoint: server.endpoint });

    expect(heard.error?.message).toMatch(/Cannot reach http:\/\/127\.0\.0\.1:9\/v1.*is the server running\?$/);
    expect(slept).toEqual([]);
    expect(await say("Hello again.")).toMatchObject({ reply: WELL });
  });

  test("gives up on a server that accepts connections but never answers", async () => {
    // Encrypted: there is no connection before the handshake, which nobody answers here.
    const silent = createTcpServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const server = await modelServer([well]);
    const { say } = await talk(server, mode, {
      endpoint: `https://127.0.0.1:${port}/v1`,
      waits: { limits: { connectMs: 40 } },
    });

    const heard = await say("Hello?");

    expect(heard.retries).toHaveLength(3);
    expect(heard.error?.message).toMatch(/gave no connection for 0\.04 s, 4 times in a row\. Nothing was lost/);
  });

  test("a failure after the end of the answer does not matter", async () => {
    const { stream, whole } = answer("calls-openai");
    const server = await modelServer([
      either(cut(sse(stream)), json(whole)),
      either(stall(sse(stream)), json(whole)),
      well,
    ]);
    const { say } = await talk(server, mode, { waits: { limits: LIMITS } });

    expect(await say("I am Ada.")).toMatchObject({ reply: "Hello Ada.", retries: [] });
    expect(await say("I am Ada, again.")).toMatchObject({ reply: "Hello Ada.", retries: [] });
  });
});
