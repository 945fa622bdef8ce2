import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TEST_SERVER, databaseUrl } from "../support/postgres.ts";
import { Running, dataFolder, errorLines, memgpt, newHome, output } from "./support/program.ts";

const NOBODY = "postgres://alice:s3cret@127.0.0.1:1/none";

describe.skipIf(TEST_SERVER === undefined)("agents in PostgreSQL", () => {
  test("an agent is talked to, undone, searched and asked why, without any file", async () => {
    const home = newHome();
    const env = { MEMGPT_DATABASE: await databaseUrl() };
    const say = async (message: string): Promise<string> =>
      output(home, ["run", "--agent", "sam", "-p", message], { env });

    await say("My name is Ada. I live in Lisbon.");
    await say("My favourite drink is green tea.");
    const { code, stdout } = await memgpt(home, ["run", "--agent", "sam"], {
      env,
      input: "/undo\n/redo\nWhere do I live?\n/why\n/search lisbon\n/save mine\n/exit\n",
    });

    expect(code).toBe(0);
    expect(stdout).toContain("Redid turn");
    expect(stdout).toMatch(/Asked \(.*\): Where do I live\?/);
    expect(stdout).toContain("3 of 3 results");
    expect(await output(home, ["search", "sam", "tea"], { env })).toContain("green tea");
    expect(await output(home, ["checkpoints", "sam"], { env })).toContain("mine");
    expect(await output(home, ["history", "sam"], { env })).toContain("Ada");
    expect(await output(home, ["undo", "sam"], { env })).not.toBe("");
    expect(await output(home, ["list", "agents"], { env })).toContain("sam");
    expect(existsSync(dataFolder(home, "agents"))).toBe(false);
  });

  test("a flag wins over the environment, that over the configuration; without any, files are used", async () => {
    const home = newHome();
    const [flag, variable, file] = [await databaseUrl(), await databaseUrl(), await databaseUrl()];
    const make = async (name: string, args: string[], env: Record<string, string> = {}): Promise<string> =>
      output(home, ["run", "--agent", name, ...args, "-p", "hi"], { env });

    await make("in-files", []);
    await output(home, ["configure", "set", "database", file]);
    await make("by-file", []);
    await make("by-variable", [], { MEMGPT_DATABASE: variable });
    await make("by-flag", ["--database", flag], { MEMGPT_DATABASE: variable });

    const list = async (args: string[], env: Record<string, string> = {}): Promise<string[]> =>
      (JSON.parse(await output(home, ["list", "agents", "--json", ...args], { env })) as { name: string }[]).map(
        ({ name }) => name,
      );
    expect(await list(["--database", flag])).toEqual(["by-flag"]);
    expect(await list([], { MEMGPT_DATABASE: variable })).toEqual(["by-variable"]);
    expect(await list([])).toEqual(["by-file"]);
    await output(home, ["configure", "set", "database", "--unset"]);
    expect(await list([])).toEqual(["in-files"]);
  });

  test("an agent leaves a database as an export and comes back by import", async () => {
    const home = newHome();
    const flags = ["--database", await databaseUrl()];
    const file = join(home, "sam.json");
    await output(home, ["run", "--agent", "sam", "-p", "My name is Ada.", ...flags]);

    await output(home, ["export", "sam", "--format", "json", "--output", file, ...flags]);
    await output(home, ["rename", "sam", "old", ...flags]);
    await output(home, ["import", file, "--agent", "new", "--yes", ...flags]);
    await output(home, ["copy", "old", "twin", ...flags]);
    await output(home, ["delete", "agent", "old", "--yes", ...flags]);

    expect(await output(home, ["search", "new", "Ada", ...flags])).toContain("My name is Ada.");
    const listed = await output(home, ["list", "agents", "--json", ...flags]);
    expect((JSON.parse(listed) as { name: string }[]).map(({ name }) => name).sort()).toEqual(["new", "twin"]);
  });

  test("commands about files say so, and change nothing", async () => {
    const home = newHome();
    const env = { MEMGPT_DATABASE: await databaseUrl() };
    await output(home, ["run", "--agent", "sam", "-p", "hi"], { env });

    for (const args of [
      ["backup", "sam", join(home, "sam.backup")],
      ["restore-backup", join(home, "sam.backup")],
      ["doctor", "--repair", "--agent", "sam"],
    ]) {
      const { code, stderr } = await memgpt(home, args, { env });
      expect(code).toBe(2);
      expect(stderr).toMatch(/in PostgreSQL/);
    }
    expect(existsSync(join(home, "sam.backup"))).toBe(false);
    expect((await memgpt(home, ["doctor"], { env })).stdout).toMatch(
      /ok {4}database: postgres:.* answers; agents: 1; vectors are compared by /,
    );
  });

  test("the server separates its users' agents; its own person's are the terminal's", async () => {
    const home = newHome();
    const url = await databaseUrl();
    await output(home, ["run", "--agent", "mine", "--database", url, "-p", "My name is Ada."]);
    const server = new Running(home, ["server", "--port", "0", "--database", url]);
    await server.until("stdout", /serves at/);
    await output(home, ["users", "add", "bob", "--database", url]);
    const key = async (user: string): Promise<string> =>
      (
        JSON.parse(await output(home, ["keys", "create", "--user", user, "--json", "--database", url])) as {
          token: string;
        }
      ).token;
    const [own, bobs] = [await key("default"), await key("bob")];
    const address = server.stdout.match(/http:\S+/)?.[0] ?? "";
    const call = async (token: string, path: string, body?: object): Promise<unknown> => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
      return (await fetch(`${address}${path}`, init)).json();
    };

    const listed = (await call(own, "/v1/agents/")) as { id: string; name: string }[];
    expect(listed.map(({ name }) => name)).toEqual(["mine"]);
    const said = { messages: [{ role: "user", content: "What is my name?" }] };
    expect(JSON.stringify(await call(own, `/v1/agents/${listed[0]?.id ?? ""}/messages`, said))).toContain("Ada");
    expect(await call(bobs, "/v1/agents/")).toEqual([]);
    expect(await call(bobs, `/v1/agents/${listed[0]?.id ?? ""}`)).toMatchObject({ code: "agent_not_found" });

    server.kill("SIGTERM");
    expect((await server.finished).code).toBe(0);
    expect(await output(home, ["search", "mine", "name", "--database", url])).toContain("What is my name?");
  });
});

