import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memgpt, newHome, output } from "./support/program.ts";

test("mcp install adds the memory to a JSON configuration beside what is there, once", async () => {
  const home = newHome();
  mkdirSync(join(home, ".cursor"));
  const file = join(home, ".cursor", "mcp.json");
  writeFileSync(file, JSON.stringify({ theme: "dark", mcpServers: { other: { command: "x" } } }));

  const shown = await output(home, ["mcp", "install", "cursor", "--agent", "sam", "--yes"]);
  const again = await output(home, ["mcp", "install", "cursor", "--agent", "sam", "--yes"]);

  const config = JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, unknown>>;
  expect(config).toMatchObject({
    theme: "dark",
    mcpServers: { other: { command: "x" }, memgpt: { args: expect.any(Array) } },
  });
  expect(shown).toContain('"--agent"');
  expect(again).toContain("has it already");
});

test("mcp install writes a table of TOML and leaves the others as they are", async () => {
  const home = newHome();
  mkdirSync(join(home, ".codex"));
  const file = join(home, ".codex", "config.toml");
  writeFileSync(file, '# mine\nmodel = "m"\n\n[mcp_servers.memgpt]\ncommand = "old"\n\n[tools]\nweb = true\n');

  await output(home, ["mcp", "install", "codex", "--yes"]);

  const text = readFileSync(file, "utf8");
  expect(text).toMatch(
    /^# mine\nmodel = "m"\n\n\[mcp_servers\.memgpt\]\ncommand = ".*node.*"\nargs = \[.*"serve".*\]\n/,
  );
  expect(text).toContain("[tools]\nweb = true\n");
  expect(text).not.toContain('"old"');
});

test("mcp install without a terminal writes nothing unless told to, and leaves a damaged file alone", async () => {
  const home = newHome();
  const file = join(home, ".claude.json");
  writeFileSync(file, "{ not JSON");

  const damaged = await memgpt(home, ["mcp", "install", "claude-code", "--yes"]);
  const asked = await memgpt(home, ["mcp", "install", "cursor"]);

  expect(damaged).toMatchObject({ code: 1, stderr: expect.stringContaining("Nothing was written") });
  expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes writes it") });
  expect(readFileSync(file, "utf8")).toBe("{ not JSON");
});

test("mcp add, list, test and remove a server over stdio, whose tools an agent can be given", async () => {
  const home = newHome();
  const everything = createRequire(import.meta.url).resolve("@modelcontextprotocol/server-everything/dist/index.js");

  const added = await output(home, ["mcp", "add", "every", "--", process.execPath, everything, "stdio"]);
  expect(added).toMatch(/^Added every with \d+ tools: .*\becho\b/);
  expect(added).toContain("memgpt functions add AGENT mcp:every");
  expect(await output(home, ["mcp", "list"])).toContain(`every: ${process.execPath} ${everything} stdio`);
  expect(await output(home, ["mcp", "test", "every"])).toMatch(/^every answers with \d+ tools\./);
  expect(await output(home, ["functions", "list"])).toMatch(/^echo +Echo/m);
  await output(home, ["run", "--agent", "sam", "-p", "Hello"]);
  expect(await output(home, ["functions", "add", "sam", "mcp:every/echo"])).toContain("Added mcp:every/echo");

  await output(home, ["mcp", "remove", "every"]);
  expect(await output(home, ["mcp", "list"])).toContain("No MCP servers yet");
  expect((await memgpt(home, ["mcp", "test", "every"])).stderr).toContain("every");
  expect(await output(home, ["functions", "list", "sam"])).toMatch(/echo +no +this program lacks it/);
});
