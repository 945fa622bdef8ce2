import type { AgentEvent, Completion, FunctionSchema, Llm, LlmDelta, MainContext } from "memgpt";
import { expect, test } from "vitest";
import { adapted } from "../../../src/llm/server-llm.ts";
import { InnerThoughtsLlm } from "../../../src/llm/inner-thoughts.ts";
import { JsonFunctionsLlm } from "../../../src/llm/json-functions/json-functions-llm.ts";
import type { LlmRequest } from "../../../src/ports/llm.ts";
import { PracticeLlm } from "../../../src/llm/practice/practice-llm.ts";
import { memoryQuirks } from "../../../src/ports/quirks.ts";
import type { Message, UserMessage } from "../../../src/schema/message.ts";
import { collect, testClock, testHome } from "../../support/agents.ts";
import { pieces } from "./support.ts";

const CONVERSATION = [
  "Hi! My name is Ana and I live in Lisbon.",
  "I work as a marine biologist.",
  'My favourite dish is "bacalhau à Brás" 🐟.',
  "My sister Rita lives in Porto.",
  "What do you know about me?",
  "I moved to Oslo last week.",
  "Where do I live?",
  "Please remember this for later: the boiler's serial number is BX-4411.",
  "What is the serial number of the boiler?",
  "Do you remember what I said about my sister?",
  "I am allergic to peanuts.",
  "What am I allergic to?",
];

/** A conversation as it went: what was said, what was done, and what is remembered. */
async function conversation(llm: Llm): Promise<Record<string, unknown[] | string | object>> {
  const clock = testClock();
  const memgpt = await testHome({ llm: () => llm, now: clock.now });
  const agent = await memgpt.createAgent({ name: "sam", contextWindow: 32_000 });
  const events: AgentEvent[] = [];
  for (const text of CONVERSATION) {
    clock.advance(60_000);
    events.push(...(await collect(agent.send(text))));
  }
  const blocks = agent.state.blocks.map(({ id: _, ...block }) => block);
  const sizes = [await agent.recall.size(), await agent.archival.size()];
  await agent.close();
  const shown = events.map((event) => (event.type.endsWith("_delta") && "text" in event ? event.text : "")).join("");
  return { told: events.flatMap(told), shown: shown.replaceAll("\n", ""), blocks, sizes };
}

function told(event: AgentEvent): object[] {
  if (event.type === "assistant_message" || event.type === "internal_monologue") return [{ [event.type]: event.text }];
  if (event.type === "function_call") return [{ [event.call.name]: JSON.parse(event.call.arguments) as unknown }];
  if (event.type === "function_return") return [{ ...event, callId: undefined, messageId: undefined }];
  return event.type === "notice" || event.type === "retry" ? [event] : [];
}

/** The practice model as one that knows only text: it reads back what it is shown, and writes its calls as JSON. */
class TextPractice implements Llm {
  readonly model = "practice";
  readonly asked: MainContext[] = [];
  readonly #practice = new PracticeLlm();
  readonly #write: (answer: Completion) => string;

  constructor(write: (answer: Completion) => string) {
    this.#write = write;
  }

  async *complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    const { context } = request;
    this.asked.push(context);
    const functions = [...context.system.matchAll(/^- (\w+): /gm)].map(([, name = ""]) => schema(name));
    const queue = functions.length === 0 ? context.queue : unrendered(context.queue);
    const answer = await ended(this.#practice.complete({ ...request, context: { ...context, queue, functions } }));
    const text = functions.length === 0 ? (answer.content ?? "") : this.#write(answer);
    for (const piece of pieces(text, [3, 8, 1, 5])) yield { type: "content", text: piece };
    return { content: text, calls: [], usage: null, finishReason: "stop" };
  }
}

function schema(name: string): FunctionSchema {
  return { name, description: "", parameters: {} };
}

type Written = { thoughts?: string; function: string | null; arguments?: unknown };

