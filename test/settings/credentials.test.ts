import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { MemGPT } from "memgpt";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/settings/load-config.ts";
import { type Credentials, redacted } from "../../src/settings/credentials.ts";
import { loadCredentials, storeKey } from "../../src/settings/credentials-file.ts";
import { type Home, homeAt } from "../../src/storage/files/paths.ts";
import { temporaryFolder } from "../support/agents.ts";

const OPENROUTER = "https://openrouter.ai/api/v1";
const LOCAL = "http://127.0.0.1:1234/v1";

function homeWith(credentials: unknown, config: object = {}): Home {
  const home = homeAt(temporaryFolder());
  writeFileSync(home.configFile, JSON.stringify(config), { mode: 0o600 });
  const text = typeof credentials === "string" ? credentials : JSON.stringify(credentials);
  if (credentials !== undefined) writeFileSync(home.credentialsFile, text, { mode: 0o600 });
  return home;
}

function load(home: Home, env: NodeJS.ProcessEnv = {}): { credentials: Credentials; notices: readonly string[] } {
  const { config, origins } = loadConfig(home, env);
  return loadCredentials({ home, env, config, configKeyOrigin: origins["openai_api_key"] });
}

describe("a key", () => {
  test("of the file is used for its endpoint and URLs below it, and nothing else", () => {
    const keys = { "https://OpenRouter.ai/api/v1/": "or-key", "https://mine.openai.azure.com": "azure-key" };
    const { credentials } = load(homeWith({ openai_api_key: "oa-key", keys }));

    const key = (endpoint: string | null): string | undefined => credentials.keyFor(endpoint)?.key;

    expect(key(null)).toBe("oa-key");
    expect(key("https://api.openai.com/v1/")).toBe("oa-key");
    expect(key(OPENROUTER)).toBe("or-key");
    expect(key("https://mine.openai.azure.com/openai/deployments/gpt")).toBe("azure-key");
    const others = ["https://openrouter.ai/api/v11", "https://openrouter.ai.evil.example/api/v1", LOCAL, "no url"];
    for (const endpoint of others) expect(key(endpoint)).toBeUndefined();
    expect(key("http://openrouter.ai/api/v1")).toBeUndefined();
  });

  test("of a service's variable is for that service only, and wins over the file", () => {
    const home = homeWith({ keys: { [OPENROUTER]: "or-file" } });
    const env = { OPENROUTER_API_KEY: "or-env", GROQ_API_KEY: "groq-env", AZURE_OPENAI_API_KEY: "az-env" };
    const { credentials } = load(home, { ...env, TOGETHER_API_KEY: "together-env" });

    const key = (endpoint: string | null): string | undefined => credentials.keyFor(endpoint)?.key;

    expect(credentials.keyFor(OPENROUTER)).toEqual({ key: "or-env", origin: "OPENROUTER_API_KEY" });
    expect(key("https://api.groq.com/openai/v1")).toBe("groq-env");
    expect(key("https://api.together.xyz/v1")).toBe("together-env");
    expect(key("https://mine.openai.azure.com/openai/v1")).toBe("az-env");
    expect(key(null)).toBeUndefined();
    expect(key(LOCAL)).toBeUndefined();
    expect(key("http://api.groq.com/openai/v1")).toBeUndefined();
  });

  test("of OPENAI_API_KEY is for OpenAI and for endpoints that a person named; MEMGPT_API_KEY wins everywhere", () => {
    const keys = { openai_api_key: "oa-file", keys: { [OPENROUTER]: "or-file" } };
    const env = { OPENAI_API_KEY: "oa-env" };
    const { credentials: usual } = load(homeWith(keys), env);
    const { credentials: named } = load(homeWith(keys, { use_openai_key: { "http://127.0.0.1:1234/": true } }), env);
    const { credentials: forced } = load(homeWith(keys), { ...env, MEMGPT_API_KEY: "forced" });
    const places = [null, LOCAL, "http://evil.example/v1", "http://api.openai.com/v1", OPENROUTER];

    const given = (credentials: Credentials): unknown[] => places.map((endpoint) => credentials.keyFor(endpoint)?.key);

    expect(load(homeWith(keys, { use_openai_key: { [LOCAL]: true } })).credentials.keyFor(LOCAL)?.key).toBe("oa-file");
    expect(given(usual)).toEqual(["oa-env", undefined, undefined, undefined, "or-file"]);
    expect(given(named)).toEqual(["oa-env", "oa-env", undefined, undefined, "or-file"]);
    expect(given(forced)).toEqual(Array(5).fill("forced"));
  });

  test("of OPENAI_API_KEY is asked about if it is the only one and the person has not decided yet", () => {
    const env = { OPENAI_API_KEY: "oa-env" };
    const home = homeWith(undefined, {
      use_openai_key: { "https://no.example/v1": false, "https://yes.example/v1": true },
    });
    const { credentials } = load(home, env);
    const isOpen = (endpoint: string | null): boolean => credentials.isOpenAiKeyUndecided(endpoint);

    expect(isOpen("https://new.example/v1")).toBe(true);
    expect([null, "https://no.example/v1", "https://yes.example/v1"].map(isOpen)).toEqual([false, false, false]);
    expect(credentials.keyFor("https://no.example/v1")).toBeUndefined();
    expect(load(home).credentials.isOpenAiKeyUndecided("https://new.example/v1")).toBe(false);
  });

  test("over plain http to another machine causes a warning, but not to this one or over https", () => {
    const { credentials } = load(homeWith(undefined), { MEMGPT_API_KEY: "key-0123456789" });

    expect(credentials.warningFor("http://box.lan:8000/v1")).toMatch(
      /MEMGPT_API_KEY goes to http:\/\/box\.lan.*plain http/,
    );
    for (const endpoint of [null, LOCAL, "http://localhost:1/v1", "https://box.lan/v1"])
      expect(credentials.warningFor(endpoint)).toBeUndefined();
  });

  test("in config.json works, with a notice to move it", async () => {
    const home = homeWith(undefined, { openai_api_key: "sk-in-config" });

    const memgpt = await MemGPT.open({ dir: home.root, env: {} });

    expect(memgpt.credentials.keyFor(null)).toEqual({ key: "sk-in-config", origin: "config.json" });
    expect(memgpt.credentials.keyFor(LOCAL)).toBeUndefined();
    expect(memgpt.notices).toEqual([expect.stringMatching(/openai_api_key in .*memgpt configure/)]);
  });

  test("is shown by at most its last four characters, a short one not at all", () => {
    expect(redacted("sk-proj-0123456789abcdefghijWXYZ")).toBe("sk-…WXYZ");
    expect(redacted("gsk_0123456789abcdefghijWXYZ")).toBe("…WXYZ");
    expect(redacted("sk-short")).toBe("…");
  });
});

