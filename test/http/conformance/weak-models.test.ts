import { describe, expect, test } from "vitest";
import { recorded } from "../../llm/openai/fixtures.ts";
import { type Behaviour, chunk, modelServer, raw, sse, streamed, whole } from "../../support/model-server.ts";
import { WELL, either, replies, says, well } from "./answers.ts";
import { MODES, talk, learned } from "./driver.ts";
import { messagesOf } from "./wire.ts";

const JSON_CALLS = { config: { function_calling: "json" } };

/** Text, in pieces of a few characters where it is streamed. */
function writes(content: string): Behaviour {
  const pieces = content.match(/[^]{1,5}/gu) ?? [];
  return either(streamed(pieces.map((piece) => ({ content: piece }))), whole({ role: "assistant", content }));
}

const act = (name: string, args: object, thoughts = "I see."): string =>
  JSON.stringify({ thoughts, function: name, arguments: args });
const wrote = (message: string): Behaviour => writes(act("send_message", { message }));

describe.each(MODES)("a model that thinks in a parameter: %s", (mode) => {
  const thinking = (thoughts: string, message: string): Behaviour => {
    const args = JSON.stringify({ inner_thoughts: thoughts, message });
    const call = {
      id: `call_${message.length}`,
      type: "function",
      function: { name: "send_message", arguments: args },
    };
    const head = { ...call, function: { ...call.function, arguments: "" } };
    const parts = Array.from(args, (char) => chunk({ tool_calls: [{ index: 0, function: { arguments: char } }] }));
    return either(
      raw(sse([chunk({ tool_calls: [{ index: 0, ...head }] }), ...parts, chunk({}, "tool_calls"), "[DONE]"])),
      whole({ role: "assistant", content: null, tool_calls: [call] }),
    );
  };

  test("by configuration: every function has it, and it becomes the monologue, not an argument", async () => {
    const server = await modelServer([thinking('SHE is "Ada".', "Hello Ada."), thinking("Go on.", "And?")]);
    const { agent, say } = await talk(server, mode, { config: { inner_thoughts: "parameter" } });

    const first = await say("I am Ada.");
    const second = await say("Go on.");

    expect(first).toMatchObject({ reply: "Hello Ada.", thoughts: 'SHE is "Ada".', retries: [] });
    expect(second).toMatchObject({ reply: "And?", thoughts: "Go on." });
    for (const { body } of server.seen) {
      const tools = body["tools"] as { function: { parameters: { properties: object; required: string[] } } }[];
      for (const { function: fn } of tools) {
        expect(Object.keys(fn.parameters.properties)[0]).toBe("inner_thoughts");
        expect(fn.parameters.required[0]).toBe("inner_thoughts");
      }
    }
    expect(JSON.stringify(agent.state.queue)).not.toContain("inner_thoughts");
    // Sent back where the model is to write the next one.
    const sent = messagesOf(server.seen[1] ?? NONE).findLast(({ role }) => role === "assistant");
    expect(sent?.tool_calls?.[0]?.function.arguments).toBe(
      '{"inner_thoughts":"SHE is \\"Ada\\".","message":"Hello Ada."}',
    );
  });

  test("detected after two calls without a word beside them, and remembered by the next process", async () => {
    const silent = replies("Hm.", { content: null });
    const server = await modelServer([silent, silent, thinking("Now I think.", "Hello.")]);
    const one = await talk(server, mode);

    await one.say("Hello?");
    await one.say("Still there?");
    const third = await one.say("And now?");
    await one.agent.close();
    const again = await talk(server, mode, { dir: one.dir });
    const fourth = await again.say("Hello again.");

    expect(third).toMatchObject({ reply: "Hello.", thoughts: "Now I think." });
    expect(fourth).toMatchObject({ reply: "Hello.", thoughts: "Now I think." });
    expect(learned(one.dir)).toEqual({ innerThoughts: "parameter" });
    expect(server.seen.map(({ body }) => JSON.stringify(body["tools"]).includes("inner_thoughts"))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test("never if configured to think beside its calls", async () => {
    const server = await modelServer([replies("Hm.", { content: null })]);
    const { say } = await talk(server, mode, { config: { inner_thoughts: "content" } });

    for (let n = 0; n < 4; n += 1) await say(`Turn ${n}`);

    expect(JSON.stringify(server.seen.map(({ body }) => body["tools"]))).not.toContain("inner_thoughts");
  });
});

describe.each(MODES)("a model without function calling: %s", (mode) => {
  test.each([
    ["as it is asked to", act("send_message", { message: "Hello Ada." })],
    [
      "in a fence, with words around it",
      `Sure!\n\`\`\`json\n${act("send_message", { message: "Hello Ada." })}\n\`\`\`\nThat is it.`,
    ],
    ["damaged", "{'thoughts': 'I see.', function: 'send_message', 'arguments': {'message': 'Hello Ada.',}"],
    ["cut off", '{"thoughts":"I see.","function":"send_message","arguments":{"message":"Hello Ada.'],
    ["after thoughts of its own", `<think>SECRET</think>${act("send_message", { message: "Hello Ada." })}`],
  ])("json: an answer %s is a call", async (_, text) => {
    const server = await modelServer([writes(text), wrote("Well.")]);
    const { agent, say } = await talk(server, mode, JSON_CALLS);

    const heard = await say("I am Ada.");
    const next = await say("And now?");

    expect(heard).toMatchObject({ reply: "Hello Ada.", returns: ["send_message OK: None"], error: undefined });
    expect(next).toMatchObject({ reply: "Well." });
    for (const request of server.seen) {
      expect(request.body).not.toHaveProperty("tools");
      expect(request.body).toMatchObject({
        response_format: { type: "json_schema", json_schema: { schema: { anyOf: expect.any(Array) as unknown } } },
      });
      expect(messagesOf(request)[0]?.content).toMatch(/send_message: .*/);
      expect(messagesOf(request).map(({ role }) => role)).not.toContain("tool");
    }
    expect(JSON.stringify(server.seen.map(({ body }) => body))).not.toContain("SECRET");
    expect(agent.state.queue.filter(({ role }) => role === "function").length).toBeGreaterThan(1);
  });

  test("json: several calls run in order", async () => {
    const append = act("core_memory_append", { name: "human", content: "Likes boats." });
    const server = await modelServer([writes(`[${append},${act("send_message", { message: "Noted." })}]`)]);
    const { agent, say } = await talk(server, mode, JSON_CALLS);

    const heard = await say("I like boats.");

    expect(heard).toMatchObject({ reply: "Noted.", returns: ["core_memory_append OK: None", "send_message OK: None"] });
    expect(agent.state.blocks.find(({ label }) => label === "human")?.value).toContain("Likes boats.");
  });

  test("json: an unreadable answer goes back to the model, at most three times, and is never stored", async () => {
    const server = await modelServer([
      writes("I rather chat."),
      writes('{"nothing": 1}'),
      writes("No."),
      wrote("There."),
      wrote("Well."),
    ]);
    const { agent, say } = await talk(server, mode, JSON_CALLS);

    const heard = await say("Hello?");

    expect(heard).toMatchObject({ reply: "There.", notices: [], error: undefined });
    expect(heard.retries.map(({ reason }) => reason)).toEqual(
      [1, 2, 3].map((n) => expect.stringContaining(`asking again (${n} of 3)`) as unknown),
    );
    expect(server.seen).toHaveLength(4);
    const corrections = server.seen.map((request) => messagesOf(request).at(-1)?.content ?? "");
    expect(corrections[1]).toMatch(/without a JSON object.*Answer with one JSON object/s);
    expect(corrections[2]).toMatch(/"function" is missing/);
    expect(JSON.stringify(agent.state.queue)).not.toMatch(/rather chat|Answer with one JSON object/);
    expect(await say("And now?")).toMatchObject({ reply: "Well." });
  });

  test("json: the text of a model that never learns becomes the reply", async () => {
    const server = await modelServer([writes("I rather chat.")]);
    const { say } = await talk(server, mode, JSON_CALLS);

    const heard = await say("Hello?");

    expect(heard).toMatchObject({ reply: "I rather chat.", error: undefined });
    expect(server.seen.length).toBeLessThanOrEqual(8);
  });

  test.each([
    ["unsupported-json-schema", 3, "none"],
    ["unsupported-json-schema-llama-cpp", 1, "json_object_schema"],
    ["unsupported-json-schema-llama-cpp-python", 1, "json_object_schema"],
  ])("json: %s makes it request less, and remember what the server accepts", async (name, times, format) => {
    const server = await modelServer([...Array.from({ length: times }, () => recorded(name)), wrote("There.")]);
    const one = await talk(server, mode, JSON_CALLS);

    const heard = await one.say("Hello?");
    await one.agent.close();
    const again = await talk(server, mode, { dir: one.dir, ...JSON_CALLS });
    await again.say("Hello again.");

    expect(heard).toMatchObject({ reply: "There.", retries: [], error: undefined });
    expect(learned(one.dir)).toEqual({ responseFormat: format });
    expect(server.seen).toHaveLength(times + 2);
    expect(server.seen.at(-1)?.body["response_format"]).toEqual(server.seen.at(-2)?.body["response_format"]);
  });

  test.each(["functions-ollama", "functions-llama-cpp"])(
    "auto: %s is detected in the first turn, and remembered by the next process",
    async (name) => {
      const server = await modelServer([recorded(name), wrote("There."), wrote("Well.")]);
      const one = await talk(server, mode);

      const heard = await one.say("Hello?");
      await one.agent.close();
      const again = await talk(server, mode, { dir: one.dir });

      expect(heard).toMatchObject({ reply: "There.", error: undefined });
      expect(heard.retries).toEqual([{ reason: expect.stringMatching(/no function calling here/), seconds: 0 }]);
      expect(await again.say("Hello again.")).toMatchObject({ reply: "Well.", retries: [] });
      expect(learned(one.dir)).toEqual({ functionCalling: "json" });
      expect(server.seen.map(({ body }) => "tools" in body)).toEqual([true, false, false]);
    },
  );

  test("auto: calls written as text are understood, and from the second time on requested as text", async () => {
    const server = await modelServer([wrote("One."), wrote("Two."), wrote("Three.")]);
    const { dir, say } = await talk(server, mode);

    const heard = [await say("1?"), await say("2?"), await say("3?")];

    expect(heard.map(({ reply }) => reply)).toEqual(["One.", "Two.", "Three."]);
    expect(heard.flatMap(({ retries, notices }) => [...retries, ...notices])).toEqual([]);
    expect(learned(dir)).toEqual({ functionCalling: "json" });
    expect(server.seen.map(({ body }) => "tools" in body)).toEqual([true, true, false]);
  });

  test("native: a server without function calling is an error that names the setting", async () => {
    const server = await modelServer([recorded("functions-ollama"), well]);
    const { say } = await talk(server, mode, { config: { function_calling: "native" } });

    expect((await say("Hello?")).error?.message).toMatch(/does not support tools.*function_calling json/);
    expect(await say("And now?")).toMatchObject({ reply: WELL });
  });

  test("a conversation switches between native and JSON calls, either way", async () => {
    const append = { name: "core_memory_append", args: { name: "human", content: "Likes tea." } };
    const server = await modelServer([
      says({ calls: [append, { name: "send_message", args: { message: "Noted." } }] }),
      recorded("functions-ollama"),
      wrote("There."),
    ]);
    const { say } = await talk(server, mode);

    await say("I like tea.");

    expect(await say("And now?")).toMatchObject({ reply: "There." });
    const texts = messagesOf(server.seen[2] ?? NONE).map(({ content }) => content ?? "");
    expect(texts.join("\n")).toMatch(/"function":\s?"core_memory_append"/);
    expect(texts.join("\n")).toMatch(/Return of core_memory_append: /);
  });
});

const NONE = { method: "", url: "", headers: {}, body: {} };
