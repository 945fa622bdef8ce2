import { readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memgpt, newHome, output, say } from "./support/program.ts";

test("a backup file is verified, and restores its agents in another home", async () => {
  const [home, other] = [newHome(), newHome()];
  await say(home, "ada", "My cat is called Miezi");
  await say(home, "ben", "My dog is called Rex");
  const file = join(home, "all.memgpt");

  expect(await output(home, ["backup", "--all", file])).toMatch(/Backed up 2 agents[^]*ada: \d+ messages, 0 passages/);
  expect(await output(other, ["restore-backup", file, "--verify"])).toMatch(/is intact; it holds 2 agents/);
  expect(await output(other, ["list", "agents"])).not.toContain("ada");
  expect(await output(other, ["restore-backup", file])).toMatch(/Restored 2 agents/);
  expect(await output(other, ["search", "ada", "Miezi"])).toContain("Miezi");
  expect(await memgpt(other, ["restore-backup", file])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Nothing was restored"),
  });
});

test("restoring a truncated backup exits with 1 and names the missing parts", async () => {
  const home = newHome();
  await say(home, "ada", "My cat is called Miezi");
  const file = join(home, "ada.memgpt");
  await output(home, ["backup", "ada", file]);
  truncateSync(file, readFileSync(file).length - 3000);

  const { code, stderr } = await memgpt(home, ["restore-backup", file, "--as", "ada_2"]);

  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/damaged. Nothing was restored.[^]*agent-1\/agent_state\/.* is (cut off|missing)/),
  });
  expect(await output(home, ["list", "agents"])).not.toContain("ada_2");
});

test("restore-backup takes -y, and says in plain words that a file does not exist", async () => {
  const { code, stderr } = await memgpt(newHome(), ["restore-backup", "nofile", "-y"]);

  expect({ code, stderr }).toEqual({ code: 1, stderr: "memgpt: nofile does not exist. Nothing was restored.\n" });
});

test("backup requires an agent and a file", async () => {
  expect(await memgpt(newHome(), ["backup", "ada"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("name an agent (or pass --all)"),
  });
});
