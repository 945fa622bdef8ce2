import { readdirSync } from "node:fs";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { FakeModel, saying, modelFlags } from "./support/fake-model.ts";
import { block, dataFolder, inspect, memgpt, newHome, say, search } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

const ESC = "\x1b";
const UP = `${ESC}[A`;
const CTRL_C = "\x03";
const CTRL_D = "\x04";
const CTRL_U = "\x15";
const COLOUR = /\x1b\[(?!0?m)[\d;:]*m/;
const EMOJI = /\p{Emoji_Presentation}|\p{Extended_Pictographic}/u;

describe("a new user", () => {
  test("starts in an empty home, presses Enter once, is greeted, chats, looks around and exits with Ctrl-D", async () => {
    const home = newHome();
    const terminal = new Terminal(home, ["run"], { isNew: true });

    await terminal.until(/^\s*❯ the practice model/m);
    terminal.write("\r");
    await terminal.ready();
    const greeting = terminal.text;
    const learnt = await terminal.say("My boyfriend James baked me a birthday cake!");
    const help = await terminal.say("/help");
    const memory = await terminal.say("/memory");
    const context = await terminal.say("/context");
    const dump = await terminal.say("/dump 3");
    const saved = await terminal.say("/save");
    const unknown = await terminal.say("/memroy");
    const bang = await terminal.say("/");
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    expect(greeting).toMatch(/practice model/i);
    expect(greeting).toMatch(/rule/i);
    expect(greeting).toContain("--model-endpoint");
    expect(greeting).toContain("Connect a real one: memgpt configure");
    expect(greeting).toContain("/help");
    expect(greeting).toMatch(/hello|hi\b|hey/i);
    expect(greeting).not.toMatch(/chad/i);
    expect(learnt).toMatch(/James/);
    expect(learnt).toMatch(/human.*James/);
    expect(learnt).toMatch(/practice .*\d+%.*8,?192.* \d+(\.\d+)? ?(ms|s)/);
    for (const command of ["/exit", "/save", "/dump", "/memory", "/help", "/context"]) expect(help).toContain(command);
    expect(memory).toMatch(/persona[^]*human[^]*James[^]*recall[^]*archival/i);
    expect(context).toMatch(/system[^]*functions[^]*core memory[^]*summary[^]*(queue|messages)/i);
    expect(context).toMatch(/[█▓▒#=]{5,}/);
    expect(dump).toMatch(/\[3\][^]*\[2\][^]*\[1\]/);
    expect(saved).toMatch(/saved/i);
    expect(unknown).toMatch(/\/memory/);
    expect(bang).toContain("/dump");
    const agents = readdirSync(dataFolder(home, "agents"));
    expect(agents).toHaveLength(1);
    const [agent = ""] = agents;
    expect(await block(home, agent, "human")).toContain("James");
    expect((await search(home, agent, "memroy")).total).toBe(0);
  });

  test("returns, is offered the last agent or all others, and the chosen one remembers", async () => {
    const home = newHome();
    await say(home, "ada", "My boat is called Calypso.");
    await say(home, "grace", "My boat is called Nautilus.");
    const terminal = new Terminal(home, ["run"]);

    await terminal.until("Continue with grace");
    terminal.write("n\r");
    await terminal.until(/Which agent\?[^]*\bgrace\b[^]*\bada\b[^]*new/);
    const offered = terminal.text;
    const marked = /^\s*❯.*$/m.exec(offered)?.[0] ?? "";
    terminal.write(UP);
    await terminal.until(/^\s*❯ grace/m);
    terminal.write("\r");
    await terminal.ready();
    const reply = await terminal.say("What is my boat called?");
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    expect(offered).toMatch(/new/i);
    expect(marked).toContain("ada");
    expect(reply).toContain("Nautilus");
    const yes = new Terminal(home, ["run", "--agent", "ada"]);
    expect(await yes.say("What is my boat called?")).toContain("Calypso");
    expect(yes.text).toMatch(/existing.*ada/i);
    yes.write("/exit\r");
    expect(await yes.exited()).toBe(0);
  });

  test("cancelling the choice of an agent exits with 130 and creates none", async () => {
    const home = newHome();
    await say(home, "ada", "hi");
    const terminal = new Terminal(home, ["run"]);
    await terminal.until("Continue with ada");
    terminal.write("n\r");
    await terminal.until(/Which agent\?[^]*ada/);

    terminal.write(CTRL_C);

    expect(await terminal.exited()).toBe(130);
    expect(readdirSync(dataFolder(home, "agents"))).toEqual(["ada"]);
    expect(terminal.text).not.toMatch(/\n\s+at /);
  });
});

describe("a question", () => {
  test("comes if a name looks like a typo, not if only the number differs, and ends on SIGTERM", async () => {
    const home = newHome();
    await say(home, "agent_1", "hi");
    const [picker, slip, removal] = [
      new Terminal(home, ["run"]),
      new Terminal(home, ["run", "--agent", "agnet_1"]),
      new Terminal(home, ["delete", "agent", "agent_1"]),
    ];
    await Promise.all([picker.until("Continue with agent_1"), slip.until(/did you mean agent_1.*new one\?/)]);
    // Not before: the agent used last is the one that is offered.
    const next = new Terminal(home, ["run", "--agent", "agent_2"]);
    await Promise.all([next.ready(), removal.until("for good?")]);

    picker.signal("SIGTERM");
    slip.signal("SIGTERM");
    next.write(CTRL_D);
    removal.write(CTRL_C);

    const codes = await Promise.all([picker.exited(), slip.exited(), next.exited(), removal.exited()]);
    expect(codes).toEqual([143, 143, 0, 130]);
    expect(next.text).toContain("Created agent agent_2");
    expect(readdirSync(dataFolder(home, "agents")).sort()).toEqual(["agent_1", "agent_2"]);
    for (const { text } of [picker, slip, removal]) expect(text).not.toMatch(/bug in memgpt|\n\s+at /);
  });
});

describe("the keyboard", () => {
  test("Ctrl-C at the prompt clears the text, then says how to exit, then exits", async () => {
    const home = newHome();
    const terminal = new Terminal(home, ["run", "--agent", "ada"]);
    await terminal.ready();
    terminal.write("half a thought");
    await terminal.until(() => terminal.typed.endsWith("half a thought"));

    terminal.write(CTRL_C);
    await terminal.ready();
    terminal.write(CTRL_C);
    await terminal.until(/Ctrl-C again|again to (leave|exit)/i);
    await terminal.ready();
    terminal.write(CTRL_C);

    expect(await terminal.exited()).toBe(0);
    expect((await search(home, "ada", "half a thought")).total).toBe(0);
    expect((await inspect(home, "ada")).name).toBe("ada");
  });

  test("Tab completes slash commands; arrow up recalls earlier texts, also in the next run", async () => {
    const home = newHome();
    const first = new Terminal(home, ["run", "--agent", "ada"]);
    await first.ready();
    first.write("/mem\t");
    await first.until(() => first.typed.trimEnd().endsWith("/memory"));
    first.write("\r");
    await first.until("Recall");
    await first.say("I keep bees.");
    first.write(UP);
    await first.until(() => first.typed.endsWith("I keep bees."));
    first.write(CTRL_C);
    await first.ready();
    first.write(CTRL_D);
    expect(await first.exited()).toBe(0);

    const second = new Terminal(home, ["run", "--agent", "ada"]);
    await second.ready();
    second.write(UP);
    await second.until(() => second.typed.endsWith("I keep bees."));
    second.write(UP);
    await second.until(() => second.typed.trimEnd().endsWith("/memory"));
    second.write(`${CTRL_C}${CTRL_D}`);

    expect(await second.exited()).toBe(0);
  });

  test("a multi-line paste is one message", async () => {
    const home = newHome();
    const terminal = new Terminal(home, ["run", "--agent", "ada"]);
    await terminal.ready();

    terminal.write(`${ESC}[200~Roses are red,\nviolets are blue,\nplatypus${ESC}[201~`);
    await terminal.until(() => terminal.typed.endsWith("platypus"));
    terminal.write("\r");
    await terminal.until(() =>
      /platypus[^]*platypus[^]*%|platypus[^]*What else|platypus[^]*practice ·/.test(terminal.text),
    );
    await terminal.ready();
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    const { results } = await search(home, "ada", "platypus");
    expect(results.filter((result) => result.role === "user").map((result) => result.text)).toEqual([
      "Roses are red,\nviolets are blue,\nplatypus",
    ]);
  });

  test("// starts a multi-line message, which a line of three quotes sends", async () => {
    const home = newHome();
    const terminal = new Terminal(home, ["run", "--agent", "ada"]);
    await terminal.ready();

    terminal.write("//\r");
    for (const line of ["An ode to the", "echidna,", "/help is not a command here"]) {
      await terminal.until(() => /^\S{0,3} ?$/.test(terminal.typed));
      terminal.write(line);
      await terminal.until(() => terminal.typed.endsWith(line));
      terminal.write("\r");
    }
    await terminal.until(() => /^\S{0,3} ?$/.test(terminal.typed));
    await terminal.say('"""');
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    const { results } = await search(home, "ada", "echidna");
    expect(results.filter((result) => result.role === "user").map((result) => result.text)).toEqual([
      "An ode to the\nechidna,\n/help is not a command here",
    ]);
  });

  test("Ctrl-C during an answer stops it and offers the message again, and the conversation stays consistent", async () => {
    const home = newHome();
    const model = await FakeModel.start([
      saying("Good day."),
      { begin: "Once upon a time there was" },
      saying("As you wish."),
    ]);
    const terminal = new Terminal(home, ["run", "--agent", "ada", ...modelFlags(model)]);
    await terminal.say("Good morning");
    terminal.write("Tell me a story\r");
    await terminal.until("Once upon a time");

    terminal.write(CTRL_C);
    await terminal.until(/stopped|interrupted/i);
    await terminal.until(() => terminal.typed.endsWith("Tell me a story"));
    terminal.write(CTRL_U);
    const after = await terminal.say("Enough of that");
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    expect(after).toContain("As you wish.");
    expect(model.remaining).toBe(0);
    const shown = model.requests.at(-1)?.body.messages ?? [];
    expect(shown.filter((message) => "tool_calls" in message)).toHaveLength(
      shown.filter((message) => message.role === "tool").length,
    );
    expect(JSON.stringify(shown.at(-1))).toContain("Enough of that");
  });

  test("Ctrl-C stops an endless answer that floods the screen, and nothing is stored", async () => {
    const home = newHome();
    const model = await FakeModel.start([saying("Good day."), { endless: "word " }]);
    // So that nothing else ends it first.
    await memgpt(home, ["configure", "set", "max_answer_bytes", "16000000"]);
    const terminal = new Terminal(home, ["run", "--agent", "ada", ...modelFlags(model)]);
    await terminal.say("Good morning");
    const before = (await inspect(home, "ada")).recall.total;
    terminal.write("Talk\r");
    await terminal.until(/(word\s+){50}/);

    terminal.write(CTRL_C);
    await terminal.until(() => terminal.typed.endsWith("Talk"));
    terminal.write(`${CTRL_U}${CTRL_D}`);

    expect(await terminal.exited()).toBe(0);
    expect((await inspect(home, "ada")).recall.total).toBe(before);
  });

  test("a stopped message is offered again even if a flush came before it", async () => {
    const home = newHome();
    await memgpt(home, ["run", "--agent", "ada"], { input: `${"All work and no play. ".repeat(200)}\n`.repeat(4) });
    const model = await FakeModel.start([{ text: "It was all work and no play." }, { begin: "Once upon a time" }]);
    const args = ["run", "--agent", "ada", ...modelFlags(model), "--context-window", "4096"];
    const terminal = new Terminal(home, args);
    await terminal.ready();
    terminal.write("Tell me a story\r");
    await terminal.until(/old messages left[^]*Once upon a time/);

    terminal.write(CTRL_C);

    await terminal.until("back at the prompt");
    await terminal.until(() => terminal.typed.endsWith("Tell me a story"));
    terminal.write(`${CTRL_U}${CTRL_D}`);
    expect(await terminal.exited()).toBe(0);
  });

  test("a failing model is reported in the chat, with the message ready to send again", async () => {
    const home = newHome();
    const model = await FakeModel.start([{ error: 400, message: "bad tea leaves" }, saying("Better now.")]);
    const terminal = new Terminal(home, ["run", "--agent", "ada", ...modelFlags(model)]);

    await terminal.ready();
    terminal.write("Good morning\r");
    await terminal.until("bad tea leaves");
    await terminal.until(/replaces it\.[^]*> Good morning/);
    terminal.write("\r");
    // Enter that comes in together with the prompt counts as pressed during the reply, and does nothing.
    const again = setInterval(() => {
      terminal.write("\r");
    }, 2000);
    await terminal.until("Better now.");
    clearInterval(again);
    await terminal.ready();
    terminal.write("/exit\r");

    expect(await terminal.exited()).toBe(0);
    expect(terminal.text).not.toMatch(/\n\s+at /);
    expect((await search(home, "ada", "Good morning")).total).toBe(1);
  });
});

describe("the screen", () => {
  test("shows the thought dimmed and the reply's Markdown rendered, and never runs the model's text", async () => {
    const home = newHome();
    const message =
      "This is **very important** and *slanted*, with `code`.\n\n- one\n- two\n\n\x1b[2J\x1b]0;stolen\x07done";
    const model = await FakeModel.start([saying(message, "I think first.")]);
    const terminal = new Terminal(home, ["run", "--agent", "ada", ...modelFlags(model)]);

    const shown = await terminal.say("Good morning");
    terminal.write(CTRL_D);
    await terminal.exited();

    expect(shown).toContain("This is very important and slanted, with code.");
    expect(shown).toMatch(/[•*-] one\n.*[•*-] two/);
    expect(shown.indexOf("I think first.")).toBeLessThan(shown.indexOf("This is"));
    expect(terminal.raw).toMatch(/\x1b\[1m[^\x1b]*very/);
    expect(terminal.raw).toMatch(/\x1b\[2m[^]*think/);
    expect(terminal.raw).not.toContain("\x1b[2J");
    expect(terminal.raw).not.toContain("\x1b]0;stolen");
    expect(terminal.text).toContain("done");
  });

  test("has neither colours nor symbols with --strip-ui, and no colours with NO_COLOR", async () => {
    const home = newHome();
    const [stripped, plain] = [
      new Terminal(home, ["run", "--agent", "ada", "--strip-ui"]),
      new Terminal(home, ["run", "--agent", "grace"], { env: { NO_COLOR: "1" } }),
    ];

    for (const terminal of [stripped, plain]) {
      await terminal.say("I keep bees.");
      await terminal.say("/context");
      terminal.write(CTRL_D);
      expect(await terminal.exited()).toBe(0);
      expect(terminal.raw).not.toMatch(COLOUR);
      expect(terminal.text).toMatch(/bees/);
    }

    expect(stripped.text).not.toMatch(EMOJI);
  });

  test("of 30 columns breaks no word, line or bar", async () => {
    const home = newHome();
    const model = await FakeModel.start([
      saying("Extraordinarily long sentences, with 漢字 and 🙂 in them, are wrapped between their words."),
    ]);
    const terminal = new Terminal(home, ["run", "--agent", "ada", ...modelFlags(model)], { columns: 30 });

    await terminal.say("Good morning");
    await terminal.say("/help");
    await terminal.say("/context");
    await terminal.say("/memory");
    terminal.write(CTRL_D);
    await terminal.exited();

    const rows = terminal.rows.filter((row) => row !== "");
    const brokenByTheTerminal = terminal.text.split("\n").filter((line) => stringWidth(line) > 30);
    expect(brokenByTheTerminal).toEqual([]);
    expect(rows.some((row) => row.includes("Extraordinarily"))).toBe(true);
    expect(terminal.text).toContain("漢字");
  });

  test("of a dumb terminal gets no escape sequence at all", async () => {
    const home = newHome();
    const terminal = new Terminal(home, ["run", "--agent", "ada"], { env: { TERM: "dumb" } });
    await terminal.until(/>\s*$/);
    terminal.write("I keep bees.\r");
    await terminal.until(/bees[^]*bees[^]*>\s*$/);
    terminal.write("/exit\r");

    expect(await terminal.exited()).toBe(0);
    expect(terminal.raw).not.toContain(ESC);
    expect((await search(home, "ada", "bees")).total).toBeGreaterThan(0);
  });
});

test("SIGTERM saves and restores the terminal, and the next session starts with a greeting", async () => {
  const home = newHome();
  const model = await FakeModel.start([saying("Good day."), saying("Welcome back.")]);
  const terminal = new Terminal(home, ["run", "--agent", "ada", ...modelFlags(model)]);
  await terminal.say("I keep bees.");

  terminal.signal("SIGTERM");
  await terminal.exited();
  const again = new Terminal(home, ["run", "--agent", "ada", "--first"]);
  const reply = await again.say("Hello again");
  again.write(CTRL_D);
  await again.exited();

  expect(terminal.raw.lastIndexOf(`${ESC}[?2004l`)).toBeGreaterThan(terminal.raw.lastIndexOf(`${ESC}[?2004h`));
  expect(reply).toContain("Welcome back.");
  expect(model.lastShown).toMatch(/I keep bees/);
  expect(model.lastShown.match(/login/g)?.length).toBeGreaterThanOrEqual(2);
});