describe("the file", () => {
  test.runIf(process.platform !== "win32")("that others can read is refused, by its name and with what to do", () => {
    const home = homeWith({ openai_api_key: "sk-known-to-all" });
    chmodSync(home.credentialsFile, 0o640);

    const { credentials, notices } = load(home);

    expect(credentials.keyFor(null)).toBeUndefined();
    expect(notices).toEqual([expect.stringMatching(/credentials\.json can be read by other users.*chmod 600/)]);
  });

  test.each([
    "{",
    '{"openai_api_key": sk-secret-in-damage}',
    '"sk-secret-in-damage"',
    '{"keys":{"a":{"sk-secret":1}}}',
  ])("that holds %s is named without quoting it, and stays", (text) => {
    const home = homeWith(text);

    const { credentials, notices } = load(home);

    expect(credentials.keyFor(null)).toBeUndefined();
    expect(notices).toEqual([expect.stringContaining("credentials.json")]);
    expect(notices.join()).not.toContain("sk-secret");
    expect(readFileSync(home.credentialsFile, "utf8")).toBe(text);
  });

  test("that is a folder is named", () => {
    const home = homeWith(undefined);
    mkdirSync(home.credentialsFile, { mode: 0o700 });

    expect(load(home).notices).toEqual([expect.stringMatching(/credentials\.json is not a file/)]);
  });

  test("stores and removes keys, keeps everything else, and is readable only by its owner", () => {
    const home = homeWith({ keys: { [OPENROUTER]: "or-key" }, note: "mine" });
    chmodSync(home.credentialsFile, 0o644);

    storeKey(home, null, "oa-key");
    storeKey(home, `${LOCAL}/`, "local-key");
    storeKey(home, OPENROUTER, undefined);

    expect(JSON.parse(readFileSync(home.credentialsFile, "utf8"))).toEqual({
      note: "mine",
      openai_api_key: "oa-key",
      keys: { [LOCAL]: "local-key" },
    });
    if (process.platform !== "win32") expect(statSync(home.credentialsFile).mode & 0o777).toBe(0o600);
  });

  test("refuses invalid keys", () => {
    const home = homeWith({ keys: {} });

    expect(() => {
      storeKey(home, null, "two words");
    }).toThrow(/without spaces/);
    expect(readFileSync(home.credentialsFile, "utf8")).toBe('{"keys":{}}');
  });
});
