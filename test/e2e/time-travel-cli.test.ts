import { execFileSync, spawn } from "node:child_process";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import {
  MAIN,
  Running,
  block,
  contents,
  dataFolder,
  environment,
  errorLines,
  homesLike,
  memgpt,
  names,
  newHome,
  output,
  say,
  search,
} from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

const Checkpoints = z.array(
  z.strictObject({
    number: z.number().int().positive(),
    file: z.string().regex(/^\d{4}-.*\.json$/),
    op: z.number().int().nonnegative(),
    time: z.iso.datetime(),
    name: z.string().nullable(),
    kept: z.boolean(),
    after: z.string().nullable(),
    problem: z.null(),
    current: z.boolean(),
  }),
);

const History = z.array(
  z.strictObject({
    op: z.number().int().positive(),
    at: z.iso.datetime(),
    label: z.string(),
    before: z.string(),
    after: z.string(),
    action: z.string(),
    thought: z.string().nullable(),
    messageId: z.string().nullable(),
    origin: z.string().nullable(),
  }),
);

const Exported = z.strictObject({
  version: z.literal(1),
  agent: z.looseObject({ id: z.string(), name: z.string(), blocks: z.array(z.unknown()) }),
  messages: z.array(z.looseObject({ id: z.string(), role: z.string(), createdAt: z.iso.datetime() })),
  passages: z.array(z.strictObject({ id: z.string(), text: z.string(), createdAt: z.iso.datetime() })),
  checkpoints: z.array(z.looseObject({ number: z.number(), file: z.string() })),
});

const ONE_LINE = /^[^\n]+\n$/;
const COUNTS = ["0", "-1", "1.5", "abc", "", "1e3", "99999999999999999999"];

/** A home with an agent ada that heard of a cat, has a named checkpoint, and then heard of a dog. */
const homeWithAda = homesLike((home) =>
  output(home, ["run", "--agent", "ada"], {
    input: "My cat is called Miezi.\n/save before the dog\nMy dog is called Rex.\n",
  }),
);

/** A busy machine is no failure. */
const WAIT = { timeout: 20_000 };

/** `memgpt run` with `agent`, which has answered and waits for more: it holds the agent. */
async function holding(home: string, agent: string): Promise<Running> {
  const running = new Running(home, ["run", "--agent", agent, "--output-format", "json"]);
  running.write("I grow tomatoes.\n");
  await running.until("stdout", /\n/);
  // The checkpoint of the turn is written after it was answered.
  await expect.poll(async () => (await checkpointsOf(home, agent))[0]?.after, WAIT).toContain("tomatoes");
  return running;
}

async function checkpointsOf(home: string, agent: string): Promise<z.infer<typeof Checkpoints>> {
  return Checkpoints.parse(JSON.parse(await output(home, ["checkpoints", agent, "--json"])));
}

