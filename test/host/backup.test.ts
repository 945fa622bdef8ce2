import { createHash } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  rmSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemGPT, type MemGPTError } from "memgpt";
import { beforeAll, expect, test } from "vitest";
import { manifestText, trailer } from "../../src/storage/backup/layout.ts";
import { TAR_END, tarHeader, tarPadding } from "../../src/storage/backup/tar.ts";
import { NAME, type Memory, makeSubject, memoryOf } from "../damage/subject.ts";
import { temporaryFolder, testHome } from "../support/agents.ts";

let home: string;
let file: string;
let memory: Memory;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "memgpt-test-"));
  home = join(folder, "home");
  file = join(folder, "sam.memgpt");
  await makeSubject(home, 12);
  memory = await memoryOf(home);
  await (await MemGPT.open({ dir: home, env: {} })).backups.write([NAME], file);
  return () => {
    rmSync(folder, { recursive: true, force: true });
  };
});

test("a restored agent remembers everything that the original did", async () => {
  const other = temporaryFolder();

  const report = await (await testHome({ dir: other })).backups.restore(file);

  expect(await memoryOf(other)).toEqual(memory);
  const agent = await (await testHome({ dir: other })).openAgent(NAME);
  expect(agent.notices).toEqual([]);
  const counts = { messages: await agent.recall.size(), passages: await agent.archival.size() };
  expect(report).toMatchObject({
    agents: [{ name: NAME, ...counts, checkpoints: memory.checkpoints.size }],
    notices: [],
  });
  await agent.close();
});

test("a backup made between the turns of an agent in use has the agent at that moment", async () => {
  const [dir, other, folder] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  const memgpt = await testHome({ dir });
  const agent = await memgpt.createAgent({ name: "ada" });
  for (let turn = 0; turn < 10; turn += 1) {
    const asked = agent.ask(`My cat number ${turn} is called Miezi ${turn}`);
    await (await testHome({ dir })).backups.write("all", join(folder, `${turn}`));
    await asked;
  }
  await memgpt.close();

  for (const name of readdirSync(folder)) {
    const restoring = await testHome({ dir: other });
    const report = await restoring.backups.restore(join(folder, name), { force: true });
    const restored = await restoring.openAgent("ada");

    expect([...report.notices, ...restored.notices]).toEqual([]);
    expect(await restored.recall.size()).toBe(report.agents[0]?.messages);
    await restored.close();
  }
});

test("a change to any byte names the damaged part, and nothing is restored", async () => {
  const whole = readFileSync(file);
  const broken = join(temporaryFolder(), "broken");
  const other = temporaryFolder();
  const memgpt = await testHome({ dir: other });
  const named = new Set<string>();

  for (let at = 0; at < whole.length; at += 499) {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    writeFileSync(broken, bytes);
    const error = await memgpt.backups.restore(broken).catch((cause: unknown) => cause as MemGPTError);

    expect(error, `byte ${at}`).toMatchObject({ message: expect.stringMatching(/damaged/) });
    for (const [name] of (error as Error).message.matchAll(/manifest\.json|agent-1\/[\w./-]+|SHA256/g)) named.add(name);
  }

  expect(named.size).toBeGreaterThanOrEqual(memory.checkpoints.size + 2);
  expect(existsSync(memgpt.home.agents) ? readdirSync(memgpt.home.agents) : []).toEqual([]);
});

test("a truncated backup names what is cut off or missing", async () => {
  const whole = readFileSync(file);
  const broken = join(temporaryFolder(), "broken");
  const memgpt = await testHome();

  for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 60)) {
    writeFileSync(broken, whole);
    truncateSync(broken, length);

    await expect(memgpt.backups.restore(broken, { verify: true }), `${length} bytes`).rejects.toMatchObject({
      message: expect.stringMatching(/cut off|missing|not a backup/),
    });
  }
  writeFileSync(broken, Buffer.concat([whole, Buffer.from("x")]));
  await expect(memgpt.backups.restore(broken)).rejects.toMatchObject({
    message: expect.stringContaining("1 extra bytes"),
  });
});

test("verifying restores nothing", async () => {
  const memgpt = await testHome();

  const report = await memgpt.backups.restore(file, { verify: true });

  expect(report.agents.map(({ name }) => name)).toEqual([NAME]);
  expect(await memgpt.listAgents()).toEqual([]);
});

