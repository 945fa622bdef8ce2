import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { MAIN, environment, memgpt, newHome } from "./support/program.ts";

const DEVICE = "/dev/zero";

/** Runs `memgpt …` with the endless device as standard input. */
async function fed(home: string, args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: environment(home, { NODE_OPTIONS: "--max-old-space-size=400" }),
    stdio: [openSync(DEVICE, "r"), "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => {
    child.on("close", (code) => {
      resolve({ code, stderr });
    });
  });
}

test.runIf(process.platform === "linux").each<readonly [string[], RegExp]>([
  [["load", "notes", DEVICE], /is neither a file nor a folder/],
  [
    ["load", "database", "--name", "n", "--dump-path", DEVICE, "--query", "SELECT * FROM t"],
    /\/dev\/zero: no such table/,
  ],
  [["import", DEVICE, "-y"], /\/dev\/zero is not a file/],
  [["add", "persona", "p", "--file", DEVICE], /larger than 4 MB/],
  [["migrate", "--from", DEVICE], /has no agents/],
  [["restore-backup", DEVICE], /./],
])("memgpt %s ends with an error on an endless device", async (args, message) => {
  const { code, stderr } = await memgpt(newHome(), args);

  expect(stderr).toMatch(message);
  expect(code).not.toBe(0);
});

test
  .runIf(process.platform === "linux")
  .each<readonly [string[]]>([
    [["load", "notes", "-"]],
    [["add", "persona", "p", "--file", "-"]],
    [["configure", "set", "openai_api_key", "-"]],
    [["mcp", "add", "s", "http://127.0.0.1:1/", "--header", "-"]],
  ])("memgpt %s ends with an error on endless standard input", async (args) => {
  const { code, stderr } = await fed(newHome(), args);

  expect(stderr).toMatch(/Standard input is longer than \d+ [kM]B/);
  expect(code).not.toBe(0);
});

test.runIf(process.platform === "linux")(
  "a device that a message mentions is left out of it, and that is said",
  async () => {
    const { code, stderr } = await memgpt(newHome(), ["run", "--agent", "sam", "-p", `Read @${DEVICE}`]);

    expect(stderr).toContain(`${DEVICE} is not a file`);
    expect(code).toBe(0);
  },
);