describe("memgpt checkpoints", () => {
  test("lists them newest first with names and marks, even while the agent is in use", async () => {
    const home = await homeWithAda();
    const running = await holding(home, "ada");
    const files = (): string[] => readdirSync(dataFolder(home, "agents", "ada", "agent_state"));
    const before = files();

    const list = await output(home, ["checkpoints", "ada"]);
    const entries = await checkpointsOf(home, "ada");

    const lines = list.trimEnd().split("\n");
    expect(lines).toHaveLength(entries.length);
    expect(lines[0]).toMatch(/^1 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}after turn "[^"]+" {2}\(current\)$/);
    expect(lines.at(-1)).toMatch(/ {2}after its creation$/);
    expect(lines.filter((line) => line.includes("current"))).toHaveLength(1);
    expect(
      lines.filter((line) => /before the dog {2}after turn "My cat is called Miezi\." {2}\(kept\)$/.test(line)),
    ).toHaveLength(1);
    expect(entries.map(({ number }) => number)).toEqual(entries.map((_, index) => index + 1));
    expect(entries.map(({ time }) => time)).toEqual(
      entries
        .map(({ time }) => time)
        .sort()
        .reverse(),
    );
    expect(entries.filter(({ kept }) => kept).map(({ name }) => name)).toEqual(["before the dog"]);
    expect(entries.filter(({ current }) => current).map(({ number }) => number)).toEqual([1]);
    expect(files()).toEqual(before);
    running.end();
    await running.finished;
  });

  test("--keep removes surplus automatic ones, reports how many, keeps saved ones, and persists", async () => {
    const home = await homeWithAda();
    await output(home, ["run", "--agent", "ada"], { input: "I like figs.\nI like plums.\nI like pears.\n" });
    const before = await checkpointsOf(home, "ada");

    const told = await output(home, ["checkpoints", "ada", "--keep", "2"]);
    await say(home, "ada", "I like cherries.");

    const removed = Number(/Removed (\d+) files?/.exec(told)?.[1]);
    const after = await checkpointsOf(home, "ada");
    expect(told).toMatch(ONE_LINE);
    expect(removed).toBeGreaterThan(0);
    expect(after.length).toBeLessThan(before.length);
    expect(after.length).toBeLessThanOrEqual(5);
    expect(after.map(({ name }) => name)).toContain("before the dog");
    expect(await block(home, "ada", "human")).toMatch(/Rex[^]*figs/);
  });

  test("--keep needs the agent for itself", async () => {
    const home = await homeWithAda();
    const running = await holding(home, "ada");

    const { code, stderr } = await memgpt(home, ["checkpoints", "ada", "--keep", "1"]);

    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`in use by process ${running.pid}`));
    running.end();
    await running.finished;
  });
});

describe("memgpt restore", () => {
  test.each(["before the dog", "BEFORE THE DOG", "2", "3"])(
    "restores checkpoint %s with memory and searches, and undo reverts it",
    async (which) => {
      const home = await homeWithAda();

      const told = await output(home, ["restore", "ada", which]);

      expect(told).toMatch(ONE_LINE);
      expect(told).toMatch(/^Loaded .*Rex.*memgpt undo ada/);
      expect(await block(home, "ada", "human")).toMatch(/Miezi/);
      expect(await block(home, "ada", "human")).not.toContain("Rex");
      expect((await search(home, "ada", "Rex")).total).toBe(0);
      expect(await output(home, ["undo", "ada"])).toMatch(ONE_LINE);
      expect(await block(home, "ada", "human")).toContain("Rex");
      expect((await search(home, "ada", "Rex")).total).toBeGreaterThan(0);
    },
  );

  test("goes back to a file, and forward again", async () => {
    const home = await homeWithAda();
    const [newest, saved] = await checkpointsOf(home, "ada");

    await output(home, ["restore", "ada", saved?.file ?? ""]);
    expect(await block(home, "ada", "human")).not.toContain("Rex");
    await output(home, ["restore", "ada", newest?.file ?? ""]);

    expect(await block(home, "ada", "human")).toContain("Rex");
  });

  test("lists the checkpoints if the requested one does not exist, and changes nothing", async () => {
    const home = await homeWithAda();
    const before = contents(dataFolder(home, "agents", "ada", "agent_state"));

    for (const [which, expected] of [
      ["nowhere", 1],
      ["99", 1],
      ["0", 1],
      ["-1", 1],
      ["1999-01-01", 1],
      ["", 2],
    ] as const) {
      const { code, stdout, stderr } = await memgpt(home, ["restore", "ada", which]);
      expect([which, code, stdout]).toEqual([which, expected, ""]);
      expect(errorLines(stderr).length).toBeLessThanOrEqual(2);
      if (which === "nowhere") expect(stderr).toContain('"before the dog"');
    }

    expect(contents(dataFolder(home, "agents", "ada", "agent_state"))).toEqual(before);
  });
});

