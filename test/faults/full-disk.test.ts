import { execFile } from "node:child_process";
import { readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { MemGPT } from "memgpt";
import { describe, expect, test } from "vitest";
import {
  FaultControl,
  buildShim,
  faultyEnvironment,
  makeControlFile,
  missingForFaults,
} from "../../bench/faults/shim.ts";
import { temporaryFolder, testHome } from "../support/agents.ts";

const missing = await missingForFaults();
const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const run = promisify(execFile);

describe.skipIf(missing !== undefined)(`on a full disk (${missing ?? "there is a C compiler"})`, () => {
  /** Runs the program in a home on a disk where nothing can be written. */
  async function memgpt(dir: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const folder = temporaryFolder();
    const file = join(folder, "control");
    const library = await buildShim(folder);
    makeControlFile(file);
    const control = new FaultControl(file);
    control.arm(dir, { kind: "write", k: 1, errno: "ENOSPC", lasting: true });
    return run(process.execPath, ["--import", "tsx", MAIN, ...args], {
      env: { ...faultyEnvironment(library, file), MEMGPT_DIR: dir },
    });
  }

  test("an agent can be deleted", async () => {
    const dir = realpathSync(temporaryFolder());
    await (await (await testHome({ dir })).createAgent({ name: "sam" })).close();

    const { stdout, stderr } = await memgpt(dir, ["delete", "agent", "sam", "--yes"]);

    expect({ stdout, stderr }).toEqual({ stdout: "Deleted agent sam.\n", stderr: "" });
    expect(readdirSync(join(dir, "agents"))).toEqual([]);
  });

  test("an agent that is in use elsewhere is not deleted", async () => {
    const dir = realpathSync(temporaryFolder());
    const agent = await (await testHome({ dir })).createAgent({ name: "sam" });

    const refused = await memgpt(dir, ["delete", "agent", "sam", "--yes"]).catch((error: unknown) => error);
    await agent.close();

    expect(refused).toMatchObject({ stderr: expect.stringMatching(/in use by/) });
    expect(await (await MemGPT.open({ dir, env: {} })).hasAgent("sam")).toBe(true);
  });
});
