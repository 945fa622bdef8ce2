import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  utimesSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Agent, MemGPT, type MemGPTOptions } from "memgpt";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { nextName, shownTimeOf } from "../../../src/storage/files/checkpoint-name.ts";
import { type AgentFolder, agentFolder } from "../../../src/storage/files/paths.ts";
import { checkDatabase } from "../../../src/storage/sqlite/check.ts";
import { defineDerived } from "../../../src/storage/sqlite/derived.ts";
import { loadSqlite } from "../../../src/storage/sqlite/load-sqlite.ts";
import { MIGRATIONS } from "../../../src/storage/sqlite/migrations.ts";
import { collect, temporaryFolder, testHome, openingNotices } from "../../support/agents.ts";

const STORY = [
  "My name is Ada.",
  "Save to archival memory: the key lies under the flowerpot.",
  "The zebra at the zoo was wonderful today.",
  "My name is Grace.",
  "Save to archival memory: the code of the safe is on the calendar.",
  "The giraffe at the zoo was wonderful today.",
];

/** A home with an agent that has lived through the story, of which every test gets a copy. */
const template = mkdtempSync(join(tmpdir(), "memgpt-template-"));

beforeAll(async () => {
  const memgpt = await MemGPT.open({ dir: template, env: {} });
  const agent = await memgpt.createAgent({ name: "sam" });
  for (const message of STORY) await agent.ask(message);
  await memgpt.close();
});

afterAll(() => {
  rmSync(template, { recursive: true, force: true });
});

/** An agent with the story behind it, closed. `checkpoints` are the files of its turns, oldest first. */
async function livedIn(
  options: MemGPTOptions = {},
): Promise<{ memgpt: MemGPT; folder: AgentFolder; checkpoints: string[] }> {
  const memgpt = await testHome(options);
  cpSync(template, memgpt.home.root, { recursive: true });
  const folder = agentFolder(memgpt.home, "sam");
  return { memgpt, folder, checkpoints: files(folder) };
}

const LATER = "2030-01-01T00:00:00.000Z";
const atLater = { now: () => LATER };

/** Keeps checkpoints from being written at that time: a folder is where each would be written first. */
function blockWrites(folder: AgentFolder): () => void {
  const inTheWay = join(folder.checkpoints, `${nextName(LATER, false, undefined)}.${process.pid}.tmp`);
  mkdirSync(inTheWay);
  return () => {
    rmSync(inTheWay, { recursive: true });
  };
}

function files(folder: AgentFolder): string[] {
  return readdirSync(folder.checkpoints)
    .filter((file) => file.endsWith(".json"))
    .sort();
}

function newest(folder: AgentFolder): string {
  const file = files(folder).at(-1);
  if (file === undefined) throw new Error("There is no checkpoint");
  return join(folder.checkpoints, file);
}

/** Runs SQL on the agent's database beside the program that may have it open. */
async function tamper(folder: AgentFolder, sql: string): Promise<void> {
  const Sqlite = await loadSqlite();
  const db = new Sqlite(folder.database);
  // Lets the tables be written that SQLite keeps for itself, as a bad disk does.
  db.unsafeMode(true);
  // Indexes and triggers call functions of ours.
  defineDerived(db);
  db.exec(sql);
  db.close();
}

/** What a checkpoint is marked with once it is in place cannot be written; all else can. */
const MARKS_FAIL = `CREATE TRIGGER full BEFORE UPDATE ON meta WHEN new.key = 'checkpoint' BEGIN
  SELECT raise(ABORT, 'disk full');
END`;

/** Another home with the files as they are while the agent is in use, as a kill would leave them, and the agent there. */
async function killed(memgpt: MemGPT): Promise<{ memgpt: MemGPT; folder: AgentFolder; again: Agent }> {
  const copy = await testHome();
  // The lock goes with the process that held it.
  const isLock = (path: string): boolean => path.endsWith("agent.lock");
  cpSync(memgpt.home.root, copy.home.root, { recursive: true, filter: (path) => !isLock(path) });
  return { memgpt: copy, folder: agentFolder(copy.home, "sam"), again: await copy.openAgent("sam") };
}

function human(agent: Agent): string {
  return agent.state.blocks.find(({ label }) => label === "human")?.value ?? "";
}

async function found(agent: Agent, query: string): Promise<{ recall: number; archival: number }> {
  const page = { page: 0, size: 10 };
  const recall = await agent.recall.search({ text: query }, page);
  const archival = await agent.archival.search({ text: query }, page);
  return { recall: recall.items.filter(({ role }) => role === "user").length, archival: archival.total };
}

