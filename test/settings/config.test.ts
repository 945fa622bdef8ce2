import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { MemGPT, configSchema } from "memgpt";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseSetting, updateConfig } from "../../src/settings/config-file.ts";
import { loadConfig } from "../../src/settings/load-config.ts";
import { homeAt } from "../../src/storage/files/paths.ts";
import { temporaryFolder } from "../support/agents.ts";

function homeWith(config: string | undefined): ReturnType<typeof homeAt> {
  const home = homeAt(temporaryFolder());
  if (config !== undefined) writeFileSync(home.configFile, config);
  return home;
}

test("without a file the configuration is what the schema of the library makes of nothing", () => {
  const { config } = loadConfig(homeWith(undefined), {});

  expect(config).toEqual(configSchema.parse({}));
});

test("without a file the defaults apply: the practice model, offline", () => {
  const { config, notices } = loadConfig(homeWith(undefined), {});

  expect(config).toMatchObject({
    model: "practice",
    model_endpoint: null,
    context_window: 8192,
    preset: "memgpt_chat",
  });
  expect(notices).toEqual([]);
});

test("the environment wins over the file, and the file over the defaults", () => {
  const home = homeWith('{"model":"file-model","openai_api_key":"from-file","context_window":4096}');

  const { config } = loadConfig(home, { OPENAI_API_KEY: "from-env", MEMGPT_MODEL: "" });

  expect(config).toMatchObject({ model: "file-model", openai_api_key: "from-env", context_window: 4096 });
});

test.skipIf(process.platform === "win32")("uses a key in a file that others can read, and removes their access", () => {
  const home = homeWith('{"openai_api_key":"from-file"}');
  chmodSync(home.configFile, 0o644);

  const { config, notices } = loadConfig(home, {});

  expect(config.openai_api_key).toBe("from-file");
  expect(statSync(home.configFile).mode & 0o777).toBe(0o600);
  expect(notices[0]).toMatch(/other users could read it; now only you can/);
  expect(loadConfig(home, {}).notices).toHaveLength(notices.length - 1);
});

test.skipIf(process.platform === "win32")("a file without a key may be read by others", () => {
  const home = homeWith('{"model":"m"}');
  chmodSync(home.configFile, 0o644);

  expect(loadConfig(home, {}).notices).toEqual([]);
  expect(statSync(home.configFile).mode & 0o777).toBe(0o644);
});

test("a byte order mark, as Windows editors write it, is accepted", () => {
  const { config, notices } = loadConfig(homeWith('\uFEFF{"model":"m"}'), {});

  expect(config.model).toBe("m");
  expect(notices).toEqual([]);
});

test("an invalid value is named and ignored, the rest is used", () => {
  const home = homeWith('{"context_window":"big","model":"m","colour":"red"}');

  const { config, notices } = loadConfig(home, { MEMGPT_MODEL_ENDPOINT: "nowhere" });

  expect(config).toMatchObject({ model: "m", context_window: 8192, model_endpoint: null });
  expect(notices).toEqual([
    expect.stringMatching(/^context_window in .*config\.json is ignored: /),
    expect.stringMatching(/^colour in .* is ignored: no such setting/),
    expect.stringMatching(/^MEMGPT_MODEL_ENDPOINT is ignored: /),
  ]);
});

test.each(["{", "[]", "null", "\0\0"])("renames a file that holds %j, never overwrites it, and names it", (content) => {
  const home = homeWith(content);

  const { config, notices } = loadConfig(home, {});

  expect(config.model).toBe("practice");
  const [aside] = readdirSync(home.root);
  expect(aside).toMatch(/^config\.json\.damaged-/);
  expect(readFileSync(join(home.root, aside ?? ""), "utf8")).toBe(content);
  expect(notices).toEqual([expect.stringContaining(aside ?? "?")]);
});

