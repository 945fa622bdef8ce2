import { spawnSync } from "node:child_process";
import { get } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/agents.ts";
import { all, lettaAt, testServer } from "./support/server.ts";

/** A server with two users, each with a key. */
async function two() {
  const server = await testServer();
  const keyOf = async (name: string): Promise<string> => {
    await server.accounts.addUser(name);
    return (await server.accounts.createKey({ user: name })).token;
  };
  const [ana, ben] = [await keyOf("ana"), await keyOf("ben")];
  return { server, ana: lettaAt(server, ana), ben: lettaAt(server, ben) };
}

test("once a key exists, every request needs a valid one", async () => {
  const { server } = await two();
  const status = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`${server.url}/v1/agents/`, { headers })).status;

  expect(await status({})).toBe(401);
  expect(await status({ authorization: "Bearer mg-wrong" })).toBe(401);
  expect(await status({ "x-bare-password": "password mg-wrong" })).toBe(401);
  expect(await (await fetch(`${server.url}/v1/agents/`)).json()).toMatchObject({ detail: "Unauthorized" });
  expect((await fetch(`${server.url}/v1/health/`)).status).toBe(200);
});

test("guessing keys and a flood of requests are answered with 429, and others are still served", async () => {
  const server = await testServer({ rate: 1 });
  const keyOf = async (name: string): Promise<string> => {
    await server.accounts.addUser(name);
    return (await server.accounts.createKey({ user: name })).token;
  };
  const [ana, ben] = [await keyOf("ana"), await keyOf("ben")];
  const statuses = async (token: string, times: number): Promise<Set<number>> => {
    const headers = { authorization: `Bearer ${token}` };
    const ask = async (): Promise<number> => (await fetch(`${server.url}/v1/agents/`, { headers })).status;
    return new Set(await Promise.all(Array.from({ length: times }, ask)));
  };

  expect(await statuses("mg-guessed", 100)).toEqual(new Set([401, 429]));
  expect(await statuses(ana, 100)).toEqual(new Set([200, 429]));
  expect(await statuses(ben, 1)).toEqual(new Set([200]));
});

test("one user's ids are 404 to another", async () => {
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

  const admin = (await server.accounts.createKey({ user: "default", admin: true })).token;
  const ben = (await server.accounts.createKey({ user: "ben" })).token;

  expect(await names(admin)).toMatchObject([{ name: "sam" }]);
  expect(await names(ben)).toEqual([]);
});

test("an admin adds users and keys over HTTP; others see no such routes", async () => {
  const { server, ben } = await two();
  const admin = lettaAt(server, (await server.accounts.createKey({ user: "default", admin: true })).token);

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

test("tokens are not stored, and a key created by another process works at once", async () => {
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

test("beyond this machine the server starts only if a key exists", async () => {
  const dir = temporaryFolder();

  await expect(testServer({ dir, host: "0.0.0.0" })).rejects.toMatchObject({ code: "config_invalid" });
  const { accounts } = await testServer({ dir });
  const { token } = await accounts.createKey({ user: "default" });
  const server = await testServer({ dir, host: "0.0.0.0" });
  const at = { url: server.url.replace("0.0.0.0", "127.0.0.1") };
  expect(await all(lettaAt(at, token).agents.list())).toEqual([]);
});

test("pages of other sites, and foreign host names, are refused; an allowed origin is not", async () => {
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

test.each(["Ana", "ANA", "a\u0301na", "\u00e1na"])(
  "a user, and what is named in it, stay apart from those whose names differ in case or form: %j",
  async (other) => {
    const { server, ana } = await two();
    await server.accounts.addUser(other);
    const theirs = lettaAt(server, (await server.accounts.createKey({ user: other })).token);
    const [agent, block] = [
      await ana.agents.create({ name: "Zo\u00eb" }),
      { label: "Notes", value: "a secret", limit: 100 },
    ];
    await ana.agents.blocks.attach((await ana.blocks.create(block)).id, { agent_id: agent.id });
    const folder = await ana.folders.create({ name: "Notes" });
    const same = await ana.agents.create({ name: "zoe\u0308" });

    expect(await all(theirs.agents.list())).toEqual([]);
    await expect(theirs.agents.retrieve(agent.id)).rejects.toMatchObject({ status: 404 });
    await theirs.agents.create({ name: "Zo\u00eb" });
    expect(await all(theirs.folders.list())).toEqual([]);
    // Labels are exact.
    await expect(ana.agents.blocks.retrieve("notes", { agent_id: agent.id })).rejects.toMatchObject({ status: 404 });
    expect(same.blocks.map(({ value }) => value)).not.toContain("a secret");
    expect((await ana.folders.create({ name: "notes" })).id).not.toBe(folder.id);
    expect((await ana.agents.retrieve(agent.id)).blocks.map(({ value }) => value)).toContain("a secret");
  },
);
