import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { dataFolder, homesLike, inspect, memgpt, output, say } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

/** A home with an agent ada that knows of a cat. */
const homeWithAda = homesLike((home) => say(home, "ada", "My cat is called Miezi"));

test("an export replaces a file only with --force", async () => {
  const home = await homeWithAda();
  const file = join(home, "notes.md");
  writeFileSync(file, "my own notes");

  const refused = await memgpt(home, ["export", "ada", "--output", file]);

  expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/exists.*Nothing was exported.*--force/s) });
  expect(readFileSync(file, "utf8")).toBe("my own notes");
  await output(home, ["export", "ada", "--output", file, "--force"]);
  expect(readFileSync(file, "utf8")).toContain("Miezi");
});

test("the name of an export's file chooses the format, unless --format does", async () => {
  const home = await homeWithAda();
  const [json, agentFile, text] = ["ada.json", "ada.af", "ada.txt"].map((name) => join(home, name)) as [
    string,
    string,
    string,
  ];

  await output(home, ["export", "ada", "--output", json]);
  await output(home, ["run", "--agent", "ada", "-p", `/export ${agentFile}`]);
  await output(home, ["export", "ada", "--output", text]);

  expect(JSON.parse(readFileSync(json, "utf8"))).toMatchObject({ version: 1 });
  expect(JSON.parse(readFileSync(agentFile, "utf8"))).toHaveProperty("agents");
  expect(readFileSync(text, "utf8")).toMatch(/^# /);
  await output(home, ["export", "ada", "--output", json, "--format", "markdown", "--force"]);
  expect(readFileSync(json, "utf8")).toMatch(/^# /);
});

test("the plan of an import counts the messages that its result counts", async () => {
  const home = await homeWithAda();
  const file = join(home, "ada.json");
  await output(home, ["export", "ada", "--output", file]);

  const imported = await output(home, ["import", file, "--agent", "bea", "-y"]);

  const [planned, added] = [...imported.matchAll(/(\d+) messages?/g)].map(([, count]) => count);
  expect(added).toBe(planned);
  expect(Number(added)).toBeGreaterThan(2);
});

test("in a terminal, an export asks before it replaces a file", async () => {
  const home = await homeWithAda();
  const file = join(home, "notes.md");
  writeFileSync(file, "my own notes");
  const terminal = new Terminal(home, ["export", "ada", "--output", file]);

  await terminal.until("Replace");
  terminal.write("\r");
  await terminal.until("Nothing was exported.");

  expect(readFileSync(file, "utf8")).toBe("my own notes");
});

test.each([true, false])("an export never writes into agents' folders (through a link: %s)", async (linked) => {
  const home = await homeWithAda();
  const agents = dataFolder(home, "agents");
  if (linked) symlinkSync(agents, join(home, "link"));
  const folder = linked ? join(home, "link") : agents;
  const database = readFileSync(join(agents, "ada", "agent.db"));

  for (const file of [join(folder, "ada", "agent.db"), join(folder, "ada", "new.md"), join(folder, "new.md")]) {
    const { code, stderr } = await memgpt(home, ["export", "ada", "--output", file, "--force"]);

    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/Nothing was exported/) });
  }
  expect(readFileSync(join(agents, "ada", "agent.db"))).toEqual(database);
  expect(readdirSync(join(agents, "ada"))).not.toContain("new.md");
});

test("deleting an agent removes the messages typed to it, but not to others", async () => {
  const home = await homeWithAda();
  const exported = await output(home, ["export", "ada", "--format", "json"]);
  const { agent } = z.object({ agent: z.object({ id: z.string() }) }).parse(JSON.parse(exported));
  const history = dataFolder(home, "history.jsonl");
  mkdirSync(dataFolder(home), { recursive: true });
  const lines = [{ agent: agent.id, text: "a secret" }, { agent: "another", text: "hello" }, "of an older version"];
  writeFileSync(history, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));

  await output(home, ["delete", "agent", "ada", "--yes"]);

  const left = readFileSync(history, "utf8");
  expect(left).not.toContain("a secret");
  expect(left).toContain("hello");
  expect(left).toContain("of an older version");
});

test("delete asks with counts of the agent's memory, or says that it is unreadable", async () => {
  const home = await homeWithAda();
  const { total } = (await inspect(home, "ada")).recall;

  const counted = new Terminal(home, ["delete", "agent", "ada"]);
  await counted.until(`Delete ada with its ${total} messages and 0 passages, for good?`);
  counted.write("\r");
  expect(await counted.exited()).toBe(0);
  writeFileSync(dataFolder(home, "agents", "ada", "agent.db"), "no database");
  const unreadable = new Terminal(home, ["delete", "agent", "ada"]);
  await unreadable.until("Delete ada whose memory cannot be read, for good?");
  unreadable.write("y\r");

  expect(await unreadable.exited()).toBe(0);
  expect(unreadable.text).toContain("Deleted agent ada.");
});