describe("memgpt undo and redo", () => {
  test("undo and redo a turn, each reporting it in one line", async () => {
    const home = await homeWithAda();

    const undone = await output(home, ["undo", "ada"]);
    const without = await block(home, "ada", "human");
    const redone = await output(home, ["redo", "ada"]);

    expect(undone).toMatch(ONE_LINE);
    expect(undone).toMatch(/My dog is called Rex.*memgpt redo ada/);
    expect(without).not.toContain("Rex");
    expect(redone).toMatch(ONE_LINE);
    expect(redone).toMatch(/My dog is called Rex.*memgpt undo ada/);
    expect(await block(home, "ada", "human")).toContain("Rex");
  });

  test("undo at most what there is, and fail with nothing to undo", async () => {
    const home = await homeWithAda();

    const all = await output(home, ["undo", "ada", "999999999"]);
    const none = await memgpt(home, ["undo", "ada"]);
    const redone = await output(home, ["redo", "ada"]);
    const nothing = await memgpt(home, ["redo", "ada"]);

    expect(all).toMatch(/there were no more/);
    expect(none).toMatchObject({ code: 1, stdout: "", stderr: "memgpt: Nothing to undo.\n" });
    expect(redone).toContain("Rex");
    expect(nothing).toMatchObject({ code: 1, stdout: "", stderr: "memgpt: Nothing to redo.\n" });
    expect(await block(home, "ada", "human")).toMatch(/Miezi[^]*Rex/);
  });
});

describe("memgpt history", () => {
  test("lists the edits of core memory with time, reason and text, for one block or all", async () => {
    const home = await homeWithAda();
    const running = await holding(home, "ada");

    const text = await output(home, ["history", "ada"]);
    const persona = await output(home, ["history", "ada", "--label", "persona"]);
    const edits = History.parse(JSON.parse(await output(home, ["history", "ada", "--label", "human", "--json"])));

    expect(text).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d {2}human.*My cat is called Miezi[^]*\+ .*Miezi[^]*\+ .*Rex/);
    expect(persona).toMatch(/block persona of ada has not changed since it was created/);
    expect(edits.length).toBeGreaterThanOrEqual(2);
    expect(edits.at(0)?.after).toContain("Miezi");
    expect(edits.at(0)?.before).not.toContain("Miezi");
    for (const [index, edit] of edits.entries()) expect(edit.before).toBe(edits[index - 1]?.after ?? edit.before);
    running.end();
    await running.finished;
  });

  test("suggests the nearest label for an unknown one", async () => {
    const home = await homeWithAda();

    const { code, stderr } = await memgpt(home, ["history", "ada", "--label", "humna"]);

    expect(code).toBe(1);
    expect(stderr).toContain("Did you mean human?");
  });
});

