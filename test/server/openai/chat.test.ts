import OpenAI from "openai";
import { expect, test } from "vitest";
import { all, lettaAt, testServer } from "../support/server.ts";

type Line = { role: "user" | "assistant"; content: string };

/** A front end, which sends its whole copy of the conversation each time, and the agent behind it. */
async function frontEnd() {
  const server = await testServer();
  const letta = lettaAt(server);
  const agent = await letta.agents.create({ name: "sam" });
  const openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "any" });
  const answer = async (messages: Line[]): Promise<string> => {
    const completion = await openai.chat.completions.create({ model: "sam", messages });
    return completion.choices[0]?.message.content ?? "";
  };
  const human = async (): Promise<string> =>
    (await letta.agents.blocks.retrieve("human", { agent_id: agent.id })).value;
  const said = async (): Promise<string[]> => {
    const messages = await all(letta.agents.messages.list(agent.id, { order: "asc" }));
    return messages.flatMap((one) =>
      one.message_type === "user_message" && typeof one.content === "string" ? [one.content] : [],
    );
  };
  return { openai, answer, human, said };
}

const user = (content: string): Line => ({ role: "user", content });
const assistant = (content: string): Line => ({ role: "assistant", content });

test("agents are models by name, beside Letta's list of models", async () => {
  const { openai } = await frontEnd();

  expect((await all(openai.models.list())).map(({ id }) => id)).toEqual(["sam", "memgpt"]);
  expect(await openai.models.retrieve("sam")).toMatchObject({ object: "model", owned_by: "memgpt" });
});

test("a conversation is stored once, although the front end resends all of it", async () => {
  const { answer, human, said } = await frontEnd();

  const first = await answer([user("My boyfriend is called James.")]);
  await answer([user("My boyfriend is called James."), assistant(first), user("I live in Lisbon.")]);

  expect(await said()).toEqual(["My boyfriend is called James.", "I live in Lisbon."]);
  expect(await human()).toMatch(/James[\s\S]*Lisbon/);
});

test("a stream has the same text, ends with its usage, and unknown fields are ignored", async () => {
  const { openai } = await frontEnd();

  const stream = await openai.chat.completions.create({
    model: "sam",
    messages: [user("I like tea.")],
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0.5,
    frequency_penalty: 1,
  });
  const chunks = await all(stream);

  const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
  expect(text).toContain("tea");
  expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("stop");
  expect(chunks.at(-1)?.usage?.total_tokens).toBeGreaterThan(0);
});

test("a regeneration is a retry: the message is stored once, and the old reply's memory is reverted", async () => {
  const { answer, said } = await frontEnd();
  const first = await answer([user("Hello.")]);
  const history = [user("Hello."), assistant(first), user("My boyfriend is called James.")];

  await answer(history);
  await answer(history);

  expect(await said()).toEqual(["Hello.", "My boyfriend is called James."]);
});

test("an edit reverts what the message wrote to memory, even if more was said after it", async () => {
  const { answer, human, said } = await frontEnd();
  const hello = [user("Hello."), assistant(await answer([user("Hello.")]))];
  const james = [...hello, user("My boyfriend is called James.")];
  const reply = await answer(james);
  await answer([...james, assistant(reply), user("I live in Lisbon.")]);
  expect(await human()).toMatch(/James[\s\S]*Lisbon/);

  await answer([...hello, user("My boyfriend is called Peter.")]);

  expect(await human()).toContain("Peter");
  expect(await human()).not.toMatch(/James|Lisbon/);
  expect(await said()).toEqual(["Hello.", "My boyfriend is called Peter."]);
});

test("a new conversation that begins like another is not an edit of it", async () => {
  const { answer, human, said } = await frontEnd();
  await answer([user("My boyfriend is called James.")]);

  await answer([user("I live in Lisbon.")]);

  expect(await human()).toMatch(/James[\s\S]*Lisbon/);
  expect(await said()).toHaveLength(2);
});

test("a title that Open WebUI asks for is answered and never remembered", async () => {
  const { openai, answer, said } = await frontEnd();
  await answer([user("My boyfriend is called James.")]);

  const title = await openai.chat.completions.create({
    model: "sam",
    stream: false,
    max_completion_tokens: 1000,
    messages: [
      user(
        '### Task:\nGenerate a concise, 3-5 word title.\n### Output:\nJSON format: { "title": "your title here" }\n' +
          "### Chat History:\n<chat_history>\nUSER: My boyfriend is called James.\nASSISTANT: Noted.\n</chat_history>",
      ),
    ],
  });

  expect(JSON.parse(title.choices[0]?.message.content ?? "")).toEqual({ title: "My boyfriend is called James." });
  expect(await said()).toEqual(["My boyfriend is called James."]);
});

test("an unknown model is answered by an agent created for the user", async () => {
  const { url } = await testServer();
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: "any" });

  const { data, response } = await openai.chat.completions
    .create({ model: "gpt-4o-mini", messages: [user("I like tea.")] })
    .withResponse();

  expect(data.choices[0]?.message.content).toContain("tea");
  expect(response.headers.get("x-memgpt-warning")).toContain("no agent named gpt-4o-mini");
});

test("a response is whole, or a stream of the events that OpenAI's client expects", async () => {
  const { openai } = await frontEnd();

  const whole = await openai.responses.create({ model: "sam", input: "My cat is called Tom." });
  expect(whole.output_text).toContain("Tom");
  const events = await all(await openai.responses.create({ model: "sam", input: "Who is Tom?", stream: true }));

  const types = events.map(({ type }) => type).filter((type) => type !== "response.output_text.delta");
  expect(types).toEqual([
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
  ]);
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
});

test("an error has OpenAI's form", async () => {
  const { openai } = await frontEnd();

  await expect(openai.chat.completions.create({ model: "sam", messages: [] })).rejects.toMatchObject({ status: 422 });
  await expect(openai.models.retrieve("nobody")).rejects.toMatchObject({ status: 404, code: "model_not_found" });
  const [error] = await Promise.all([
    openai.embeddings.create({ model: "sam", input: "tea" }).catch((caught: unknown) => caught),
    expect(openai.chat.completions.create({ model: "sam", messages: [] })).rejects.toMatchObject({
      error: {
        code: "invalid_input",
        message: expect.stringMatching(/^messages: [^[{]+\. Nothing was done\.$/),
        type: "invalid_request_error",
        param: "messages",
      },
    }),
  ]);
  expect(error).toMatchObject({ status: 404, code: "not_found", message: expect.stringContaining("/v1/embeddings") });
});
