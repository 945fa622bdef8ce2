import { expect, test } from "vitest";
import { memgpt, newHome, output, say } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

const MARKED = /\x1b\[1m\x1b\[4mJames\x1b\[24m\x1b\[22m/;

async function told(): Promise<string> {
  const home = newHome();
  await say(home, "ada", "My boyfriend is called James.");
  return home;
}

test("search --in all shows each storage under its name, and its JSON is one object", async () => {
  const home = await told();

  const text = await output(home, ["search", "ada", "boyfriend James", "--in", "all"]);
  const json: unknown = JSON.parse(await output(home, ["search", "ada", "James", "--in", "all", "--json"]));

  expect(text).toMatch(
    /^Core memory\n1 of 1 line\nhuman: .*James.*\n\nRecall memory\n\d of \d results? \(page 1\/1\)\n20\d\d-\d\d-\d\d \d\d:\d\d #\d+  user: My boyfriend is called James\./,
  );
  expect(text).toMatch(/\n\nArchival memory\nNo results found\.\n$/);
  expect(text).not.toContain("\x1b");
  expect(json).toMatchObject({
    core: { total: 1, results: [{ label: "human", matches: [[expect.any(Number), expect.any(Number)]] }] },
    recall: { total: expect.any(Number), page: 1 },
    archival: { total: 0, results: [] },
  });
});

test("a search of one storage that finds nothing says where else to look", async () => {
  const home = await told();

  const { stdout, stderr } = await memgpt(home, ["search", "ada", "zeppelin"]);

  expect(stdout).toBe("No results found.\n");
  expect(stderr).toBe("Only the conversation was searched; --in all searches core and archival memory too.\n");
});

test("--in all refuses filters that only one storage has", async () => {
  const home = await told();

  const { code, stderr } = await memgpt(home, ["search", "ada", "James", "--in", "all", "--page", "2"]);

  expect(code).toBe(2);
  expect(stderr).toMatch(/no page: leave it out, or search recall or archival memory alone/);
});

test("emphasises matches in a terminal, but not in a plain one or with NO_COLOR", async () => {
  const home = await told();
  const args = ["search", "ada", "james", "--in", "all"];
  const shown = async (env: Record<string, string>): Promise<string> => {
    const terminal = new Terminal(home, args, { env });
    await terminal.exited();
    return terminal.raw;
  };

  expect(await shown({})).toMatch(MARKED);
  expect(await shown({ TERM: "dumb" })).not.toContain("\x1b[1m");
  expect(await shown({ NO_COLOR: "1" })).not.toContain("\x1b[1m");
});

test("/search works in a chat, in a plain terminal and in a pipe", async () => {
  const home = await told();
  const chat = new Terminal(home, ["run", "--agent", "ada"]);
  await chat.ready();
  const found = await chat.say("/search james");
  const plain = new Terminal(home, ["run", "--agent", "ada", "--strip-ui"]);

  expect(found).toMatch(/Core memory\s+1\. human: .*James/);
  expect(chat.raw).toMatch(MARKED);
  chat.write("/exit\r");
  await chat.exited();
  await plain.ready();
  expect(await plain.say("/search james")).toMatch(/Recall memory\s+1\. 20\d\d-\d\d-\d\d \d\d:\d\d  you: /);
  expect(plain.raw).not.toContain("\x1b[4m");
  plain.write("/exit\r");
  await plain.exited();
  const piped = await output(home, ["run", "--agent", "ada"], { input: "/search james\n" });
  expect(piped).toMatch(/^Core memory\n1\. human: .*James/m);
  expect(piped).not.toMatch(/[\x1b\u{e01ee}\u{e01ef}]/u);
});
