import { spawnSync } from "node:child_process";
import { get } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/agents.ts";
import { all, lettaAt, testServer } from "./support/server.ts";

/** A server with two users, each with a key. */
async function two() {
  const server = await testServer();
  const [ana, ben] = ["ana", "ben"].map((name) => {
    server.accounts.addUser(name);
    return server.accounts.createKey({ user: name }).token;
  });
  return { server, ana: lettaAt(server, ana), ben: lettaAt(server, ben) };
}

test("once there is a key, every request needs one that somebody has", async () => {
  const { server } = await two();
  const status = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`${server.url}/v1/agents/`, { headers })).status;

  expect(await status({})).toBe(401);
  expect(await status({ authorization: "Bearer mg-wrong" })).toBe(401);
  expect(await status({ "x-bare-password": "password mg-wrong" })).toBe(401);
  expect(await (await fetch(`${server.url}/v1/agents/`)).json()).toMatchObject({ detail: "Unauthorized" });
  expect((await fetch(`${server.url}/v1/health/`)).status).toBe(200);
});

test("no id of one user's answers anything but 404 to the other", async () => {
  const { ana, ben } = await two();
  const agent = await ana.agents.create({ name: "sam" });
  await ana.agents.messages.create(agent.id, { input: "My boyfriend is called James." });
  const block = await ana.blocks.create({ label: "notes", value: "secret" });
  const tool = await ana.tools.create({ source_code: "def secret_tool():\n    return 1\n" });
  const archive = await ana.archives.create({ name: "secrets" });
  const [run] = await all(ana.runs.list());

  const asked = [
    () => ben.agents.retrieve(agent.id),
    () => ben.agents.update(agent.id, { name: "mine" }),
    () => ben.agents.delete(agent.id),
    () => ben.agents.messages.list(agent.id),
    () => ben.agents.messages.create(agent.id, { input: "hi" }),
    () => ben.agents.messages.cancel(agent.id, {}),
    () => ben.agents.blocks.retrieve("human", { agent_id: agent.id }),
    () => ben.agents.passages.list(agent.id),
    () => ben.blocks.retrieve(block.id),
    () => ben.blocks.update(block.id, { value: "mine" }),
    () => ben.tools.retrieve(tool.id),
    () => ben.archives.retrieve(archive.id),
    () => ben.runs.retrieve(run?.id ?? ""),
    () => ben.agents.create({ block_ids: [block.id] }),
  ];
  for (const ask of asked) await expect(ask()).rejects.toMatchObject({ status: 404 });

  expect(await all(ben.agents.list())).toEqual([]);
  expect(await all(ben.agents.list({ after: agent.id }))).toEqual([]);
  expect(await all(ben.blocks.list())).toEqual([]);
  expect(await all(ben.runs.list())).toEqual([]);
  expect(await ben.passages.search({ query: "James" })).toEqual([]);
  expect((await all(ben.tools.list())).map(({ name }) => name)).not.toContain("secret_tool");
  // The same words as for an id that never was.
  const said = async (id: string): Promise<string> =>
    ben.agents.retrieve(id).then(
      () => "",
      (error: unknown) => String(error).replaceAll(id, "ID"),
    );
  expect(await said(agent.id)).toBe(await said("agent-00000000-0000-4000-8000-000000000001"));
  expect((await ana.agents.retrieve(agent.id)).name).toBe("sam");
});

test("the old user_id header counts for an admin's key, and for nobody else's", async () => {
  const { server, ana } = await two();
  await ana.agents.create({ name: "sam" });
  const id = server.accounts.user("ana")?.id ?? "";
  const names = async (token: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}`, user_id: id };
    return (await fetch(`${server.url}/v1/agents/`, { headers })).json();
  };

  const admin = server.accounts.createKey({ user: "default", admin: true }).token;
  const ben = server.accounts.createKey({ user: "ben" }).token;

  expect(await names(admin)).toMatchObject([{ name: "sam" }]);
  expect(await names(ben)).toEqual([]);
});

test("an admin adds users and keys over HTTP; to others there is nothing", async () => {
  const { server, ben } = await two();
  const admin = lettaAt(server, server.accounts.createKey({ user: "default", admin: true }).token);

  const carl = await admin.post<{ id: string }>("/v1/admin/users", { body: { name: "carl" } });
  const key = await admin.post<{ id: string; token: string }>(`/v1/admin/users/${carl.id}/keys`, { body: {} });
  const client = lettaAt(server, key.token);
  await client.agents.create({ name: "his" });
  expect(await all(client.agents.list())).toHaveLength(1);
  expect(JSON.stringify(await admin.get(`/v1/admin/users/${carl.id}/keys`))).not.toContain(key.token);

  await admin.delete(`/v1/admin/keys/${key.id}`);
  await expect(all(client.agents.list())).rejects.toMatchObject({ status: 401 });
  await expect(ben.get("/v1/admin/users")).rejects.toMatchObject({ status: 404 });
  expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
});

test("tokens are kept nowhere, and a key made by another process counts at once", async () => {
  const dir = temporaryFolder();
  const server = await testServer({ dir });
  const program = ["--import", "tsx", join(import.meta.dirname, "../../src/cli/main.ts")];
  const run = spawnSync(process.execPath, [...program, "keys", "create", "--json"], {
    env: { ...process.env, MEMGPT_DIR: dir },
    encoding: "utf8",
  });
  const { token } = JSON.parse(run.stdout) as { token: string };

  expect((await fetch(`${server.url}/v1/agents/`)).status).toBe(401);
  expect(await all(lettaAt(server, token).agents.list())).toEqual([]);
  expect(spawnSync("grep", ["-r", token, dir], { encoding: "utf8" }).stdout).toBe("");
});

test("beyond this machine the server starts only once there is a key", async () => {
  const dir = temporaryFolder();

  await expect(testServer({ dir, host: "0.0.0.0" })).rejects.toMatchObject({ code: "config_invalid" });
  const { accounts } = await testServer({ dir });
  const { token } = accounts.createKey({ user: "default" });
  const server = await testServer({ dir, host: "0.0.0.0" });
  const at = { url: server.url.replace("0.0.0.0", "127.0.0.1") };
  expect(await all(lettaAt(at, token).agents.list())).toEqual([]);
});

test("another site's page, and a name that points here, get nothing; a named origin does", async () => {
  const server = await testServer({ allowOrigins: ["http://localhost:3000"] });
  const { port } = new URL(server.url);
  const status = async (headers: Record<string, string>): Promise<number> =>
    new Promise((resolve) => {
      get({ port, host: "127.0.0.1", path: "/v1/agents/", headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
    });

  expect(await status({ origin: "https://evil.example" })).toBe(403);
  expect(await status({ host: "rebound.example" })).toBe(403);
  expect(await status({ origin: "http://localhost:3000" })).toBe(200);
  expect(await status({ origin: `http://127.0.0.1:${port}` })).toBe(200);
});
