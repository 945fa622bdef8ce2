import type { LlmDelta } from "memgpt";
import { describe, expect, test } from "vitest";
import { OpenAiLlm, type OpenAiOptions } from "../../../src/llm/openai/openai-llm.ts";
import { retryAfter } from "../../../src/llm/openai/retry-after.ts";
import {
  type Behaviour,
  chunk,
  cut,
  json,
  modelServer,
  raw,
  refuse,
  sse,
  stall,
  streamed,
  whole,
} from "../../support/model-server.ts";
import { client, complete, context } from "./support.ts";

/** In milliseconds: what is silent is given up soon, and a busy machine is not taken for a silent server. */
const SILENCE = { connectMs: 2000, firstMs: 1000, betweenMs: 1000, wholeMs: 1000 };
const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);
const good: Behaviour = (response, request) => {
  (request.body["stream"] === true ? streamed([{ content: "Hello" }]) : whole({ content: "Hello" }))(response, request);
};
const busy = refuse(503, { error: { message: "busy" } });

async function run(
  script: readonly Behaviour[],
  options: Partial<OpenAiOptions> = {},
): Promise<{ slept: number[]; retries: LlmDelta[]; content: string | null; asked: number }> {
  const slept: number[] = [];
  const { endpoint, seen } = await modelServer(script);
  const sleep = async (milliseconds: number): Promise<number> => Promise.resolve(slept.push(milliseconds));
  const llm = client(endpoint, { sleep, now: () => NOW, ...options });
  const { deltas, completion } = await complete(llm);
  const retries = deltas.filter(({ type }) => type === "retry");
  return { slept, retries, content: completion.content, asked: seen.length };
}

describe.each([true, false])("streaming %s", (stream) => {
  test.each([408, 409, 429, 500, 502, 503, 504, 529])("%i is retried", async (status) => {
    const { content, retries, asked } = await run([refuse(status, {}), good], { options: { stream } });

    expect(content).toBe("Hello");
    expect(retries).toEqual([{ type: "retry", reason: expect.stringContaining(`(${status})`), seconds: 0.5 }]);
    expect(asked).toBe(2);
  });

  test.each([400, 403, 404, 405, 422])("%i is not retried", async (status) => {
    await expect(run([refuse(status, {}), good], { options: { stream } })).rejects.toMatchObject({ status });
  });

  test.each([
    ["resets the connection", (response: Parameters<Behaviour>[0]) => response.destroy(), /the connection broke/],
    ["answers nothing", raw([""]), /the answer was empty/],
    ["answers garbage", raw(["\u0000\u0001garbage\n\n"]), /the answer was empty|cut off|not JSON/],
    [
      "answers garbage for HTTP",
      (response: Parameters<Behaviour>[0]) => response.socket?.end("garbage\r\n\r\n"),
      /not HTTP/,
    ],
    ["answers half an object", raw(['{"choices":[{"mess'], "application/json"), /not JSON/],
    ["answers without choices", json({ id: "c", choices: [] }), /the answer was empty/],
    ["does not answer", stall(), /no (answer|end)/],
  ])("a server that %s is retried", async (_, behaviour, reason) => {
    const { content, retries } = await run([behaviour, good], { options: { stream }, limits: SILENCE });

    expect(content).toBe("Hello");
    expect(retries).toMatchObject([{ reason: expect.stringMatching(reason) }]);
  });
});

const begun = sse([chunk({ content: "Hel" })]);

test.each([
  ["breaks off", cut(begun)],
  ["ends without an end", raw(begun)],
  ["ends in the middle of a chunk", raw([...begun, 'data: {"choices":[{"del'])],
  ["falls silent", stall(begun)],
  ["only says that it is alive", stall([...begun, ": alive\n\n"])],
])("a stream that %s is incomplete", async (_, behaviour) => {
  const { endpoint } = await modelServer([behaviour, good]);

  const { deltas, completion } = await complete(client(endpoint, { limits: SILENCE }));

  expect(completion.content).toBe("Hello");
  expect(deltas.map(({ type }) => type)).toEqual(["content", "retry", "content"]);
});

