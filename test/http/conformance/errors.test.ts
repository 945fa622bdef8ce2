import { ContextOverflowError } from "memgpt";
import { describe, expect, test } from "vitest";
import { fixture, recorded } from "../../llm/openai/fixtures.ts";
import { type Behaviour, chunk, json, modelServer, raw, refuse, sse } from "../../support/model-server.ts";
import { WELL, either, replies, says, well } from "./answers.ts";
import { MODES, type Talk, talk } from "./driver.ts";
import { messagesOf } from "./wire.ts";

const OVERFLOWS = [
  "overflow-openai",
  "overflow-azure",
  "overflow-openrouter",
  "overflow-openrouter-upstream",
  "overflow-groq",
  "overflow-vllm",
  "overflow-vllm-negative",
  "overflow-llama-cpp",
  "overflow-llama-cpp-500",
  "overflow-lm-studio",
  "overflow-lm-studio-keep",
  "overflow-ollama",
  "overflow-koboldcpp",
  "overflow-textgen",
  "overflow-cerebras",
  "overflow-anthropic",
];

/** Some turns, so that there is something to leave out. */
async function chat({ say }: Talk, turns: number): Promise<void> {
  for (let n = 0; n < turns; n += 1)
    expect(await say(`Turn ${n}: ${"we walked along the river. ".repeat(20)}`)).toMatchObject({ reply: WELL });
}

const isSummary = ({ body }: { readonly body: Readonly<Record<string, unknown>> }): boolean =>
  body["tools"] === undefined;

describe.each(MODES)("a full context: %s", (mode) => {
  test.each(OVERFLOWS)("%s flushes the queue and repeats the step, once", async (name) => {
    const server = await modelServer([
      well,
      well,
      recorded(name),
      says({ content: "They walked." }),
      replies("I see."),
    ]);
    const one = await talk(server, mode);
    await chat(one, 2);

    const heard = await one.say("And then?");

    expect(heard).toMatchObject({ reply: "I see.", notices: ["overflow"], retries: [], error: undefined });
    expect(heard.events.filter(({ type }) => type === "queue_flush")).toHaveLength(1);
    expect(server.seen).toHaveLength(5);
    const [refused, summary, again] = server.seen.slice(2);
    expect([refused, summary, again].map((request) => request !== undefined && isSummary(request))).toEqual([
      false,
      true,
      false,
    ]);
    expect(JSON.stringify(again?.body).length).toBeLessThan(JSON.stringify(refused?.body).length);
    // What was said last is what it is about.
    expect(JSON.stringify(messagesOf(again ?? NONE).at(-1))).toContain("And then?");
    expect(JSON.stringify(again?.body)).toContain("They walked.");
    expect(await one.say("Go on.")).toMatchObject({ reply: "I see." });
  });

  test.each([
    ["overflows, too", recorded("overflow-openai")],
    ["is refused", recorded("filter-azure")],
    ["is empty", says({ content: "" })],
  ])("if the summary %s a digest replaces it, and the step is repeated", async (_, summary) => {
    const server = await modelServer([well, well, recorded("overflow-vllm"), summary, replies("I see.")]);
    const one = await talk(server, mode);
    await chat(one, 2);

    const heard = await one.say("And then?");

    expect(heard).toMatchObject({ reply: "I see.", notices: ["overflow", "summary_fallback"], error: undefined });
    expect(await one.say("Go on.")).toMatchObject({ reply: "I see." });
  });

  test("a server that keeps rejecting smaller requests gets smaller ones until it answers", async () => {
    // In characters, for want of tokens: the prompt and the functions fit, and little more.
    const tight: Behaviour = (response, request) => {
      const length = messagesOf(request)
        .slice(1)
        .reduce((sum, message) => sum + JSON.stringify(message).length, 0);
      (length > 2000 ? recorded("overflow-llama-cpp") : replies("Still here."))(response, request);
    };
    const server = await modelServer([...Array.from({ length: 5 }, () => well), tight]);
    const one = await talk(server, mode);
    await chat(one, 5);

    const heard = await one.say("And then?");
    const next = await one.say("Are you stuck?");

    expect(heard).toMatchObject({ reply: "Still here.", error: undefined });
    expect(heard.notices).toContain("overflow");
    expect(next).toMatchObject({ reply: "Still here.", error: undefined });
  });

  test("a server that always overflows is a clear error: nothing is stored, and the next turn works", async () => {
    let isFull = true;
    const server = await modelServer([
      (response, request) => {
        (isFull ? recorded("overflow-openai") : well)(response, request);
      },
    ]);
    const one = await talk(server, mode);

    const heard = await one.say("Hello?");
    isFull = false;

    expect(heard.error).toBeInstanceOf(ContextOverflowError);
    expect(heard.error?.message).toMatch(
      /larger than its context window.*Nothing was lost; set --context-window lower/,
    );
    expect(server.seen.length).toBeLessThan(10);
    expect(await one.say("Hello again.")).toMatchObject({ reply: WELL });
  });

  test.each([
    ["overflow-groq-minute", /allows 6000 tokens a minute, and the request has 12328.*set --context-window below 6000/],
    ["overflow-openai-minute", /allows 30000 tokens a minute, and the request has 342389/],
  ])("%s: a request larger than a minute's tokens is reduced, or an error", async (name, message) => {
    const server = await modelServer([recorded(name)]);
    const one = await talk(server, mode);

    const heard = await one.say("Hello?");

    expect(heard.error?.message).toMatch(message);
  });

  test.each([
    ["with status 200", recorded("overflow-vllm", 200)],
    [
      "in the middle of a stream",
      either(
        raw([
          ...sse([chunk({ content: "Thi" })]),
          `event: error\ndata: ${JSON.stringify(fixture("overflow-lm-studio").body)}\n\n`,
        ]),
        recorded("overflow-lm-studio", 200),
      ),
    ],
    ["by a body that is too large for what stands before the server", refuse(413, "Payload Too Large")],
  ])("recognises it %s", async (_, overflow) => {
    const server = await modelServer([well, well, overflow, says({ content: "They walked." }), replies("I see.")]);
    const one = await talk(server, mode);
    await chat(one, 2);

    expect(await one.say("And then?")).toMatchObject({ reply: "I see.", notices: ["overflow"] });
  });
});

