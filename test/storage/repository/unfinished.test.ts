import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder, testHome } from "../../support/agents.ts";

const MAKER = fileURLToPath(new URL("../drivers/maker.ts", import.meta.url));

/** A process that is in the middle of making an agent, with something in its folder. */
async function makerIn(dir: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--import", "tsx", MAKER, dir], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  await once(child.stdout, "data");
  return child;
}

function hidden(dir: string): string[] {
  return readdirSync(join(dir, "agents")).filter((name) => name.startsWith("."));
}

test("what a killed copy left is removed when agents are listed", async () => {
  const dir = temporaryFolder();
  const memgpt = await testHome({ dir });
  const maker = await makerIn(dir);
  expect(hidden(dir)).toHaveLength(1);

  maker.kill("SIGKILL");
  await once(maker, "exit");
  await memgpt.listAgents();

  expect(hidden(dir)).toEqual([]);
});

test("listing, creating and deleting agents leaves a copy in progress alone, however long it takes", async () => {
  const dir = temporaryFolder();
  const memgpt = await testHome({ dir });
  const maker = await makerIn(dir);

  await memgpt.listAgents();
  await (await memgpt.createAgent({ name: "sam" })).close();
  await memgpt.deleteAgent("sam");
  expect(hidden(dir)).toHaveLength(1);
  maker.stdin?.end("go on\n");
  await once(maker, "exit");

  expect(existsSync(join(dir, "agents", "made", "agent.db"))).toBe(true);
  expect(hidden(dir)).toEqual([]);
});
