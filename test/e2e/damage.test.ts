import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  Running,
  block,
  contents,
  dataFolder,
  errorLines,
  inspect,
  memgpt,
  newHome,
  say,
  search,
} from "./support/program.ts";

function newestCheckpoint(home: string, agent: string): string {
  const folder = dataFolder(home, "agents", agent, "agent_state");
  const newest = readdirSync(folder).sort().at(-1);
  if (newest === undefined) throw new Error(`${agent} has no checkpoint`);
  return join(folder, newest);
}

describe("an agent that another process has open", () => {
  test("is refused to a second process with the holder's name; a dead holder is ignored", async () => {
    const home = newHome();
    const first = new Running(home, ["run", "--agent", "ada"]);
    first.write("My boat is called Calypso.\n");
    await first.until("stdout", /\n/);

    const second = await memgpt(home, ["run", "--agent", "ada", "--context-window", "5000", "-p", "hi"]);
    const looked = await inspect(home, "ada");
    const other = await memgpt(home, ["run", "--agent", "grace", "-p", "hi"]);
    first.kill("SIGKILL");
    await first.finished;
    const third = await memgpt(home, ["run", "--agent", "ada", "-p", "What is my boat called?"]);

    expect(second).toMatchObject({ code: 1, stdout: "" });
    expect(second.stderr).toContain(String(first.pid));
    expect(errorLines(second.stderr).length).toBeLessThanOrEqual(2);
    expect(looked.context_window).toBe(8_192);
    expect(other.code).toBe(0);
    expect(third).toMatchObject({ code: 0, stdout: expect.stringContaining("Calypso") });
  });
});

