import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dataFolder, memgpt, newHome, output, say } from "./support/program.ts";

const ISO = /\d{4}-\d\d-\d\dT\d\d/;
const SHOWN = /\d{4}-\d\d-\d\d \d\d:\d\d/;

test("times have one form for people; a checkpoint is named by its time, not by its file", async () => {
  const home = newHome();
  await say(home, "ada", "My boyfriend is called James.");

  for (const args of [
    ["list", "agents"],
    ["inspect", "ada"],
    ["checkpoints", "ada"],
    ["search", "ada", "James", "--in", "all"],
    ["history", "ada"],
  ]) {
    const text = await output(home, args);
    expect(text, args.join(" ")).not.toMatch(ISO);
    expect(text, args.join(" ")).toMatch(SHOWN);
  }
  const chat = await output(home, ["run", "--agent", "ada"], {
    input: "/save\n/checkpoints\n/memory\n/history\n/why\n",
  });
  expect(chat).not.toMatch(ISO);
  expect(chat).toMatch(/Saved the checkpoint of \d{4}-\d\d-\d\d \d\d:\d\d for good/);
});

/** An agent with a checkpoint of its birth and of two turns, and where it is kept. */
async function talked(home: string): Promise<{ folder: string; checkpoints: () => string[] }> {
  await say(home, "ada", "My boyfriend is called James.");
  await say(home, "ada", "My sister is called Maya.");
  const folder = dataFolder(home, "agents", "ada");
  return {
    folder,
    checkpoints: () =>
      readdirSync(join(folder, "agent_state"))
        .sort()
        .map((file) => join(folder, "agent_state", file)),
  };
}

/** All that `memgpt …` shows, whether or not it succeeds. */
async function shown(home: string, args: readonly string[], input = ""): Promise<string> {
  const { stdout, stderr } = await memgpt(home, args, { input });
  return `${stdout}\n${stderr}`;
}

test("actions name their checkpoint by its time", async () => {
  const home = newHome();
  await talked(home);

  const chat = await shown(home, ["run", "--agent", "ada"], "/load 2\n/undo\n/redo\n/checkpoints\n/history\n");
  await output(home, ["copy", "ada", "bob", "--at", "2"]);
  const copied = await shown(home, ["undo", "bob"]);

  expect(chat).toMatch(/Undid \/load \d{4}-\d\d-\d\d \d\d:\d\d: /);
  expect(copied).toMatch(/Undid copy --at \d{4}-\d\d-\d\d \d\d:\d\d: /);
  expect(chat + copied).not.toMatch(ISO);
});

test("repair notices name checkpoints by their time", async () => {
  const home = newHome();
  const { folder, checkpoints } = await talked(home);

  rmSync(checkpoints().at(-1) ?? "");
  const back = await shown(home, ["run", "--agent", "ada"], "/history\n/checkpoints\n");
  writeFileSync(checkpoints().at(-1) ?? "", "{");
  const damaged = await shown(home, ["run", "--agent", "ada"], "/load 2\n");
  const tooOld = await shown(home, ["restore", "ada", "1999-01-01"]);
  rmSync(join(folder, "agent.db"));
  const missing = await shown(home, ["run", "--agent", "ada"], "/history\n");

  expect(back).toMatch(/The newest checkpoint is of \d{4}-\d\d-\d\d \d\d:\d\d: ada was taken to that time/);
  expect(damaged).toMatch(/The checkpoint of \d{4}-\d\d-\d\d \d\d:\d\d is damaged \(/);
  expect(damaged).toMatch(/The checkpoint of \d{4}-\d\d-\d\d \d\d:\d\d is damaged: /);
  expect(tooOld).toMatch(
    /no checkpoint at or before \d{4}-\d\d-\d\d \d\d:\d\d\. There are \d, from [-\d: ]+ to [-\d: ]+\./,
  );
  expect(tooOld).toMatch(/Not all can be loaded: that of \d{4}-\d\d-\d\d \d\d:\d\d is damaged: /);
  expect(missing).toMatch(/restored from the checkpoint of \d{4}-\d\d-\d\d \d\d:\d\d/);
  // The file that was set aside is named as it is on the disk.
  expect((back + damaged + tooOld + missing).replace(/agent\.db\.damaged-\S+/g, "")).not.toMatch(ISO);
});

test("exports for people and backups show times in the same form", async () => {
  const home = newHome();
  await talked(home);

  const text = await output(home, ["export", "ada"]);
  await output(home, ["backup", "ada", "ada.backup"]);
  const restored = await output(home, ["restore-backup", "ada.backup", "--verify"]);

  expect(text).toMatch(/^Made \d{4}-\d\d-\d\d \d\d:\d\d, /m);
  expect(text).toMatch(/^\*\*You\*\*, \d\d:\d\d$/m);
  expect(restored).toMatch(/as of \d{4}-\d\d-\d\d \d\d:\d\d:/);
  expect(text + restored).not.toMatch(/\b\d\d:\d\d:\d\d\b|[AP]M\b/);
});
