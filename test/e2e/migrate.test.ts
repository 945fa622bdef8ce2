import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { originalDatabase } from "../support/original-database.ts";
import { Running, memgpt, names, newHome, output, say } from "./support/program.ts";

const packed = (message: string): string =>
  JSON.stringify({ type: "user_message", message, time: "2024-01-03 12:37:00 PM PST-0800" });

function checkpoint(human: string, message: string): string {
  const login = JSON.stringify({ type: "login", time: "2024-01-03 12:36:00 PM PST-0800" });
  return JSON.stringify({
    model: "gpt-4",
    system: "",
    functions: [],
    memory: { persona: "Dry wit.", human },
    messages: [
      { role: "user", content: login },
      { role: "user", content: packed(message) },
    ],
  });
}

test("agents of MemGPT 0.2 are imported from their newest checkpoints; pickles are named, and the folder stays as it was", async () => {
  const home = newHome();
  const old = join(home, "old");
  const states = join(old, "agents", "sam", "agent_state");
  mkdirSync(states, { recursive: true });
  mkdirSync(join(old, "archival", "papers"), { recursive: true });
  const newest = join(states, "2024-01-03_01_00_00_PM_PST-0800.json");
  writeFileSync(join(states, "2024-01-03_11_00_00_AM_PST-0800.json"), checkpoint("Name: nobody", "I moved to Rome."));
  writeFileSync(newest, checkpoint("Name: Chad", "I moved to Oslo."));
  const before = readFileSync(newest, "utf8");

  const dry = await memgpt(home, ["migrate", "--from", old, "--dry-run"]);
  expect(dry.stdout).toContain("for the new agent sam");
  expect(dry.stderr).toContain("Source papers is a pickle file, which memgpt does not read");
  expect(await output(home, ["list", "agents"])).toContain("No agents yet");
  expect(await output(home, ["migrate", "--from", old, "-y"])).toContain("Created agent sam");

  expect(await output(home, ["inspect", "sam"])).toContain("Name: Chad");
  expect(await output(home, ["search", "sam", "Oslo"])).toContain("I moved to Oslo.");
  expect(readFileSync(newest, "utf8")).toBe(before);
});

test("an agent with an unreadable checkpoint is reported, the others are imported; repeating adds nothing", async () => {
  const home = newHome();
  const old = join(home, "old");
  const file = "2024-01-03_01_00_00_PM_PST-0800.json";
  const [ann, zoe] = ["Rome", "Oslo"].map((city) => checkpoint("Name: Chad", `I moved to ${city}.`));
  const agents = { ann, zoe, cut: '{"functions": [], "memory": {' };
  for (const [name, text] of Object.entries(agents)) {
    mkdirSync(join(old, "agents", name, "agent_state"), { recursive: true });
    writeFileSync(join(old, "agents", name, "agent_state", file), text ?? "");
  }

  const first = await memgpt(home, ["migrate", "--from", old, "-y"]);
  const second = await memgpt(home, ["migrate", "--from", old, "-y"]);

  expect(first.code).toBe(1);
  expect(first.stderr).toContain(`Agent cut cannot be read: ${join(old, "agents", "cut", "agent_state", file)}`);
  expect(first.stdout).toMatch(/Created agent ann[^]*Created agent zoe/);
  expect(second.stdout).toMatch(/Imported into ann: 0 messages[^]*Imported into zoe: 0 messages/);
  expect(names(await output(home, ["list", "agents", "--json"])).sort()).toEqual(["ann", "zoe"]);
});

test("the token for an old server can be in the environment, where the list of processes does not show it", async () => {
  const home = newHome();
  const env = { MEMGPT_MIGRATE_TOKEN: "secret" };
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers.authorization);
    response.setHeader("content-type", "application/json").end("[]");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;

  const { stderr } = await memgpt(home, ["migrate", "--from-server", `http://127.0.0.1:${port}`], { env });
  expect(stderr).toContain("has no agents");
  expect(asked).toContain("Bearer secret");

  expect((await memgpt(home, ["migrate", "--from", home], { env })).stderr).toContain("has no agents of MemGPT");
});

test("agents of MemGPT 0.3 are imported from the database in the folder; Chroma is named, and so is a damaged database", async () => {
  const home = newHome();
  const [old, damaged] = [join(home, "old"), join(home, "damaged")];
  mkdirSync(join(old, "chroma"), { recursive: true });
  mkdirSync(damaged);
  const state = { persona: "Dry wit.", human: "Name: Chad", messages: [] };
  originalDatabase(
    old,
    ["a", "b"].map((id) => ({ id, name: "sam", state })),
  );
  writeFileSync(join(damaged, "sqlite.db"), "x".repeat(5000));

  const done = await memgpt(home, ["migrate", "--from", old, "-y"]);
  const refused = await memgpt(home, ["migrate", "--from", damaged, "-y"]);

  expect(done.stderr).toContain(
    `${join(old, "chroma")} has archival memory of MemGPT 0.3: memgpt load vector-database --name NAME --uri ${join(old, "chroma")}`,
  );
  expect(done.stdout).toMatch(/Created agent sam:[^]*Created agent sam-2:/);
  expect(await output(home, ["search", "sam", "Oslo"])).toContain("I moved to Oslo.");
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain(`${join(damaged, "sqlite.db")}: file is not a database`);
});

test("a folder without such agents is an error that names it", async () => {
  const { code, stderr } = await memgpt(newHome(), ["migrate", "--from", "nowhere", "-y"]);

  expect(code).not.toBe(0);
  expect(stderr).toContain("nowhere has no agents of MemGPT 0.2 or 0.3. Nothing was imported");
});

test("agents of a server are imported from its address, and a server that does not answer is an error", async () => {
  const [far, near] = [newHome(), newHome()];
  await say(far, "sam", "I moved to Oslo.", "--yes");
  const server = new Running(far, ["server", "--quiet", "--port", "0"]);
  await server.until("stdout", /serves at http:\S+ /);
  const [url = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(server.stdout) ?? [];

  const dry = await output(near, ["migrate", "--from-server", url, "--dry-run"]);
  const done = await output(near, ["migrate", "--from-server", url, "-y"]);
  const again = await output(near, ["migrate", "--from-server", url, "-y"]);
  server.kill("SIGTERM");
  await server.finished;
  const gone = await memgpt(near, ["migrate", "--from-server", url, "-y"]);

  expect(dry).toMatch(/agent of a Letta server: .*messages.*for the new agent sam/);
  expect(done).toContain("Created agent sam");
  expect(again).toContain("Imported into sam: 0 messages");
  expect(await output(near, ["search", "sam", "Oslo"])).toContain("I moved to Oslo.");
  expect(gone.code).not.toBe(0);
  expect(gone.stderr).toContain(`${url}/v1/agents/ cannot be reached`);
});

test.each([
  { flags: ["--token", "secret"], says: "--token works only with --from-server" },
  { flags: ["--from", "old", "--from-server", "http://localhost:1"], says: "Pass --from or --from-server, not both" },
])("rejects $flags", async ({ flags, says }) => {
  expect((await memgpt(newHome(), ["migrate", ...flags])).stderr).toContain(says);
});
