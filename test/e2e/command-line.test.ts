import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MAIN, environment, memgpt, names, newHome, output, say, search } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

describe("without a command", () => {
  test("a terminal starts the chat", async () => {
    const terminal = new Terminal(newHome(), []);

    await terminal.ready();

    expect(terminal.text).toContain("Created agent agent_1");
    terminal.write("/exit\r");
    expect(await terminal.exited()).toBe(0);
  });

  test("the flags of run work", async () => {
    const home = newHome();

    await output(home, ["--agent", "ada", "-p", "I like rain."]);

    expect(names(await output(home, ["list", "agents", "--json"]))).toEqual(["ada"]);
  });

  test("each line of a pipe is a message", async () => {
    const home = newHome();

    await output(home, [], { input: "My hat is green.\n" });

    expect((await search(home, "agent_1", "hat")).total).toBeGreaterThan(0);
  });

  test.each(["What is my parrot called?", "Parrot?", "Tell me about my parrot", "我叫什么名字？"])(
    "asks %j once",
    async (question) => {
      const home = newHome();
      await say(home, "ada", "I have a parrot called Figaro.");

      const { code, stdout } = await memgpt(home, [question]);

      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/\S/) });
      expect((await search(home, "ada", `"${question}"`)).total).toBeGreaterThan(0);
    },
  );
});

test("run NAME means run --agent NAME, and two names are refused", async () => {
  const home = newHome();

  await output(home, ["run", "sam", "-p", "hi"]);
  const twice = await memgpt(home, ["run", "sam", "--agent", "ada", "-p", "hi"]);

  expect(names(await output(home, ["list", "agents", "--json"]))).toEqual(["sam"]);
  expect(twice).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--agent") });
});

test.each([
  { line: "chat", says: "memgpt run" },
  { line: "models", says: "memgpt configure" },
  { line: "list models", says: "memgpt configure" },
  { line: "agents", says: "memgpt list agents" },
  { line: "delete-agent --agent-name sam", says: "memgpt delete agent NAME" },
  { line: "serve", says: "The server is `memgpt server`" },
  { line: "personas", says: "memgpt list personas" },
  { line: "benchmark", says: "memgpt eval functions" },
  { line: "undoo", says: "Did you mean undo?" },
  { line: "pop", says: "/pop" },
  { line: "sam", says: "memgpt run sam" },
  { line: "what is my name", says: 'memgpt "what is my name"' },
  { line: "--yes inspect sam", says: "memgpt inspect" },
])("memgpt $line prints a one-line hint, exits with 2 and creates nothing", async ({ line, says }) => {
  const home = newHome();

  const { code, stdout, stderr } = await memgpt(home, line.split(" "));

  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^memgpt: .+\n$/);
  expect(stderr).toContain(says);
  expect(names(await output(home, ["list", "agents", "--json"]))).toEqual([]);
});

test("escape sequences in an unknown command do not reach the terminal", async () => {
  const { stderr } = await memgpt(newHome(), ["\x1b[31mred"]);

  expect(stderr).toContain("red");
  expect(stderr).not.toContain("\x1b");
});

test("the bash completion script completes commands, flags and agents' names", async () => {
  const home = newHome();
  await say(home, "grace hopper", "hi");
  const bin = join(home, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "memgpt"), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  chmodSync(join(bin, "memgpt"), 0o755);
  const offered = (...words: string[]): string[] => {
    const list = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
    const script = `source <(memgpt completion bash); COMP_WORDS=(memgpt ${list}); COMP_CWORD=${words.length}; _memgpt; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = environment(home, { PATH: `${bin}:${process.env["PATH"] ?? ""}` });
    const { stdout } = spawnSync("bash", ["--norc", "-c", script], { env, encoding: "utf8" });
    return stdout.split("\n").filter((line) => line !== "");
  };

  expect(offered("insp")).toEqual(["inspect"]);
  expect(offered("inspect", "gr")).toEqual(["grace\\ hopper"]);
  expect(offered("inspect", '"gr')).toEqual(["grace hopper"]);
  expect(offered("run", "--preset", "=", "memgpt_t")).toEqual(["memgpt_tiny"]);
  expect(offered("run", "--preset", "=", "")).toContain("memgpt_chat");
  expect(offered("run", "--output-f")).toEqual(["--output-format"]);
});

test("--help lists every command under a heading", async () => {
  const help = await output(newHome(), ["--help"]);

  const headings = help.split("\n").filter((line) => /^\S.*:$/.test(line));
  expect(headings.slice(0, 3)).toEqual(["Options:", "Chat:", "Memory:"]);
  // Where commander puts a command without one.
  expect(headings).not.toContain("Commands:");
});
