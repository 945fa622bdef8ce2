import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AnswerOptions,
  type Behaviour,
  chunk,
  json,
  modelServer,
  raw,
  sse,
  streamed,
  whole,
} from "../../support/model-server.ts";
import { type Answer, client, complete } from "./support.ts";

const SAY = '{"message":"hi"}';

/** The answer to a request that meets `behaviour`, streamed or not as asked. */
async function answerTo(behaviour: Behaviour, options: { stream: boolean }): Promise<Answer> {
  const { endpoint } = await modelServer([behaviour]);
  return complete(client(endpoint, { options }));
}

async function fromStream(deltas: readonly unknown[], options: AnswerOptions = {}): Promise<Answer> {
  return answerTo(streamed(deltas, options), { stream: true });
}

async function fromWhole(message: unknown, options: AnswerOptions = {}): Promise<Answer> {
  return answerTo(whole(message, options), { stream: false });
}

const calling = (...calls: unknown[]): unknown => ({ tool_calls: calls });
const say = { name: "send_message", arguments: SAY };
const wait = { name: "pause_heartbeats", arguments: '{"minutes":5}' };

describe("calls", () => {
  test.each([
    ["whole in one chunk", [calling({ index: 0, id: "a", function: say })], [say]],
    ["without index or id", [calling({ function: say })], [say]],
    [
      "several whole ones in one chunk, without index or id",
      [calling({ function: say }, { function: wait })],
      [say, wait],
    ],
    [
      "several whole ones, each with index 0",
      [calling({ index: 0, id: "a", function: say }), calling({ index: 0, id: "b", function: wait })],
      [say, wait],
    ],
    [
      "the same call twice, each with index 0 and no id",
      [calling({ index: 0, function: say }), calling({ index: 0, function: say })],
      [say, say],
    ],
    [
      "continued without index",
      [
        calling({ id: "a", function: { name: "send_message", arguments: '{"mess' } }),
        calling({ function: { arguments: 'age":"hi"}' } }),
        calling({ id: "b", function: wait }),
      ],
      [say, wait],
    ],
    [
      "named anew in every piece",
      [
        calling({ index: 0, id: "a", function: { name: "send_message", arguments: '{"mess' } }),
        calling({ index: 0, id: "a", function: { name: "send_message", arguments: 'age":"hi"}' } }),
      ],
      [say],
    ],
    [
      "with a name in two pieces",
      [
        calling({ index: 0, id: "a", function: { name: "send_" } }),
        calling({ index: 0, function: { name: "message", arguments: SAY } }),
      ],
      [say],
    ],
    [
      "with the same id",
      [calling({ index: 0, id: "a", function: say }), calling({ index: 1, id: "a", function: wait })],
      [say, wait],
    ],
    [
      "with arguments as an object (Ollama)",
      [calling({ index: 0, id: "a", function: { name: "send_message", arguments: { message: "hi" } } })],
      [say],
    ],
    [
      "legacy",
      [
        { function_call: { name: "send_message", arguments: '{"mess' } },
        { function_call: { arguments: 'age":"hi"}' } },
      ],
      [say],
    ],
    ["whose numbering begins at 1", [calling({ index: 1, id: "a", function: say })], [say]],
    [
      "with a part that is no call",
      [calling({ index: 0 }), calling(null), calling({ index: 0, id: "a", function: say })],
      [say],
    ],
  ])("%s are read from a stream", async (_, deltas, expected) => {
    const { deltas: shown, completion } = await fromStream(deltas, { finish: "tool_calls" });

    expect(completion.calls.map(({ name, arguments: args }) => ({ name, arguments: args }))).toEqual(expected);
    expect(completion.finishReason).toBe("function_calls");
    const joined = expected.map((call, index) => ({
      name: call.name,
      arguments: shown.map((delta) => (delta.type === "call" && delta.index === index ? delta.arguments : "")).join(""),
    }));
    expect(joined).toEqual(expected);
    for (const delta of shown)
      if (delta.type === "call") expect(expected.map(({ name }) => name)).toContain(delta.name);
  });

  test.each([
    [
      "several",
      {
        tool_calls: [
          { id: "a", function: say },
          { id: "b", function: wait },
        ],
      },
      [say, wait],
    ],
    ["without ids", { tool_calls: [{ function: say }, { function: say }] }, [say, say]],
    [
      "with the same id",
      {
        tool_calls: [
          { id: "a", function: say },
          { id: "a", function: wait },
        ],
      },
      [say, wait],
    ],
    [
      "with arguments as an object",
      { tool_calls: [{ function: { name: "send_message", arguments: { message: "hi" } } }] },
      [say],
    ],
    ["legacy", { content: null, function_call: say }, [say]],
    ["null", { content: "x", tool_calls: null }, []],
  ])("%s are read from one piece", async (_, message, expected) => {
    const { completion } = await fromWhole(message);

    expect(completion.calls.map(({ name, arguments: args }) => ({ name, arguments: args }))).toEqual(expected);
  });

  test("read the same however they are split", async () => {
    const text = `{"message":"Žluťoučký 🐎 \\"kůň\\""}`;
    const { endpoint } = await modelServer([
      (response, request) => {
        const cuts = request.body["seed"] as number;
        const pieces = Array.from({ length: Math.ceil(text.length / cuts) }, (_, at) =>
          text.slice(at * cuts, at * cuts + cuts),
        );
        const [first, ...rest] = pieces;
        streamed([
          calling({ index: 0, id: "a", function: { name: "send_message", arguments: first } }),
          ...rest.map((piece) => calling({ index: 0, function: { arguments: piece } })),
        ])(response, request);
      },
    ]);

    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: text.length }), async (seed) => {
        const { completion } = await complete(client(endpoint, { options: { seed } }));
        expect(completion.calls).toEqual([{ id: "a", name: "send_message", arguments: text }]);
      }),
      { numRuns: 20 },
    );
  });
});

