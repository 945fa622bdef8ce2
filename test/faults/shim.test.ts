import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Fault, KINDS } from "../../bench/faults/fault.ts";
import type { FaultControl } from "../../bench/faults/shim.ts";
import { temporaryFolder } from "../support/agents.ts";
import { faultyProcess, missing } from "./support.ts";

const WRITER = fileURLToPath(new URL("drivers/writer.ts", import.meta.url));

describe.skipIf(missing !== undefined)(`faults are injected (${missing ?? "there is a C compiler"})`, () => {
  /** Makes each kind of call below a folder, and says what became of it. */
  async function write(fault: Fault | undefined): Promise<{ said: Record<string, string>; control: FaultControl }> {
    const root = realpathSync(temporaryFolder());
    const { control, run } = await faultyProcess();
    control.arm(root, fault);
    const { stdout } = await run(WRITER, [root]);
    return { said: JSON.parse(stdout) as Record<string, string>, control };
  }

  test("counts every kind of call that changes a file, in Node and in SQLite", async () => {
    const { said, control } = await write(undefined);

    expect(new Set(Object.values(said))).toEqual(new Set(["done"]));
    for (const kind of KINDS) expect(control.seen[kind], kind).toBeGreaterThan(0);
    expect(control.failed).toBe(0);
  });

  test.each(KINDS)("a fault of %s makes only those calls fail", async (kind) => {
    const { said, control } = await write({ kind, k: 1, errno: "EIO", lasting: true });

    expect(said[kind]).toBe("EIO");
    expect(control.failed).toBeGreaterThan(0);
    if (kind !== "open") expect(said["open"]).toBe("done");
  });

  test("a single fault affects one call", async () => {
    const { control } = await write({ kind: "any", k: 3, errno: "ENOSPC", lasting: false });

    expect(control.failed).toBe(1);
  });
});
