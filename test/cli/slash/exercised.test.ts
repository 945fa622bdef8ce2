import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SLASH_COMMANDS } from "../../../src/cli/slash/commands.ts";

const exercised = readFileSync(new URL("../../e2e/slash.test.ts", import.meta.url), "utf8");

test.each(Object.keys(SLASH_COMMANDS))("/%s is exercised in a real terminal", (name) => {
  expect(exercised).toMatch(new RegExp(`(?:output|answered|write|say)\\((?:terminal, )?["\`]/${name}[ "\\\\]`));
});