const damages: readonly (readonly [string, (file: string) => void])[] = [
  [
    "deleted",
    (file) => {
      rmSync(file);
    },
  ],
  [
    "of no bytes",
    (file) => {
      truncateSync(file, 0);
    },
  ],
  [
    "cut in the middle of a page",
    (file) => {
      truncateSync(file, 6000);
    },
  ],
  [
    "cut in its header",
    (file) => {
      truncateSync(file, 40);
    },
  ],
  [
    "overwritten with garbage",
    (file) => {
      writeFileSync(file, "garbage ".repeat(4096));
    },
  ],
  [
    "overwritten with garbage after its first page",
    (file) => {
      writeFileSync(file, Buffer.concat([readFileSync(file).subarray(0, 4096), Buffer.alloc(60_000, 7)]));
    },
  ],
];

test.each(damages)("with its database %s an agent is restored from its newest checkpoint", async (_, damage) => {
  const { memgpt, folder } = await livedIn();
  damage(folder.database);

  const agent = await memgpt.openAgent("sam");

  expect(human(agent)).toContain("Grace");
  expect((await openingNotices(agent)).join("\n")).toMatch(/restored from the checkpoint of .*cannot be searched/s);
  expect(await agent.ask("What is my name?")).toContain("Grace");
  // What is still in its context can be searched; what was not is gone, and nothing pretends otherwise.
  expect(await found(agent, "giraffe")).toEqual({ recall: 1, archival: 0 });
  expect(await found(agent, "flowerpot")).toMatchObject({ archival: 0 });
  await agent.close();
  const again = await memgpt.openAgent("sam");
  expect(await openingNotices(again)).toEqual([]);
  expect(human(again)).toContain("Grace");
});

test.each([
  ["is no JSON", "UPDATE state SET json = '{broken'"],
  ["is no state", `UPDATE state SET json = '{"id":1}'`],
])("if the state in its database %s an agent loses nothing: only the state is rebuilt", async (_, sql) => {
  const { memgpt, folder } = await livedIn();
  await tamper(folder, sql);

  const agent = await memgpt.openAgent("sam");

  expect(human(agent)).toContain("Grace");
  expect(await found(agent, "zebra")).toEqual({ recall: 1, archival: 0 });
  expect([(await found(agent, "flowerpot")).archival, (await found(agent, "safe")).archival]).toEqual([1, 1]);
  expect((await openingNotices(agent)).join("\n")).toMatch(/state of sam .* rebuilt from the checkpoint of /);
  expect(readdirSync(folder.root).filter((file) => file.includes("damaged"))).toEqual([]);
  await agent.close();
  expect(await openingNotices(await memgpt.openAgent("sam"))).toEqual([]);
});

test("a rebuilt state includes what came after the newest checkpoint", async () => {
  const { memgpt, folder, checkpoints } = await livedIn();
  const before = await memgpt.readAgent("sam", (store) => store.load());
  for (const file of checkpoints.slice(4)) truncateSync(join(folder.checkpoints, file), 10);
  await tamper(folder, "UPDATE state SET json = '{broken'");

  const agent = await memgpt.openAgent("sam");

  expect({ ...agent.state, shown: null }).toEqual({ ...before, shown: null });
  const [{ length }, head] = await memgpt.readAgent("sam", async ({ journal }) => [
    await journal.entries(0, 1e6),
    await journal.head(),
  ]);
  expect(length).toBe(head);
});

test("an unreadable state without a checkpoint is an error, and the database is left unchanged", async () => {
  const { memgpt, folder } = await livedIn();
  await tamper(folder, "UPDATE state SET json = '{broken'");
  rmSync(folder.checkpoints, { recursive: true });
  const before = readFileSync(folder.database);

  await expect(memgpt.openAgent("sam")).rejects.toMatchObject({
    code: "storage_failed",
    message: expect.stringMatching(/no checkpoint to mend it from/),
  });

  expect(readFileSync(folder.database).equals(before)).toBe(true);
  expect(readdirSync(folder.root).filter((file) => file.includes("damaged"))).toEqual([]);
});

test("a damaged database is set aside, never overwritten", async () => {
  const { memgpt, folder } = await livedIn();
  const garbage = "garbage ".repeat(4096);
  writeFileSync(folder.database, garbage);

  await memgpt.openAgent("sam");

  const aside = readdirSync(folder.root).find((file) => file.startsWith("agent.db.damaged-"));
  expect(readFileSync(join(folder.root, aside ?? ""), "utf8")).toBe(garbage);
});

