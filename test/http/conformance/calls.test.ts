import { describe, expect, test } from "vitest";
import { type Behaviour, chunk, json, modelServer, raw, sse } from "../../support/model-server.ts";
import { WELL, answer, answerNames, either, plays, replies, says, well } from "./answers.ts";
import { MODES, talk } from "./driver.ts";
import { messagesOf } from "./wire.ts";

const APPENDED = "core_memory_append OK: None";
const SENT = "send_message OK: None";

describe.each(MODES)("answers as they come: %s", (mode) => {
  test.each([
    ["calls-openai", [SENT]],
    ["calls-several-openai", [APPENDED, SENT]],
    ["calls-interleaved", [APPENDED, SENT]],
    ["calls-index-ollama", [APPENDED, SENT]],
    ["calls-without-index-ollama", [APPENDED, SENT]],
    ["calls-without-ids-llama-cpp", [APPENDED, SENT]],
    ["calls-empty-ids-gemini", [APPENDED, SENT]],
    ["calls-same-id-xinference", [APPENDED, SENT]],
    ["call-legacy-openai", [SENT]],
    ["call-object-llama-cpp", [SENT]],
  ])("%s: each call runs once, in order, and the next turn works", async (name, returns) => {
    const server = await modelServer([plays(name), well]);
    const { agent, say } = await talk(server, mode);

    const first = await say("I am Ada, and I like boats.");
    const second = await say("What now?");

    expect(first).toMatchObject({ reply: "Hello Ada.", returns, notices: [], retries: [], error: undefined });
    expect(second).toMatchObject({ reply: WELL, error: undefined });
    const human = agent.state.blocks.find(({ label }) => label === "human")?.value ?? "";
    expect(human.split("Likes boats.")).toHaveLength(returns.length);
    expect(server.seen).toHaveLength(2);
  });

  test("an answer split at every byte reads the same", async () => {
    const args = `{"message":"Žluťoučký 🐎 \\"kůň\\"\\n\\u0041"}`;
    const text = `Žluťoučký 🐎 "kůň"\nA`;
    // Each of the calls is split somewhere else.
    const part = (index: number, part: string, more: object = {}): unknown =>
      chunk({ tool_calls: [{ index, ...more, function: { arguments: part } }] });
    const head = (index: number): unknown => {
      const call = { index, id: `call_s${index}`, type: "function", function: { name: "send_message", arguments: "" } };
      return chunk({ tool_calls: [call] });
    };
    const everywhere = Array.from(args, (_, at) => [
      head(at),
      part(at, args.slice(0, at + 1)),
      part(at, args.slice(at + 1)),
    ]).flat();
    const calls = Array.from(args, (_, at) => ({
      ...{ id: `call_s${at}`, type: "function", function: { name: "send_message", arguments: args } },
    }));
    const whole = JSON.stringify({ choices: [{ message: { role: "assistant", tool_calls: calls } }] });
    const one = sse([head(900), ...Array.from({ length: args.length }, (_, at) => part(900, args.charAt(at)))]);
    const end = sse([chunk({}, "tool_calls"), "[DONE]"]);
    const server = await modelServer([
      either(raw([...sse(everywhere), ...end]), byteByByte(whole, "application/json")),
      either(byteByByte([...one, ...end].join(""), "text/event-stream"), replies(text)),
    ]);
    const { say } = await talk(server, mode);

    const all = await say("Say it.");
    const again = await say("Again.");

    expect(all.reply?.split("\n\n")).toEqual(calls.map(() => text));
    expect(again).toMatchObject({ reply: text, error: undefined });
    expect([...all.retries, ...again.retries]).toEqual([]);
  });

  test("call ids that a server reuses are made unique, so that each return has its call", async () => {
    const append = (content: string, more: object = {}): unknown => ({ name: "human", content, ...more });
    const server = await modelServer([
      says({
        calls: [{ id: "0", name: "core_memory_append", args: append("Likes boats.", { request_heartbeat: true }) }],
      }),
      says({
        calls: [{ id: "0", name: "core_memory_append", args: append("Likes tea.", { request_heartbeat: "true" }) }],
      }),
      says({ calls: [{ id: "0", name: "send_message", args: { message: "Noted." } }] }),
      says({ calls: [{ id: "0", name: "send_message", args: { message: "Yes." } }] }),
    ]);
    const { agent, say } = await talk(server, mode);

    expect(await say("I like boats and tea.")).toMatchObject({ reply: "Noted.", returns: [APPENDED, APPENDED, SENT] });
    expect(await say("Noted?")).toMatchObject({ reply: "Yes." });

    expect(agent.state.blocks.find(({ label }) => label === "human")?.value).toMatch(/Likes boats\.\s+Likes tea\./);
  });

  test.each([
    ["no JSON", '{"message": Hello}', /send_message Failed: .*not valid JSON/],
    ["no object", '["Hello"]', /send_message Failed: .*one JSON object/],
    ["without what must be there", "{}", /send_message Failed: .*message/],
    ["cut off", '{"message":"Hel', /send_message Failed: .*not valid JSON/],
  ])("arguments that are %s go back to the model, which corrects them", async (_, args, failure) => {
    const server = await modelServer([says({ calls: [{ name: "send_message", args }] }), replies("Hello."), well]);
    const { say } = await talk(server, mode);

    const heard = await say("Hello!");

    expect(heard.reply).toBe("Hello.");
    expect(heard.returns).toEqual([expect.stringMatching(failure), SENT]);
    expect(messagesOf(server.seen[1] ?? NONE).findLast(({ role }) => role === "tool")?.content).toMatch(/"Failed"/);
    expect(await say("And now?")).toMatchObject({ reply: WELL });
  });

  test("an unknown function goes back to the model with the known ones", async () => {
    const server = await modelServer([says({ calls: [{ name: "sing", args: {} }] }), replies("La."), well]);
    const { say } = await talk(server, mode);

    const heard = await say("Sing!");

    expect(heard.returns).toEqual([expect.stringMatching(/^sing Failed: No function named sing.*send_message/), SENT]);
    expect(heard.reply).toBe("La.");
  });

  test("an answer streamed or whole is understood, whichever was requested", async () => {
    const { stream, whole } = answer("calls-several-openai");
    const other = mode === "stream" ? json(whole) : raw(sse([...stream, "[DONE]"]));
    const server = await modelServer([other, well]);
    const { say } = await talk(server, mode);

    expect(await say("I am Ada.")).toMatchObject({ reply: "Hello Ada.", returns: [APPENDED, SENT], retries: [] });
    expect(await say("And now?")).toMatchObject({ reply: WELL });
    expect(server.seen.map(({ body }) => body["stream"])).toEqual([mode === "stream" ? true : undefined, undefined]);
  });
});

const NONE = { method: "", url: "", headers: {}, body: {} };

test("every fixture names its source", () => {
  for (const name of answerNames()) expect(answer(name).origin, name).toMatch(/https:|hand-made/);
});

/** Bytes in writes of their own, so that characters come apart. */
function byteByByte(text: string, type: string): Behaviour {
  return (response) => {
    response.writeHead(200, { "content-type": type });
    for (const byte of Buffer.from(text)) response.write(Buffer.from([byte]));
    response.end();
  };
}
