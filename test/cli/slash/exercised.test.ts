import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { SLASH_COMMANDS } from "../../../src/cli/slash/commands.ts";

const folder = new URL("../../e2e/", import.meta.url);
const tests = readdirSync(folder).filter((name) => name.endsWith(".test.ts"));
const exercised = tests.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");

test.each(Object.keys(SLASH_COMMANDS))("/%s is exercised in a real terminal", (name) => {
  expect(exercised).toMatch(new RegExp(`(?:output|answer|write|say)\\(["\`]/${name}[ "\\\\]`));
});