/** The queue that was rendered: every event, call and return can be told from what the model is shown. */
function unrendered(queue: readonly Message[]): Message[] {
  let waiting: string[] = [];
  return queue.flatMap((message): Message[] => {
    const { id, createdAt } = message;
    if (message.role === "assistant") {
      const all = [JSON.parse(message.content ?? "") as Written | Written[]].flat();
      const calls = all.flatMap(({ function: name, arguments: args }, index) =>
        name === null ? [] : [{ id: `${id}-${index}`, name, arguments: JSON.stringify(args) }],
      );
      waiting = calls.map((call) => call.id);
      return [{ ...message, content: all[0]?.thoughts ?? null, calls }];
    }
    // The opening stands in for a user's message where the queue begins with an answer.
    const lines = message.content.split("\n").filter((line) => !line.startsWith("("));
    return lines.map((line) => {
      const [, name, content] = /^Return of (\w+): (.*)$/.exec(line) ?? [];
      if (name === undefined || content === undefined) {
        const { type } = JSON.parse(line) as { type: UserMessage["event"] };
        return { id, createdAt, role: "user", event: type, content: line };
      }
      const { status } = JSON.parse(content) as { status: "OK" | "Failed" };
      return { id, createdAt, role: "function", callId: waiting.shift() ?? "", name, status, content };
    });
  });
}

async function ended(stream: ReturnType<Llm["complete"]>): Promise<Completion> {
  for (;;) {
    const { done, value } = await stream.next();
    if (done === true) return value;
  }
}

const asTold = ({ content, calls }: Completion): string => {
  const all = calls.map(({ name, arguments: args }, index) => ({
    ...(index === 0 ? { thoughts: content ?? "" } : {}),
    function: name,
    arguments: JSON.parse(args) as unknown,
  }));
  return JSON.stringify(all.length === 1 ? all[0] : all);
};

const inItsOwnWay = ({ content, calls }: Completion): string => {
  const all = calls.map(({ name, arguments: args }, index) => {
    const params = { ...(index === 0 ? { inner_thoughts: content ?? "" } : {}), ...(JSON.parse(args) as object) };
    return JSON.stringify({ function: name, params }, null, 2).replace(/\}$/, ",}");
  });
  return `\`\`\`json\n${all.join("\n")}\n\`\`\``;
};

const withMarks = ({ content, calls }: Completion): string =>
  `${content ?? ""}\n${calls
    .map(({ name, arguments: args }) => `<tool_call>\n{"name": "${name}", "arguments": ${args}}\n</tool_call>`)
    .join("\n")}`;

test("a conversation with a model that knows only JSON is the same as the native one", async () => {
  const native = await conversation(new PracticeLlm());
  const text = new TextPractice(asTold);

  expect(await conversation(new JsonFunctionsLlm(text))).toEqual(native);
  expect(native["told"]).toContainEqual({ assistant_message: expect.stringMatching(/BX-4411/) });
  expect(text.asked.length).toBeGreaterThan(CONVERSATION.length);
});

test("so is one with a model that follows no form", async () => {
  const native = await conversation(new PracticeLlm());

  expect(await conversation(new JsonFunctionsLlm(new TextPractice(inItsOwnWay)))).toEqual(native);
  expect(await conversation(new JsonFunctionsLlm(new TextPractice(withMarks)))).toEqual(native);
});

/** The practice model as one that writes nothing beside its calls but fills in the parameter it is given for it. */
class SilentPractice implements Llm {
  readonly model = "practice";
  readonly #practice = new PracticeLlm();

  async *complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    const { context } = request;
    const asksThoughts = JSON.stringify(context.functions).includes("inner_thoughts");
    const answer = await ended(this.#practice.complete(request));
    if (context.functions.length === 0) return answer;
    const calls = answer.calls.map((call, index) => {
      const args = JSON.parse(call.arguments) as object;
      const thought = asksThoughts && index === 0 ? { inner_thoughts: answer.content ?? "" } : {};
      return { ...call, arguments: JSON.stringify({ ...thought, ...args }) };
    });
    for (const [index, { name, arguments: args }] of calls.entries()) {
      for (const piece of pieces(args, [3, 8, 1, 5])) yield { type: "call", index, name, arguments: piece };
    }
    return { ...answer, content: null, calls };
  }
}

test("a conversation with a model that thinks in a parameter is the same as the native one", async () => {
  const native = await conversation(new PracticeLlm());
  const llm = new InnerThoughtsLlm(new SilentPractice(), { mode: "parameter", quirks: memoryQuirks() });

  expect(await conversation(llm)).toEqual(native);
});

test("when detected automatically, only the first two thoughts are lost", async () => {
  const native = await conversation(new PracticeLlm());
  const quirks = memoryQuirks();
  const options = { functionCalling: "auto", innerThoughts: "auto" } as const;

  expect(await conversation(adapted(new SilentPractice(), options, quirks))).toMatchObject({
    blocks: native["blocks"],
  });
  expect(quirks.get()).toEqual({ innerThoughts: "parameter" });
});
