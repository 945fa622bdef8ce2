import { describe, expect, test } from "vitest";
import { FakeModel, type Reply, saying } from "./support/fake-model.ts";
import { block, errorLines, memgpt, newHome, search } from "./support/program.ts";

const NO_TOOLS: Reply = { error: 400, message: "registry.ollama.ai/library/fake-1:latest does not support tools" };

function json(thoughts: string, name: string, args: object): Reply {
  return { text: JSON.stringify({ thoughts, function: name, arguments: args }) };
}

describe("a model without function calling", () => {
  const flags = (model: FakeModel): string[] => ["--model", "fake-1", "--model-endpoint", model.url];

  test("gets the functions in the prompt at once, and is not asked natively again", async () => {
    const home = newHome();
    const model = await FakeModel.start([
      NO_TOOLS,
      json("I greet.", "send_message", { message: "Hello there." }),
      json("Save it.", "core_memory_append", { name: "human", content: "Plays the cello.", request_heartbeat: true }),
      { text: 'Here:\n```json\n{"function": "send_message", "params": {"message": "The cello, how lovely.",}}\n```' },
      json("I know.", "send_message", { message: "The cello." }),
    ]);

    const { code, stdout, stderr } = await memgpt(home, ["run", "--agent", "ada", ...flags(model)], {
      input: "hi\nI play the cello\n",
    });
    const again = await memgpt(home, ["run", "--agent", "ada", "-p", "What do I play?"]);

    expect({ code, stdout }).toEqual({ code: 0, stdout: "Hello there.\nThe cello, how lovely.\n" });
    expect(again).toMatchObject({ code: 0, stdout: "The cello.\n" });
    expect(model.requests.map(({ body }) => body.tools !== undefined)).toEqual([true, false, false, false, false]);
    expect(String(model.requests[1]?.body.messages[0]?.content)).toContain("- core_memory_append: ");
    const roles = model.requests.at(-1)?.body.messages.map(({ role }) => role) ?? [];
    expect(roles).toEqual(roles.map((_, index) => (index === 0 ? "system" : index % 2 === 1 ? "user" : "assistant")));
    expect(model.lastShown).toContain("Return of core_memory_append: ");
    expect(await block(home, "ada", "human")).toContain("Plays the cello.");
    expect((await search(home, "ada", "cello")).total).toBeGreaterThan(0);
    expect(errorLines(stderr).join("\n")).not.toMatch(/\n\s+at |\{"thoughts"/);
  });

  test("learns that its answer is unreadable; its text is finally taken as the reply", async () => {
    const home = newHome();
    const plain: Reply = { text: "I can only talk." };
    const model = await FakeModel.start([
      NO_TOOLS,
      plain,
      json("I greet.", "send_message", { message: "Hello." }),
      ...Array.from({ length: 8 }, () => plain),
    ]);

    const { code, stdout } = await memgpt(home, ["run", "--agent", "ada", ...flags(model)], { input: "hi\nand now\n" });

    expect({ code, stdout }).toEqual({ code: 0, stdout: "Hello.\nI can only talk.\n" });
    expect(JSON.stringify(model.requests[2]?.body.messages.at(-1))).toMatch(/without a JSON object/);
    expect(model.remaining).toBe(0);
  });

  test("may write its calls as text, without showing the markup", async () => {
    const home = newHome();
    const model = await FakeModel.start([
      saying("Hello."),
      {
        text: 'I save it.\n<tool_call>\n{"name": "core_memory_append", "arguments": {"name": "human", "content": "Likes tea.", "request_heartbeat": true}}\n</tool_call>',
      },
      { text: '<tool_call>\n{"name": "send_message", "arguments": {"message": "Tea it is."}}\n</tool_call>' },
      json("Small talk.", "send_message", { message: "Black or green?" }),
    ]);

    const { code, stdout, stderr } = await memgpt(home, ["run", "--agent", "ada", ...flags(model)], {
      input: "hi\nI like tea\nGuess which\n",
    });

    expect({ code, stdout }).toEqual({ code: 0, stdout: "Hello.\nTea it is.\nBlack or green?\n" });
    expect(`${stdout}${stderr}`).not.toContain("tool_call");
    expect(model.requests.map(({ body }) => body.tools !== undefined)).toEqual([true, true, true, false]);
    expect(await block(home, "ada", "human")).toContain("Likes tea.");
  });
});
