import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../../../src/storage/files/folders.ts";
import { agentFolder, checkName, homeAt } from "../../../src/storage/files/paths.ts";
import { temporaryFolder } from "../../support/agents.ts";

const home = homeAt("/tmp/home");

test.each(["sam", "Sam 2", "a.b-c_d", "José", "日本", "x".repeat(64)])("%s is a valid name", (name) => {
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
])("%j is not", (name) => {
  expect(() => agentFolder(home, name)).toThrow(
    expect.objectContaining({ code: "invalid_name", message: expect.stringContaining("at most 64") }),
  );
});

test.each([
  [undefined, { MEMGPT_DIR: "/tmp/elsewhere" }, "/tmp/elsewhere"],
  ["/tmp/given", { MEMGPT_DIR: "/tmp/elsewhere" }, "/tmp/given"],
])("the home directory is the given one, else MEMGPT_DIR", (directory, env, root) => {
  expect(homeAt(directory, env).root).toBe(root);
});

test.runIf(process.platform !== "win32")("folders are made for their owner only", () => {
  const inner = join(temporaryFolder(), "home", "agents");

  makeFolder(inner);

  for (const folder of [inner, join(inner, "..")]) expect(statSync(folder).mode & 0o777).toBe(0o700);
});
