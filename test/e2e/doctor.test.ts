import { chmodSync, writeFileSync } from "node:fs";
import { MemGPT } from "memgpt";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { AGENT, addPassages } from "../reindex/agents.ts";
import { TestEmbedder } from "../support/embedder.ts";
import { CALLED, FakeModel, type Reply, modelList, saying } from "./support/fake-model.ts";
import { Running, type Finished, contents, dataFolder, memgpt, newHome, say, homeWith } from "./support/program.ts";

const KEY = "sk-proj-0123456789abcdefghijWXYZ";

const Report = z.strictObject({
  ok: z.boolean(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(["ok", "warn", "fail"]),
      detail: z.string(),
      advice: z.string().optional(),
      agents: z.array(z.string()).optional(),
    }),
  ),
});

/** The report of `doctor --json`, by check. */
function report({ stdout }: Finished): Record<string, z.infer<typeof Report>["checks"][number]> {
  return Object.fromEntries(Report.parse(JSON.parse(stdout)).checks.map((check) => [check.name, check]));
}

function statuses(finished: Finished): Record<string, string> {
  return Object.fromEntries(Object.entries(report(finished)).map(([name, { status }]) => [name, status]));
}

const HEALTHY: Reply[] = [{ text: "lighthouse, the word is lighthouse" }, CALLED];

test("a new home passes: the practice model needs nothing, and nothing is created", async () => {
  const home = newHome();

  const text = await memgpt(home, ["doctor"]);
  const json = await memgpt(home, ["doctor", "--json"]);

  expect(text.code).toBe(0);
  expect(text.stdout).toMatch(/^ok {4}memgpt: \d+\.\d+\.\d+$/m);
  expect(text.stdout).toMatch(/^ok {4}better-sqlite3: \d+\.\d+\.\d+, SQLite 3\.\d+/m);
  expect(statuses(json)).toMatchObject({ memgpt: "ok", node: "ok", "better-sqlite3": "ok", home: "ok", model: "ok" });
  expect(contents(home).size).toBe(0);
});

describe("the model", () => {
  test("that works passes every check, with its own key only", async () => {
    const model = await FakeModel.start(HEALTHY, {
      key: KEY,
      routes: { "/v1/models": modelList({ id: "m", max_model_len: 8192 }) },
    });
    const home = homeWith(
      { model: "m", model_endpoint: model.url },
      { openai_api_key: "sk-of-openai", keys: { [model.url]: KEY } },
    );

    const finished = await memgpt(home, ["doctor", "--json"]);

    expect(finished.code).toBe(0);
    expect(statuses(finished)).toMatchObject({
      credentials: "ok",
      endpoint: "ok",
      model: "ok",
      "context window": "ok",
      streaming: "ok",
      "function calling": "ok",
    });
    expect(finished.stdout + finished.stderr).not.toContain(KEY.slice(3, -4));
    expect(model.remaining).toBe(0);
  });

  test("without native function calling passes if JSON in its text works", async () => {
    const json = '{"thoughts":"As asked.","function":"repeat_word","params":{"word":"lighthouse"}}';
    const model = await FakeModel.start(
      [{ text: "lighthouse it is" }, { text: "I have no functions." }, { text: json }],
      {
        routes: { "/v1/models": modelList("m") },
      },
    );
    const home = homeWith({ model: "m", model_endpoint: model.url });

    const finished = await memgpt(home, ["doctor", "--json"]);

    expect(finished.code).toBe(0);
    expect(report(finished)["function calling"]?.detail).toMatch(/works as JSON in the text/);
  });

  test("of an agent is checked with --agent", async () => {
    const model = await FakeModel.start([saying("hi"), ...HEALTHY], { routes: { "/v1/models": modelList("m") } });
    const home = newHome();
    await say(home, "ada", "hi", "--model", "m", "--model-endpoint", model.url);

    const finished = await memgpt(home, ["doctor", "--agent", "ada", "--json"]);

    expect(statuses(finished)).toMatchObject({ "agent ada": "ok", endpoint: "ok", "function calling": "ok" });
    expect(model.remaining).toBe(0);
  });

  test("that is unreachable fails with advice", async () => {
    const finished = await memgpt(homeWith({ model: "m", model_endpoint: "http://127.0.0.1:9/v1" }), ["doctor"]);

    expect(finished.code).toBe(1);
    expect(finished.stdout).toMatch(
      /^FAIL {2}endpoint: Cannot reach http:\/\/127\.0\.0\.1:9.*\n {6}.*memgpt configure/m,
    );
  });

  test("with a wrong key, no listing, a smaller window or no function call gets a report of its own", async () => {
    const refusing = await FakeModel.start([], { key: KEY });
    const odd = await FakeModel.start(
      [
        { text: "lighthouse!!" },
        { text: "I cannot." },
        { text: "I cannot." },
        { text: "I cannot." },
        { text: "I cannot." },
        { text: "I cannot." },
      ],
      { routes: { "/v1/models": modelList("mm"), "/props": { default_generation_settings: { n_ctx: 4096 } } } },
    );

    const key = await memgpt(homeWith({ model: "m", model_endpoint: refusing.url }), ["doctor", "--json"], {
      env: { OPENAI_API_KEY: "sk-wrong-0123456789-0123456789" },
    });
    const other = await memgpt(homeWith({ model: "m", model_endpoint: odd.url }), ["doctor", "--json"]);

    expect(key.code).toBe(1);
    expect(report(key)["endpoint"]).toMatchObject({ status: "fail", advice: expect.stringMatching(/key/) });
    expect(key.stdout + key.stderr).not.toContain("0123456789");
    expect(other.code).toBe(1);
    expect(report(other)).toMatchObject({
      model: { status: "warn", advice: expect.stringMatching(/mean mm\?/) },
      "context window": { status: "warn", advice: expect.stringContaining("context_window 4096") },
      "function calling": { status: "fail", advice: expect.stringMatching(/choose/) },
    });
  });

  test("that never answers fails after the timeout", async () => {
    const model = await FakeModel.start([{ begin: "I would" }], { routes: { "/v1/models": modelList("m") } });
    const home = homeWith({ model: "m", model_endpoint: model.url });

    const finished = await memgpt(home, ["doctor", "--timeout", "1s", "--json"]);

    expect(finished.code).toBe(1);
    expect(report(finished)["streaming"]).toMatchObject({
      status: "fail",
      detail: expect.stringMatching(/within 1 s/),
    });
  });

  test("stops being awaited on Ctrl-C", async () => {
    const model = await FakeModel.start([{ begin: "I would" }], { routes: { "/v1/models": modelList("m") } });
    const running = new Running(homeWith({ model: "m", model_endpoint: model.url }), ["doctor", "--timeout", "1h"]);
    await model.asked(1);

    running.kill("SIGINT");

    expect(await running.finished).toMatchObject({ code: 130, stderr: "" });
  });
});

