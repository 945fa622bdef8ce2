import { spawn } from "node:child_process";
import { statSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../support/agents.ts";
import { type Behaviour, chunk, modelServer, raw, sse, streamed, whole } from "../support/model-server.ts";

const MOST_MEGABYTES = 300;
/** The default would do as well, and take longer. */
const SMALL = { max_answer_bytes: 100_000 };
const DEFAULT = {};
const TALKER = fileURLToPath(new URL("drivers/talker.ts", import.meta.url));

/** Writes `piece` again and again, as fast as it is read, forever or `times`. */
function again(
  piece: string,
  { start = "", end, times = Infinity, type = "text/event-stream", status = 200 }: Endless = {},
): Behaviour {
  return (response) => {
    response.writeHead(status, { "content-type": type });
    response.write(start);
    void pour(response, piece.repeat(Math.min(times, 200)), times / 200, end);
  };
}

type Endless = { start?: string; end?: string; times?: number; type?: string; status?: number };

async function pour(response: ServerResponse, piece: string, times: number, end: string | undefined): Promise<void> {
  for (let n = 0; n < times && !response.destroyed; n += 1) {
    if (!response.write(piece)) {
      await once(response, "drain").catch(() => undefined);
    } else await new Promise(setImmediate);
  }
  response.end(end);
}

/** Writes `piece` once in so many milliseconds, forever. */
function trickle(piece: string, milliseconds: number): Behaviour {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const timer = setInterval(() => response.write(piece), milliseconds);
    response.on("close", () => {
      clearInterval(timer);
    });
  };
}

type Outcome = {
  notices: string[];
  replies: number[];
  calls: number;
  error: string;
  code: string;
  stored: number;
  heard: boolean;
  seconds: number;
  megabytes: number;
  databaseBytes: number;
};

type Talk = { config?: object; interruptAfter?: number; version?: string };

/** One turn in a process of its own. */
async function talk(
  behaviours: readonly Behaviour[],
  { config = {}, interruptAfter, version }: Talk = {},
): Promise<Outcome> {
  const { endpoint } = await modelServer(behaviours, version === undefined ? {} : { version });
  const home = temporaryFolder();
  writeFileSync(
    join(home, "config.json"),
    JSON.stringify({ function_calling: "native", inner_thoughts: "content", ...config }),
  );
  const child = spawn(process.execPath, ["--import", "tsx", TALKER, JSON.stringify({ home, endpoint })]);
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let [printed, failed] = ["", ""];
  child.stderr.setEncoding("utf8").on("data", (text: string) => (failed += text));
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const isFirst = printed === "";
    printed += text;
    if (isFirst && interruptAfter !== undefined) setTimeout(() => child.kill("SIGINT"), interruptAfter);
  });
  await new Promise((resolve) => child.on("close", resolve));
  expect(failed).toBe("");
  const last = printed.trim().split("\n").at(-1) ?? "";
  return { ...(JSON.parse(last) as Outcome), databaseBytes: statSync(join(home, "agents/sam/agent.db")).size };
}

const said = (delta: object): string => sse([chunk(delta)]).join("");
const call = (index: number, name: string, args: string): object => ({
  tool_calls: [{ index, id: `c${index}`, type: "function", function: { name, arguments: args } }],
});
const piece = (args: string): string => said({ tool_calls: [{ index: 0, function: { arguments: args } }] });
const send = (message: string): Behaviour =>
  streamed([call(0, "send_message", JSON.stringify({ message }))], { finish: "tool_calls" });

