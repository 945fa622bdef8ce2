import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What each example must print, so that one that runs but does nothing is seen. */
const EXPECTED: Readonly<Record<string, RegExp>> = {
  "01-hello.ts": /human is now[\s\S]*Boyfriend named James[\s\S]*sam: .*James/,
  "02-memory.ts": /2023-05-08T13:56:00\.000Z user: We went to Six Flags[\s\S]*archival: .*Goliath[\s\S]*context: fits/,
  "03-own-function.ts": /roll_dice: Rolled \d, \d, \d+ in all[\s\S]*sam: There they go!/,
};

test("every example has an expected output", () => {
  expect(readdirSync(`${root}examples`).sort()).toEqual(Object.keys(EXPECTED));
});

test.each(Object.entries(EXPECTED))("%s runs with the practice model", (file, expected) => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--import", "tsx", `examples/${file}`], {
    cwd: root,
    encoding: "utf8",
  });

  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout).toMatch(expected);
});
