import { expect, test } from "vitest";
import { complete } from "../../../src/cli/commands/complete.ts";
import { createProgram } from "../../../src/cli/program.ts";

const NAMES = {
  agent: async () => [{ value: "ada" }, { value: "grace hopper" }],
  preset: async () => [{ value: "memgpt_chat" }, { value: "memgpt_tiny" }],
  setting: async () => [{ value: "model" }, { value: "model_endpoint" }],
};

async function offered(...words: string[]): Promise<readonly string[] | "files"> {
  const { candidates, files } = await complete(await createProgram(), words, NAMES);
  return files ? "files" : candidates.map(({ value }) => value);
}

test.each<{ words: string[]; offers: readonly string[] | "files" }>([
  { words: ["insp"], offers: ["inspect"] },
  { words: ["list", "p"], offers: ["personas", "presets"] },
  { words: ["run", ""], offers: ["ada", "grace hopper"] },
  { words: ["run", "--agent", "g"], offers: ["grace hopper"] },
  { words: ["--agent", "a"], offers: ["ada"] },
  { words: ["inspect", '"gra'], offers: ["grace hopper"] },
  { words: ["inspect", "grace\\ h"], offers: ["grace hopper"] },
  { words: ["inspect", "ada", ""], offers: [] },
  { words: ["delete", "agent", ""], offers: ["ada", "grace hopper"] },
  { words: ["run", "--preset=memgpt_t"], offers: ["--preset=memgpt_tiny"] },
  { words: ["run", "--output-format", "j"], offers: ["json"] },
  { words: ["run", "--output"], offers: ["--output-format"] },
  { words: ["export", "ada", "--output", ""], offers: "files" },
  { words: ["run", "--model", ""], offers: [] },
  { words: ["configure", "set", "model"], offers: ["model", "model_endpoint"] },
  { words: ["completion", ""], offers: ["bash", "zsh", "fish"] },
  { words: ["export", "--", "--ou"], offers: [] },
  { words: ["nonsense", "--nope", ""], offers: [] },
])("memgpt $words offers $offers", async ({ words, offers }) => {
  expect(await offered(...words)).toEqual(offers);
});

test("hidden commands are not offered, and offers have descriptions", async () => {
  const { candidates } = await complete(await createProgram(), [""], NAMES);

  const names = candidates.map(({ value }) => value);
  expect(names).toEqual(expect.arrayContaining(["run", "configure", "completion"]));
  expect(names).not.toContain("ask");
  expect(names.filter((name) => name.startsWith("_"))).toEqual([]);
  expect(candidates.every(({ description }) => (description ?? "") !== "")).toBe(true);
});