test("a file that cannot be read at all is named and stays where it is", () => {
  const home = homeWith(undefined);
  mkdirSync(home.configFile);

  const { config, notices } = loadConfig(home, {});

  expect(config.model).toBe("practice");
  expect(notices).toEqual([expect.stringMatching(/config\.json cannot be read \(EISDIR.*defaults/)]);
  expect(readdirSync(home.root)).toEqual(["config.json"]);
});

test("names a damaged file that cannot be renamed, and goes on", () => {
  const root = temporaryFolder();
  // Its new name would be longer than a file name may be.
  const configFile = join(root, `${"c".repeat(230)}.json`);
  writeFileSync(configFile, "{");

  const { config, notices } = loadConfig({ ...homeAt(root), configFile }, {});

  expect(config.model).toBe("practice");
  expect(notices).toEqual([expect.stringMatching(/renaming it failed \(ENAMETOOLONG/)]);
  expect(readFileSync(configFile, "utf8")).toBe("{");
});

test("reports the source of every value", () => {
  const home = homeWith('{"model":"file-model","temperature":0.2,"colour":"red"}');

  const { config, origins } = loadConfig(home, { MEMGPT_MODEL: "env-model", OPENAI_API_KEY: "sk-env" });

  expect(config).toMatchObject({ model: "env-model", temperature: 0.2 });
  expect(origins).toMatchObject({
    model: { from: "environment", variable: "MEMGPT_MODEL" },
    temperature: { from: "file" },
    openai_api_key: { from: "environment", variable: "OPENAI_API_KEY" },
    context_window: { from: "default" },
  });
  expect(origins).not.toHaveProperty("colour");
});

test("a damaged file is never quoted, because it may contain a key", () => {
  const home = homeWith('{"openai_api_key": sk-secret}');

  const { notices } = loadConfig(home, {});

  expect(notices.join()).toMatch(/it is not JSON/);
  expect(notices.join()).not.toContain("sk-");
});

test.each([{ Authorization: "Bearer sk-1" }, { "X-API-Key": "sk-1" }, { cookie: "a=b" }])(
  "a header that carries a key (%j) is refused: headers are stored with every agent",
  (headers) => {
    const { config, notices } = loadConfig(homeWith(JSON.stringify({ extra_headers: headers })), {});

    expect(config.extra_headers).toEqual({});
    expect(notices).toEqual([expect.stringMatching(/extra_headers .* credentials\.json/)]);
    expect(notices.join()).not.toContain("sk-1");
  },
);

test("new agents get the model options of the configuration", async () => {
  const home = homeWith(
    JSON.stringify({
      function_calling: "json",
      inner_thoughts: "parameter",
      stream: false,
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      max_tokens_field: "max_tokens",
      api_version: "2024-10-21",
      extra_headers: { "X-Title": "memgpt" },
      extra_body: { top_k: 20 },
    }),
  );
  const memgpt = await MemGPT.open({ dir: home.root, env: {} });
  onTestFinished(() => memgpt.close());

  const { state } = await memgpt.createAgent({ name: "ada" });

  expect(memgpt.notices).toEqual([]);
  expect(state.settings.options).toEqual({
    functionCalling: "json",
    innerThoughts: "parameter",
    reminders: false,
    stream: false,
    temperature: 0.5,
    topP: 0.9,
    seed: 7,
    maxTokensField: "max_tokens",
    apiVersion: "2024-10-21",
    headers: { "X-Title": "memgpt" },
    body: { top_k: 20 },
  });
});

describe("the embedding of new agents", () => {
  const server = { embedding: "openai", embedding_model: "m", embedding_dimensions: 256 };

  test.each([
    [{}, { provider: "hash", model: null, endpoint: null, dimensions: null }],
    [
      { ...server, embedding: "hash" },
      { provider: "hash", model: null, endpoint: null, dimensions: null },
    ],
    [
      { embedding: "openai" },
      { provider: "openai", model: "text-embedding-3-small", endpoint: null, dimensions: null },
    ],
    [
      { ...server, model_endpoint: "http://h/v1" },
      { provider: "openai", model: "m", endpoint: "http://h/v1", dimensions: 256 },
    ],
    [
      { ...server, model_endpoint: "http://h/v1", embedding_endpoint: "http://e/v1" },
      { provider: "openai", model: "m", endpoint: "http://e/v1", dimensions: 256 },
    ],
    // Another deployment of the same resource.
    [
      { ...server, model_endpoint: "https://me.openai.azure.com/openai/deployments/gpt" },
      { provider: "openai", model: "m", endpoint: "https://me.openai.azure.com/openai", dimensions: 256 },
    ],
    [
      { embedding: "openai", model_endpoint: "https://openrouter.ai/api/v1" },
      {
        provider: "openai",
        model: "openai/text-embedding-3-small",
        endpoint: "https://openrouter.ai/api/v1",
        dimensions: null,
      },
    ],
    [
      { embedding: "local", model_endpoint: "http://h/v1" },
      { provider: "local", model: "Xenova/all-MiniLM-L6-v2", endpoint: null, dimensions: null },
    ],
  ])("of %j is %j", async (config, settings) => {
    const home = homeWith(JSON.stringify(config));
    const memgpt = await MemGPT.open({ dir: home.root, env: { OPENAI_API_KEY: "sk-1" } });
    onTestFinished(() => memgpt.close());

    const { state } = await memgpt.createAgent({ name: "ada" });

    expect(memgpt.notices).toEqual([]);
    expect(state.settings.embedding).toEqual(settings);
  });

  test("comes from the environment if set there", () => {
    const env = {
      MEMGPT_EMBEDDING: "openai",
      MEMGPT_EMBEDDING_MODEL: "m",
      MEMGPT_EMBEDDING_ENDPOINT: "http://e/v1",
    };

    expect(loadConfig(homeWith('{"embedding":"local"}'), env).config).toMatchObject({
      embedding: "openai",
      embedding_model: "m",
      embedding_endpoint: "http://e/v1",
    });
  });

  test("without the model that it needs is refused before an agent is created", async () => {
    const home = homeWith('{"embedding":"openai","embedding_endpoint":"http://127.0.0.1:9/v1"}');
    const memgpt = await MemGPT.open({ dir: home.root, env: {} });
    onTestFinished(() => memgpt.close());

    await expect(memgpt.createAgent({ name: "ada" })).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringMatching(/configure set embedding_model NAME/),
    });
    expect(await memgpt.listAgents()).toEqual([]);
  });
});