test.each([
  ["breaks off", cut(sse([chunk({ content: "Hello" }, "stop")]))],
  ["falls silent", stall(sse([chunk({ content: "Hello" }, "stop")]))],
])("a stream that %s after its end is complete", async (_, behaviour) => {
  const { content, asked } = await run([behaviour], { limits: SILENCE });

  expect(content).toBe("Hello");
  expect(asked).toBe(1);
});

test("gives up on a server that only sends keep-alives", async () => {
  const alive: Behaviour = (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const timer = setInterval(() => response.write(": alive\n\n"), 10);
    response.on("close", () => {
      clearInterval(timer);
    });
  };

  const { content, retries } = await run([alive, good], { limits: SILENCE });

  expect(content).toBe("Hello");
  expect(retries).toMatchObject([{ reason: expect.stringContaining("no answer") }]);
});

test("waits for a model that thinks for long before the first token, with comments meanwhile", async () => {
  const limits = { connectMs: 5000, firstMs: 5000, betweenMs: 500, wholeMs: 500 };
  const { content } = await run(
    [
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(": loading\n\n");
        setTimeout(() => response.end(sse([chunk({ content: "Hello" }, "stop"), "[DONE]"]).join("")), 1000);
      },
    ],
    { limits },
  );

  expect(content).toBe("Hello");
});

test("gives up after four attempts with growing waits, and says so", async () => {
  const slept: number[] = [];
  const { endpoint, seen } = await modelServer([busy]);
  const random = [0, 0.5, 0.998];
  const llm = client(endpoint, {
    sleep: async (milliseconds) => Promise.resolve(slept.push(milliseconds)),
    random: () => random.shift() ?? 0,
  });

  await expect(complete(llm)).rejects.toMatchObject({
    status: 503,
    message: expect.stringMatching(/answered 503: busy, 4 times in a row\. Nothing was lost; send the message again\./),
  });

  expect(slept).toEqual([500, 1500, 3996]);
  expect(seen).toHaveLength(4);
});

test.each([
  [{ "retry-after": "7" }, 7000],
  [{ "retry-after": "0" }, 0],
  [{ "retry-after-ms": "350", "retry-after": "1" }, 350],
  [{ "retry-after": "Sat, 21 Nov 2026 12:00:30 GMT" }, 30_000],
])("%j is honoured", async (headers, wait) => {
  const { slept, retries } = await run([refuse(429, {}, headers), good]);

  expect(slept).toEqual([wait]);
  expect(retries).toMatchObject([{ seconds: wait === 350 ? 0.4 : wait / 1000 }]);
});

test.each([
  [{ "retry-after": "3600" }, "60 minutes"],
  [{ "retry-after": "Sun, 22 Nov 2026 12:00:00 GMT" }, "24 hours"],
])("%j is too long to wait for: the error says when to try again", async (headers, when) => {
  const failure = run([refuse(429, {}, headers), good]);

  await expect(failure).rejects.toMatchObject({
    status: 429,
    message: expect.stringContaining(`try again in ${when}`),
  });
});

test.each([
  ["Please try again in 4.77s.", 4770],
  ["Please try again in 1m2.5s. Visit", 62_500],
  ["try again in 350ms", 350],
  ["try again later", null],
])("%j is understood", (message, wait) => {
  expect(retryAfter(new Headers(), message, NOW)).toBe(wait);
});

test("an interrupt ends the wait", async () => {
  const interrupt = new AbortController();
  const { endpoint, seen } = await modelServer([busy]);
  const llm = client(endpoint, {
    sleep: async (_, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => {
          reject(new Error("woken"));
        });
        interrupt.abort(new Error("stop"));
      }),
  });

  const answer = llm.complete({ context, maxTokens: 100, signal: interrupt.signal });
  await expect(answer.next()).resolves.toMatchObject({ value: { type: "retry" } });

  await expect(answer.next()).rejects.toThrow("stop");
  expect(seen).toHaveLength(1);
});

test("the default wait is real and can be interrupted", async () => {
  const interrupt = new AbortController();
  const { endpoint } = await modelServer([refuse(429, {}, { "retry-after": "50" })]);
  const llm = new OpenAiLlm({ model: "m", endpoint, apiKey: null, env: {} });
  const answer = llm.complete({ context, maxTokens: 1, signal: interrupt.signal });
  await answer.next();

  const next = answer.next();
  interrupt.abort(new Error("stop"));

  await expect(next).rejects.toThrow("stop");
});
