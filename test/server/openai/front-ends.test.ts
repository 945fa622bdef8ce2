import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { all, lettaAt, testServer } from "../support/server.ts";

type Message = { readonly role: string; readonly content: unknown };
type Request = { readonly model: string; readonly stream?: boolean; readonly messages: readonly Message[] };
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

/** An agent behind a front end, whose model answers from a script. */
async function behind({ headers }: Recorded, replies: readonly string[]) {
  const llm = new ScriptedLlm(
    replies.map((message) => ({
      calls: [
        { call: "core_memory_append", args: { name: "human", content: message } },
        { call: "send_message", args: { message } },
      ],
    })),
  );
  const server = await testServer({ llm: () => llm });
  const letta = lettaAt(server);
  const { id } = await letta.agents.create({ name: "sam" });
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
  return { post, stored, human, llm, count: async () => (await all(letta.agents.messages.list(id))).length };
}

function textOf(stream: string): string {
  const chunks = stream.split("\n\n").flatMap((line) => (line.startsWith("data: {") ? [line.slice(6)] : []));
  return chunks
    .map(
      (chunk) => (JSON.parse(chunk) as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content ?? "",
    )
    .join("");
}

test.each(frontEnds)("a turn as $name sends it is streamed to its end", async ({ recorded }) => {
  const { post, stored } = await behind(recorded, ["James, noted."]);

  const stream = await post(recorded.turn);

  expect(textOf(stream)).toBe("James, noted.");
  expect(stream.trimEnd().endsWith("data: [DONE]")).toBe(true);
  expect(await stored()).toContain("My boyfriend is called James.");
});

test.each(tasks)(
  "the $task that $name asks for is answered beside the agent and never stored",
  async ({ request, recorded }) => {
    const { post, count, llm, human } = await behind(recorded, ["James, noted."]);
    await post(recorded.turn);
    const before = [await count(), await human()];
    const bare = { think: '{"title":"James"}' };
    llm["complete"] = new ScriptedLlm([bare]).complete.bind(new ScriptedLlm([bare]));

    const answer = JSON.parse(await post(request)) as { choices: { message: { content: string } }[] };

    expect(answer.choices[0]?.message.content).not.toBe("");
    expect([await count(), await human()]).toEqual(before);
    expect(llm.remaining).toBe(0);
  },
);

test.each(frontEnds)(
  "a regenerate and an edit of $name take back what the old message wrote to memory",
  async ({ recorded }) => {
    const { post, human, stored } = await behind(recorded, ["first", "second", "third"]);
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
