import { expect, test } from "vitest";
import { createEmbedder } from "../../../src/compose.ts";
import { HASH_EMBEDDING } from "../../../src/schema/built-in.ts";
import type { Config } from "../../../src/settings/config.ts";
import { configSchema } from "../../../src/settings/config-schema.ts";
import { Credentials } from "../../../src/settings/credentials.ts";
import type { EmbeddingSettings } from "../../../src/schema/state.ts";
import { embeddings, modelServer } from "../../support/model-server.ts";

function settingsAt(endpoint: string): EmbeddingSettings {
  return { provider: "openai", model: "m", endpoint, dimensions: null };
}

function configWith(values: Partial<Config>): Config {
  return configSchema.parse(values);
}

function credentialsOf(config: Config): Credentials {
  return new Credentials({ env: {}, config, configKeyOrigin: { from: "file" } }, new Map());
}

test("the built-in embedder needs neither configuration nor network", async () => {
  const embedder = createEmbedder(HASH_EMBEDDING);

  const [vector] = await embedder.embed(["hello"]);

  expect(embedder).toMatchObject({ model: "hash-1024", dimensions: 1024 });
  expect(vector?.length).toBe(1024);
});

test("the configured key and the model server's headers go to an embedder on the same server", async () => {
  const server = await modelServer([embeddings([[1, 2]])]);
  const config = configWith({
    model_endpoint: server.endpoint,
    openai_api_key: "sk-1",
    use_openai_key: { [server.endpoint]: true },
    extra_headers: { "x-title": "memgpt" },
    api_version: "2024-10-21",
  });

  const settings = settingsAt(server.endpoint);
  await createEmbedder(settings, credentialsOf(config).embeddingConnection(settings)).embed(["a"]);

  expect(server.seen[0]).toMatchObject({
    url: "/openai/deployments/m/embeddings?api-version=2024-10-21",
    headers: { "api-key": "sk-1", "x-title": "memgpt" },
  });
});

test("headers and version of the model's server do not go to another server", async () => {
  const server = await modelServer([embeddings([[1, 2]])]);
  const config = configWith({
    model_endpoint: "http://127.0.0.1:9/v1",
    extra_headers: { "x-title": "memgpt" },
    api_version: "2024-10-21",
  });

  const settings = settingsAt(server.endpoint);
  await createEmbedder(settings, credentialsOf(config).embeddingConnection(settings)).embed(["a"]);

  expect(server.seen[0]).toMatchObject({
    url: "/v1/embeddings",
    headers: expect.not.objectContaining({ "x-title": "memgpt" }),
  });
});

test.each(["openai", "local"] as const)("the embedding %s without the name of a model is refused", (provider) => {
  const settings = { ...HASH_EMBEDDING, provider };

  expect(() => createEmbedder(settings)).toThrow(/no model is named/);
});