describe("content", () => {
  test.each([
    ["a text", "hi", "hi"],
    ["null", null, null],
    ["empty", "", null],
    [
      "a list of parts",
      [
        { type: "text", text: "h" },
        { type: "text", text: "i" },
      ],
      "hi",
    ],
    ["left out", undefined, null],
  ])("%s is read", async (_, content, expected) => {
    const message = { role: "assistant", content };

    expect((await fromStream([message])).completion.content).toBe(expected);
    expect((await fromWhole(message)).completion.content).toBe(expected);
  });

  test("a refusal is read as the model's text", async () => {
    const message = { content: null, refusal: "I cannot do that." };

    expect((await fromStream([message])).completion.content).toBe("I cannot do that.");
    expect((await fromWhole(message)).completion.content).toBe("I cannot do that.");
  });

  test("reports an answer cut at its maximum length, or filtered, not as an overflow", async () => {
    expect((await fromStream([{ content: "Once" }], { finish: "length" })).completion.finishReason).toBe("length");
    expect((await fromWhole({ content: "Once" }, { finish: "length" })).completion.finishReason).toBe("length");
    const filtered = await fromStream([{ content: "Once" }], { finish: "content_filter" });
    expect(filtered.completion.finishReason).toBe("content_filter");
  });
});

describe("reasoning", () => {
  test.each(["reasoning_content", "reasoning"])("in %s is separated from the reply", async (field) => {
    const { deltas, completion } = await fromStream([{ [field]: "Let me " }, { [field]: "see." }, { content: "Hi." }]);

    expect(completion).toMatchObject({ content: "Hi.", reasoning: "Let me see." });
    expect(deltas[0]).toEqual({ type: "reasoning", text: "Let me " });
    const inOnePiece = await fromWhole({ [field]: "Let me see.", content: "Hi." });
    expect(inOnePiece.completion).toMatchObject({ content: "Hi.", reasoning: "Let me see." });
  });

  test.each([
    ["<think>Let me see.</think>\n\nHi.", "Let me see.", "Hi."],
    ["\n<thinking>Let me see.</thinking>Hi.", "Let me see.", "Hi."],
    ["<think>\n\n</think>\n\nHi.", null, "Hi."],
    ["<think>Let me see", "Let me see", null],
    ["<think>Let me see</th", "Let me see</th", null],
    ["Let me see.</think>Hi.", "Let me see.", "Hi."],
    ["Hi. <think> is a tag.", null, "Hi. <think> is a tag."],
    ["a < b", null, "a < b"],
    ["<thin", null, "<thin"],
    ["<b>Hi</b>", null, "<b>Hi</b>"],
  ])("%j is read however it is split", async (text, reasoning, content) => {
    for (let size = 1; size <= text.length; size += 4) {
      const deltas = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
      const { completion } = await fromStream(deltas.map((piece) => ({ content: piece })));
      expect({ ...completion, reasoning: completion.reasoning?.trim() || null }).toMatchObject({ reasoning, content });
    }
    const { completion } = await fromWhole({ content: text });
    expect({ ...completion, reasoning: completion.reasoning?.trim() || null }).toMatchObject({ reasoning, content });
  });

  test("Mistral's thoughts are parts of the content", async () => {
    const content = [
      { type: "thinking", thinking: [{ type: "text", text: "Let me see." }] },
      { type: "text", text: "Hi." },
    ];

    expect((await fromStream([{ content }])).completion).toMatchObject({ reasoning: "Let me see.", content: "Hi." });
  });
});

