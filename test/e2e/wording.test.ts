import { expect, test } from "vitest";
import { memgpt, newHome, output, say } from "./support/program.ts";

test.each([
  [["search", "ada", "tea", "--rol", "user"], "(memgpt search --help lists its flags)"],
  [["configure", "set", "--unst"], "(memgpt configure set --help lists its flags)"],
  [["list", "agent"], "(memgpt list --help lists its commands)"],
  [["rename", "ada"], "(memgpt rename --help lists its arguments)"],
  [["serch"], "`memgpt --help` lists the commands"],
])("the error for %j points to that command's help", async (args, hint) => {
  const { code, stderr } = await memgpt(newHome(), args);

  expect(code).toBe(2);
  expect(stderr).toContain(hint);
});

test("help shows a default in the form that the flag takes", async () => {
  expect(await output(newHome(), ["doctor", "--help"])).toContain("(default: 5s)");
});

test("list presets shows what each is for", async () => {
  expect(await output(newHome(), ["list", "presets"])).toMatch(
    /^memgpt_chat: A companion that remembers\. The default\.$/m,
  );
});

test("--around marks the line that was found", async () => {
  const home = newHome();
  await say(home, "ada", "The boiler code is 4711.");

  const lines = (await output(home, ["search", "ada", '"4711"', "--role", "user", "--around", "1"])).split("\n");

  expect(lines[0]).toBe("1 of 1 result (page 1/1)");
  expect(lines.filter((line) => line.startsWith("> "))).toEqual([expect.stringContaining("The boiler code is 4711.")]);
  expect(lines.slice(2, -1).every((line) => /^[> ] \d{4}-/.test(line))).toBe(true);
});