test.each([
  [
    "truncated",
    (file: string) => {
      truncateSync(file, 100);
    },
  ],
  [
    "of no bytes",
    (file: string) => {
      truncateSync(file, 0);
    },
  ],
  [
    "overwritten with garbage",
    (file: string) => {
      writeFileSync(file, "\0garbage");
    },
  ],
  [
    "without a state",
    (file: string) => {
      writeFileSync(file, JSON.stringify({ format: 1, op: 3, time: "now", name: null }));
    },
  ],
])("with its newest checkpoint %s an agent goes on from its database", async (_, damage) => {
  const { memgpt, folder } = await livedIn();
  const file = newest(folder);
  damage(file);

  const agent = await memgpt.openAgent("sam");

  expect(human(agent)).toContain("Grace");
  expect(await found(agent, "giraffe")).toEqual({ recall: 1, archival: 0 });
  expect((await agent.checkpoints())[1]).toMatchObject({ problem: expect.stringMatching(/^damaged: /) as string });
  expect(newest(folder)).not.toBe(file);
  const fresh: unknown = JSON.parse(readFileSync(newest(folder), "utf8"));
  expect(fresh).toMatchObject({ state: { name: "sam", blocks: agent.state.blocks } });
  expect((await openingNotices(agent)).join("\n")).toMatch(/is damaged .* was left as it is/);
});

test("with all its checkpoints deleted an agent goes on from its database", async () => {
  const { memgpt, folder } = await livedIn();
  rmSync(folder.checkpoints, { recursive: true });

  const agent = await memgpt.openAgent("sam");

  expect(human(agent)).toContain("Grace");
  expect(await found(agent, "giraffe")).toEqual({ recall: 1, archival: 0 });
  await agent.save();
  expect(files(folder)).toHaveLength(1);
});

test("without database and checkpoint, opening is an error, and nothing is invented", async () => {
  const { memgpt, folder } = await livedIn();
  rmSync(folder.checkpoints, { recursive: true });
  writeFileSync(folder.database, "garbage ".repeat(4096));

  await expect(memgpt.openAgent("sam")).rejects.toMatchObject({ code: "storage_failed" });
});

test("deleting the newest checkpoints takes an agent back, and putting them back brings it forward again", async () => {
  const { memgpt, folder, checkpoints } = await livedIn();
  // The first is of the birth: this leaves the first three turns.
  const removed = checkpoints.slice(4);
  for (const file of removed) renameSync(join(folder.checkpoints, file), join(folder.root, file));

  const back = await memgpt.openAgent("sam");

  expect(human(back)).toContain("Ada");
  expect(human(back)).not.toContain("Grace");
  expect(await found(back, "zebra")).toEqual({ recall: 1, archival: 0 });
  expect(await found(back, "giraffe")).toEqual({ recall: 0, archival: 0 });
  expect([(await found(back, "flowerpot")).archival, (await found(back, "safe")).archival]).toEqual([1, 0]);
  await back.close();

  for (const file of removed) renameSync(join(folder.root, file), join(folder.checkpoints, file));
  const forward = await memgpt.openAgent("sam");

  expect(human(forward)).toContain("Grace");
  expect(await found(forward, "giraffe")).toEqual({ recall: 1, archival: 0 });
  expect([(await found(forward, "flowerpot")).archival, (await found(forward, "safe")).archival]).toEqual([1, 1]);
});

test("an agent taken back in time says so, and continues from there", async () => {
  const { memgpt, folder, checkpoints } = await livedIn();
  for (const file of checkpoints.slice(4)) rmSync(join(folder.checkpoints, file));

  const agent = await memgpt.openAgent("sam");

  expect((await openingNotices(agent)).join("\n")).toContain(
    `The newest checkpoint is of ${shownTimeOf(checkpoints[3] ?? "")}: `,
  );
  expect(await agent.ask("What is my name?")).toContain("Ada");
  await agent.close();
  expect(human(await memgpt.openAgent("sam"))).toContain("Ada");
});

