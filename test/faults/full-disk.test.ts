import { readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MemGPT } from "memgpt";
import { describe, expect, test } from "vitest";
import { temporaryFolder, testHome } from "../support/agents.ts";
import { faultyProcess, missing } from "./support.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

describe.skipIf(missing !== undefined)(`on a full disk (${missing ?? "there is a C compiler"})`, () => {
  /** Runs the program in a home on a disk where nothing can be written. */
  async function memgpt(dir: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const { control, run } = await faultyProcess();
    control.arm(dir, { kind: "write", k: 1, errno: "ENOSPC", lasting: true });
    return run(MAIN, args, { MEMGPT_DIR: dir });
  }

  test("an agent can be deleted", async () => {
    const dir = realpathSync(temporaryFolder());
    await (await (await testHome({ dir })).createAgent({ name: "sam" })).close();

    const { stdout, stderr } = await memgpt(dir, ["delete", "agent", "sam", "--yes"]);

    expect({ stdout, stderr }).toEqual({ stdout: "Deleted agent sam.\n", stderr: "" });
    expect(readdirSync(join(dir, "agents"))).toEqual([]);
  });

  test("an agent in use by another process is not deleted", async () => {
    const dir = realpathSync(temporaryFolder());
    const agent = await (await testHome({ dir })).createAgent({ name: "sam" });

    const { stderr } = await memgpt(dir, ["delete", "agent", "sam", "--yes"]);
    await agent.close();

    expect(stderr).toMatch(/in use by/);
    expect(await (await MemGPT.open({ dir, env: {} })).hasAgent("sam")).toBe(true);
  });
});
