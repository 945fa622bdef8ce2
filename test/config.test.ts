import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../src/config.ts";
import { homeAt } from "../src/paths.ts";
import { temporaryFolder } from "./support/agents.ts";

function homeWith(config: string | undefined): ReturnType<typeof homeAt> {
  const home = homeAt(temporaryFolder());
  if (config !== undefined) writeFileSync(home.configFile, config);
  return home;
}

test("without a file there are defaults: the practice model, offline", () => {
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

test("a byte order mark, as editors on Windows write it, is no damage", () => {
  const { config, notices } = loadConfig(homeWith('\uFEFF{"model":"m"}'), {});

  expect(config.model).toBe("m");
  expect(notices).toEqual([]);
});

test("a value that cannot be used is named and ignored, the rest holds", () => {
  const home = homeWith('{"context_window":"big","model":"m","colour":"red"}');

  const { config, notices } = loadConfig(home, { MEMGPT_MODEL_ENDPOINT: "nowhere" });

  expect(config).toMatchObject({ model: "m", context_window: 8192, model_endpoint: null });
  expect(notices).toEqual([
    expect.stringMatching(/^context_window in .*config\.json is ignored: /),
    expect.stringMatching(/^colour in .* is ignored: there is no such setting/),
    expect.stringMatching(/^MEMGPT_MODEL_ENDPOINT is ignored: /),
  ]);
});

test.each(["{", "[]", "null", "\0\0"])(
  "a file that holds %j is set aside whole, never overwritten, and named",
  (content) => {
    const home = homeWith(content);

    const { config, notices } = loadConfig(home, {});

    expect(config.model).toBe("practice");
    const [aside] = readdirSync(home.root);
    expect(aside).toMatch(/^config\.json\.damaged-/);
    expect(readFileSync(join(home.root, aside ?? ""), "utf8")).toBe(content);
    expect(notices).toEqual([expect.stringContaining(aside ?? "?")]);
  },
);

test("a file that cannot be read at all is named and stays where it is", () => {
  const home = homeWith(undefined);
  mkdirSync(home.configFile);

  const { config, notices } = loadConfig(home, {});

  expect(config.model).toBe("practice");
  expect(notices).toEqual([expect.stringMatching(/config\.json cannot be read \(EISDIR.*defaults/)]);
  expect(readdirSync(home.root)).toEqual(["config.json"]);
});

test("a damaged file that cannot be set aside is named, and the program goes on", () => {
  const root = temporaryFolder();
  // The name it would be set aside under is longer than a file's may be.
  const configFile = join(root, `${"c".repeat(230)}.json`);
  writeFileSync(configFile, "{");

  const { config, notices } = loadConfig({ ...homeAt(root), configFile }, {});

  expect(config.model).toBe("practice");
  expect(notices).toEqual([expect.stringMatching(/could not be set aside \(ENAMETOOLONG/)]);
  expect(readFileSync(configFile, "utf8")).toBe("{");
});