test("checkpoints from before the loss of the database can still be loaded", async () => {
  const { memgpt, folder, checkpoints } = await livedIn();
  rmSync(folder.database);
  const restored = await memgpt.openAgent("sam");
  for (let turn = 0; turn < 12; turn += 1) await restored.ask(`My name is Joan number ${turn}.`);
  await restored.close();
  for (const file of files(folder)) if (!checkpoints.slice(0, 4).includes(file)) rmSync(join(folder.checkpoints, file));

  const agent = await memgpt.openAgent("sam");

  expect(human(agent)).toContain("Ada");
  expect(human(agent)).not.toContain("Joan");
  expect(await agent.ask("What is my name?")).toContain("Ada");
});

test("an acknowledged turn stays even if the previous checkpoint was written but not marked", async () => {
  const { memgpt, folder } = await livedIn();
  const agent = await memgpt.openAgent("sam");
  await tamper(folder, MARKS_FAIL);
  await agent.ask("My name is Joan.");
  await agent.save();
  const turn = agent.send("The lion at the zoo was wonderful today.");
  while ((await turn.next()).value?.type !== "assistant_message");

  const { again } = await killed(memgpt);

  expect(human(again)).toContain("Joan");
  expect(await found(again, "lion")).toMatchObject({ recall: 1 });
  expect(await openingNotices(again)).toEqual([]);
  await collect(turn);
});

test("an acknowledged turn stays even if its checkpoint was never written", async () => {
  const { memgpt, folder, checkpoints } = await livedIn();
  const agent = await memgpt.openAgent("sam");
  rmSync(folder.checkpoints, { recursive: true });
  writeFileSync(folder.checkpoints, "in the way");
  await agent.ask("My name is Joan.");
  await expect(agent.save()).rejects.toThrow(
    /^The checkpoint could not be written: .*\. The agent is kept whole in its database\.$/,
  );
  rmSync(folder.checkpoints);
  cpSync(join(template, "agents", "sam", "agent_state"), folder.checkpoints, { recursive: true });

  const { again, folder: copy } = await killed(memgpt);

  expect(human(again)).toContain("Joan");
  await again.save();
  expect(files(copy)).toEqual([...checkpoints, expect.anything()]);
});

test("turns stay even if no checkpoint could be written for long and the previous one was not marked", async () => {
  const { memgpt, folder } = await livedIn();
  const agent = await memgpt.openAgent("sam");
  await tamper(folder, MARKS_FAIL);
  await agent.ask("My name is Joan.");
  await agent.save();
  renameSync(folder.checkpoints, `${folder.checkpoints}-away`);
  writeFileSync(folder.checkpoints, "in the way");
  await agent.ask("The lion at the zoo was wonderful today.");
  await agent.ask("The camel at the zoo was wonderful today.");
  await agent.close();
  rmSync(folder.checkpoints);
  renameSync(`${folder.checkpoints}-away`, folder.checkpoints);

  const again = await memgpt.openAgent("sam");

  expect(await found(again, "camel")).toMatchObject({ recall: 1 });
  expect(await openingNotices(again)).toEqual([]);
});

test.each<[string, (agent: Agent) => Promise<unknown>]>([
  ["a turn", (agent) => agent.ask("My name is Joan.")],
  ["an import", (agent) => agent.importMessages([{ role: "user", text: "I was told of an okapi." }])],
  ["an undo", (agent) => agent.undo()],
  ["an edit of a block", (agent) => agent.editBlock("human", "Nobody.")],
  ["a change of the settings", (agent) => agent.configure({ contextWindow: 6000 })],
  ["a load", async (agent) => agent.loadCheckpoint((await agent.checkpoints())[3]?.file ?? "")],
])("%s is kept even if its checkpoint cannot be written, with one notice and a later checkpoint", async (_, act) => {
  const { memgpt, folder } = await livedIn(atLater);
  const agent = await memgpt.openAgent("sam");
  const unblock = blockWrites(folder);

  await act(agent);
  const { state } = agent;
  await agent.close();

  expect(agent.notices).toEqual([
    expect.stringMatching(
      /^The checkpoint could not be written: .* The agent is kept whole in its database\. .*writes one\.$/,
    ),
  ]);
  unblock();
  const again = await memgpt.openAgent("sam");
  expect(again.state.queue).toEqual(state.queue);
  expect(again.state.blocks).toEqual(state.blocks);
  expect(again.state.settings).toEqual(state.settings);
  const [newestOne] = await again.checkpoints();
  expect(newestOne?.op).toBe(await again.journal.head());
  await again.close();
  expect(again.notices).toEqual([]);
});

