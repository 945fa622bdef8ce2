import { readFileSync, writeFileSync } from "node:fs";
import { MemGPT, OPENAI_ENDPOINT } from "../../../src/index.ts";
import { expect, test } from "vitest";
import { apply } from "../../../src/cli/setup/apply.ts";
import { temporaryFolder } from "../../support/agents.ts";

const LOCAL = "http://127.0.0.1:1234/v1";

test("a key in config.json stays OpenAI's when another endpoint is set up, and goes only where allowed", async () => {
  const dir = temporaryFolder();
  const { home } = await MemGPT.open({ dir, env: {} });
  const config = {
    openai_api_key: "sk-0123456789",
    model_endpoint: LOCAL,
    use_openai_key: { "http://allowed/v1": true },
  };
  writeFileSync(home.configFile, JSON.stringify(config), { mode: 0o600 });

  const lines = apply(await MemGPT.open({ dir, env: {} }), { changes: { model: "x", model_endpoint: LOCAL } });

  expect(lines.join()).toContain(`for ${OPENAI_ENDPOINT}.`);
  expect(readFileSync(home.configFile, "utf8")).not.toContain('openai_api_key":');
  const { credentials } = await MemGPT.open({ dir, env: {} });
  const keys = [null, LOCAL, "http://allowed/v1"].map((endpoint) => credentials.keyFor(endpoint)?.key);
  expect(keys).toEqual(["sk-0123456789", undefined, "sk-0123456789"]);
});