describe("damage", () => {
  test("to the configuration is reported, the file set aside, and the defaults used", async () => {
    const home = newHome();
    mkdirSync(dataFolder(home));
    writeFileSync(dataFolder(home, "config.json"), '{ "openai_api_key": "sk-precious", oops');

    const { code, stderr } = await memgpt(home, ["run", "--agent", "ada", "-p", "hi"]);

    expect(code).toBe(0);
    expect(stderr).toContain(dataFolder(home, "config.json"));
    expect(
      [...contents(dataFolder(home)).values()].filter(
        (text) => text.includes("sk-precious, oops") || text.includes("oops"),
      ),
    ).toEqual(['{ "openai_api_key": "sk-precious", oops']);
  });

  test("to a checkpoint is reported, the file set aside, and everything restored from the database", async () => {
    const home = newHome();
    await say(home, "ada", "I work at the observatory.");
    const checkpoint = newestCheckpoint(home, "ada");
    writeFileSync(checkpoint, '{"half": ');

    const { code, stdout, stderr } = await memgpt(home, ["run", "--agent", "ada", "-p", "Where do I work?"]);

    expect(code).toBe(0);
    expect(stdout).toContain("observatory");
    const [, day, hour, minute] = /^([-\d]+)T(\d\d)-(\d\d)/.exec(basename(checkpoint)) ?? [];
    expect(stderr).toContain(`The checkpoint of ${day} ${hour}:${minute} is damaged`);
    expect([...contents(dataFolder(home)).values()].filter((text) => text === '{"half": ')).toHaveLength(1);
    expect((await memgpt(home, ["run", "--agent", "ada", "-p", "hi"])).stderr).not.toMatch(/damage/);
  });

  test.each([
    { how: "throughout", from: 0 },
    { how: "past its first page", from: 4_096 },
  ])(
    "to a database ($how) is reported, the checkpoint restores what it can, and other agents work",
    async ({ from }) => {
      const home = newHome();
      await Promise.all([say(home, "ada", "I work at the observatory."), say(home, "grace", "I work at the docks.")]);
      const database = dataFolder(home, "agents", "ada", "agent.db");
      const file = openSync(database, "r+");
      const noise = Buffer.alloc(statSync(database).size - from, "garbage");
      writeSync(file, noise, 0, noise.length, from);
      closeSync(file);
      rmSync(`${database}-wal`, { force: true });
      rmSync(`${database}-shm`, { force: true });
      const damaged = readFileSync(database, "latin1");

      const listed = await memgpt(home, ["list", "agents"]);
      const looked = await memgpt(home, ["inspect", "ada"]);
      const ada = await memgpt(home, ["run", "--agent", "ada", "-p", "Where do I work?"]);
      const grace = await say(home, "grace", "Where do I work?");

      expect(listed).toMatchObject({ code: 0, stdout: expect.stringMatching(/ada[^]*grace|grace[^]*ada/) });
      expect(errorLines(looked.stderr).length).toBeLessThanOrEqual(2);
      expect(ada).toMatchObject({ code: 0, stdout: expect.stringContaining("observatory") });
      expect(ada.stderr).toContain("agent.db");
      expect([...contents(dataFolder(home, "agents", "ada")).values()].filter((text) => text === damaged)).toHaveLength(
        1,
      );
      expect(grace).toContain("docks");
      expect(await say(home, "ada", "Where do I work?")).toContain("observatory");
    },
  );

  test("to everything at once is reported, without overwriting or replacing anything", async () => {
    const home = newHome();
    await say(home, "ada", "I work at the observatory.");
    const files = [...contents(dataFolder(home, "agents", "ada")).keys()].filter((path) => !path.endsWith(".lock"));
    for (const path of files) writeFileSync(path, "rubbish");

    const first = await memgpt(home, ["run", "--agent", "ada", "-p", "hi"]);
    const second = await memgpt(home, ["run", "--agent", "ada", "-p", "hi"]);

    for (const { code, stdout, stderr } of [first, second]) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toContain(dataFolder(home, "agents", "ada"));
      expect(stderr).not.toMatch(/\n\s+at /);
    }
    const rubbish = [...contents(dataFolder(home, "agents", "ada")).values()].filter((text) => text === "rubbish");
    expect(rubbish).toHaveLength(files.length);
  });

  test("to a lock file does not block the agent", async () => {
    const home = newHome();
    await say(home, "ada", "I work at the observatory.");
    writeFileSync(dataFolder(home, "agents", "ada", "agent.lock"), "rubbish");

    const { code, stdout } = await memgpt(home, ["run", "--agent", "ada", "-p", "Where do I work?"]);

    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("observatory") });
  });

  test("a lost database is restored from the newest checkpoint, and lost checkpoints from the database", async () => {
    const home = newHome();
    await Promise.all([say(home, "ada", "I work at the observatory."), say(home, "grace", "I work at the docks.")]);
    for (const suffix of ["", "-wal", "-shm"])
      rmSync(dataFolder(home, "agents", "ada", `agent.db${suffix}`), { force: true });
    rmSync(dataFolder(home, "agents", "grace", "agent_state"), { recursive: true });

    const [ada, grace] = await Promise.all([
      memgpt(home, ["run", "--agent", "ada", "-p", "Where do I work?"]),
      memgpt(home, ["run", "--agent", "grace", "-p", "Where do I work?"]),
    ]);

    expect(ada).toMatchObject({ code: 0, stdout: expect.stringContaining("observatory") });
    expect(ada.stderr).toMatch(/database/);
    expect(grace).toMatchObject({ code: 0, stdout: expect.stringContaining("docks") });
  });

  test("deleting the newer checkpoints takes the agent back to the remaining one, recall included", async () => {
    const home = newHome();
    await say(home, "ada", "I work at the observatory.");
    const kept = newestCheckpoint(home, "ada");
    const before = await inspect(home, "ada");
    await say(home, "ada", "My boat is called Calypso.");
    for (const path of contents(dataFolder(home, "agents", "ada", "agent_state")).keys()) {
      if (path > kept) rmSync(path);
    }

    const reply = await say(home, "ada", "What is my boat called?");

    expect(reply).not.toContain("Calypso");
    expect(await block(home, "ada", "human")).toBe(before.blocks.find(({ label }) => label === "human")?.value);
    expect((await search(home, "ada", "Calypso")).total).toBe(0);
  });
});
