import type { MemGPT } from "memgpt";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder, testHome } from "../../support/agents.ts";
import { type Behaviour, type ModelServer, modelServer, whole } from "../../support/model-server.ts";
import { recorded } from "../openai/fixtures.ts";

const hello: Behaviour = whole({
  role: "assistant",
  content: JSON.stringify({ thoughts: "I greet.", function: "send_message", arguments: { message: "Hello." } }),
});

/** What each request asked the answer's form to be. */
function forms({ seen }: ModelServer): string[] {
  return seen.map(({ body }) => {
    const format = body["response_format"] as { type: string; schema?: unknown } | undefined;
    return format === undefined ? "none" : `${format.type}${format.schema === undefined ? "" : " with schema"}`;
  });
}

/** A library on `dir`, for an agent whose functions are described in the prompt. */
async function homeAt(dir: string): Promise<MemGPT> {
  writeFileSync(join(dir, "config.json"), JSON.stringify({ function_calling: "json", stream: false }));
  return testHome({ dir });
}

test.each([
  ["unsupported-json-schema-llama-cpp-python", 1, "json_object with schema"],
  ["unsupported-json-schema-llama-cpp", 1, "json_object with schema"],
  ["unsupported-json-schema", 2, "json_object"],
  ["unsupported-json-schema", 3, "none"],
])("after refusing with %s, %i times, a server gets %s, from the next process too", async (name, times, form) => {
  const server = await modelServer([...Array.from({ length: times }, () => recorded(name)), hello]);
  const dir = temporaryFolder();

  const first = await homeAt(dir);
  const agent = await first.createAgent(
    { name: "sam", model: "m", endpoint: server.endpoint, contextWindow: 8192 },
    { verify: false },
  );
  expect(await agent.ask("hi")).toBe("Hello.");
  await first.close();
  const again = await homeAt(dir);
  expect(await (await again.openAgent("sam")).ask("hi again")).toBe("Hello.");

  expect(forms(server)).toEqual([
    ...["json_schema", "json_object with schema", "json_object"].slice(0, times),
    form,
    form,
  ]);
});

test("a schema that the server accepts is sent from then on, with one alternative per function", async () => {
  const server = await modelServer([hello]);
  const home = await homeAt(temporaryFolder());
  const agent = await home.createAgent({ name: "sam", model: "m", endpoint: server.endpoint }, { verify: false });

  await agent.ask("hi");
  await agent.ask("hi again");

  expect(forms(server)).toEqual(["json_schema", "json_schema"]);
  const format = server.seen[0]?.body["response_format"] as { json_schema: { schema: { anyOf: unknown[] } } };
  expect(format.json_schema.schema.anyOf).toHaveLength(agent.state.functions.length);
});
