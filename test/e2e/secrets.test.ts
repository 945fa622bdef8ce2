import { expect, test } from "vitest";
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
