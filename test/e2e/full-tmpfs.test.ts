import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder, testHome } from "../support/agents.ts";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const NAMESPACE = ["-rm", "sh", "-ec"];
const isAble = spawnSync("unshare", [...NAMESPACE, "mount -t tmpfs -o size=1m none /mnt"]).status === 0;
if (!isAble) console.warn("skipped: a full disk; unshare -rm cannot mount one here");

test.skipIf(!isAble)("a full disk is named by forget and by doctor", async () => {
  const home = join(temporaryFolder(), "home");
  const memgpt = await testHome({ dir: home });
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.addPassages([{ text: "Once in Zanzibar." }]);
  await agent.close();
  await memgpt.close();
  const copy = temporaryFolder();
  cpSync(home, join(copy, "home"), { recursive: true });
  const script = `
    mount -t tmpfs -o size=8m none /mnt
    cp -r "${copy}/home" /mnt/home
    dd if=/dev/zero of=/mnt/filler bs=4k 2>/dev/null || true
    export MEMGPT_DIR=/mnt/home
    node "${MAIN}" forget sam --match Zanzibar --yes || true
    node "${MAIN}" doctor || true`;

  const { stdout, stderr } = spawnSync("unshare", [...NAMESPACE, script], { encoding: "utf8" });

  expect(stderr).toMatch(/[Tt]he disk is full/);
  expect(stdout).toMatch(/the disk with \/mnt\/home is full \(0\.0 MB are left\)/);
});