describe("memgpt export", () => {
  test("prints the whole conversation as Markdown or JSON, even while the agent is in use", async () => {
    const home = await homeWithAda();
    const running = await holding(home, "ada");

    const said = await output(home, ["export", "ada"]);
    const all = await output(home, ["export", "ada", "--all"]);
    const json = Exported.parse(JSON.parse(await output(home, ["export", "ada", "--format", "json"])));

    expect(said).toMatch(/^# ada\n[^]*## Core memory[^]*Miezi[^]*## Conversation[^]*### \d{4}-\d\d-\d\d\n/);
    expect(said).toMatch(
      /\*\*You\*\*.*\n\n> My cat[^]*\*\*ada\*\*[^]*> My dog[^]*> I grow tomatoes[^]*## Archival memory/,
    );
    expect(said).not.toContain("core_memory_append");
    expect(all).toMatch(/\*ada thinks\*[^]*\*ada calls core_memory_append\*/);
    expect(json.agent.name).toBe("ada");
    expect(json.messages.filter(({ role }) => role === "user").length).toBeGreaterThan(3);
    expect(json.checkpoints[0]).toMatchObject({ number: 1 });
    running.end();
    await running.finished;
  });

  test("writes a whole file or none, and writes to a pipe instead of replacing it", async () => {
    const home = await homeWithAda();
    const file = join(home, "ada.json");
    writeFileSync(file, "old");

    const missing = await memgpt(home, ["export", "sam", "--output", file, "--force"]);
    const nowhere = await memgpt(home, ["export", "ada", "--output", join(home, "no", "where")]);
    const folder = await memgpt(home, ["export", "ada", "--output", home]);
    const untouched = readFileSync(file, "utf8");
    const done = await memgpt(home, ["export", "ada", "--format", "json", "--output", file, "--force"]);
    const pipe = join(home, "pipe");
    execFileSync("mkfifo", [pipe]);
    const reader = spawn("cat", [pipe]);
    onTestFinished(() => void reader.kill());
    let read = "";
    reader.stdout.setEncoding("utf8").on("data", (text: string) => (read += text));
    const closed = new Promise((resolve) => reader.on("close", resolve));
    await output(home, ["export", "ada", "--output", pipe]);
    await closed;

    expect([missing.code, nowhere.code, folder.code]).toEqual([1, 1, 1]);
    for (const { stderr } of [missing, nowhere, folder]) expect(errorLines(stderr)).toHaveLength(1);
    expect(untouched).toBe("old");
    expect(done).toMatchObject({ code: 0, stdout: "" });
    expect(Exported.parse(JSON.parse(readFileSync(file, "utf8"))).agent.name).toBe("ada");
    expect(read).toMatch(/^# ada\n/);
    expect(statSync(pipe).isFIFO()).toBe(true);
    expect(readdirSync(home).sort()).toEqual(["ada.json", "data", "pipe"]);
  });

  test("ends quietly if its reader stops early", async () => {
    const home = newHome();
    await output(home, ["run", "--agent", "ada"], { input: `${"All work and no play. ".repeat(2000)}\n`.repeat(12) });
    const child = spawn("sh", ["-c", `"${process.execPath}" "${MAIN}" export ada; echo "left with $?" >&2`, "sh"], {
      env: environment(home),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));

    child.stdout.once("data", () => child.stdout.destroy());
    await new Promise((resolve) => child.on("close", resolve));

    expect(stderr).toBe("left with 0\n");
  });

  test("prints no escape sequences to a terminal, and the original text to a pipe", async () => {
    const home = newHome();
    await say(home, "ada", "Look: \x1b[2J \x1b]0;stolen\x07 and \x9b2J");
    const terminal = new Terminal(home, ["export", "ada"], { rows: 200 });

    await terminal.exited();
    const piped = await output(home, ["export", "ada"]);
    const json = await output(home, ["export", "ada", "--format", "json"]);

    expect(terminal.raw).toContain("Look: ");
    expect(terminal.raw).not.toMatch(/\x1b\[2J|\x1b\]0;stolen|\x9b/);
    expect(piped).toContain("> Look: \x1b[2J");
    expect(json).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  });

  test("refuses an unknown format and lists the known ones", async () => {
    const home = await homeWithAda();

    const { code, stderr } = await memgpt(home, ["export", "ada", "--format", "pdf"]);

    expect(code).toBe(2);
    expect(stderr).toMatch(/markdown, json/);
  });
});

describe("memgpt rename and copy", () => {
  test("a renamed agent keeps its memory under the new name", async () => {
    const home = await homeWithAda();

    const told = await output(home, ["rename", "ada", "Grace Hopper"]);

    expect(told).toMatch(ONE_LINE);
    expect(names(await output(home, ["list", "agents", "--json"]))).toEqual(["Grace Hopper"]);
    expect(await say(home, "Grace Hopper", "What is my dog called?")).toContain("Rex");
    expect(await output(home, ["undo", "Grace Hopper", "2"])).toContain("memgpt redo");
    expect(await block(home, "Grace Hopper", "human")).not.toContain("Rex");
  });

  test("copies an agent in use, optionally at a checkpoint; afterwards both are independent", async () => {
    const home = await homeWithAda();
    const running = await holding(home, "ada");

    const told = await output(home, ["copy", "ada", "now"]);
    await output(home, ["copy", "ada", "then", "--at", "before the dog"]);
    running.write("My parrot is called Figaro.\n");
    running.end();

    expect((await running.finished).code).toBe(0);
    expect(told).toMatch(ONE_LINE);
    expect(await block(home, "ada", "human")).toMatch(/Rex[^]*Figaro/);
    expect(await block(home, "now", "human")).toContain("Rex");
    expect(await block(home, "now", "human")).not.toContain("Figaro");
    expect((await search(home, "now", "tomatoes")).total).toBeGreaterThan(0);
    expect(await block(home, "then", "human")).not.toContain("Rex");
    expect(await say(home, "then", "What is my cat called?")).toContain("Miezi");
    expect(await output(home, ["undo", "then", "2"])).toMatch(ONE_LINE);
    expect(await block(home, "then", "human")).toContain("Rex");
    const ids = await Promise.all(
      ["ada", "now", "then"].map(
        async (name) => Exported.parse(JSON.parse(await output(home, ["export", name, "--format", "json"]))).agent.id,
      ),
    );
    expect(new Set(ids).size).toBe(3);
  });

  test("impossible requests are refused without touching or creating an agent", async () => {
    const home = await homeWithAda();
    await say(home, "grace", "hi");
    const running = await holding(home, "ada");
    const before = contents(dataFolder(home, "agents", "grace", "agent_state"));
    const agents = readdirSync(dataFolder(home, "agents"));

    for (const [args, code, text] of [
      [["rename", "ada", "x"], 1, `in use by process ${running.pid}`],
      [["rename", "grace", "ada"], 1, "An agent named ada already"],
      [["rename", "grace", "grace"], 1, "An agent named grace already"],
      [["rename", "grace", "../x"], 2, "cannot be the name of an agent"],
      [["rename", "garce", "x"], 1, "Did you mean grace?"],
      [["copy", "grace", "ada"], 1, "An agent named ada already"],
      [["copy", "grace", "con"], 2, "cannot be the name of an agent"],
      [["copy", "garce", "x"], 1, "Did you mean grace?"],
      [["copy", "grace", "x", "--at", "nowhere"], 1, 'no checkpoint "nowhere"'],
    ] as const) {
      const result = await memgpt(home, args);
      expect([args, result.code, result.stdout]).toEqual([args, code, ""]);
      expect(result.stderr).toContain(text);
      expect(errorLines(result.stderr).length).toBeLessThanOrEqual(2);
    }

    expect(readdirSync(dataFolder(home, "agents"))).toEqual(agents);
    expect(contents(dataFolder(home, "agents", "grace", "agent_state"))).toEqual(before);
    running.end();
    await running.finished;
  });
});

test("counts that are not whole numbers above 0 get the usage and change nothing", async () => {
  const home = await homeWithAda();
  const before = contents(dataFolder(home, "agents", "ada", "agent_state"));

  for (const count of COUNTS) {
    for (const args of [
      ["undo", "ada", count],
      ["checkpoints", "ada", "--keep", count],
    ]) {
      const { code, stdout, stderr } = await memgpt(home, args);
      expect([args, code, stdout]).toEqual([args, 2, ""]);
      expect(stderr).toMatch(/whole number above 0/);
    }
  }

  expect(contents(dataFolder(home, "agents", "ada", "agent_state"))).toEqual(before);
});

test("every command lists the existing agents if the requested one does not exist, and creates none", async () => {
  const home = await homeWithAda();

  for (const args of [
    ["checkpoints", "adda"],
    ["checkpoints", "adda", "--keep", "1"],
    ["restore", "adda", "1"],
    ["undo", "adda"],
    ["redo", "adda"],
    ["history", "adda"],
    ["export", "adda"],
    ["rename", "adda", "x"],
    ["copy", "adda", "x"],
  ]) {
    const { code, stdout, stderr } = await memgpt(home, args);
    expect([args, code, stdout]).toEqual([args, 1, ""]);
    expect(stderr).toContain("Did you mean ada? There are: ada.");
  }

  expect(readdirSync(dataFolder(home, "agents"))).toEqual(["ada"]);
});

test("every command that changes an agent needs exclusive access, and the error names the holder", async () => {
  const home = await homeWithAda();
  const running = await holding(home, "ada");

  for (const args of [
    ["restore", "ada", "1"],
    ["undo", "ada"],
    ["redo", "ada"],
    ["rename", "ada", "x"],
  ]) {
    const { code, stdout, stderr } = await memgpt(home, args);
    expect([args, code, stdout]).toEqual([args, 1, ""]);
    expect(stderr).toContain(`in use by process ${running.pid}`);
  }

  running.end();
  expect((await running.finished).code).toBe(0);
});
