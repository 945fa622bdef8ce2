import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FakeModel, modelList, saying } from "./support/fake-model.ts";
import { DOWN, UP, marked, move } from "./support/menu.ts";
import { contents, dataFolder, memgpt, newHome, say, settingsIn } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

const ESC = "\x1b";
const CTRL_C = "\x03";
const CTRL_D = "\x04";
const KEY = "sk-proj-0123456789abcdefghijWXYZ";

const QUESTION = /\? Which model should your agent use\?/;

describe("the first memgpt run in a terminal", () => {
  test("suggests the practice model if nothing else is available; Enter accepts without saving anything", async () => {
    const home = newHome();
    const terminal = new Terminal(home, ["run"], { isNew: true });
    await terminal.until(QUESTION);
    const offered = terminal.text;
    expect(marked(terminal)).toMatch(/the practice model/);

    terminal.write("\r");
    await terminal.ready();
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    expect(offered).toMatch(/OpenAI, gpt-4\.1-mini \(asks for a key\)/);
    expect(existsSync(dataFolder(home, "config.json"))).toBe(false);
    expect(readdirSync(dataFolder(home, "agents"))).toEqual(["agent_1"]);
  });

  test("suggests a running server with one model; Enter starts the chat", async () => {
    const home = newHome();
    const model = await FakeModel.start([saying("Hello from your laptop.")], {
      routes: { "/v1/models": modelList("m", "m-embed") },
    });
    const env = { MEMGPT_PROBE_PORTS: `vllm=${model.port},ollama=9` };
    const terminal = new Terminal(home, ["run", "--agent", "ada", "--first"], { isNew: true, env });
    await terminal.until(QUESTION);
    expect(marked(terminal)).toMatch(/vLLM on this machine \(m\)/);

    terminal.write("\r");
    const reply = await terminal.say("hi");
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    expect(reply).toContain("Hello from your laptop.");
    expect(terminal.text).not.toContain("practice model: rule-based");
    expect(settingsIn(home, "config.json")).toEqual({ model: "m", model_endpoint: model.url, context_window: 8192 });
  });

  test("asks which model to use if the server has several", async () => {
    const home = newHome();
    const model = await FakeModel.start([], { routes: { "/v1/models": modelList("one", "two") } });
    const env = { MEMGPT_PROBE_PORTS: `koboldcpp=${model.port}` };
    const terminal = new Terminal(home, ["run", "--first"], { isNew: true, env });
    await terminal.until(/KoboldCpp on this machine \(2 models\)/);
    terminal.write("\r");
    await terminal.until(/\? Model:[^]*❯ one/);
    await move(terminal, DOWN, /two/);

    terminal.write("\r");
    await terminal.ready();
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    expect(settingsIn(home, "config.json")).toMatchObject({ model: "two" });
  });

  test("mentions OPENAI_API_KEY if it is set, and uses it without storing it", async () => {
    const home = newHome();
    const terminal = new Terminal(home, ["run", "--first"], { isNew: true, env: { OPENAI_API_KEY: KEY } });
    await terminal.until(QUESTION);
    expect(marked(terminal)).toMatch(/OpenAI, gpt-4\.1-mini \(OPENAI_API_KEY is set: sk-…WXYZ\)/);

    terminal.write("\r");
    await terminal.ready();
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    expect(settingsIn(home, "config.json")).toEqual({ model: "gpt-4.1-mini", context_window: 131_072 });
    expect([...contents(home).values()].join("")).not.toContain(KEY);
  });

  test("asks for a missing OpenAI key without echo, and stores it", async () => {
    const home = newHome();
    const terminal = new Terminal(home, ["run", "--first"], { isNew: true });
    await terminal.until(QUESTION);
    await move(terminal, UP, /OpenAI, gpt/);
    terminal.write("\r");
    await terminal.until(/Key \(not shown\)/);
    terminal.write(`${KEY}\r`);
    await terminal.ready();
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    expect(terminal.raw).not.toContain(KEY);
    expect(settingsIn(home, "credentials.json")).toEqual({ openai_api_key: KEY, keys: {} });
  });

  test("accepts any other server with its key", async () => {
    const home = newHome();
    const model = await FakeModel.start([saying("From elsewhere.")], {
      key: KEY,
      routes: { "/v1/models": modelList("far", "away") },
    });
    const terminal = new Terminal(home, ["run", "--agent", "ada", "--first"], { isNew: true });
    await terminal.until(QUESTION);
    await move(terminal, UP, /another: OpenRouter, Groq, Together, Azure/);
    terminal.write("\r");
    await terminal.until(/\? Which one\?/);
    await move(terminal, DOWN, /another OpenAI-compatible server/);
    terminal.write("\r");
    await terminal.until(/\? Endpoint:/);
    terminal.write(`${model.url}\r`);
    await terminal.until(/Does it need a key\?/);
    terminal.write("y\r");
    await terminal.until(/Key \(not shown\)/);
    terminal.write(`${KEY}\r`);
    await terminal.until(/Model \(type to search[^]*❯ far/);
    terminal.write("\r");
    await terminal.until(/Context window/);
    terminal.write("\r");
    const reply = await terminal.say("hi");
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    expect(reply).toContain("From elsewhere.");
    expect(settingsIn(home, "credentials.json")).toEqual({ keys: { [model.url]: KEY } });
  });

  test("offers the server of MEMGPT_MODEL_ENDPOINT first", async () => {
    const home = newHome();
    const model = await FakeModel.start([], { routes: { "/v1/models": modelList("m") } });
    const env = { MEMGPT_MODEL_ENDPOINT: model.url };
    const terminal = new Terminal(home, ["run"], { isNew: true, env });
    await terminal.until(QUESTION);
    expect(marked(terminal)).toContain(model.url);

    terminal.write("\r");
    await terminal.until(/Model \(type to search[^]*❯ m/);
    terminal.write(CTRL_C);

    expect(await terminal.exited()).toBe(130);
    expect(contents(home).size).toBe(0);
  });

  test.each([
    ["Ctrl-C", CTRL_C, "menu"],
    ["Esc", ESC, "menu"],
    ["Ctrl-C", CTRL_C, "key"],
    ["Esc", ESC, "key"],
  ])("pressing %s (%j) at the %s cancels without creating anything", async (_, key, where) => {
    const home = newHome();
    const terminal = new Terminal(home, ["run"], { isNew: true });
    await terminal.until(QUESTION);
    if (where === "key") {
      await move(terminal, UP, /OpenAI, gpt/);
      terminal.write("\r");
      await terminal.until(/Key \(not shown\)/);
    }

    terminal.write(key);

    expect(await terminal.exited()).toBe(130);
    expect(terminal.text).toContain("Nothing was changed.");
    expect(terminal.text).not.toMatch(/bug in memgpt|\n\s+at /);
    expect(contents(home).size).toBe(0);
  });

  test("exits with 143 on SIGTERM at the menu", async () => {
    const terminal = new Terminal(newHome(), ["run"], { isNew: true });
    await terminal.until(QUESTION);

    terminal.signal("SIGTERM");

    expect(await terminal.exited()).toBe(143);
  });

  test.each([
    ["--yes", ["--yes"], {}, {}],
    ["a model in the environment", [], { MEMGPT_MODEL: "practice" }, {}],
    ["a model in config.json", [], {}, { model: "practice" }],
    ["--model", ["--model", "practice"], {}, {}],
  ])("asks nothing with %s", async (_, flags, env, config) => {
    const home = newHome();
    mkdirSync(dataFolder(home), { mode: 0o700 });
    writeFileSync(dataFolder(home, "config.json"), JSON.stringify(config));
    const terminal = new Terminal(home, ["run", ...flags], { isNew: true, env });

    await terminal.ready();
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    expect(terminal.text).not.toMatch(QUESTION);
  });

  test("asks nothing in a dumb terminal", async () => {
    const terminal = new Terminal(newHome(), ["run"], { isNew: true, env: { TERM: "dumb" } });

    await terminal.until(/>\s*$/);
    terminal.write("/exit\r");

    expect(await terminal.exited()).toBe(0);
    expect(terminal.raw).not.toContain(ESC);
    expect(terminal.text).toMatch(/practice model/);
  });

  test("asks nothing once an agent exists", async () => {
    const home = newHome();
    await say(home, "ada", "hi");
    const terminal = new Terminal(home, ["run", "--agent", "ada"], { isNew: true });

    await terminal.ready();
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    expect(terminal.text).not.toMatch(QUESTION);
  });
});

describe("without a terminal", () => {
  test("uses the practice model, says so on standard error, and mentions OPENAI_API_KEY", async () => {
    const plain = await memgpt(newHome(), ["run", "-p", "hi"]);
    const keyed = await memgpt(newHome(), ["run", "-y", "-p", "hi"], { env: { OPENAI_API_KEY: KEY } });
    const chosen = await memgpt(newHome(), ["run", "--model", "practice", "-p", "hi"]);

    expect(plain).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/No model is set up \(memgpt configure.*practice model/),
    });
    expect(plain.stdout).not.toMatch(/practice/);
    expect(keyed).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/OPENAI_API_KEY is set: --model gpt-4\.1-mini/),
    });
    expect(keyed.stderr).not.toContain("sk-");
    expect(chosen.stderr).not.toMatch(/No model is set up/);
  });

  test("needs nothing else if the environment names model and endpoint", async () => {
    const model = await FakeModel.start([saying("By the environment.")], { key: KEY });
    const env = { MEMGPT_MODEL: "m", MEMGPT_MODEL_ENDPOINT: model.url, MEMGPT_API_KEY: KEY };

    const { stdout, stderr } = await memgpt(newHome(), ["run", "-p", "hi"], { env });

    expect(stdout).toBe("By the environment.\n");
    expect(stderr).not.toMatch(/practice/);
  });
});