describe.each(MODES)("refusals: %s", (mode) => {
  test.each([
    ["auth-openai", /refused the API key \(401\).*Nothing was lost; .*its key/],
    ["auth-azure", /refused the API key \(401\)/],
    ["auth-openrouter", /refused the API key \(401\)/],
    ["auth-proxy", /refused the API key \(403\)/],
    ["google-list", /refused the API key \(400: API key not valid/],
    ["model-openai", /has no model some-model .*--model/],
    ["model-azure", /has no model some-model .*--model/],
    ["model-openrouter", /has no model some-model .*--model/],
    ["model-ollama", /has no model some-model .*not found/],
    ["model-vllm", /has no model some-model .*--model/],
    ["route-missing", /no chat completions at \/v1\/chat\/completions.*--model-endpoint/],
    ["filter-azure", /filtered the request.*rephrase/],
    ["filter-openrouter", /filtered the request/],
    ["credit-openai", /no credit left.*add credit/],
    ["credit-openrouter", /no credit left/],
  ])(
    "%s: says what is wrong and what to do, asks once, stores nothing, and the next turn works",
    async (name, message) => {
      const server = await modelServer([well, recorded(name), well]);
      const { say } = await talk(server, mode);
      await say("Hello.");

      const heard = await say("And now?");

      expect(heard.error).toMatchObject({ code: "llm_unavailable", message: expect.stringMatching(message) });
      expect(heard.error?.message.split("\n").length).toBeLessThanOrEqual(2);
      expect(heard.retries).toEqual([]);
      expect(server.seen).toHaveLength(2);
      expect(await say("And again?")).toMatchObject({ reply: WELL });
    },
  );

  test.each([
    ["an object", json({ error: { code: 401, message: "User not found." } }), /refused the API key \(401\)/],
    ["a text", json({ error: "model 'some-model' not found" }), /has no model some-model/],
    [
      "vLLM's own form",
      json({ object: "error", message: "The model `some-model` does not exist.", type: "NotFoundError", code: 404 }),
      /has no model some-model/,
    ],
  ])("a success status with an error in the body, %s, is an error", async (_, behaviour, message) => {
    const server = await modelServer([behaviour, well]);
    const { say } = await talk(server, mode);

    const heard = await say("Hello?");

    expect(heard.error?.message).toMatch(message);
    expect(await say("And now?")).toMatchObject({ reply: WELL });
  });

  test("a web page or a redirect is not an API", async () => {
    const page = await modelServer([raw(["<!doctype html><title>Login</title>"], "text/html"), well]);
    const moved = await modelServer([refuse(308, {}, { location: "https://example.org/v1" }), well]);

    expect((await (await talk(page, mode)).say("Hello?")).error?.message).toMatch(/web page.*--model-endpoint/);
    expect((await (await talk(moved, mode)).say("Hello?")).error?.message).toMatch(
      /example\.org\/v1.*--model-endpoint/,
    );
  });

  test("a key that a server repeats in its refusal is not shown", async () => {
    const echo: Behaviour = (response, { headers }) => {
      response.writeHead(401, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${headers.authorization}` } }));
    };
    const server = await modelServer([echo, well]);
    const { say } = await talk(server, mode);

    expect((await say("Hello?")).error?.message).toMatch(/Incorrect API key provided: Bearer \*\*\*/);
  });
});

const NONE = { method: "", url: "", headers: {}, body: {} };
