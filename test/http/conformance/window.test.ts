import { createServer } from "node:http";
import { text as readText } from "node:stream/consumers";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, onTestFinished, test } from "vitest";
import { recorded } from "../../llm/openai/fixtures.ts";
import { tokensOf } from "../../support/counting-server.ts";
import { type Behaviour, type ModelServer, type Seen, modelServer, raw } from "../../support/model-server.ts";
import { listen } from "../practice-server.ts";
import { either, replies, says } from "./answers.ts";
import { type Heard, MODES, type Talk, talk } from "./driver.ts";
import { messagesOf } from "./wire.ts";

const prose = (n: number): string => `On day ${n} we walked along the river, and talked about the garden. `.repeat(10);
const chinese = (n: number): string => `第${n}天，我们沿着河边散步，谈论花园里的花和邻居家的猫。`.repeat(20);

/** Counts as OpenAI's newer models do, reports it or not, and cuts what is longer than `window` in silence. */
function counting({ reports = true, window = Infinity, json = false } = {}): Behaviour {
  return (response, request) => {
    const counted = { prompt_tokens: Math.min(window, tokensOf(request)), completion_tokens: 20 };
    const usage = reports ? { usage: counted } : {};
    const isTalk = request.body["tools"] !== undefined || request.body["response_format"] !== undefined;
    const written = says({
      content: JSON.stringify({ thoughts: "Hm.", function: "send_message", arguments: { message: "Go on." } }),
      ...usage,
    });
    const answer = !isTalk
      ? says({ content: "They walked and talked.", ...usage })
      : json
        ? written
        : replies("Go on.", usage);
    answer(response, request);
  };
}

async function chat({ say }: Talk, turns: number): Promise<Heard[]> {
  const all: Heard[] = [];
  for (let n = 0; n < turns; n += 1) {
    const heard = await say((n % 7 === 5 ? chinese : prose)(n));
    expect(heard, `turn ${n}`).toMatchObject({ reply: expect.stringMatching(/^Go on\./), error: undefined });
    all.push(heard);
  }
  return all;
}

/** Prompt and the longest answer of each request, in tokens. */
const sizes = ({ seen }: ModelServer): number[] =>
  seen.map((request) => tokensOf(request) + Number(request.body["max_tokens"]));

describe.each(MODES)("a small window: %s", (mode) => {
  test.each([
    ["the server counts", { reports: true }, {}],
    ["the server does not count", { reports: false }, {}],
    ["the functions are described in the prompt", { reports: true, json: true }, { function_calling: "json" }],
  ])("is never exceeded by the server's own count over 30 turns, if %s", async (_, how, config) => {
    const server = await modelServer([counting(how)]);
    const one = await talk(server, mode, { config: { context_window: 4096, ...config } });

    const heard = await chat(one, 30);

    expect(Math.max(...sizes(server))).toBeLessThanOrEqual(4096);
    expect(heard.flatMap(({ events }) => events).filter(({ type }) => type === "queue_flush").length).toBeGreaterThan(
      1,
    );
    // A window that is hardly used would be no feat.
    expect(Math.max(...sizes(server))).toBeGreaterThan(2800);
  });

  test("a server that silently cuts is detected, and reported once", async () => {
    const server = await modelServer([counting({ window: 4500 })]);
    const one = await talk(server, mode, { config: { context_window: 16_384 } });

    const heard = await chat(one, 24);

    expect(heard.flatMap(({ notices }) => notices)).toEqual(["server_cuts"]);
    const notice = heard.flatMap(({ events }) => events).find((event) => event.type === "notice");
    expect(notice?.text).toMatch(/reads only 4500 of the \d+ tokens.*--context-window 4500/);
  });
});

