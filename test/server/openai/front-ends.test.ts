import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { all, lettaAt, testServer } from "../support/server.ts";

type Message = { readonly role: string; readonly content: unknown };
type Request = { readonly model: string; readonly stream?: boolean; readonly messages: readonly Message[] };
type Completion = { readonly choices: readonly { readonly message: { readonly content: string } }[] };
type Recorded = {
  readonly headers: Readonly<Record<string, string>>;
  readonly turn: Request;
  readonly tasks: Readonly<Record<string, Request>>;
};

const folder = join(import.meta.dirname, "../../fixtures/front-ends");
const frontEnds = ["open-webui", "librechat"].map((name) => ({
  name,
  recorded: JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Recorded,
}));
const tasks = frontEnds.flatMap(({ name, recorded }) =>
  Object.entries(recorded.tasks).map(([task, request]) => ({ name, task, request, recorded })),
);

/** An agent behind a front end, with something in core memory. */
async function behind({ headers }: Pick<Recorded, "headers">, llm?: ScriptedLlm, env: Record<string, string> = {}) {
  const server = await testServer({ env, ...(llm === undefined ? {} : { llm: () => llm }) });
  const letta = lettaAt(server);
  const { id } = await letta.agents.create({ name: "sam", memory_blocks: [{ label: "human", value: "Likes tea." }] });
  const post = async (request: Request): Promise<string> => {
    const answer = await fetch(`${server.url}/v1/chat/completions`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(request),
    });
    expect(answer.status).toBe(200);
    return answer.text();
  };
  const stored = async (): Promise<string> => JSON.stringify(await all(letta.agents.messages.list(id)));
  const human = async (): Promise<string> => (await letta.agents.blocks.retrieve("human", { agent_id: id })).value;
  return { post, stored, human };
}

/** A model that notes each reply before it gives it. */
function replying(...replies: readonly string[]): ScriptedLlm {
  return new ScriptedLlm(
    replies.map((message) => ({
      calls: [
        { call: "core_memory_append", args: { name: "human", content: message } },
        { call: "send_message", args: { message } },
      ],
    })),
  );
}

function textOf(stream: string): string {
  const chunks = stream.split("\n\n").flatMap((line) => (line.startsWith("data: {") ? [line.slice(6)] : []));
  return chunks
    .map(
      (chunk) => (JSON.parse(chunk) as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content ?? "",
    )
    .join("");
}

test.each(frontEnds)("a turn in the form of $name is streamed to its end", async ({ recorded }) => {
  const { post, stored } = await behind(recorded, replying("James, noted."));

  const stream = await post(recorded.turn);

  expect(textOf(stream)).toBe("James, noted.");
  expect(stream.trimEnd().endsWith("data: [DONE]")).toBe(true);
  expect(await stored()).toContain("My boyfriend is called James.");
});

test.each(tasks)(
  "$name's request for a $task goes to the bare model, without memory, and is never stored",
  async ({ request, recorded }) => {
    const llm = new ScriptedLlm([{ think: '{"title":"James"}' }]);
    const env = { MEMGPT_MODEL: "house", MEMGPT_MODEL_ENDPOINT: "http://127.0.0.1:9/v1" };
    const { post, stored, human } = await behind(recorded, llm, env);
    const before = [await stored(), await human()];

    const answer = JSON.parse(await post(request)) as Completion;

    expect(answer.choices[0]?.message.content).toBe('{"title":"James"}');
    expect([await stored(), await human()]).toEqual(before);
    const [asked] = llm.seen;
    expect(asked?.queue.map(({ content }) => content)).toEqual([request.messages[0]?.content]);
    expect(asked?.functions).toEqual([]);
    expect(asked?.system).not.toContain("Likes tea.");
  },
);

test.each(tasks)("the practice model answers the $task of $name in the requested form", async (task) => {
  const { post, stored } = await behind(task.recorded);
  const before = await stored();

  const answer = JSON.parse(await post(task.request)) as Completion;

  const { content } = answer.choices[0]?.message ?? { content: "" };
  const form = /JSON format: \{ "(\w+)"/.exec(String(task.request.messages[0]?.content))?.[1];
  if (form === undefined) expect(content).toMatch(/^My boyfriend is called James/);
  else expect(Object.keys(JSON.parse(content) as object)).toEqual([form]);
  expect(await stored()).toBe(before);
});

const TEMPLATES = [
  "Analyze this conversation and provide:\n1. Its language\n2. A concise title in the detected language\n\nUser: hi",
  "Please generate a concise, 5-word-or-less title for the conversation.\n\n||>User:\nhi",
];

test.each(TEMPLATES)("%j from system or person is recognised as a request for a title", async (content) => {
  const [librechat] = frontEnds.slice(-1);
  const { post, stored } = await behind(librechat?.recorded ?? { headers: {} });
  const before = await stored();

  for (const role of ["user", "system"]) {
    const answer = JSON.parse(await post({ model: "sam", messages: [{ role, content }] })) as Completion;
    expect(answer.choices[0]?.message.content).not.toBe("");
  }

  expect(await stored()).toBe(before);
});

test("a message that Open WebUI wraps with search results goes to the agent", async () => {
  const { post, stored } = await behind({ headers: {} });
  const content =
    "### Task:\nRespond to the user query using the provided context.\n<context>An old <chat_history></context>\n" +
    "<user_query>\nMy boyfriend is called James.\n</user_query>";

  await post({ model: "sam", messages: [{ role: "user", content }] });

  expect(await stored()).toContain("called James");
});

test.each([
  ["a header of Open WebUI", { "x-openwebui-chat-id": "chat-1" }, {}],
  ["a header that LibreChat fills", { "x-librechat-conversation-id": "chat-1" }, {}],
  ["metadata", {}, { metadata: { chat_id: "chat-1" } }],
  ["a field", {}, { conversationId: "chat-1" }],
])(
  "an edit of the first message is not taken for a new chat if %s names the chat",
  async (_, headers: Recorded["headers"], fields) => {
    const { post, stored } = await behind({ headers }, replying("first", "second"));
    const first = (text: string) => post({ model: "sam", messages: [{ role: "user", content: text }], ...fields });
    await first("My friend is called James.");

    await first("My friend is called Peter.");

    const after = await stored();
    expect([after.includes("James"), after.includes("Peter")]).toEqual([false, true]);
  },
);

test.each(frontEnds)(
  "a regeneration and an edit in $name revert what the old message wrote to memory",
  async ({ recorded }) => {
    const { post, human, stored } = await behind(recorded, replying("first", "second", "third"));
    await post(recorded.turn);

    // With no chat's id, the first message at the same place is the same message only where its words are the same.
    await post(recorded.turn);
    expect(await human()).not.toContain("first");
    expect(await human()).toContain("second");
    const [edited, isEdit] = [
      JSON.stringify(recorded.turn).replace("James", "Peter"),
      "x-openwebui-chat-id" in recorded.headers,
    ];
    await post(JSON.parse(edited) as Request);
    expect((await stored()).includes("James")).toBe(!isEdit);
  },
);
