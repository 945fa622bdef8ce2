import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonFunctionsLlm } from "../../../src/llm/json-functions/json-functions-llm.ts";
import { contextTokens } from "../../../src/memory/main-context.ts";
import { builtInFunctions } from "../../../src/functions/built-in.ts";
import { exchange, queues, userMessage } from "../../memory/support.ts";
import { CONTEXT, FUNCTIONS, TextLlm, read, sizes, watch, whole } from "./support.ts";

const GREETING = '{"thoughts": "I greet.", "function": "send_message", "arguments": {"message": "Hi."}}';

describe("an answer", () => {
  test("in the expected form becomes a thought and a call, streamed as it arrives", async () => {
    const llm = new TextLlm([GREETING]);

    const { completion, deltas, ...shown } = await watch(new JsonFunctionsLlm(llm));

    expect(completion).toMatchObject({
      content: "I greet.",
      calls: [{ name: "send_message", arguments: '{"message":"Hi."}' }],
      finishReason: "function_calls",
    });
    expect(shown).toEqual(whole(completion));
    expect(deltas.length).toBeGreaterThan(3);
  });

  test("from a server that does not stream is read the same way", async () => {
    const { completion, ...shown } = await watch(
      new JsonFunctionsLlm(new TextLlm([{ text: GREETING }], [GREETING.length])),
    );

    expect(shown).toMatchObject(whole(completion));
  });

  test("that is damaged is shown only after repair", async () => {
    const damaged = '{"thoughts": "t", "function": "send_message", "arguments": {"message": "He said "hi" to me."}}';

    const { completion, deltas, ...shown } = await watch(new JsonFunctionsLlm(new TextLlm([damaged])));

    expect(read(completion.calls)).toEqual([{ name: "send_message", args: { message: 'He said "hi" to me.' } }]);
    expect(shown).toEqual(whole(completion));
    expect(deltas.some(({ type }) => type === "retry")).toBe(false);
  });

  test("that is cut off keeps half a message, but not half a memory write", async () => {
    const memory =
      '{"thoughts": "t", "function": "core_memory_append", "arguments": {"name": "human", "content": "Likes ';
    const message = '{"thoughts": "t", "function": "send_message", "arguments": {"message": "You like ';
    const llm = new TextLlm([
      { text: memory, finishReason: "length" },
      { text: message, finishReason: "length" },
    ]);

    const { completion } = await watch(new JsonFunctionsLlm(llm));

    expect(read(completion.calls)).toEqual([{ name: "send_message", args: { message: "You like " } }]);
    expect(completion.finishReason).toBe("length");
    expect(llm.requests[1]?.context.queue.at(-1)?.content).toMatch(/cut off.*shorter/);
  });

  test("with calls that the server parsed itself is used as it is", async () => {
    const calls = [{ id: "1", name: "send_message", arguments: '{"message":"Hi."}' }];

    const { completion, ...shown } = await watch(new JsonFunctionsLlm(new TextLlm([{ calls }])));

    expect(completion.calls).toEqual(calls);
    expect(shown).toMatchObject(whole(completion));
  });
});

describe("an answer that cannot be read", () => {
  test("goes back to the model with what is wrong, and its next answer is used", async () => {
    const usage = { prompt: 100, completion: 10, cached: 0 };
    const llm = new TextLlm([
      { text: "Hello!", usage },
      { text: GREETING, usage: { ...usage, prompt: 120 } },
    ]);

    const { completion, deltas } = await watch(new JsonFunctionsLlm(llm));

    const told = llm.requests[1]?.context.queue.slice(-2);
    expect(told?.map(({ role }) => role)).toEqual(["assistant", "user"]);
    expect(told?.[0]?.content).toBe("Hello!");
    expect(told?.[1]?.content).toMatch(/without a JSON object.*"function"/);
    expect(deltas.filter(({ type }) => type === "retry")).toEqual([
      { type: "retry", reason: expect.stringContaining("1 of 3"), seconds: 0 },
    ]);
    expect(completion).toMatchObject({ content: "I greet.", usage: { prompt: 120, completion: 20 } });
  });

  test("is requested again three times, then its text is the reply", async () => {
    const llm = new TextLlm(["One.", "Two.", "Three.", "I can only talk."]);

    const { completion, ...shown } = await watch(new JsonFunctionsLlm(llm));

    expect(completion).toMatchObject({ content: "I can only talk.", calls: [], finishReason: "stop" });
    expect(shown).toMatchObject(whole(completion));
    // Only the newest mistake is shown, so that the request does not grow.
    expect(llm.requests.map(({ context }) => context.queue.length)).toEqual([1, 3, 3, 3]);
  });

  test("is finally searched for the text meant for the person; raw JSON is not shown", async () => {
    const message = '{"message": "Hello!"}';
    const nothing = '{"mood": "good"}';

    const salvaged = await watch(new JsonFunctionsLlm(new TextLlm([message, message, message, message])));
    const empty = await watch(new JsonFunctionsLlm(new TextLlm([nothing, nothing, nothing, nothing])));

    expect(read(salvaged.completion.calls)).toEqual([{ name: "send_message", args: { message: "Hello!" } }]);
    expect(empty.completion).toMatchObject({ content: null, calls: [] });
    expect(empty.content).toBe("");
  });

  test("because of a content filter is not requested again", async () => {
    const llm = new TextLlm([{ text: "", finishReason: "content_filter" }]);

    expect((await watch(new JsonFunctionsLlm(llm))).completion.finishReason).toBe("content_filter");
  });
});

