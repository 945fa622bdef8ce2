import { realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openDatabase } from "../../src/storage/sqlite/database.ts";
import { temporaryFolder } from "../support/agents.ts";
import { faultyProcess, missing } from "./support.ts";

const COMMITTER = fileURLToPath(new URL("drivers/committer.ts", import.meta.url));

describe.skipIf(missing !== undefined)(`a commit that cannot be synced (${missing ?? "there is a C compiler"})`, () => {
  /** @returns what the process said of the last of its rows, and the rows that are there after it was killed. */
  async function commit(kind: "sync" | "any"): Promise<{ said: string; rows: unknown[] }> {
    const root = realpathSync(temporaryFolder());
    const { run } = await faultyProcess();
    const file = join(root, "agent.db");
    const { stdout } = await run(COMMITTER, [root, file, kind]);
    const db = await openDatabase(file);
    const rows = db.prepare("SELECT x FROM t ORDER BY x").pluck().all();
    db.close();
    return { said: stdout, rows };
  }

  test("is gone for good, even if the log had all of it", async () => {
    const { said, rows } = await commit("sync");

    expect(said).toMatch(/^nothing: The agent's database refused: disk I\/O error\. Nothing of this step was kept\.$/);
    expect(rows).toEqual([0, 1]);
  });

  test("is reported as unknown if the log can no longer be changed", async () => {
    const { said } = await commit("any");

    expect(said).toMatch(/^unknown: .*Whether this step was kept is not known; opening the agent again shows it\.$/);
  });
});