test("an unreachable database is one error with a code, without its password", async () => {
  const home = newHome();
  const env = { MEMGPT_DATABASE: NOBODY };
  const commands = [
    ["run", "--agent", "sam", "--output-format", "json", "-p", "hi"],
    ["list", "agents", "--debug"],
    ["server", "--port", "0"],
  ];
  for (const args of commands) {
    const { code, stdout, stderr } = await memgpt(home, args, { env });
    expect(code).toBe(1);
    expect(errorLines(stderr)[0]).toMatch(
      /^memgpt: Cannot connect to postgres:\/\/alice@127\.0\.0\.1:1\/none \(.*ECONNREFUSED.*\)\. Nothing was changed; /,
    );
    expect(stdout + stderr).not.toContain("s3cret");
    if (args.includes("json")) expect(JSON.parse(stdout)).toMatchObject({ type: "error", code: "storage_failed" });
  }
  const doctor = await memgpt(home, ["doctor", "--json"], { env });
  expect(doctor.stdout).toContain("Cannot connect to postgres://alice@127.0.0.1:1/none");
  expect(doctor.stdout + doctor.stderr).not.toContain("s3cret");
});

test("no setting or error shows a password, and other users cannot read a file with one", async () => {
  const home = newHome();
  const shown = [
    await memgpt(home, ["configure", "set", "database", NOBODY]),
    await memgpt(home, ["configure", "--show-origin"]),
    await memgpt(home, ["configure", "--show-origin", "--json"], { env: { MEMGPT_DATABASE: NOBODY } }),
    await memgpt(home, ["configure", "set", "database", "postgres://other/x"], { env: { MEMGPT_DATABASE: NOBODY } }),
    await memgpt(home, ["configure", "set", "database", "mysql://alice:s3cret@host/x"]),
    await memgpt(home, ["list", "agents", "--database", "mysql://alice:s3cret@host/x"]),
    await memgpt(home, ["list", "agents", "--database", "postgres://alice:s3cret@@:x"]),
  ];

  expect(shown.map(({ stdout, stderr }) => stdout + stderr).join("\n")).not.toContain("s3cret");
  expect(shown[0]?.stdout).toContain("database is now postgres://alice@127.0.0.1:1/none");
  expect(shown.slice(4).map(({ stderr }) => /database must be a URL such as postgres:/.test(stderr))).toEqual([
    true,
    true,
    true,
  ]);
});

test("an invalid database setting does not fall back to files", async () => {
  const home = newHome();
  const { code, stderr } = await memgpt(home, ["run", "--agent", "sam", "-p", "hi"], {
    env: { MEMGPT_DATABASE: "localhost" },
  });

  expect(code).toBe(1);
  expect(stderr).toContain("database must be a URL");
  expect(existsSync(dataFolder(home, "agents"))).toBe(false);
});
