import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { withTables } from "../../scripts/docs.ts";

const readme = readFileSync(fileURLToPath(new URL("../../README.md", import.meta.url)), "utf8");

test("the README's tables are what the code says", () => {
  expect(withTables(readme)).toBe(readme);
});

test.each(["/memory", "--context-window", "core_memory_limit", "agent_locked"])(
  "a README that lost %s is found out",
  (word) => {
    const stale = readme.replaceAll(word, "gone");

    expect(withTables(stale)).not.toBe(stale);
  },
);

test("a README without one of the tables is an error", () => {
  expect(() => withTables(readme.replace("<!-- configuration -->", ""))).toThrow("configuration");
});