test("an existing agent is not replaced unless requested", async () => {
  const memgpt = await testHome();
  const agent = await memgpt.createAgent({ name: NAME });
  await agent.ask("My dog is called Rex");

  await expect(memgpt.backups.restore(file)).rejects.toMatchObject({ code: "agent_exists" });
  await expect(memgpt.backups.restore(file, { force: true })).rejects.toMatchObject({ code: "agent_locked" });
  await memgpt.backups.restore(file, { as: "sam_2" });
  const copy = await memgpt.openAgent("sam_2");
  expect(copy.state.id).not.toBe(agent.state.id);
  expect(copy.notices).toEqual([]);
  expect((await agent.recall.search({ text: "Rex" }, { page: 0, size: 5 })).total).toBeGreaterThan(0);

  await memgpt.close();
  await memgpt.backups.restore(file, { force: true });
  expect(await memoryOf(memgpt.home.root)).toEqual(memory);
});

test("neither an existing file nor anything among the agents' files is overwritten", async () => {
  const memgpt = await MemGPT.open({ dir: home, env: {} });
  const folder = temporaryFolder();
  const mine = join(folder, "mine");
  writeFileSync(mine, "my own notes");
  symlinkSync(mine, join(folder, "link"));
  symlinkSync(memgpt.home.agents, join(folder, "agents"));
  const before = readdirSync(join(memgpt.home.agents, NAME));

  await expect(memgpt.backups.write([NAME], mine)).rejects.toMatchObject({ code: "invalid_input" });
  await expect(memgpt.backups.write([NAME], join(folder, "link"), { force: true })).rejects.toMatchObject({
    code: "invalid_input",
  });
  await expect(memgpt.backups.write([NAME], join(folder, "agents", "new"))).rejects.toMatchObject({
    code: "invalid_input",
  });
  await expect(memgpt.backups.write(["sma"], join(folder, "new"))).rejects.toMatchObject({ code: "agent_not_found" });
  expect(readFileSync(mine, "utf8")).toBe("my own notes");
  expect(readdirSync(folder).sort()).toEqual(["agents", "link", "mine"]);
  await memgpt.backups.write([NAME], mine, { force: true });
  await memgpt.backups.restore(mine, { verify: true });
  expect(readdirSync(join(memgpt.home.agents, NAME))).toEqual(before);
  if (process.platform !== "win32") expect(statSync(mine).mode & 0o077).toBe(0);
});

test("a stopped backup leaves nothing behind", async () => {
  const memgpt = await MemGPT.open({ dir: home, env: {} });
  const folder = temporaryFolder();

  const stopped = memgpt.backups.write([NAME], join(folder, "sam"), { signal: AbortSignal.abort() });

  await expect(stopped).rejects.toMatchObject({ code: "interrupted" });
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ["../../outside", "agent.db"],
  ["..", "agent.db"],
  ["sam", "../../../outside"],
  ["sam", "agent_state/../../outside.json"],
  ["sam", "/etc/passwd"],
  ["sam", "agent.lock"],
])("a forged backup of agent %j with the file %j is refused", async (name, path) => {
  const forged = join(temporaryFolder(), "forged");
  const body = Buffer.from("x");
  const sha256 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
  const members = [{ path, member: "agent-1/agent.db.gz", size: 1, bytes: 1, sha256 }];
  const agents = [{ name, messages: 0, passages: 0, checkpoints: 0, members }];
  writeTar(forged, manifestText({ format: 1, program: "0.1.0", at: "2026-11-21T12:00:00.000Z", agents }), body);
  const memgpt = await testHome();

  await expect(memgpt.backups.restore(forged)).rejects.toMatchObject({ name: "MemGPTError" });

  expect(existsSync(memgpt.home.agents)).toBe(false);
});

test("any tar program can open a backup", () => {
  const whole = readFileSync(file);

  expect(whole.toString("ascii", 257, 262)).toBe("ustar");
  expect(whole.length % 512).toBe(0);
  expect(whole.subarray(-1024)).toEqual(TAR_END);
});

function writeTar(path: string, manifest: string, body: Buffer): void {
  const text = Buffer.from(manifest);
  const parts = [tarHeader("manifest.json", text.length), text, tarPadding(text.length)];
  const content = Buffer.concat([
    ...parts,
    tarHeader("agent-1/agent.db.gz", body.length),
    body,
    tarPadding(body.length),
  ]);
  writeFileSync(path, Buffer.concat([content, trailer(createHash("sha256").update(content).digest("hex"))]));
}