describe.each(MODES)("Ollama: %s", (mode) => {
  const lines = (...all: unknown[]): string[] => all.map((line) => `${JSON.stringify(line)}\n`);
  /** As https://docs.ollama.com/api/chat has it. */
  const ollama = (message: object, counted: number): Behaviour => {
    const end = { done: true, done_reason: "stop", prompt_eval_count: counted, eval_count: 9 };
    const said = { role: "assistant", ...message };
    return either(
      raw(
        lines({ message: said, done: false }, { message: { role: "assistant", content: "" }, ...end }),
        "application/x-ndjson",
      ),
      raw(lines({ message: said, ...end }), "application/json"),
    );
  };
  const call = { function: { name: "send_message", arguments: { message: "Go on." } } };
  const well: Behaviour = (response, request) => {
    const isTalk = request.body["tools"] !== undefined;
    const message = isTalk ? { content: "", thinking: "SECRET", tool_calls: [call] } : { content: "They walked." };
    ollama(message, tokensOf({ ...request, body: { ...request.body, messages: textual(request) } }))(response, request);
  };
  /** Its arguments are objects. */
  const textual = (request: Parameters<typeof messagesOf>[0]): unknown =>
    messagesOf(request).map((message) => ({
      ...message,
      tool_calls: message.tool_calls?.map(({ function: { name, arguments: args } }) => ({
        function: { name, arguments: JSON.stringify(args) },
      })),
    }));

  test("gets the window with every request, which is never exceeded, and is asked not to cut", async () => {
    const server = await modelServer([well], { version: "0.12.0" });
    const one = await talk(server, mode, { config: { context_window: 4096 } });

    const heard = await chat(one, 20);

    for (const { url, body } of server.seen) {
      expect(url).toBe("/api/chat");
      expect(body).toMatchObject({ truncate: false, options: { num_ctx: 4096 }, stream: mode === "stream" });
    }
    expect(heard[0]).toMatchObject({ thoughts: "SECRET" });
    expect(JSON.stringify(server.seen.map(({ body }) => body))).not.toContain("SECRET");
    const used = heard
      .flatMap(({ events }) => events)
      .map((event) => (event.type === "step_end" ? (event.usage?.prompt ?? 0) : 0));
    expect(Math.max(...used)).toBeGreaterThan(2000);
    expect(Math.max(...used)).toBeLessThanOrEqual(4096);
  });

  test("that still overflows makes the queue shrink; a missing model is an error that says how to get it", async () => {
    const server = await modelServer(
      [well, well, recorded("overflow-ollama"), well, well, recorded("model-ollama"), well],
      { version: "0.12.0" },
    );
    const one = await talk(server, mode, { config: { context_window: 8192 } });
    await chat(one, 2);

    expect(await one.say("And then?")).toMatchObject({ reply: "Go on.", notices: ["overflow"] });
    expect((await one.say("And now?")).error?.message).toMatch(/has no model some-model .*`ollama pull some-model`/);
    expect(await one.say("And again?")).toMatchObject({ reply: "Go on." });
  });

  test("is detected, without waiting for a server that does not answer the detection", async () => {
    const seen: Seen[] = [];
    const server = createServer((request, response) => {
      // As one that is busy with another request: it is asked again and again, and never says what it is.
      if (request.method === "GET") return;
      void readText(request).then((body) => {
        const { method = "", url = "", headers } = request;
        seen.push({ method, url, headers, body: JSON.parse(body) as Seen["body"] });
        replies("Here.")(response, seen.at(-1) ?? NONE);
      });
    });
    const port = await listen(server);
    const endpoint = `http://127.0.0.1:${port}/v1`;
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const collecting = setInterval(collect, 20);
    onTestFinished(() => {
      clearInterval(collecting);
    });
    const { say } = await talk({ endpoint, port, seen, remaining: 0 }, mode);

    expect(await say("Hello?")).toMatchObject({ reply: "Here.", error: undefined });

    expect(seen.map(({ url }) => url)).toEqual(["/v1/chat/completions"]);
  });
});

const NONE: Seen = { method: "", url: "", headers: {}, body: {} };
