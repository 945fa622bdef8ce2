import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect, test } from "vitest";
import { environment, memgpt, newHome, output } from "./support/program.ts";

test("mcp install adds the memory to a JSON configuration once, and keeps the rest", async () => {
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
  expect(again).toContain("already has it");
});

test("mcp install writes one TOML table and leaves the others unchanged", async () => {
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

/** The command and arguments in a configuration of either form. */
function serverIn(text: string): { command: string; args: string[] } {
  if (text.startsWith("{")) {
    const { mcpServers } = JSON.parse(text) as { mcpServers: { memgpt: { command: string; args: string[] } } };
    return mcpServers.memgpt;
  }
  const value = (name: string): unknown => JSON.parse(new RegExp(`^${name} = (.*)$`, "m").exec(text)?.[1] ?? "");
  return { command: value("command") as string, args: value("args") as string[] };
}

test.each([
  ["claude-code", ".claude.json"],
  ["cursor", ".cursor/mcp.json"],
  ["codex", ".codex/config.toml"],
] as const)("what mcp install writes for %s starts a server with the agent's memory", async (program, path) => {
  const home = newHome();
  await output(home, ["mcp", "install", program, "--agent", "sam", "--yes"]);
  const { command, args } = serverIn(readFileSync(join(home, path), "utf8"));

  const client = new Client({ name: "test-client", version: "1.0.0" });
  await client.connect(new StdioClientTransport({ command, args, env: environment(home) }));
  await client.callTool({ name: "memory_add", arguments: { text: "The boat is called Wren." } });
  await client.close();

  await expect
    .poll(() => output(home, ["search", "sam", "boat", "--in", "archival"]), { timeout: 30_000 })
    .toContain("The boat is called Wren.");
});

test("mcp install without a terminal writes nothing without --yes, and leaves a damaged file alone", async () => {
  const home = newHome();
  const file = join(home, ".claude.json");
  writeFileSync(file, "{ not JSON");

  const damaged = await memgpt(home, ["mcp", "install", "claude-code", "--yes"]);
  const asked = await memgpt(home, ["mcp", "install", "cursor"]);

  expect(damaged).toMatchObject({ code: 1, stderr: expect.stringContaining("Nothing was written") });
  expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining("pass --yes") });
  expect(readFileSync(file, "utf8")).toBe("{ not JSON");
});

test("mcp add, list, test and remove a server over stdio, and give its tools to an agent", async () => {
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
