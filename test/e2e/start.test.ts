import { mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import * as z from "zod";
import { newHome, output, say } from "./support/program.ts";

const DIST = new URL("../../dist/", import.meta.url).href;
const coverage = z.object({ result: z.array(z.object({ url: z.string() })) });

/** The files of ours that a command loads. */
async function filesLoaded(home: string, args: readonly string[]): Promise<{ count: number; bytes: number }> {
  const folder = join(home, `coverage-${args[0] ?? ""}`);
  mkdirSync(folder);
  await output(home, args, { env: { NODE_V8_COVERAGE: folder } });
  const urls = readdirSync(folder).flatMap((file) => {
    const { result } = coverage.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
    return result.flatMap(({ url }) => (url.startsWith(DIST) ? [url] : []));
  });
  const bytes = urls.map((url) => statSync(fileURLToPath(url)).size).reduce((sum, size) => sum + size, 0);
  return { count: urls.length, bytes };
}

test("a command loads few files, and only the code that it needs", async () => {
  const home = newHome();
  await say(home, "ada", "Hello");

  const list = await filesLoaded(home, ["list", "agents"]);
  const turn = await filesLoaded(home, ["run", "--agent", "ada", "-p", "Hello again"]);

  expect(list.count).toBeLessThanOrEqual(12);
  expect(list.bytes).toBeLessThan(500_000);
  expect(turn.count).toBeLessThanOrEqual(16);
  expect(turn.bytes).toBeLessThan(1_000_000);
});