/** A server that embeds, and has no word to say. */
async function embeddingServer(dimensions: number, key?: string): Promise<FakeModel> {
  const embedding = Array.from({ length: dimensions }, () => 1);
  const routes = { "/v1/embeddings": { object: "list", data: [{ object: "embedding", index: 0, embedding }] } };
  return FakeModel.start([], { routes, ...(key === undefined ? {} : { key }) });
}

describe("the embedding", () => {
  test("built in needs nothing", async () => {
    const { stdout } = await memgpt(newHome(), ["doctor"]);

    expect(stdout).toMatch(/^ok {4}embedding: hash-1024, built in: 1,024 dimensions$/m);
  });

  test("of a server is tried with one text and that server's key", async () => {
    const server = await embeddingServer(768, KEY);
    const home = homeWith(
      { embedding: "openai", embedding_model: "nomic-embed-text", embedding_endpoint: server.url },
      { openai_api_key: "sk-of-openai", keys: { [server.url]: KEY } },
    );

    const finished = await memgpt(home, ["doctor", "--json"]);

    expect(report(finished)["embedding"]).toMatchObject({
      status: "ok",
      detail: expect.stringMatching(/^nomic-embed-text at http:.*: 768 dimensions, \d\.\d s$/),
    });
    expect(finished.stdout + finished.stderr).not.toContain(KEY.slice(3, -4));
  });

  test.each([
    [
      { embedding: "openai", embedding_model: "m", embedding_endpoint: "http://127.0.0.1:9/v1" },
      /Cannot reach .*memgpt configure/s,
    ],
    [
      { embedding: "openai", embedding_endpoint: "http://127.0.0.1:9/v1" },
      /no model is named .*set embedding_model NAME/,
    ],
    [{ embedding: "openai" }, /No API key .*set OPENAI_API_KEY/],
    [{ embedding: "local" }, /is not installed.*npm install @huggingface\/transformers/],
  ])("that is unavailable (%j) fails with advice", async (config, says) => {
    const finished = await memgpt(homeWith(config), ["doctor"]);

    expect(finished.code).toBe(1);
    expect(finished.stdout).toMatch(/^FAIL {2}embedding: /m);
    expect(finished.stdout).toMatch(says);
  });
});

