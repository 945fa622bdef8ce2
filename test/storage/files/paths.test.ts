import { join } from "node:path";
import { expect, test } from "vitest";
import { agentFolder, checkName, homeAt } from "../../../src/storage/files/paths.ts";

const home = homeAt("/tmp/home");

test.each(["sam", "Sam 2", "a.b-c_d", "José", "日本", "x".repeat(64)])("%s may be a name", (name) => {
  expect(checkName(name, "agent")).toBe(name);
  expect(agentFolder(home, name).root).toBe(join(home.agents, name));
});

test.each([
  "",
  " ",
  ".",
  "..",
  "../x",
  "a/b",
  "a\\b",
  "/etc",
  "C:x",
  "a\0b",
  "a\nb",
  ".hidden",
  "ends.",
  "ends ",
  " starts",
  "%2e%2e/x",
  "CON",
  "nul.txt",
  "com1",
  "LPT9.log",
  "x".repeat(65),
  "a*b",
  "\u202ebob",
])("%j may not", (name) => {
  expect(() => agentFolder(home, name)).toThrow(
    expect.objectContaining({ code: "invalid_name", message: expect.stringContaining("at most 64") }),
  );
});

test.each([
  [undefined, { MEMGPT_DIR: "/tmp/elsewhere" }, "/tmp/elsewhere"],
  ["/tmp/given", { MEMGPT_DIR: "/tmp/elsewhere" }, "/tmp/given"],
])("the home directory is what is given, else what MEMGPT_DIR says", (directory, env, root) => {
  expect(homeAt(directory, env).root).toBe(root);
});
