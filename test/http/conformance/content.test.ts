import { describe, expect, test } from "vitest";
import { type Behaviour, json, modelServer, raw, sse } from "../../support/model-server.ts";
import { WELL, answer, either, plays, says, well } from "./answers.ts";
import { type Config, MODES, talk } from "./driver.ts";
import { messagesOf } from "./wire.ts";

const HELLO = { calls: [{ name: "send_message", args: { message: "Hello." } }] };
const PRICED: Config = { prices: { "some-model": { input: 10, cached: 1, output: 100 } } };

describe.each(MODES)("answers as they come: %s", (mode) => {
  test.each([
    ["calls-openai", ""],
    ["content-left-out-gemini", ""],
    ["call-after-text", "She is Ada."],
    ["content-parts", "She is Ada."],
  ])("%s: content beside a call is the monologue, and stays in context", async (name, thoughts) => {
    const server = await modelServer([plays(name), well]);
    const { say } = await talk(server, mode);

    expect(await say("I am Ada.")).toMatchObject({ reply: "Hello Ada.", thoughts, notices: [] });
    expect(await say("And now?")).toMatchObject({ reply: WELL });

    const [sent] = server.seen
      .slice(1)
      .map((request) => messagesOf(request).findLast(({ role }) => role === "assistant"));
    expect(sent?.content).toBe(thoughts === "" ? null : thoughts);
  });

  test.each([
    ["thoughts-deepseek", "SECRET thought.\n\nShe is Ada.", "She is Ada."],
    ["thoughts-openrouter", "SECRET thought.\n\nShe is Ada.", "She is Ada."],
    ["thoughts-qwen", "SECRET thought.\n\n\nShe is Ada.", "She is Ada."],
    ["thoughts-unclosed", "SECRET thought.</th", null],
    ["thoughts-tail-deepseek", "SECRET thought.\n\nShe is Ada.", "She is Ada."],
    ["thoughts-mistral", "SECRET thought.\n\nShe is Ada.", "She is Ada."],
  ])("%s: reasoning is shown as monologue, and neither stored nor sent back", async (name, thoughts, kept) => {
    const server = await modelServer([plays(name), well]);
    const { agent, say } = await talk(server, mode);

    const heard = await say("I am Ada.");
    await say("And now?");

    expect(heard).toMatchObject({ reply: "Hello Ada.", thoughts });
    // Only the end of the thoughts tells that they were thoughts: what was shown is put in order then.
    const order =
      name === "thoughts-tail-deepseek" ? [{ reason: expect.stringContaining("had to be corrected"), seconds: 0 }] : [];
    expect(heard.retries).toEqual(order);
    const shown = heard.events.map((event) => (event.type === "internal_monologue_delta" ? event.text : "")).join("");
    expect(shown).toContain("SECRET thought.");
    expect(JSON.stringify(server.seen.map(({ body }) => body))).not.toContain("SECRET");
    expect(JSON.stringify(agent.state)).not.toContain("SECRET");
    const [sent] = server.seen
      .slice(1)
      .map((request) => messagesOf(request).findLast(({ role }) => role === "assistant"));
    expect(sent?.content).toBe(kept);
  });

  test.each([
    ["refusal-openai", "I'm sorry, I cannot assist with that request."],
    ["length-openai", "Once upon a time"],
    ["filtered-azure", "Once upon"],
  ])("%s: after text without a call the model is asked again, then the text is the reply", async (name, reply) => {
    const server = await modelServer([plays(name), plays(name), well]);
    const { say } = await talk(server, mode);

    const heard = await say("Tell me.");

    expect(heard).toMatchObject({ reply, notices: ["nudge"], retries: [], error: undefined });
    expect(await say("And now?")).toMatchObject({ reply: WELL });
  });

  test("the first answer of a new agent is asked for again if its form is wrong, and only the right one is stored", async () => {
    const server = await modelServer([says({ content: 'send_message({"message": "Hi"})' }), says(HELLO), well]);
    const { agent, say } = await talk(server, mode, { session: { verify: true } });

    const heard = await say("Hello!");

    expect(heard).toMatchObject({ reply: "Hello.", notices: ["first_message_retry"], error: undefined });
    expect(JSON.stringify(agent.state.queue)).not.toContain("send_message({");
    expect(await say("And now?")).toMatchObject({ reply: WELL });
  });

  test("an answer cut at its maximum length is not an overflow: what arrived is used", async () => {
    const server = await modelServer([
      says({ calls: [{ name: "send_message", args: '{"message":"Once upon' }], finish: "length" }),
      says({ calls: [{ name: "send_message", args: { message: "Once." } }] }),
    ]);
    const { say } = await talk(server, mode);

    const heard = await say("Tell me.");

    expect(heard).toMatchObject({ reply: "Once.", notices: [], error: undefined });
    expect(heard.events.filter(({ type }) => type === "queue_flush")).toEqual([]);
    expect(server.seen).toHaveLength(2);
  });

  test.each([
    ["choices-empty-azure", null],
    ["calls-openai", null],
    ["usage-zero", null],
    ["usage-last-openai", { prompt: 1200, completion: 40, cached: 1024 }],
    ["usage-groq", { prompt: 1200, completion: 40, cached: 0 }],
    ["usage-every-chunk", { prompt: 1200, completion: 40, cached: 0 }],
  ])("%s: tokens and money are what the server counted, or unknown", async (name, usage) => {
    const server = await modelServer([plays(name), well]);
    const { agent, say } = await talk(server, mode, { config: PRICED });

    const heard = await say("I am Ada.");
    await say("And now?");

    expect(heard).toMatchObject({ reply: "Hello Ada.", retries: [], error: undefined });
    expect(heard.events.find(({ type }) => type === "step_end")).toMatchObject({ usage });
    const { prompt = 0, completion = 0, cached = 0 } = usage ?? {};
    const cost = ((prompt - cached) * 10 + cached + completion * 100) / 1_000_000;
    const requests = usage === null ? 0 : 1;
    const { session, agent: inAll } = await agent.spent();
    expect(session).toMatchObject({ requests, prompt, completion, cached, cost });
    expect(inAll).toEqual(session);
  });

  test("--max-cost ends a turn between two steps, and everything so far is kept", async () => {
    const usage = { prompt_tokens: 1000, completion_tokens: 10 };
    const more = says({
      calls: [{ name: "core_memory_append", args: '{"name":"human","content":"x","request_heartbeat":true}' }],
      usage,
    });
    const server = await modelServer([more, well]);
    const { agent, say } = await talk(server, mode, { config: PRICED, session: { maxCost: 0.005 } });

    const heard = await say("Go on and on.");

    expect(heard).toMatchObject({ reply: null, notices: ["max_cost"], error: undefined });
    expect(server.seen).toHaveLength(1);
    expect((await agent.spent()).session.cost).toBeCloseTo(0.011);
  });

  test("an answer without choices is requested again, and an error if that never helps", async () => {
    const empty = either(raw(sse([{ choices: [] }, "[DONE]"])), json({ choices: [] }));
    const server = await modelServer([empty, well]);
    const never = await modelServer([empty]);
    const { say } = await talk(server, mode, { waits: {} });
    const other = await talk(never, mode, { waits: {} });

    const heard = await say("Hello?");
    const lost = await other.say("Hello?");

    expect(heard).toMatchObject({ reply: WELL, retries: [{ reason: expect.stringContaining("empty") }] });
    expect(lost.error?.message).toMatch(/the answer was empty, 4 times in a row\. Nothing was lost/);
  });
});