describe("usage", () => {
  const usage = { prompt_tokens: 50, completion_tokens: 7 };
  const expected = { prompt: 50, completion: 7, cached: 0 };

  test.each([
    ["in the last chunk", [chunk({ content: "x" }, "stop"), { choices: [], usage }], expected],
    [
      "in every chunk",
      [
        { ...chunk({ content: "x" }), usage: { prompt_tokens: 50 } },
        { ...chunk({}, "stop"), usage },
      ],
      expected,
    ],
    [
      "zero at the end",
      [
        { ...chunk({ content: "x" }), usage },
        { ...chunk({}, "stop"), usage: { prompt_tokens: 0 } },
      ],
      expected,
    ],
    ["in Groq's own place", [chunk({ content: "x" }), { ...chunk({}, "stop"), x_groq: { id: "r", usage } }], expected],
    ["null", [{ ...chunk({ content: "x" }, "stop"), usage: null }], null],
    ["zero", [{ ...chunk({ content: "x" }, "stop"), usage: { prompt_tokens: 0, completion_tokens: 0 } }], null],
    ["missing", [chunk({ content: "x" }, "stop")], null],
  ])("%s is read", async (_, chunks, found) => {
    const { completion } = await answerTo(raw(sse([...chunks, "[DONE]"])), { stream: true });

    expect(completion).toMatchObject({ content: "x", usage: found });
  });

  test("is null if a complete answer has none, or zeros", async () => {
    expect((await fromWhole({ content: "x" })).completion.usage).toBeNull();
    expect((await fromWhole({ content: "x" }, { usage: { prompt_tokens: 0 } })).completion.usage).toBeNull();
    expect((await fromWhole({ content: "x" }, { usage })).completion.usage).toEqual(expected);
  });
});

describe("the stream", () => {
  const chunks = [
    chunk({ role: "assistant", content: "" }),
    chunk({ content: "h" }),
    chunk({ content: "i" }),
    chunk({}, "stop"),
    "[DONE]",
  ];

  test.each([
    ["CRLF", sse(chunks, "\r\n\r\n")],
    [
      "comments that keep the connection alive",
      [": OPENROUTER PROCESSING\n\n", ...sse(chunks).flatMap((event) => [event, ":\n\n"])],
    ],
    ["no empty lines between events", sse(chunks, "\n")],
    ["no space after the colon", sse(chunks).map((event) => event.replace("data: ", "data:"))],
    ["names and numbers of events", sse(chunks).map((event, at) => `event: message\nid: ${at}\n${event}`)],
    ["chunks without choices", sse([{ choices: [], prompt_filter_results: [] }, { choices: null }, {}, ...chunks])],
    ["no [DONE]", sse(chunks.slice(0, -1))],
    ["no reason for the end", sse(chunks.filter((one) => one === "[DONE]" || !JSON.stringify(one).includes('"stop"')))],
    ["no empty line at the end", [sse(chunks).join("").trimEnd()]],
    [
      "`error: null` in every chunk",
      sse(chunks.map((one) => (typeof one === "string" ? one : { ...one, error: null }))),
    ],
    ["bytes one by one", Array.from(sse(chunks).join(""))],
  ])("is read with %s", async (_, pieces) => {
    const { completion } = await answerTo(raw(pieces), { stream: true });

    expect(completion).toMatchObject({ content: "hi", finishReason: "stop" });
  });

  test("is read whatever its content type says", async () => {
    const { completion } = await answerTo(raw(sse(chunks), "application/json"), { stream: true });

    expect(completion.content).toBe("hi");
  });

  test("characters split between pieces are joined", async () => {
    const bytes = Buffer.from(sse([chunk({ content: "Žluťoučký 🐎" }, "stop"), "[DONE]"]).join(""));
    const { completion } = await answerTo(
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        for (const byte of bytes) response.write(Buffer.from([byte]));
        response.end();
      },
      { stream: true },
    );

    expect(completion.content).toBe("Žluťoučký 🐎");
  });

  test("an unstreamed answer is read even if a stream was requested", async () => {
    const { completion, deltas } = await answerTo(
      json({ choices: [{ message: { content: "hi" }, finish_reason: "stop" }] }),
      {
        stream: true,
      },
    );

    expect(completion.content).toBe("hi");
    expect(deltas).toEqual([{ type: "content", text: "hi" }]);
  });
});
