import { expect, test } from "vitest";
import { tryFunctions } from "../../src/doctor/check-model.ts";
import { modelOptionsSchema } from "../../src/schema/model-options.ts";
import { type Behaviour, modelServer, refuse, stall, streamed } from "../support/model-server.ts";

const WORDS = streamed([{ content: "I cannot." }]);
const JSON_CALL = streamed([
  { content: '{"thoughts":"As asked.","function":"repeat_word","params":{"word":"lighthouse"}}' },
]);
const FULL = refuse(400, { error: { message: "response_format is not supported here" } });

async function trialOf(
  script: readonly Behaviour[],
  functionCalling: "auto" | "json" | "native" = "auto",
): Promise<unknown> {
  const { endpoint } = await modelServer(script);
  const options = modelOptionsSchema().parse({ functionCalling });
  const connection = { endpoint, apiKey: null, headers: {}, apiVersion: null };
  const choice = { model: "m", connection, contextWindow: 8192, options };
  return (await tryFunctions(choice, { timeout: 1500 })).how;
}

test.each<[string, readonly Behaviour[]]>([
  ["never writes JSON", [WORDS]],
  ["writes no JSON, and is still being asked when time is up", [WORDS, WORDS, stall()]],
  ["answers in words, and whose server refuses the JSON way", [WORDS, FULL]],
])("a model that %s is reported as not calling functions", async (_, script) => {
  expect(await trialOf(script)).toBe("none");
});

test("a model with one unreadable answer passes if the next is readable, as for an agent", async () => {
  expect(await trialOf([WORDS, WORDS, JSON_CALL])).toBe("json");
});

test("quotes a server that refuses every request or asks for a pause", async () => {
  const busy = refuse(503, { error: { message: "loading the model" } });

  await expect(trialOf([FULL], "json")).rejects.toMatchObject({ status: 400 });
  await expect(trialOf([busy])).rejects.toMatchObject({ message: expect.stringContaining("503") });
});
