import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { contents, dataFolder, errorLines, homesLike, memgpt, newHome, output, say } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

const ESC = "\x1b";
const DOWN = `${ESC}[B`;
const CTRL_C = "\x03";
const CTRL_D = "\x04";

/** A home with two agents, of which grace was used last. */
const homeWithTwo = homesLike(async (home) => {
  await say(home, "ada", "My boat is called Calypso.");
  await say(home, "grace", "My boat is called Nautilus.");
});

function states(home: string): Map<string, string> {
  return new Map(
    readdirSync(dataFolder(home, "agents")).flatMap((name) => [
      ...contents(dataFolder(home, "agents", name, "agent_state")),
    ]),
  );
}

describe("memgpt run with no flags", () => {
  test("continues with the agent used last if the person confirms or presses Enter", async () => {
    const home = await homeWithTwo();
    const terminal = new Terminal(home, ["run"]);
    await terminal.until(/Continue with grace \(last used \d{4}-\d\d-\d\d \d\d:\d\d\)\? \(Y\/n\)/);

    terminal.write("\r");
    const reply = await terminal.say("What is my boat called?");
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    expect(reply).toContain("Nautilus");
    expect(terminal.text).not.toContain("Which agent?");
    expect(terminal.text).toContain("Using existing agent grace.");
  });

  test("offers the others and a new one if the person declines", async () => {
    const home = await homeWithTwo();
    const terminal = new Terminal(home, ["run"]);
    await terminal.until("Continue with grace");

    terminal.write("n\r");
    await terminal.until(/^\s*❯ ada/m);
    terminal.write(DOWN);
    await terminal.until(/^\s*❯ a new one/m);
    terminal.write("\r");
    await terminal.ready();
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    expect(terminal.text).toContain("Created agent agent_3");
    expect(readdirSync(dataFolder(home, "agents")).sort()).toEqual(["ada", "agent_3", "grace"]);
  });

  test.each(["the first question", "the list"])("Ctrl-C at %s changes nothing", async (where) => {
    const home = await homeWithTwo();
    const before = states(home);
    const terminal = new Terminal(home, ["run"]);
    await terminal.until("Continue with grace");
    if (where === "the list") {
      terminal.write("n\r");
      await terminal.until("Which agent?");
    }

    terminal.write(CTRL_C);

    expect(await terminal.exited()).toBe(130);
    expect(states(home)).toEqual(before);
    expect(terminal.text).not.toMatch(/bug in memgpt|\n\s+at /);
  });

  test("asks nothing with --yes or with a flag for new agents", async () => {
    const home = await homeWithTwo();
    // One after the other: the agent that is made is the last used.
    for (const [flags, says] of [
      [["--yes"], "Using existing agent grace."],
      [["--persona", "sam"], "Created agent agent_3"],
    ] as const) {
      const terminal = new Terminal(home, ["run", ...flags]);
      await terminal.ready();
      terminal.write(CTRL_D);
      expect(await terminal.exited()).toBe(0);
      expect(terminal.text).not.toMatch(/Continue with|Which agent/);
      expect(terminal.text).toContain(says);
    }
  });
});

describe("memgpt run --resume", () => {
  test.each(["--resume", "-r"])(
    "%s chooses from the existing agents, last used first, and creates none",
    async (flag) => {
      const home = await homeWithTwo();
      const terminal = new Terminal(home, ["run", flag]);
      await terminal.until(/Which agent\?[^]*❯ grace \(last used [^]*ada \(last used/);
      expect(terminal.text).not.toMatch(/a new one|Continue with/);

      terminal.write(DOWN);
      await terminal.until(/^\s*❯ ada/m);
      terminal.write("\r");
      const reply = await terminal.say("What is my boat called?");
      terminal.write(CTRL_D);

      expect(await terminal.exited()).toBe(0);
      expect(reply).toContain("Calypso");
    },
  );

  test("asks nothing with a single agent or with --yes", async () => {
    const home = newHome();
    await say(home, "ada", "hi");
    const one = new Terminal(home, ["run", "--resume"]);
    await one.ready();
    one.write(CTRL_D);
    expect(await one.exited()).toBe(0);
    await say(home, "grace", "hi");
    const yes = new Terminal(home, ["run", "-r", "-y"]);
    await yes.ready();
    yes.write(CTRL_D);
    expect(await yes.exited()).toBe(0);

    expect(one.text).toContain("Using existing agent ada.");
    expect(yes.text).toContain("Using existing agent grace.");
    expect(one.text + yes.text).not.toContain("Which agent?");
  });

  test("continues with the agent used last without a terminal", async () => {
    const home = await homeWithTwo();

    const { code, stdout, stderr } = await memgpt(home, ["run", "-r", "-p", "What is my boat called?"]);

    expect(code).toBe(0);
    expect(stdout).toContain("Nautilus");
    expect(stderr).toContain("Using existing agent grace.");
  });

  test("says how to create an agent if none exists, and creates none", async () => {
    const home = newHome();

    const piped = await memgpt(home, ["run", "--resume", "-p", "hi"]);
    const terminal = new Terminal(home, ["run", "--resume"]);

    expect(await terminal.exited()).toBe(1);
    expect(piped).toMatchObject({ code: 1, stdout: "" });
    for (const text of [piped.stderr, terminal.text])
      expect(text).toMatch(/No agents to resume.*`memgpt run` creates one/);
    expect(await output(home, ["list", "agents", "--json"])).toBe("[]\n");
  });

  test("and --agent exclude each other", async () => {
    const home = await homeWithTwo();
    const before = states(home);

    const { code, stdout, stderr } = await memgpt(home, ["run", "-r", "--agent", "ada", "-p", "hi"]);

    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/--resume.*cannot be used with.*--agent/);
    expect(states(home)).toEqual(before);
  });
});

describe("memgpt run --heartbeat-every", () => {
  test.each(["45", "0s", "-5m", "1.5h", "999ms", "25d", "2100000000s", "soon", ""])(
    "refuses %s and shows the expected form",
    async (time) => {
      const home = newHome();

      const { code, stdout, stderr } = await memgpt(home, ["run", "--heartbeat-every", time, "-p", "hi"]);

      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/such as 90s, 30m or 1h, from 1s to 24d/);
      expect(errorLines(stderr).length).toBeLessThanOrEqual(2);
      expect(await output(home, ["list", "agents", "--json"])).toBe("[]\n");
    },
  );

  test.each(["1s", "90s", "30m", "1h", "24d"])("accepts %s", async (time) => {
    const home = newHome();

    expect((await memgpt(home, ["run", "--agent", "ada", "--heartbeat-every", time, "-p", "hi"])).code).toBe(0);
  });
});
