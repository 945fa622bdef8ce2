import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memgpt, newHome } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

const WORD = "Zanzibar";

/** Every file of a home with its bytes and the time of its last change. */
function filesOf(home: string): ReadonlyMap<string, string> {
  const names = readdirSync(home, { recursive: true, encoding: "utf8" }).map((name) => join(home, name));
  return new Map(
    names.map((file) => {
      const { mtimeMs, size } = statSync(file);
      const content = statSync(file).isFile() ? readFileSync(file, "latin1") : "";
      return [file, `${mtimeMs} ${size} ${content}`];
    }),
  );
}

test("--incognito answers from what the agent knows and touches no file of the home", async () => {
  const home = newHome();
  await memgpt(home, ["run", "--agent", "ada", "-p", "my boyfriend is called James"]);
  const before = filesOf(home);

  const run = (message: string) => memgpt(home, ["run", "--agent", "ada", "--incognito", "-p", message]);
  const told = await run(`my sister is called ${WORD}`);
  const asked = await run("what is my boyfriend called?");
  const gone = await run("what is my sister called?");

  expect(told.code).toBe(0);
  expect(told.stderr).toContain("Incognito: nothing of this session is stored");
  expect(asked.stdout).toContain("James");
  expect(gone.stdout).not.toContain(WORD);
  expect(filesOf(home)).toEqual(before);
});

test("--incognito creates no agent", async () => {
  const home = newHome();

  const { code, stderr } = await memgpt(home, ["run", "--agent", "nobody", "--incognito", "-p", "hello"]);

  expect(code).not.toBe(0);
  expect(stderr).toContain("An incognito session stores nothing, so it needs an existing agent");
});

test("/incognito in the chat remembers within the session, and no file contains its messages or typed lines", async () => {
  const home = newHome();
  const terminal = new Terminal(home, ["run", "--agent", "ada", "--first"]);
  await terminal.ready();
  await terminal.say("my boyfriend is called James");
  await terminal.say("/incognito");
  expect(terminal.text).toContain("Incognito: nothing of this session is stored");
  const before = filesOf(home);

  await terminal.say(`my sister is called ${WORD}`);
  await terminal.say("what is my sister called?");
  expect(terminal.text).toMatch(/ {2}incognito · practice/);
  await terminal.say("/save now");
  expect(terminal.text).toContain("An incognito session writes no checkpoints");

  expect(filesOf(home)).toEqual(before);
  const exported = join(newHome(), "talk.md");
  await terminal.say(`/export ${exported}`);
  expect(terminal.text.replace(/\s+/g, " ")).toContain("as it was before /incognito; this session is not in it");
  expect(readFileSync(exported, "utf8")).not.toContain(WORD);
  await terminal.say("/incognito");
  expect(terminal.text).toContain("What was said since /incognito is gone.");
  await terminal.say("what is my sister called?");
  await terminal.say("/exit");
  expect(await terminal.exited()).toBe(0);
  for (const [file, text] of filesOf(home)) expect(text.includes(WORD), file).toBe(false);
});
