import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { collect, temporaryFolder } from "../support/agents.ts";
import { freePort } from "../support/free-port.ts";
import { homeWith, returns } from "./support/mcp-home.ts";

// A server may take a minute to start, on a machine that does much else.
vi.setConfig({ testTimeout: 180_000 });

const reference = (name: string) =>
  fileURLToPath(new URL(`../../node_modules/@modelcontextprotocol/server-${name}/dist/index.js`, import.meta.url));

test("the reference server everything over stdio: one tool, fenced with its origin", async () => {
  const { memgpt, agent } = await homeWith([["echo", { message: "Hello there" }]]);
  await memgpt.mcp.add("every", { command: [process.execPath, reference("everything"), "stdio"] });

  await agent.addFunction("mcp:every/echo");
  const [returned] = returns(await collect(agent.send("Echo.")));

  expect(returned?.status).toBe("OK");
  expect(returned?.output).toMatch(/^\[data \S+ tool:echo\] .*Hello there \[end \S+\]$/);
});

test("the reference server everything over streamable HTTP", async () => {
  const port = await freePort();
  const child = spawn(process.execPath, [reference("everything"), "streamableHttp"], {
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await Promise.race([once(child.stderr, "data"), once(child.stdout, "data")]);
  const { memgpt, agent } = await homeWith([["echo", { message: "Over HTTP" }]]);

  await memgpt.mcp.add("every", { url: `http://127.0.0.1:${port}/mcp` });
  await agent.addFunction("mcp:every/echo");

  expect(returns(await collect(agent.send("Echo.")))[0]?.output).toContain("Over HTTP");
});

test("the reference servers filesystem and memory: all tools, and names that collide are prefixed", async () => {
  const { memgpt, agent, dir } = await homeWith([
    ["list_allowed_directories", {}],
    ["again_read_text_file", { path: "/etc/passwd" }],
    ["create_entities", { entities: [{ name: "Ada", entityType: "person", observations: ["likes figs"] }] }],
  ]);
  const folder = join(dir, "files");
  mkdirSync(folder);
  writeFileSync(join(folder, "a.txt"), "Figs.");
  const files = { command: [process.execPath, reference("filesystem"), folder] };
  await memgpt.mcp.add("files", files);
  await memgpt.mcp.add("again", files);
  const store = join(dir, "graph.jsonl");
  await memgpt.mcp.add("graph", { command: [process.execPath, reference("memory")], env: { MEMORY_FILE_PATH: store } });

  await agent.configure({ contextWindow: 32_768 });
  for (const server of ["files", "again", "graph"]) await agent.addFunction(`mcp:${server}`);
  const returned = returns(await collect(agent.send("Go.")));

  expect(returned.map(({ name, status }) => [name, status])).toEqual([
    ["list_allowed_directories", "OK"],
    ["again_read_text_file", "Failed"],
    ["create_entities", "OK"],
  ]);
  expect(readFileSync(store, "utf8")).toContain("likes figs");
  await agent.removeFunction("mcp:graph");
  expect(agent.state.functions).not.toContain("create_entities");
});

test("tools that leave no room for a conversation are refused", async () => {
  const { memgpt, agent } = await homeWith([]);
  await memgpt.mcp.add("every", { command: [process.execPath, reference("everything"), "stdio"] });
  await memgpt.mcp.add("files", { command: [process.execPath, reference("filesystem"), temporaryFolder()] });
  await memgpt.mcp.add("graph", { command: [process.execPath, reference("memory")] });
  await agent.configure({ contextWindow: 4096 });
  const before = agent.state.functions;

  await expect(
    Promise.resolve()
      .then(() => agent.addFunction("mcp:files"))
      .then(() => agent.addFunction("mcp:graph")),
  ).rejects.toMatchObject({ code: "context_overflow" });

  expect(agent.state.functions).toEqual(before);
});

test("servers are stored in a file readable only by its owner, and no list shows their keys", async () => {
  const { memgpt, dir } = await homeWith([]);

  await memgpt.mcp.add("graph", {
    command: [process.execPath, reference("memory")],
    env: { MEMORY_FILE_PATH: join(dir, "g.jsonl") },
  });

  expect(statSync(join(dir, "mcp.json")).mode & 0o777).toBe(0o600);
});

test("a tool needs consent, and is refused if nobody can be asked", async () => {
  const { memgpt } = await homeWith([["echo", { message: "Hello" }]]);
  await memgpt.mcp.add("every", { command: [process.execPath, reference("everything"), "stdio"] });
  const alone = await memgpt.createAgent({ name: "alone" });
  await alone.addFunction("mcp:every/echo");

  expect(returns(await collect(alone.send("Echo.")))[0]?.output).toMatch(/^Not permitted: echo/);
});

test("a command is started in the folder where it was added, so that paths in it stay right", async () => {
  const { memgpt, agent, dir } = await homeWith([["list_allowed_directories", {}]]);
  mkdirSync(join(dir, "notes"));
  writeFileSync(join(dir, "notes", "tea.txt"), "Tea.");
  const command = [process.execPath, reference("filesystem"), "notes"];

  const { server } = await memgpt.mcp.add("files", { command, folder: dir });
  await agent.addFunction("mcp:files/list_allowed_directories");

  expect(server.folder).toBe(dir);
  expect(returns(await collect(agent.send("Where?")))[0]?.output).toContain(join(dir, "notes"));
});

test("a removed server leaves an agent that loads and says so", async () => {
  const { memgpt, agent } = await homeWith([]);
  await memgpt.mcp.add("every", { command: [process.execPath, reference("everything"), "stdio"] });
  await agent.addFunction("mcp:every/echo");
  await agent.close();
  memgpt.mcp.remove("every");

  const again = await memgpt.openAgent("sam");

  await again.refreshFunctions();
  expect(again.permissions()).toContainEqual(expect.objectContaining({ name: "echo", why: "this program lacks it" }));
});

test("a server that cannot be started or reached is not added", async () => {
  const { memgpt } = await homeWith([]);

  await expect(memgpt.mcp.add("none", { command: ["/no/such/program"] })).rejects.toMatchObject({
    code: "not_found",
    message: expect.stringContaining("there is no program /no/such/program"),
  });
  await expect(memgpt.mcp.add("none", { url: "http://127.0.0.1:1/" })).rejects.toMatchObject({ code: "not_found" });
  await expect(memgpt.mcp.add("no good", { command: ["x"] })).rejects.toMatchObject({ code: "invalid_input" });
  await expect(memgpt.mcp.add("none", {})).rejects.toMatchObject({ code: "invalid_input" });
  expect(memgpt.mcp.list()).toEqual([]);
});