describe("an endless answer is cut off with one line, in bounded memory:", () => {
  test.each<[string, Behaviour, object?]>([
    [
      "JSON that is not streamed",
      again("abcdefgh", { start: '{"choices":[{"message":{"content":"', type: "application/json" }),
      DEFAULT,
    ],
    ["one event", again("abcdefgh", { start: 'data: {"choices":[{"delta":{"content":"' }), DEFAULT],
    ["lines of one event", again('data: {"a":\n')],
    ["thoughts", again(said({ reasoning_content: "so it may be that " })), DEFAULT],
    ["white space", again(said({ content: " \n" }))],
    ["calls without arguments", again(said({ tool_calls: [{ id: "", function: { name: "x" } }] }))],
    ["pieces with nothing in them", again(said({ role: "assistant", padding: "x".repeat(2000) }))],
    ["JSON of 100,000 levels", raw(['{"choices":', "[".repeat(100_000)], "application/json")],
    ["an event of 100,000 levels", raw([`data: {"choices":${"[".repeat(100_000)}\n\n`])],
    ["arguments of 100,000 levels", streamed([call(0, "core_memory_append", `{"name":${"[".repeat(100_000)}`)])],
    [
      "an object of 100,000 levels as arguments",
      raw([
        '{"choices":[{"message":{"tool_calls":[{"function":{"name":"x","arguments":',
        `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}}]}}]}`,
      ]),
    ],
    ["the text of an error", again("x".repeat(100), { status: 400, start: '{"error":"', type: "application/json" })],
    ["comments", again(": ping\n\n"), { max_answer_seconds: 2 }],
    ["a byte now and then", trickle(" ", 100), { max_answer_seconds: 2 }],
  ])("%s", async (_, behaviour, config) => {
    const { error, code, stored, megabytes } = await talk([behaviour], { config: config ?? SMALL });

    expect(error).toMatch(/^[^\n]{20,400}$/);
    expect(code).toMatch(/^(answer_unbounded|llm_unavailable)$/);
    expect(stored).toBe(0);
    expect(megabytes).toBeLessThan(MOST_MEGABYTES);
  });

  test("what Ollama says in its own words", async () => {
    const line = `${JSON.stringify({ message: { content: "", thinking: "hm, or else " }, done: false })}\n`;

    const { code, stored, megabytes } = await talk([again(line, { type: "application/x-ndjson" })], { version: "0.9" });

    expect([code, stored]).toEqual(["answer_unbounded", 0]);
    expect(megabytes).toBeLessThan(MOST_MEGABYTES);
  });

  test("JSON of a model without function calling, of 100,000 levels", async () => {
    const answer = streamed([{ content: `{"function":"send_message","params":{"message":${"[".repeat(100_000)}` }]);

    const { error, stored, megabytes, replies } = await talk([answer], { config: { function_calling: "json" } });

    expect([error, replies]).toEqual(["", []]);
    expect(stored).toBeLessThan(20);
    expect(megabytes).toBeLessThan(MOST_MEGABYTES);
  });
});

describe("useful parts are kept, and person and model learn that it was cut:", () => {
  test("of a reply of 30 MB its beginning", async () => {
    const start = said(call(0, "send_message", '{"message": "'));
    const endless = again(piece("word ".repeat(20)), { start, times: 300_000 });

    const { notices, replies, heard, megabytes, databaseBytes } = await talk([endless, send("ok")]);

    expect(notices).toEqual([expect.stringMatching(/^answer_cut: .*1,000,000 bytes.*max_answer_bytes/)]);
    expect(replies[0]).toBeGreaterThan(990_000);
    expect(heard).toBe(true);
    expect(megabytes).toBeLessThan(MOST_MEGABYTES);
    expect(databaseBytes).toBeLessThan(10_000_000);
  });

  test.each([true, false])("of 20,000 calls the first 64, streamed: %s", async (isStreamed) => {
    const calls = Array.from({ length: 20_000 }, (_, n) => ({
      index: n,
      id: `c${n}`,
      type: "function",
      function: { name: "archival_memory_insert", arguments: JSON.stringify({ content: `fact ${n}` }) },
    }));
    const many = isStreamed ? streamed(calls.map((one) => ({ tool_calls: [one] }))) : whole({ tool_calls: calls });
    const outcome = await talk([many, send("ok")], { config: { max_answer_bytes: 5_000_000 } });

    expect(outcome.notices.filter((notice) => notice.startsWith("answer_cut"))).toEqual([
      expect.stringMatching(/^answer_cut: .*more than 64 calls.*the rest were not.*max_answer_calls/),
    ]);
    expect(outcome.calls).toBe(65);
    expect(outcome.heard).toBe(true);
    expect(outcome.megabytes).toBeLessThan(MOST_MEGABYTES);
    expect(outcome.databaseBytes).toBeLessThan(10_000_000);
  });

  test("of one token a second forever, those within the time limit", async () => {
    const { notices, replies } = await talk([trickle(said({ content: "word " }), 200)], {
      config: { max_answer_seconds: 2 },
    });

    expect(notices[0]).toMatch(/^answer_cut: .*after 2 seconds/);
    expect(replies).toHaveLength(1);
  });

  test("of calls nested too deep the others", async () => {
    const deep = call(0, "core_memory_append", `{"name":${"[".repeat(200)}${"]".repeat(200)}}`);
    const fine = call(1, "send_message", '{"message":"hi"}');

    const { notices, replies, calls } = await talk([streamed([deep, fine], { finish: "tool_calls" })]);

    expect(notices).toEqual([expect.stringMatching(/^answer_cut: .*deeper than 64 levels/)]);
    expect([replies, calls]).toEqual([[2], 1]);
  });
});

test.each<[string, Behaviour, number]>([
  ["an endless thought", again(said({ reasoning_content: "x" })), 300],
  ["endless comments", again(": ping\n\n"), 1500],
  ["an endless reply", again(piece("word "), { start: said(call(0, "send_message", '{"message": "')) }), 300],
  ["endless lines of one event", again('data: {"a":\n'), 300],
  ["silence", (): void => undefined, 500],
])("%s is interrupted at once", async (_, behaviour, interruptAfter) => {
  const { seconds, stored } = await talk([behaviour], { interruptAfter, config: { max_answer_bytes: 16_000_000 } });

  // A busy machine is no failure.
  expect(seconds).toBeLessThan(5);
  expect(stored).toBe(0);
});
