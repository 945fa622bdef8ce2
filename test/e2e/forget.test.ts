import { expect, test } from "vitest";
import { contents, memgpt, newHome } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

const WORD = "Zanzibar";

/** Names of files of the home that hold the word. */
function holding(home: string): string[] {
  return [...contents(home)].filter(([, text]) => text.includes(WORD)).map(([path]) => path);
}

test("/forget shows what goes, asks, and leaves nothing, not even the line that asked for it", async () => {
  const home = newHome();
  const terminal = new Terminal(home, ["run", "--agent", "ada", "--first"]);
  await terminal.ready();
  await terminal.say(`my boyfriend is called ${WORD}`);

  terminal.write(`/forget ${WORD}\r`);
  await terminal.until(/Found in: [^]*Rewrite human without/);
  terminal.write("y\r");
  await terminal.until(/Forget this for good\?/);
  terminal.write("y\r");
  await terminal.until(/Forgotten\./);
  await terminal.ready();
  await terminal.say("/exit");

  expect(await terminal.exited()).toBe(0);
  expect(holding(home)).toEqual([]);
});

test("memgpt forget shows with --dry-run, refuses without a terminal, and forgets with --yes", async () => {
  const home = newHome();
  await memgpt(home, ["run", "--agent", "ada", "-p", `my boyfriend is called ${WORD}`]);

  const shown = await memgpt(home, ["forget", "ada", "--match", WORD, "--dry-run"]);
  const refused = await memgpt(home, ["forget", "ada", "--match", WORD]);
  expect(shown.stdout).toMatch(/Found in: \d+ messages[^]*Nothing was forgotten \(--dry-run\)\./);
  expect(refused.stderr).toContain("Nothing was forgotten; pass --yes");
  expect(holding(home)).not.toEqual([]);

  const done = await memgpt(home, ["forget", "ada", "--match", WORD, "--yes"]);

  expect(done.stdout).toContain("Forgotten.");
  expect(holding(home)).toEqual([]);
});
