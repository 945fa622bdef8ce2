import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { MAIN, dataFolder, environment, memgpt, newHome } from "./support/program.ts";

const FULL = "/dev/full";

/** Runs the program with standard output on a device that is always full. */
function onFullDevice(home: string, words: string): { status: number | null; stderr: string } {
  const command = `exec "${process.execPath}" "${MAIN}" ${words} >${FULL}`;
  const { status, stderr } = spawnSync("sh", ["-c", command], { env: environment(home), encoding: "utf8" });
  return { status, stderr };
}

test.runIf(existsSync(FULL)).each(["list agents", "export ada", "run --agent ada -p hi"])(
  "%s says in one line that standard output cannot be written",
  async (words) => {
    const home = newHome();
    await memgpt(home, ["run", "--agent", "ada", "-p", "hello"]);

    const { status, stderr } = onFullDevice(home, words);

    expect(stderr.split("\n").filter((line) => line.startsWith("memgpt: "))).toEqual([
      expect.stringMatching(/Standard output cannot be written \(ENOSPC.*\)\. What was stored until then is kept\.$/),
    ]);
    expect(stderr).not.toMatch(/^\s+at |This is a bug/m);
    expect(status).toBe(1);
  },
);

test("names a file in place of the agents' folder, and a folder in place of the keys or a database", async () => {
  const home = newHome();
  await memgpt(home, ["run", "--agent", "ada", "-p", "hello"]);
  mkdirSync(dataFolder(home, "credentials.json"));
  const database = dataFolder(home, "agents", "ada", "agent.db");
  rmSync(database);
  mkdirSync(database);

  const opened = await memgpt(home, ["run", "--agent", "ada", "-p", "hello"]);

  expect(opened.stderr).toContain("credentials.json is not a file, so no keys are read from it: move it away.");
  expect(opened.stderr).not.toContain("chmod");
  expect(opened.stderr).toContain("agent.db is not a regular file.");
  expect(opened.code).toBe(1);

  rmSync(dataFolder(home, "agents"), { recursive: true });
  writeFileSync(dataFolder(home, "agents"), "");
  const { code, stderr } = await memgpt(home, ["list", "agents"]);

  expect(stderr).toContain("where the agents belong, is not a folder.");
  expect(stderr).not.toContain("This is a bug");
  expect(code).toBe(1);
});
