import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memgpt, names, newHome, output, say } from "./support/program.ts";

const AWAY = ["--model", "x", "--model-endpoint", "http://127.0.0.1:9/v1"];

test("a failing first message leaves no empty agent behind; an older agent stays", async () => {
  const home = newHome();

  const made = await memgpt(home, ["run", ...AWAY, "-p", "hi"]);
  const named = await memgpt(home, ["run", "--agent", "ada", ...AWAY, "-p", "hi"]);
  const empty = await memgpt(home, ["run", "-p", " "]);
  const left = names(await output(home, ["list", "agents", "--json"]));
  await say(home, "ada", "hi");
  const older = await memgpt(home, ["run", "--agent", "ada", ...AWAY, "-p", "hi"]);

  expect([made.code, named.code, empty.code, older.code]).toEqual([1, 1, 2, 1]);
  for (const { stderr } of [made, named, empty]) expect(stderr).toMatch(/Removed the empty agent (agent_1|ada)\./);
  expect(left).toEqual([]);
  expect(older.stderr).not.toContain("Removed");
  expect(names(await output(home, ["list", "agents", "--json"]))).toEqual(["ada"]);
});

test.each(
  [["list", "agents"], ["list", "presets"], ["inspect", "ada"], ["search", "ada", "hi"], ["folder"], ["doctor"]].map(
    (args) => [args],
  ),
)("memgpt %j reports a MEMGPT_DIR that is a file", async (args) => {
  const home = newHome();
  const occupied = join(home, "occupied");
  writeFileSync(occupied, "A file.");

  const { code, stdout, stderr } = await memgpt(home, args, { env: { MEMGPT_DIR: occupied } });

  expect(code).toBe(1);
  expect(stdout + stderr).toContain(`${occupied} is a file, not a folder`);
  expect(stderr).not.toMatch(/bug in memgpt|\n\s+at /);
});