const { stream } = answer("calls-several-openai");
const whole = JSON.stringify(answer("calls-several-openai").whole, null, 2);
const events = [...stream, "[DONE]"];

describe.each(MODES)("what is around an answer: %s", (mode) => {
  const inOne = (body: string): Behaviour => raw([body], "application/json");

  test.each([
    ["CRLF", sse(events, "\r\n\r\n"), whole.replaceAll("\n", "\r\n")],
    [
      "comments that keep the connection alive",
      sse(events).flatMap((event) => [": OPENROUTER PROCESSING\n\n", event, ":\n\n"]),
      `\n\n   ${whole}`,
    ],
    ["no empty lines between events", sse(events, "\n"), whole],
    ["no space after the colon", sse(events).map((event) => event.replace("data: ", "data:")), whole],
    [
      "names and numbers of events",
      sse(events).map((event, at) => `event: message\nid: ${at}\nretry: 10\n${event}`),
      whole,
    ],
    ["no [DONE]", sse(stream), whole],
    ["no empty line at the end", [sse(events).join("").trimEnd()], whole.trimEnd()],
    ["a byte order mark", ["\uFEFF", ...sse(events)], `\uFEFF${whole}`],
    [
      "`error: null`",
      sse(events.map((event) => (typeof event === "string" ? event : { ...(event as object), error: null }))),
      whole.replace("{", '{"error": null,'),
    ],
    ["another content type", sse(events), whole],
  ])("%s does no harm", async (name, pieces, body) => {
    const type = name === "another content type" ? "text/plain" : undefined;
    const server = await modelServer([
      either(raw(pieces, type), type === undefined ? inOne(body) : raw([body], type)),
      well,
    ]);
    const { say } = await talk(server, mode, { waits: {} });

    expect(await say("I am Ada.")).toMatchObject({ reply: "Hello Ada.", retries: [], error: undefined });
    expect(await say("And now?")).toMatchObject({ reply: WELL });
    expect(server.seen).toHaveLength(2);
  });
});