describe("the request", () => {
  test("describes the functions in the prompt, with types and what is required, and asks for the schema", async () => {
    const llm = new TextLlm([GREETING]);

    await watch(new JsonFunctionsLlm(llm));

    const [request] = llm.requests;
    expect(request?.context.functions).toEqual([]);
    expect(request?.context.system).toContain(
      '- core_memory_append: Adds to a section of core memory.\n  name: "persona" | "human"\n  content: string\n  request_heartbeat?: boolean. true: act again at once\n',
    );
    expect(request?.context.system).toContain("You remember.");
    expect(request?.responseSchema).toMatchObject({
      anyOf: [
        { properties: { function: { enum: ["send_message"] }, arguments: { required: ["message"] } } },
        { properties: { function: { enum: ["core_memory_append"] } } },
      ],
    });
  });

  test("renders earlier calls as the model should write them, and returns as messages that say so", async () => {
    const llm = new TextLlm([GREETING]);
    const queue = [
      userMessage("I like fjords"),
      ...exchange("Save it.", "Likes fjords.", ["None"]),
      userMessage("And?"),
    ];

    await watch(new JsonFunctionsLlm(llm), { ...CONTEXT, queue });

    const sent = llm.requests[0]?.context.queue ?? [];
    expect(sent.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(JSON.parse(sent[1]?.content ?? "")).toEqual({
      thoughts: "Save it.",
      function: "core_memory_append",
      arguments: { content: "Likes fjords." },
    });
    expect(sent[2]?.content).toMatch(/^Return of core_memory_append: \{"status":"OK".*\n\{"type":"user_message"/);
  });

  test("alternates between the roles, beginning with the user, whatever the queue, and holds no call", async () => {
    await fc.assert(
      fc.asyncProperty(queues, async (queue) => {
        const llm = new TextLlm([GREETING]);

        await watch(new JsonFunctionsLlm(llm), { ...CONTEXT, queue });

        const sent = llm.requests[0]?.context.queue ?? [];
        expect(sent.every(({ role }, index) => role === (index % 2 === 0 ? "user" : "assistant"))).toBe(true);
        expect(sent.every((message) => message.role !== "assistant" || message.calls.length === 0)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("with the eight functions takes no more room than estimated for the native one", async () => {
    const llm = new TextLlm([GREETING]);
    const functions = builtInFunctions().map(({ schema }) => schema);
    const queue = [userMessage("hello"), ...exchange("Save it.", "Likes fjords.", ["None"]), userMessage("And?")];
    const context = { ...CONTEXT, queue, functions };

    await watch(new JsonFunctionsLlm(llm), context);

    expect(contextTokens(llm.requests[0]?.context ?? CONTEXT)).toBeLessThanOrEqual(contextTokens(context));
  });

  test("without functions asks for plain text", async () => {
    const llm = new TextLlm(["A summary."]);

    const { completion } = await watch(new JsonFunctionsLlm(llm), { ...CONTEXT, functions: [] });

    expect(completion).toMatchObject({ content: "A summary.", calls: [] });
    expect(llm.requests[0]).toMatchObject({ context: { system: CONTEXT.system } });
    expect(llm.requests[0]?.responseSchema).toBeUndefined();
  });
});

test("whatever the text and its pieces, what is shown adds up to the completion and nothing is thrown", async () => {
  const scraps = fc.constantFrom(
    '{"thoughts": "',
    '"function": "',
    "send_message",
    '", ',
    '"arguments": {',
    '"message": "',
    '"}',
    "}",
    "{",
    ", ",
    "\\",
    "'",
    "[",
    "]",
    "```json\n",
    "\n",
    GREETING,
    "Hello ",
    "\\u00e9",
    "\\ud83d",
    '"inner_thoughts": "',
    "<tool_call>",
    "True",
    "null",
  );
  const damagedGreeting = fc
    .tuple(fc.nat(GREETING.length), scraps, fc.nat(3))
    .map(([at, scrap, cut]) => GREETING.slice(0, at) + scrap + GREETING.slice(at + cut));
  const text = fc.oneof(
    fc.array(fc.oneof(scraps, fc.string({ maxLength: 3 })), { maxLength: 14 }).map((all) => all.join("")),
    damagedGreeting,
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 4, maxLength: 4 }), sizes, async (texts, by) => {
      const { completion, content, calls } = await watch(new JsonFunctionsLlm(new TextLlm(texts, by)));

      expect({ content, calls }).toEqual(whole(completion));
      for (const { arguments: args } of completion.calls) JSON.parse(args);
    }),
    { numRuns: 400 },
  );
});

test("an answer in the form with any texts is read as it was written", async () => {
  const any = fc.string({ unit: "binary", maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(any, any, sizes, fc.boolean(), async (thoughts, message, by, pretty) => {
      const text = JSON.stringify(
        { thoughts, function: "send_message", arguments: { message } },
        null,
        pretty ? 2 : undefined,
      );

      const { completion, deltas } = await watch(new JsonFunctionsLlm(new TextLlm([text], by)));

      expect(read(completion.calls)).toEqual([{ name: FUNCTIONS[0]?.name, args: { message } }]);
      expect(completion.content ?? "").toBe(thoughts);
      expect(deltas.some(({ type }) => type === "retry")).toBe(false);
    }),
  );
});