describe("a change", () => {
  test("keeps all other keys, unknown ones included, and null removes a key", () => {
    const home = homeWith('{"colour":"red","model":"old","seed":1}');

    updateConfig(home, { model: "new", seed: null, temperature: 0.1 });

    expect(JSON.parse(readFileSync(home.configFile, "utf8"))).toEqual({
      colour: "red",
      model: "new",
      temperature: 0.1,
    });
  });

  test("that is invalid is refused, and the file is unchanged", () => {
    const home = homeWith('{"model":"old"}');

    expect(() => {
      updateConfig(home, { model: "new", context_window: 5 });
    }).toThrow(/context_window: .*Nothing was changed/);
    expect(readFileSync(home.configFile, "utf8")).toBe('{"model":"old"}');
  });

  test("of a linked file changes the target and keeps the link", () => {
    const home = homeWith(undefined);
    const target = join(home.root, "elsewhere.json");
    writeFileSync(target, "{}");
    symlinkSync(target, home.configFile);

    updateConfig(home, { model: "new" });

    expect(lstatSync(home.configFile).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(target, "utf8"))).toEqual({ model: "new" });
  });
});

test.each([
  ["model", "4", "4"],
  ["context_window", "16384", 16_384],
  ["stream", "false", false],
  ["temperature", "0.5", 0.5],
  ["extra_body", '{"top_k":20}', { top_k: 20 }],
])("%s given as the text %s is understood", (key, text, value) => {
  expect(parseSetting(key, text)).toEqual(value);
});

test.each([
  ["context_window", "many", /context_window/],
  ["temperature", "9", /temperature/],
  ["extra_body", "{", /extra_body/],
  ["model_endpoint", "ftp://host", /http/],
  ["model_endpoint", "http://me:pass@host/v1", /name or password/],
])("%s given as %s is refused by its name", (key, text, says) => {
  expect(() => parseSetting(key, text)).toThrow(says);
});