test("an agent is created even if its first checkpoint cannot be written; the next opening writes it", async () => {
  const memgpt = await testHome();
  const folder = agentFolder(memgpt.home, "sam");
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.close();
  rmSync(folder.checkpoints, { recursive: true });

  const again = await memgpt.openAgent("sam");

  expect(await again.checkpoints()).toMatchObject([{ op: 0, problem: null }]);
});

test("a missing checkpoint causes one notice, with the next turn", async () => {
  const { memgpt, folder } = await livedIn(atLater);
  const agent = await memgpt.openAgent("sam");
  const unblock = blockWrites(folder);
  const notices: number[] = [];
  for (const text of ["One.", "Two.", "Three."]) {
    const events = await collect(agent.send(text));
    await agent.save().catch(() => undefined);
    notices.push(events.filter(({ type }) => type === "notice").length);
  }
  unblock();
  await agent.ask("Four.");
  await agent.close();

  expect(notices).toEqual([0, 1, 0]);
  expect(agent.notices).toEqual([]);
});

test("after a mark that failed, removing newer checkpoints still takes an agent back", async () => {
  const { memgpt, folder, checkpoints } = await livedIn();
  const agent = await memgpt.openAgent("sam");
  await tamper(folder, MARKS_FAIL);
  await agent.ask("My name is Joan.");
  await agent.save();
  await tamper(folder, "DROP TRIGGER full");
  // The mark is made up for when the agent is opened, so that removing this very file is noticed.
  const { memgpt: copied, again, folder: copy } = await killed(memgpt);
  await again.close();
  for (const file of files(copy)) if (!checkpoints.includes(file)) rmSync(join(copy.checkpoints, file));

  const back = await copied.openAgent("sam");

  expect(human(back)).toContain("Grace");
  expect(human(back)).not.toContain("Joan");
});

test("a checkpoint newer than the database wins", async () => {
  const { memgpt, folder } = await livedIn();
  const backup = join(folder.root, "backup");
  copyFileSync(folder.database, backup);
  const agent = await memgpt.openAgent("sam");
  await agent.ask("My name is Joan.");
  await agent.close();
  copyFileSync(backup, folder.database);

  const again = await memgpt.openAgent("sam");

  expect(human(again)).toContain("Joan");
  // What the backup still holds is still found, and what only the checkpoint knows is found too.
  expect(await found(again, "giraffe")).toEqual({ recall: 1, archival: 0 });
  expect(await found(again, "Joan")).toMatchObject({ recall: 1 });
});

test("half-written files in the checkpoints' folder are removed", async () => {
  const { memgpt, folder } = await livedIn();
  const orphan = join(folder.checkpoints, "2026-11-21T12-00-00.000Z.json.4242.tmp");
  writeFileSync(orphan, '{"format":1');

  await memgpt.openAgent("sam");

  expect(existsSync(orphan)).toBe(false);
});

test("an unfinished agent is not listed, and is eventually removed", async () => {
  const memgpt = await testHome();
  const leftover = join(memgpt.home.agents, ".new-0d7ba717");
  mkdirSync(leftover, { recursive: true });
  writeFileSync(join(leftover, "agent.db"), "half");
  const removed = join(memgpt.home.agents, ".removed-94071d67");
  mkdirSync(removed);

  expect(await memgpt.listAgents()).toEqual([]);
  await (await memgpt.createAgent({ name: "sam" })).close();
  expect(existsSync(leftover)).toBe(true);
  expect(existsSync(removed)).toBe(false);

  utimesSync(leftover, 0, 0);
  await (await memgpt.createAgent({ name: "eve" })).close();
  expect(existsSync(leftover)).toBe(false);
  expect((await memgpt.listAgents()).map(({ name }) => name).sort()).toEqual(["eve", "sam"]);
});

test("refuses a newer program's checkpoint and leaves everything unchanged", async () => {
  const { memgpt, folder } = await livedIn();
  const file = newest(folder);
  const theirs = JSON.stringify({ format: 99, soul: "of a kind we do not know" });
  writeFileSync(file, theirs);
  const before = files(folder);

  await expect(memgpt.openAgent("sam")).rejects.toMatchObject({
    code: "storage_failed",
    message: expect.stringMatching(/newer memgpt/),
  });

  expect(readFileSync(file, "utf8")).toBe(theirs);
  expect(files(folder)).toEqual(before);
});

