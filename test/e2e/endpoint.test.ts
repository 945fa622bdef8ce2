import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FakeModel, saying } from "./support/fake-model.ts";
import {
  Running,
  block,
  contents,
  dataFolder,
  errorLines,
  inspect,
  memgpt,
  newHome,
  say,
  search,
} from "./support/program.ts";

describe("a model on another server", () => {
  const flags = (model: FakeModel): string[] => ["--model", "fake-1", "--model-endpoint", model.url];

  test("gets the key, the eight functions and the conversation, and sees what it stored", async () => {
    const home = newHome();
    const model = await FakeModel.start([
      saying("Hello there."),
      {
        think: "Save it.",
        call: "core_memory_append",
        args: { name: "human", content: "Plays the cello.", request_heartbeat: "true" },
      },
      saying("The cello, how lovely."),
      saying("You play the cello."),
    ]);
    const env = { OPENAI_API_KEY: "sk-from-environment" };

    const first = await memgpt(home, ["run", "--agent", "ada", "--use-openai-key", ...flags(model)], {
      input: "hi\nI play the cello\n",
      env,
    });
    const second = await memgpt(home, ["run", "--agent", "ada", "--use-openai-key", "-p", "What do I play?"], { env });

    expect(first).toMatchObject({ code: 0, stdout: "Hello there.\nThe cello, how lovely.\n" });
    expect(second).toMatchObject({ code: 0, stdout: "You play the cello.\n" });
    expect(model.requests.map(({ path, authorization, body }) => [path, authorization, body.model])).toEqual(
      Array.from({ length: 4 }, () => ["/v1/chat/completions", "Bearer sk-from-environment", "fake-1"]),
    );
    expect(model.requests[0]?.body.tools?.map((tool) => tool.function.name).sort()).toEqual([
      "archival_memory_insert",
      "archival_memory_search",
      "conversation_search",
      "conversation_search_date",
      "core_memory_append",
      "core_memory_replace",
      "pause_heartbeats",
      "send_message",
    ]);
    expect(String(model.requests[2]?.body.messages[0]?.content)).toContain("Plays the cello.");
    expect(String(model.requests[3]?.body.messages[0]?.content)).toContain("Plays the cello.");
    expect(JSON.stringify(model.requests[3]?.body.messages)).toContain("How lovely".toLowerCase());
    expect(await block(home, "ada", "human")).toContain("Plays the cello.");
  });

  test("gets the config file's key if the environment has none, and no key if neither has one", async () => {
    const home = newHome();
    mkdirSync(dataFolder(home));
    const model = await FakeModel.start([saying("One."), saying("Two.")]);

    await say(home, "ada", "hi", ...flags(model));
    writeFileSync(
      dataFolder(home, "config.json"),
      JSON.stringify({ openai_api_key: "sk-from-file", use_openai_key: { [model.url]: true } }),
    );
    await say(home, "ada", "hi");

    expect(model.requests[0]?.authorization ?? "").not.toMatch(/undefined|null|sk-from/);
    expect(model.requests[1]?.authorization).toBe("Bearer sk-from-file");
    expect([...contents(dataFolder(home, "agents")).values()].filter((text) => text.includes("sk-from-file"))).toEqual(
      [],
    );
  });

  test("is used when only its endpoint is named", async () => {
    const home = newHome();
    const model = await FakeModel.start([saying("I am the server.")]);

    const { stdout, stderr } = await memgpt(home, ["run", "--agent", "ada", "--model-endpoint", model.url, "-p", "hi"]);

    expect(model.requests.length > 0 || /--model\b/.test(stderr)).toBe(true);
    expect(stdout === "" || stdout === "I am the server.\n").toBe(true);
  });

  test("that is unreachable is an error of one or two lines with exit code 1, and the agent continues with another model", async () => {
    const home = newHome();
    await say(home, "ada", "I work at the observatory.");
    const before = await inspect(home, "ada");

    const down = await memgpt(home, [
      "run",
      "--agent",
      "ada",
      "--model",
      "fake-1",
      "--model-endpoint",
      "http://127.0.0.1:9/v1",
      "-p",
      "hi",
    ]);
    const back = await memgpt(home, ["run", "--agent", "ada", "--model", "practice", "-p", "Where do I work?"]);

    expect(down).toMatchObject({ code: 1, stdout: "" });
    expect(down.stderr).toMatch(/practice.*fake-1/);
    const lines = errorLines(down.stderr).filter((line) => !/ is now /.test(line));
    expect(lines.length).toBeLessThanOrEqual(2);
    expect(lines.join(" ")).toContain("127.0.0.1:9");
    expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining("observatory") });
    expect(back.stderr).toMatch(/fake-1.*practice/);
    expect((await inspect(home, "ada")).recall.total).toBeGreaterThanOrEqual(before.recall.total);
  });

  test("that refuses the key or the request is quoted, without a stack trace", async () => {
    const home = newHome();
    const model = await FakeModel.start([
      { error: 401, message: "Incorrect API key provided" },
      { error: 404, message: "The model fake-1 does not exist" },
    ]);

    const refused = await memgpt(home, ["run", "--agent", "ada", "--use-openai-key", ...flags(model), "-p", "hi"], {
      env: { OPENAI_API_KEY: "sk-wrong" },
    });
    // The agent of a first message that failed is gone, and its model with it.
    const missing = await memgpt(home, ["run", "--agent", "ada", ...flags(model), "-p", "hi"]);

    expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("OPENAI_API_KEY") });
    expect(refused.stderr).not.toContain("sk-wrong");
    expect(missing).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("fake-1") });
    for (const { stderr } of [refused, missing]) expect(errorLines(stderr).length).toBeLessThanOrEqual(3);
  });

  test("learns of its mistakes and tries again; bare text is queried once, then delivered", async () => {
    const home = newHome();
    const model = await FakeModel.start([
      saying("Hello."),
      {
        call: "core_memory_replace",
        args: { name: "human", old_content: "not there", new_content: "x", request_heartbeat: false },
      },
      { call: "fly_to_the_moon", args: {} },
      { text: "I can only talk." },
      { text: "I can only talk." },
    ]);

    const { code, stdout } = await memgpt(home, ["run", "--agent", "ada", ...flags(model)], { input: "hi\nfly\n" });

    expect({ code, stdout }).toEqual({ code: 0, stdout: "Hello.\nI can only talk.\n" });
    expect(model.remaining).toBe(0);
    expect(JSON.stringify(model.requests[2]?.body.messages)).toMatch(/Failed.*not there/);
    expect(JSON.stringify(model.requests[3]?.body.messages)).toMatch(/Failed.*fly_to_the_moon/);
  });

  test("asks again for a new agent's malformed first answer, three times at most, unless --no-verify", async () => {
    const home = newHome();
    const leaky = saying("Too early.", 'I call send_message({"message": "Too early."}).');
    const patient = await FakeModel.start([leaky, saying("Hello at last."), leaky]);
    const hopeless = await FakeModel.start([leaky, leaky, leaky, leaky]);
    const hasty = await FakeModel.start([leaky]);

    const verified = await memgpt(home, ["run", "--agent", "ada", ...flags(patient)], { input: "hi\nand again\n" });
    const given = await memgpt(home, ["run", "--agent", "alan", ...flags(hopeless), "-p", "hi"]);
    const taken = await memgpt(home, ["run", "--agent", "grace", ...flags(hasty), "--no-verify", "-p", "hi"]);

    expect(verified.stdout).toBe("Hello at last.\nToo early.\n");
    expect(errorLines(verified.stderr).join("\n")).toMatch(/again|first/i);
    expect(JSON.stringify(patient.requests[1]?.body.messages.at(-1))).toMatch(/system_alert.*call/);
    expect({ code: given.code, asked: hopeless.requests.length }).toEqual({ code: 0, asked: 3 });
    expect(taken.stdout).toBe("Too early.\n");
  });

  test("Ctrl-C during an answer ends -p with 130 and leaves no trace in the conversation", async () => {
    const home = newHome();
    const model = await FakeModel.start([saying("Hello."), { begin: "This will take" }, saying("I am back.")]);
    await say(home, "ada", "hi", ...flags(model));
    const running = new Running(home, ["run", "--agent", "ada", "-p", "Tell me a story"]);
    running.end();
    await model.asked(2);

    running.kill("SIGINT");

    expect(await running.finished).toMatchObject({ code: 130, stderr: expect.not.stringMatching(/\n\s+at /) });
    expect(await say(home, "ada", "Are you there?")).toBe("I am back.");
    const roles = model.requests.at(-1)?.body.messages.map((message) => message.role) ?? [];
    expect(roles.filter((role) => role === "tool").length).toBe(
      model.requests.at(-1)?.body.messages.filter((message) => "tool_calls" in message).length,
    );
  });

  test("SIGTERM during an answer exits at once with earlier messages saved", async () => {
    const home = newHome();
    const model = await FakeModel.start([saying("Hello."), { begin: "This will take" }, saying("I am back.")]);
    const running = new Running(home, ["run", "--agent", "ada", ...flags(model)]);
    running.write("I like fjords.\n");
    await running.until("stdout", /Hello\./);
    running.write("Tell me a story\n");
    await model.asked(2);

    running.kill("SIGTERM");

    expect((await running.finished).stderr).not.toMatch(/\n\s+at /);
    expect((await search(home, "ada", "fjords")).total).toBe(1);
    expect(await say(home, "ada", "Are you there?")).toBe("I am back.");
  });
});