test("settings that several agents share are checked once", async () => {
  const model = await FakeModel.start([saying("hi"), saying("hi"), saying("hi"), ...HEALTHY], {
    routes: { "/v1/models": modelList("m") },
  });
  const server = await embeddingServer(384);
  const embedding = { embedding: "openai", embedding_model: "e", embedding_endpoint: server.url };
  const home = homeWith({ model: "m", model_endpoint: model.url, ...embedding });
  for (const name of ["ada", "grace", "alan"]) await say(home, name, "hi");
  await say(home, "hedy", "hi", "--model", "practice");
  writeFileSync(dataFolder(home, "config.json"), "{}");
  await say(home, "joan", "hi");

  const finished = await memgpt(home, ["doctor", "--json"]);
  const text = await memgpt(home, ["doctor"]);

  const { checks } = Report.parse(JSON.parse(finished.stdout));
  const about = ["model", "endpoint", "embedding"];
  expect(
    checks.filter(({ name }) => about.includes(name)).map(({ name, status, agents }) => [name, status, agents]),
  ).toEqual([
    ["model", "ok", undefined],
    ["endpoint", "ok", ["ada", "alan", "grace"]],
    ["model", "ok", ["ada", "alan", "grace"]],
    ["embedding", "ok", undefined],
    ["embedding", "ok", ["ada", "alan", "grace", "hedy"]],
  ]);
  expect(server.lookups.length).toBe(2);
  const away = { embedding: "openai", embedding_model: "e", embedding_endpoint: "http://127.0.0.1:9/v1" };
  writeFileSync(dataFolder(home, "config.json"), JSON.stringify(away));
  await say(home, "kay", "hi");
  writeFileSync(dataFolder(home, "config.json"), "{}");
  const failing = await memgpt(home, ["doctor"]);

  expect(failing.stdout).toMatch(/^FAIL {2}embedding \(kay\): .*\n.*memgpt reindex NAME --embedding hash/m);
  expect(text.stdout).toMatch(/^ok {4}embedding \(ada, alan, grace and 1 more\): e at http:.*384 dimensions/m);
});

test("reports that an embedding server returns other vectors now, and how to re-embed", async () => {
  const server = await embeddingServer(384);
  const home = homeWith({ embedding: "openai", embedding_model: "meanings", embedding_endpoint: server.url });
  await say(home, AGENT, "hi");
  await addPassages(await MemGPT.open({ dir: dataFolder(home), env: {} }), 0, 20, new TestEmbedder("meanings"));

  const { code, stdout } = await memgpt(home, ["doctor", "--agent", AGENT]);

  expect(code).toBe(0);
  expect(stdout).toMatch(/^ok {4}embedding: meanings at http.*: 384 dimensions/m);
  expect(stdout).toMatch(
    /^warn {2}vectors \(sam\): they have 8 dimensions by meanings, but .* 384 by meanings.*\n {6}Run `memgpt reindex sam`/m,
  );
  expect(stdout).toMatch(/^warn {2}vectors \(sam\): 2 of 20 passages have none/m);
});

describe("the files", () => {
  test("of a damaged agent fail with advice to restore it; an agent in use passes", async () => {
    const home = newHome();
    await say(home, "ada", "hi");
    await say(home, "grace", "hi");
    const running = new Running(home, ["run", "--agent", "ada"]);
    await running.until("stderr", /existing agent ada/);
    writeFileSync(dataFolder(home, "agents", "grace", "agent.db"), "no database");

    const finished = await memgpt(home, ["doctor", "--json"]);

    running.end();
    expect(finished.code).toBe(1);
    expect(report(finished)).toMatchObject({
      "agent ada": { status: "ok" },
      "agent grace": { status: "fail", advice: expect.stringMatching(/memgpt doctor --repair --agent grace/) },
    });
    const repaired = await memgpt(home, ["doctor", "--repair", "--agent", "grace"]);
    expect(repaired).toMatchObject({ code: 0, stdout: expect.stringMatching(/\d+ of \d+ messages/) });
    expect(await memgpt(home, ["doctor", "--repair", "--agent", "grace"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("nothing is damaged"),
    });
  });

  test.runIf(process.platform !== "win32")(
    "that others can read are named with the command that mends it",
    async () => {
      const home = homeWith({ model: "practice", colour: "red" }, { openai_api_key: KEY });
      chmodSync(dataFolder(home), 0o755);
      chmodSync(dataFolder(home, "credentials.json"), 0o644);

      const finished = await memgpt(home, ["doctor", "--json"]);

      expect(finished.code).toBe(1);
      expect(report(finished)).toMatchObject({
        home: { status: "warn", advice: expect.stringContaining("chmod 700") },
        credentials: { status: "fail", advice: expect.stringContaining("chmod 600") },
      });
      expect(finished.stdout).toMatch(/colour .*no such setting/);
    },
  );
});