test.each([1, 2, 4, 32, -1, -8])(
  "a schema version changed by %i on disk is damage, and everything is recovered",
  async (by) => {
    const { memgpt, folder } = await livedIn();
    const { recall, archival } = await memgpt.inspect("sam");
    const db = new (await loadSqlite())(folder.database);
    db.pragma(`user_version = ${MIGRATIONS.length + by}`);
    db.close();

    const problem = await checkDatabase(folder.database);
    const agent = await memgpt.openAgent("sam");

    expect(problem).toBe(`its schema is version ${MIGRATIONS.length}, but it says version ${MIGRATIONS.length + by}`);
    expect(agent.notices.join()).toContain(`is damaged (${problem})`);
    expect([await agent.recall.size(), await agent.archival.size()]).toEqual([recall.total, archival.total]);
    expect([human(agent), await found(agent, "giraffe")]).toEqual([
      expect.stringContaining("Grace"),
      { recall: 1, archival: 0 },
    ]);
  },
);

test("refuses a newer program's database, leaves it unchanged, and releases the lock", async () => {
  const { memgpt, folder } = await livedIn();
  const Sqlite = await loadSqlite();
  const db = new Sqlite(folder.database);
  db.exec("CREATE TABLE theirs (one TEXT)");
  db.pragma(`user_version = ${MIGRATIONS.length + 1}`);
  db.close();
  const before = readFileSync(folder.database);

  for (const attempt of [1, 2]) {
    const refused = expect(memgpt.openAgent("sam"), `attempt ${attempt}`).rejects;
    await refused.toMatchObject({ code: "storage_failed", message: expect.stringMatching(/newer memgpt/) });
  }

  expect(readFileSync(folder.database).equals(before)).toBe(true);
});

test("an agent in use is refused with the holder's name, and is free once that process is killed", async () => {
  const { memgpt, folder } = await livedIn();
  const holder = start("../drivers/holder.ts", { home: memgpt.home.root, name: "sam" });
  await lines(holder, 1);

  const refused = memgpt.openAgent("sam");

  await expect(refused).rejects.toMatchObject({
    code: "agent_locked",
    message: new RegExp(`process ${holder.pid ?? 0} `),
  });
  expect((await memgpt.inspect("sam")).name).toBe("sam");

  holder.kill("SIGKILL");
  await once(holder, "exit");
  expect(human(await memgpt.openAgent("sam"))).toContain("Grace");
  expect(existsSync(folder.lock)).toBe(true);
});

test("a damaged lock file does not block the agent, and works again", async () => {
  const { memgpt, folder } = await livedIn();
  writeFileSync(folder.lock, "rubbish");

  expect(human(await memgpt.openAgent("sam"))).toContain("Grace");

  await expect(memgpt.openAgent("sam")).rejects.toMatchObject({ code: "agent_locked" });
});

test("two handles in one process cannot share an agent", async () => {
  const { memgpt } = await livedIn();
  await memgpt.openAgent("sam");
  const other = await MemGPT.open({ dir: memgpt.home.root, env: {} });

  await expect(other.openAgent("sam")).rejects.toMatchObject({ code: "agent_locked" });
});

test("an agent can be read while another process talks to it", async () => {
  const home = temporaryFolder();
  const talker = start("../drivers/talker.ts", { home, name: "sam" });
  await lines(talker, 2);
  const memgpt = await MemGPT.open({ dir: home, env: {} });

  let [total, passages] = [0, 0];
  for (let reading = 0; reading < 40; reading += 1) {
    const { recall } = await memgpt.inspect("sam");
    const saved = await memgpt.find("sam", { query: "parcel", in: "archival" });
    expect(recall.total).toBeGreaterThanOrEqual(total);
    expect(saved.total).toBeGreaterThanOrEqual(passages);
    [total, passages] = [recall.total, saved.total];
  }

  expect(talker.exitCode).toBeNull();
  expect(passages).toBeGreaterThan(0);
});

function start(driver: string, options: object): ChildProcess {
  const path = fileURLToPath(new URL(driver, import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", path, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  return child;
}

/** Waits for so many lines on standard output, and reads on so that the writer is never held up. */
async function lines(child: ChildProcess, count: number): Promise<void> {
  if (child.stdout === null) throw new Error("The process has no standard output");
  const reader = createInterface({ input: child.stdout });
  let seen = 0;
  await new Promise<void>((resolve, reject) => {
    reader.on("line", () => {
      seen += 1;
      if (seen === count) resolve();
    });
    reader.on("close", () => {
      reject(new Error(`The process ended after ${seen} lines`));
    });
  });
}
