import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/agents.ts";
import { contents, memgpt, newHome } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

const TOKEN = `ghp_${"a1B2c3D4".repeat(5)}`;
const DOWN = "\x1b[B";

/** Names of files of the home that hold the token. */
function holding(home: string): string[] {
  return [...contents(home)].filter(([, text]) => text.includes(TOKEN)).map(([path]) => path);
}

test("the chat asks once about a secret, and a redacted one is in no file", async () => {
  const home = newHome();
  const terminal = new Terminal(home, ["run", "--agent", "ada", "--first"]);
  await terminal.ready();

  terminal.write(`My token is ${TOKEN}\r`);
  await terminal.until(/contains a secret: GitHub token[^]*❯ send it without the secret: My token is \[redacted/);
  terminal.write("\r");
  await terminal.until(/practice · \d+%/);
  await terminal.ready();
  terminal.write(`Another: ${TOKEN}\r`);
  await terminal.until(/❯ send it without the secret: Another/);
  terminal.write(DOWN);
  await terminal.until(/❯ send and store it unchanged/);
  terminal.write(DOWN);
  await terminal.until(/❯ do not send it/);
  terminal.write("\r");
  await terminal.until(/Not sent\. Nothing was stored\./);
  await terminal.say("/exit");

  expect(await terminal.exited()).toBe(0);
  expect(holding(home)).toEqual([]);
});

test("without a terminal a secret is redacted with a notice", async () => {
  const home = newHome();

  const { stderr } = await memgpt(home, ["run", "--agent", "ada", "-p", `My token is ${TOKEN}`]);

  expect(stderr).toContain("Redacted before it was stored or sent: GitHub token.");
  expect(holding(home)).toEqual([]);
});

test("a slash command stores no secret, names what it stored and says what it redacted", async () => {
  const home = newHome();
  await memgpt(home, ["run", "--agent", "ada", "-p", "hello"]);

  const rewritten = await memgpt(home, ["run", "--agent", "ada", "-p", `/rewrite Take ${TOKEN}`]);
  const saved = await memgpt(home, ["run", "--agent", "ada", "-p", `/save with ${TOKEN}`]);
  const edited = await memgpt(home, ["block", "edit", "human", "--agent", "ada", "--text", `Has ${TOKEN}`]);

  expect(saved.stdout).toContain("/load with [redacted: GitHub token] returns to it.");
  for (const { stderr } of [rewritten, saved, edited])
    expect(stderr).toContain("Redacted before it was stored or sent: GitHub token.");
  expect(holding(home)).toEqual([]);
});

describe("memgpt load", () => {
  const folderWith = (): string => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "deploy.txt"), `Deploy with ${TOKEN}, not ${TOKEN}.`);
    writeFileSync(join(folder, "notes.txt"), "Nothing of the kind.");
    return folder;
  };

  test.each([
    ["redact", "Redacted 2 secrets before storing (GitHub token), in deploy.txt.\n", "2 documents added"],
    ["skip", "Left out 1 document with secrets (GitHub token): deploy.txt.\n", "1 document added"],
    ["keep", "", "2 documents added"],
  ])("--secrets %s", async (choice, line, added) => {
    const home = newHome();

    const { stdout, stderr } = await memgpt(home, ["load", "work", folderWith(), "--secrets", choice]);

    expect(stderr).toBe(line);
    expect(stdout).toContain(added);
    expect(holding(home).length > 0).toBe(choice === "keep");
  });

  test("asks once in a terminal, and redacts without one", async () => {
    const home = newHome();
    const terminal = new Terminal(home, ["load", "work", folderWith()]);

    await terminal.until(/deploy\.txt contains a secret: GitHub token\.[^]*❯ load them without their secrets/);
    terminal.write("\r");

    expect(await terminal.exited()).toBe(0);
    expect(terminal.text).toContain("Redacted 2 secrets before storing (GitHub token), in deploy.txt.");
    expect(holding(home)).toEqual([]);
    const { stdout } = await memgpt(home, ["load", "more", folderWith(), "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ secrets: [{ document: "deploy.txt", count: 2, choice: "redact" }] });
    expect(holding(home)).toEqual([]);
  });
});
