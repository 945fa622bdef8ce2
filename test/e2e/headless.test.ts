import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { FakeModel, saying } from "./support/fake-model.ts";
import {
  Answer,
  MAIN,
  Running,
  block,
  dataFolder,
  environment,
  errorLines,
  inspect,
  jsonLines,
  memgpt,
  newHome,
  output,
  say,
  search,
} from "./support/program.ts";

const Event = z.looseObject({ type: z.string(), text: z.string().optional() });
const Named = z.array(z.looseObject({ name: z.string() }));

/** Everything that a terminal would take for a command: C0 but tab and newlines, DEL, and C1. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/;
const HOSTILE = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b]52;c;aGk=\x1b\\ \x9b2J";

function names(json: string): string[] {
  return Named.parse(JSON.parse(json)).map((entry) => entry.name);
}

/** Every file below `folder`, with what is in it. */
function contents(folder: string): Map<string, string> {
  return new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => [path, readFileSync(path, "latin1")] as const),
  );
}

function newestCheckpoint(home: string, agent: string): string {
  const folder = dataFolder(home, "agents", agent, "agent_state");
  const newest = readdirSync(folder).sort().at(-1);
  if (newest === undefined) throw new Error(`${agent} has no checkpoint`);
  return join(folder, newest);
}

describe("one message", () => {
  test("-p prints the reply and nothing else on standard output, and makes an agent that it names on standard error", async () => {
    const home = newHome();

    const first = await memgpt(home, ["run", "--agent", "ada", "-p", "My favourite colour is teal."]);
    const second = await memgpt(home, ["run", "--agent", "ada", "-p", "What is my favourite colour?"]);

    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^.+\n$/) });
    expect(first.stderr).toMatch(/created.*ada/i);
    expect(second.stdout).toMatch(/^.*teal.*\n$/i);
    expect(second.stderr).toMatch(/existing.*ada/i);
    expect(first.stdout + second.stdout).not.toMatch(CONTROL);
  });

  test("-p - reads the message from standard input, lines and all", async () => {
    const home = newHome();

    const { code, stdout } = await memgpt(home, ["run", "--agent", "ada", "-p", "-"], {
      input: "I have a cat.\nHer name is Xanthippe.\n",
    });

    expect(code).toBe(0);
    expect(stdout.trim()).not.toBe("");
    const { results } = await search(home, "ada", "Xanthippe");
    expect(results.map((result) => result.text)).toContain("I have a cat.\nHer name is Xanthippe.");
  });

  test("json is one object whose figures agree with each other and with inspect", async () => {
    const home = newHome();

    const stdout = await output(home, ["run", "--agent", "ada", "--output-format", "json", "-p", "I live in Lisbon."]);

    const answer = Answer.parse(JSON.parse(stdout));
    const { sections, used, window } = answer.context;
    expect(answer.agent).toBe("ada");
    expect(answer.reply).toBe(answer.messages.join("\n"));
    expect(answer.events.filter((event) => event.type === "assistant_message")).toHaveLength(answer.messages.length);
    expect(answer.events.filter((event) => event.type === "step_end")).toHaveLength(answer.steps);
    expect(Object.values(sections).reduce((sum, tokens) => sum + tokens, 0)).toBe(used);
    expect(used).toBeLessThanOrEqual(window);
    expect(sections.system + sections.functions).toBeLessThan(2_000);
    const inspected = await inspect(home, "ada");
    expect(inspected).toMatchObject({ name: "ada", context_window: window, recall: answer.recall, archival: { total: 0 } });
    expect(inspected.queue.tokens).toBe(sections.queue);
    expect(inspected.checkpoints.at(-1)?.op).toBe(inspected.journal.operations);
  });

  test("stream-json is the event stream, one object a line, whose deltas add up to the message", async () => {
    const home = newHome();

    const stdout = await output(home, ["run", "--agent", "ada", "--output-format", "stream-json", "-p", "I have two dogs."]);

    const events = jsonLines(stdout).map((line) => Event.parse(line));
    const texts = (type: string): string => events.flatMap((event) => (event.type === type ? [event.text ?? ""] : [])).join("");
    expect(events[0]?.type).toBe("turn_start");
    expect(events.at(-1)?.type).toBe("turn_end");
    expect(texts("assistant_message")).not.toBe("");
    expect(texts("assistant_message_delta")).toBe(texts("assistant_message"));
    expect(texts("internal_monologue_delta")).toBe(texts("internal_monologue"));
    expect(events.filter((event) => event.type === "assistant_message_delta").length).toBeGreaterThan(2);
  });

  test("a user's own persona wins over the shipped one of that name, and its text is the agent's persona", async () => {
    const home = newHome();
    mkdirSync(dataFolder(home, "personas"), { recursive: true });
    writeFileSync(dataFolder(home, "personas", "sam_pov.txt"), "I am a lighthouse keeper.\n");

    await say(home, "ada", "hi", "--persona", "sam_pov", "--human", "cs_phd", "--core-memory-limit", "700");

    const { blocks } = await inspect(home, "ada");
    expect(blocks.map(({ label, limit }) => [label, limit])).toEqual([
      ["persona", 700],
      ["human", 700],
    ]);
    expect(blocks[0]?.value.trim()).toBe("I am a lighthouse keeper.");
  });

  test("a persona that does not fit --core-memory-limit is refused before anything is made", async () => {
    const home = newHome();

    const { code, stdout, stderr } = await memgpt(home, [
      "run",
      "--agent",
      "ada",
      "--persona",
      "sam_pov",
      "--core-memory-limit",
      "100",
      "-p",
      "hi",
    ]);

    expect(code).not.toBe(0);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/sam_pov|persona/);
    expect(stderr).toContain("100");
    expect(errorLines(stderr).length).toBeLessThanOrEqual(2);
    expect(names(await output(home, ["list", "agents", "--json"]))).toEqual([]);
  });

  test("the flags of an existing agent that change it say what changes and stay; its persona is never rewritten", async () => {
    const home = newHome();
    await say(home, "ada", "hi");
    const before = await block(home, "ada", "persona");

    const changed = await memgpt(home, ["run", "--agent", "ada", "--context-window", "16384", "--persona", "anna_pa", "-p", "hi"]);

    expect(changed).toMatchObject({ code: 0 });
    expect(changed.stderr).toMatch(/8192.*16384/);
    expect(changed.stderr).toMatch(/persona/);
    expect(await inspect(home, "ada")).toMatchObject({ context_window: 16_384, model: "practice" });
    expect(await block(home, "ada", "persona")).toBe(before);
    const again = await memgpt(home, ["run", "--agent", "ada", "-p", "hi"]);
    expect(again.stderr).not.toMatch(/16384/);
  });
});

describe("a pipe", () => {
  test("is one message or slash command a line, answered in order, until /exit", async () => {
    const home = newHome();

    const { code, stdout, stderr } = await memgpt(home, ["run", "--agent", "ada"], {
      input: "I have a parrot called Figaro.\n\n   \nWhat is my parrot called?\n/memory\n/memroy\n/exit\nI was never said.\n",
    });

    expect(code).toBe(0);
    expect(stdout.split("\n")[1]).toContain("Figaro");
    expect(stdout + stderr).toMatch(/persona.*\n[^]*Figaro/);
    expect(stdout + stderr).toMatch(/\/memroy.*\n?.*\/memory/);
    expect((await search(home, "ada", "memroy")).total).toBe(0);
    expect((await search(home, "ada", "never said")).total).toBe(0);
    expect((await search(home, "ada", "parrot")).results.filter((result) => result.role === "user")).toHaveLength(2);
  });

  test("answers a message as soon as its line has come, and SIGTERM leaves with everything saved", async () => {
    const home = newHome();
    const running = new Running(home, ["run", "--agent", "ada"]);
    running.write("My neighbour is called Bartholomew.\n");
    await running.until("stdout", /\n/);
    running.write("I grow tomatoes.\n");
    await running.until("stdout", /\n.*\n/);

    running.kill("SIGTERM");

    const { stderr } = await running.finished;
    expect(stderr).not.toMatch(/\n\s+at /);
    expect((await search(home, "ada", "tomatoes")).total).toBeGreaterThan(0);
    const { checkpoints, journal } = await inspect(home, "ada");
    expect(checkpoints.at(-1)?.op).toBe(journal.operations);
    expect(await say(home, "ada", "Who is my neighbour?")).toContain("Bartholomew");
  });

  test("of stream-json gives each message its own time, and names a line that is none without losing the others", async () => {
    const home = newHome();
    const lines = [
      { type: "user_message", message: "We went to Kyoto.", time: "2023-05-08T12:00:00Z" },
      { type: "login" },
      { type: "user_message", message: "We went to Osaka.", time: "2023-06-09T12:00:00Z" },
    ].map((line) => JSON.stringify(line));

    const { code, stdout, stderr } = await memgpt(
      home,
      ["run", "--agent", "ada", "--input-format", "stream-json", "--output-format", "stream-json"],
      { input: [...lines, "not json", ""].join("\n") },
    );

    const events = jsonLines(stdout).map((line) => Event.parse(line));
    expect(events.filter((event) => event.type === "turn_end")).toHaveLength(2);
    expect(stderr).toContain("not json");
    expect(code).not.toBe(0);
    const inMay = await search(home, "ada", "went to", "--from", "2023-05-01", "--to", "2023-05-31");
    expect(inMay.results.filter((result) => result.role === "user").map(({ time, text }) => [time, text])).toEqual([
      ["2023-05-08T12:00:00.000Z", "We went to Kyoto."],
    ]);
  });

  test("with nothing in it is no error", async () => {
    const home = newHome();

    const { code, stdout, stderr } = await memgpt(home, ["run"]);

    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).not.toMatch(/error|memgpt:/i);
  });

  test("an empty message is refused kindly, and nothing is remembered of it", async () => {
    const home = newHome();
    await say(home, "ada", "hi");
    const before = (await inspect(home, "ada")).recall.total;

    const { code, stdout, stderr } = await memgpt(home, ["run", "--agent", "ada", "-p", "  "]);

    expect(code).not.toBe(0);
    expect(stdout).toBe("");
    expect(errorLines(stderr)).toEqual([expect.stringMatching(/empty/i)]);
    expect((await search(home, "ada", "  ")).total).toBe(0);
    expect((await inspect(home, "ada")).recall.total).toBe(before);
  });

  test("closed early by its reader ends the program without a word", async () => {
    const home = newHome();
    await say(home, "ada", "hi");
    const pipeline = async (args: string): Promise<{ stdout: string; stderr: string }> => {
      const shell = spawn("/bin/sh", ["-c", `"${process.execPath}" "${MAIN}" ${args} | head -n 1`], {
        env: environment(home),
      });
      let [stdout, stderr] = ["", ""];
      shell.stdout.on("data", (text: Buffer) => (stdout += String(text)));
      shell.stderr.on("data", (text: Buffer) => (stderr += String(text)));
      shell.stdin.end("one\ntwo\nthree\n".repeat(20));
      await new Promise((resolve) => shell.on("close", resolve));
      return { stdout, stderr };
    };

    const [listed, chatted] = await Promise.all([
      pipeline("list personas"),
      pipeline("run --agent ada --output-format stream-json"),
    ]);

    expect(listed).toEqual({ stdout: expect.stringMatching(/^.+\n$/), stderr: "" });
    expect(chatted.stdout).toMatch(/^\{.*\}\n$/);
    expect(errorLines(chatted.stderr).join("\n")).not.toMatch(/EPIPE|error|at /i);
  });
});

describe("looking in from outside", () => {
  test("version and folder print one line each; without MEMGPT_DIR the folder is ~/.memgpt", async () => {
    const home = newHome();
    const manifest = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")));

    const printed = await Promise.all([
      output(home, ["version"]),
      output(home, ["--version"]),
      output(home, ["folder"]),
      output(home, ["folder"], { env: { MEMGPT_DIR: "" } }),
    ]);

    expect(printed).toEqual([
      `${manifest.version}\n`,
      `${manifest.version}\n`,
      `${dataFolder(home)}\n`,
      `${join(home, ".memgpt")}\n`,
    ]);
    expect(readdirSync(home)).toEqual([]);
  });

  test("list shows agents, personas, humans and presets, shipped and one's own, as text and as JSON", async () => {
    const home = newHome();
    await Promise.all([say(home, "ada", "hi"), say(home, "grace hopper", "hi")]);
    mkdirSync(dataFolder(home, "humans"), { recursive: true });
    writeFileSync(dataFolder(home, "humans", "me.txt"), "First name: Ines\n");

    const [agents, personas, humans, presets, text] = await Promise.all([
      output(home, ["list", "agents", "--json"]),
      output(home, ["list", "personas", "--json"]),
      output(home, ["list", "humans", "--json"]),
      output(home, ["list", "presets", "--json"]),
      output(home, ["list", "agents"]),
    ]);

    expect(names(agents).sort()).toEqual(["ada", "grace hopper"]);
    expect(names(personas)).toEqual(expect.arrayContaining(["anna_pa", "memgpt_starter", "sam", "sam_pov"]));
    expect(names(humans).sort()).toEqual(["basic", "cs_phd", "me"]);
    expect(names(presets).sort()).toEqual(["memgpt_chat", "memgpt_docs"]);
    expect(text).toMatch(/^ada\b.*\n^grace hopper\b/m);
  });

  test("delete asks first, needs --yes where it cannot ask, and takes only the agent it names", async () => {
    const home = newHome();
    await Promise.all([say(home, "ada", "hi"), say(home, "grace", "hi")]);

    const unsure = await memgpt(home, ["delete", "agent", "ada"]);
    const left = names(await output(home, ["list", "agents", "--json"]));
    const sure = await memgpt(home, ["delete", "agent", "ada", "--yes"]);
    const twice = await memgpt(home, ["delete", "agent", "ada", "--yes"]);

    expect(unsure.code).not.toBe(0);
    expect(unsure.stderr).toContain("--yes");
    expect(left.sort()).toEqual(["ada", "grace"]);
    expect(sure.code).toBe(0);
    expect(names(await output(home, ["list", "agents", "--json"]))).toEqual(["grace"]);
    expect(existsSync(dataFolder(home, "agents", "ada"))).toBe(false);
    expect(twice).toMatchObject({ code: 1, stderr: expect.stringContaining("grace") });
  });

  test("an agent that another process talks to is left alone by delete", async () => {
    const home = newHome();
    const running = new Running(home, ["run", "--agent", "ada"]);
    running.write("hi\n");
    await running.until("stdout", /\n/);

    const { code, stderr } = await memgpt(home, ["delete", "agent", "ada", "--yes"]);

    expect(code).toBe(1);
    expect(stderr).toContain(String(running.pid));
    running.end("I like rain.\n");
    expect(await running.finished).toMatchObject({ code: 0 });
    expect((await search(home, "ada", "rain")).total).toBeGreaterThan(0);
  });
});

describe("wrong usage", () => {
  test.each([
    { args: ["rnu"], says: /did you mean.*\brun\b/i },
    { args: ["run", "--agnet", "x"], says: /did you mean.*--agent/i },
    { args: ["list", "personnas"], says: /did you mean.*personas/i },
    { args: ["run", "--context-window", "100", "-p", "hi"], says: /4,?096/ },
    { args: ["run", "--context-window", "many", "-p", "hi"], says: /many/ },
    { args: ["run", "--core-memory-limit", "-5", "-p", "hi"], says: /-5|core-memory-limit/ },
    { args: ["run", "--output-format", "xml", "-p", "hi"], says: /stream-json/ },
    { args: ["run", "--input-format", "csv"], says: /stream-json/ },
    { args: ["run", "--model-endpoint", "localhost", "-p", "hi"], says: /http/ },
    { args: ["run", "-p"], says: /-p/ },
    { args: ["run", "hello"], says: /run|argument/ },
    { args: ["search", "ada"], says: /query/ },
    { args: ["search", "ada", "x", "--in", "brain"], says: /archival/ },
    { args: ["search", "ada", "x", "--page", "0"], says: /page/ },
    { args: ["search", "ada", "x", "--from", "sometime"], says: /sometime/ },
    { args: ["inspect"], says: /name/ },
  ])("memgpt $args exits with 2, a line or two that help, and nothing on standard output", async ({ args, says }) => {
    const home = newHome();
    if (args[0] === "search") await say(home, "ada", "hi");
    const before = existsSync(dataFolder(home, "agents")) ? readdirSync(dataFolder(home, "agents")) : [];

    const { code, stdout, stderr } = await memgpt(home, args);

    expect(stderr.replaceAll("\n", " ")).toMatch(says);
    expect(stderr).not.toMatch(/\n\s+at |should not happen/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(errorLines(stderr).length).toBeLessThanOrEqual(3);
    expect(existsSync(dataFolder(home, "agents")) ? readdirSync(dataFolder(home, "agents")) : []).toEqual(before);
  });

  test("an unknown agent, persona, human or preset lists those there are, suggests the nearest, and makes nothing", async () => {
    const home = newHome();
    await say(home, "ada", "hi");
    const run = (...args: string[]): ReturnType<typeof memgpt> => memgpt(home, ["run", "--agent", "new", ...args, "-p", "hi"]);

    const [persona, human, preset, agent] = await Promise.all([
      run("--persona", "sam_pow"),
      run("--human", "cs_pdh"),
      run("--preset", "memgpt_chta"),
      memgpt(home, ["inspect", "adda"]),
    ]);

    expect(persona).toMatchObject({ code: 1, stderr: expect.stringMatching(/mean sam_pov.*anna_pa.*memgpt_starter/s) });
    expect(human).toMatchObject({ code: 1, stderr: expect.stringMatching(/mean cs_phd.*basic/s) });
    expect(preset).toMatchObject({ code: 1, stderr: expect.stringMatching(/mean memgpt_chat\b.*memgpt_docs/s) });
    expect(agent).toMatchObject({ code: 1, stderr: expect.stringMatching(/mean ada\b/s) });
    expect(names(await output(home, ["list", "agents", "--json"]))).toEqual(["ada"]);
  });

  test("names that leave the folder, that Windows reserves or that are no names are refused by every command", async () => {
    const home = newHome();
    await say(home, "ada", "hi");
    writeFileSync(join(home, "outside.txt"), "A secret.");
    const untouched = [...contents(home).keys()].sort();
    const bad = ["../x", "..", ".", "", "a/b", "a\\b", "CON", "nul.txt", "Lpt1", "a".repeat(65), "dot.", " x", "x ", "a\nb"];
    const worse = ["a\x1b[31mb", "a:b", "🤖", "a\u202eb", "a\u200bb", "a*", "~"];

    const results = await Promise.all([
      ...[...bad, ...worse].map((name) => memgpt(home, ["run", `--agent=${name}`, "-p", "hi"])),
      memgpt(home, ["run", "--agent", "new", "--persona", "../../outside", "-p", "hi"]),
      memgpt(home, ["run", "--agent", "new", "--human", "../../outside.txt", "-p", "hi"]),
      memgpt(home, ["run", "--agent", "new", "--preset", "../memgpt_chat", "-p", "hi"]),
      memgpt(home, ["delete", "agent", "../agents/ada", "--yes"]),
      memgpt(home, ["delete", "agent", "..", "--yes"]),
      memgpt(home, ["inspect", "../agents/ada"]),
      memgpt(home, ["search", "../agents/ada", "hi"]),
    ]);

    expect(results.map(({ code, stdout }) => ({ code, stdout }))).toEqual(results.map(() => ({ code: 2, stdout: "" })));
    for (const { stderr } of results) {
      expect(stderr.trim()).not.toMatch(CONTROL);
      expect(stderr).not.toContain("\u202e");
      expect(errorLines(stderr).length).toBeLessThanOrEqual(2);
    }
    expect([...contents(home).keys()].sort()).toEqual(untouched);
  });

  test("names of letters, digits, space, _, - and . up to 64 long are good, in either Unicode form", async () => {
    const home = newHome();
    const good = ["Ada Lovelace-2_b.c", "a".repeat(64), "Zoë"];

    for (const name of good) await say(home, name, "hi");
    await say(home, "Zoe\u0308", "hi again");

    expect(names(await output(home, ["list", "agents", "--json"])).sort()).toEqual([...good].sort());
  });
});

describe("bad input", () => {
  test("a message longer than the window is stored whole, and shown to the model cut with a pointer to the rest", async () => {
    const home = newHome();
    const message = `The story begins. ${"All work and no play makes a dull day. ".repeat(1_500)} It ends with zanzibar.`;
    const model = await FakeModel.start([saying("That was long.")]);

    const answer = Answer.parse(
      JSON.parse(
        await output(
          home,
          ["run", "--agent", "ada", "--model", "fake", "--model-endpoint", model.url, "--no-verify", "--context-window", "4096"].concat([
            "--output-format",
            "json",
            "-p",
            "-",
          ]),
          { input: message },
        ),
      ),
    );

    expect(answer.reply).toBe("That was long.");
    expect(answer.context.used).toBeLessThanOrEqual(4_096);
    expect(model.lastShown).toContain("The story begins.");
    expect(model.lastShown).toMatch(/conversation_search|recall/);
    expect(model.lastShown.length).toBeLessThan(message.length / 2);
    const { results } = await search(home, "ada", "zanzibar");
    expect(results.map((result) => result.text)).toContain(message);
  });

  test("invalid UTF-8, NUL and a line of one megabyte do no harm", async () => {
    const home = newHome();
    const input = Buffer.concat([
      Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x20, 0xff, 0xfe, 0x20, 0x00, 0x20, 0xc0, 0xaf]),
      Buffer.from(" quokka\n"),
      Buffer.from(`${"lorem ipsum ".repeat(87_382)}wombat\n`),
      Buffer.from("My hat is green.\r\n"),
      Buffer.from("What colour is my hat?"),
    ]);

    const { code, stdout, stderr } = await memgpt(home, ["run", "--agent", "ada"], { input });

    expect({ code, stderr: errorLines(stderr).filter((line) => /error|memgpt:/.test(line)) }).toEqual({ code: 0, stderr: [] });
    expect(stdout).not.toMatch(CONTROL);
    expect(stdout.trim().split("\n").at(-1)).toContain("green");
    const [quokka, wombat] = await Promise.all([search(home, "ada", "quokka"), search(home, "ada", "wombat")]);
    expect(quokka.results.some((result) => result.role === "user")).toBe(true);
    expect(wombat.results.find((result) => result.role === "user")?.text).toHaveLength(12 * 87_382 + 6);
  });

  test("escape sequences in messages, memory, personas and replies never reach the terminal", async () => {
    const home = newHome();
    mkdirSync(dataFolder(home, "personas"), { recursive: true });
    writeFileSync(dataFolder(home, "personas", "evil.txt"), `I am evil. ${HOSTILE}`);
    const model = await FakeModel.start([
      { think: HOSTILE, call: "core_memory_append", args: { name: "human", content: `Likes ${HOSTILE}`, request_heartbeat: true } },
      saying(`Beware ${HOSTILE}`, HOSTILE),
    ]);
    const flags = ["--persona", "evil", "--model", "fake", "--model-endpoint", model.url, "--no-verify"];

    const chat = await memgpt(home, ["run", "--agent", "ada", ...flags], { input: `Is this ${HOSTILE} safe?\n/memory\n/dump\n` });
    const views = await Promise.all([
      memgpt(home, ["inspect", "ada"]),
      memgpt(home, ["search", "ada", "safe"]),
      memgpt(home, ["search", "ada", "beware"]),
      memgpt(home, ["list", "personas"]),
      memgpt(home, ["inspect", HOSTILE]),
    ]);

    expect(chat.stdout).toMatch(/Beware.*red/);
    expect(model.remaining).toBe(0);
    for (const { stdout, stderr } of [chat, ...views]) expect(stdout + stderr).not.toMatch(CONTROL);
    expect(views[0]?.stdout).toContain("evil");
  });
});

describe("an agent that somebody holds", () => {
  test("is refused to a second process, which is told who holds it and changes nothing; a dead holder is passed over", async () => {
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
  test("of the configuration is named, set aside and never overwritten, and the program works with the defaults", async () => {
    const home = newHome();
    mkdirSync(dataFolder(home));
    writeFileSync(dataFolder(home, "config.json"), '{ "openai_api_key": "sk-precious", oops');

    const { code, stderr } = await memgpt(home, ["run", "--agent", "ada", "-p", "hi"]);

    expect(code).toBe(0);
    expect(stderr).toContain(dataFolder(home, "config.json"));
    expect([...contents(dataFolder(home)).values()].filter((text) => text.includes("sk-precious, oops") || text.includes("oops"))).toEqual([
      '{ "openai_api_key": "sk-precious", oops',
    ]);
  });

  test("of a checkpoint is named and set aside, and the database restores everything", async () => {
    const home = newHome();
    await say(home, "ada", "I work at the observatory.");
    const checkpoint = newestCheckpoint(home, "ada");
    writeFileSync(checkpoint, '{"half": ');

    const { code, stdout, stderr } = await memgpt(home, ["run", "--agent", "ada", "-p", "Where do I work?"]);

    expect(code).toBe(0);
    expect(stdout).toContain("observatory");
    expect(stderr).toContain(basename(checkpoint));
    expect([...contents(dataFolder(home)).values()].filter((text) => text === '{"half": ')).toHaveLength(1);
    expect((await memgpt(home, ["run", "--agent", "ada", "-p", "hi"])).stderr).not.toMatch(/damage/);
  });

  test.each([
    { how: "throughout", from: 0 },
    { how: "past its first page", from: 4_096 },
  ])("of a database $how is named and set aside, the checkpoint restores what it can, and other agents work", async ({ from }) => {
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
    expect([...contents(dataFolder(home, "agents", "ada")).values()].filter((text) => text === damaged)).toHaveLength(1);
    expect(grace).toContain("docks");
    expect(await say(home, "ada", "Where do I work?")).toContain("observatory");
  });

  test("of everything at once is said, nothing is overwritten, and nothing new is put in its place", async () => {
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

  test("of a lock file keeps nobody from the agent", async () => {
    const home = newHome();
    await say(home, "ada", "I work at the observatory.");
    writeFileSync(dataFolder(home, "agents", "ada", "agent.lock"), "rubbish");

    const { code, stdout } = await memgpt(home, ["run", "--agent", "ada", "-p", "Where do I work?"]);

    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("observatory") });
  });

  test("a lost database is restored from the newest checkpoint, and lost checkpoints from the database", async () => {
    const home = newHome();
    await Promise.all([say(home, "ada", "I work at the observatory."), say(home, "grace", "I work at the docks.")]);
    for (const suffix of ["", "-wal", "-shm"]) rmSync(dataFolder(home, "agents", "ada", `agent.db${suffix}`), { force: true });
    rmSync(dataFolder(home, "agents", "grace", "agent_state"), { recursive: true });

    const [ada, grace] = await Promise.all([
      memgpt(home, ["run", "--agent", "ada", "-p", "Where do I work?"]),
      memgpt(home, ["run", "--agent", "grace", "-p", "Where do I work?"]),
    ]);

    expect(ada).toMatchObject({ code: 0, stdout: expect.stringContaining("observatory") });
    expect(ada.stderr).toMatch(/database/);
    expect(grace).toMatchObject({ code: 0, stdout: expect.stringContaining("docks") });
  });

  test("deleting the newer checkpoints takes the agent back to the one that is left, memory and recall alike", async () => {
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

describe("a model on another server", () => {
  const flags = (model: FakeModel): string[] => ["--model", "fake-1", "--model-endpoint", model.url];

  test("is asked with the key, the eight functions and the conversation, and what it stores it sees again", async () => {
    const home = newHome();
    const model = await FakeModel.start([
      saying("Hello there."),
      { think: "Save it.", call: "core_memory_append", args: { name: "human", content: "Plays the cello.", request_heartbeat: "true" } },
      saying("The cello, how lovely."),
      saying("You play the cello."),
    ]);
    const env = { OPENAI_API_KEY: "sk-from-environment" };

    const first = await memgpt(home, ["run", "--agent", "ada", ...flags(model)], { input: "hi\nI play the cello\n", env });
    const second = await memgpt(home, ["run", "--agent", "ada", "-p", "What do I play?"], { env });

    expect(first).toMatchObject({ code: 0, stdout: "Hello there.\nThe cello, how lovely.\n" });
    expect(second).toMatchObject({ code: 0, stdout: "You play the cello.\n" });
    expect(model.requests.map(({ path, authorization, body }) => [path, authorization, body.model])).toEqual(
      Array.from({ length: 4 }, () => ["/v1/chat/completions", "Bearer sk-from-environment", "fake-1"]),
    );
    expect(model.requests[0]?.body.tools?.map((tool) => tool.function.name).sort()).toEqual([
      "archival_memory_insert",
      "archival_memory_search",
      "conversation_search",
      "conversation_search_date",
      "core_memory_append",
      "core_memory_replace",
      "pause_heartbeats",
      "send_message",
    ]);
    expect(String(model.requests[2]?.body.messages[0]?.content)).toContain("Plays the cello.");
    expect(String(model.requests[3]?.body.messages[0]?.content)).toContain("Plays the cello.");
    expect(JSON.stringify(model.requests[3]?.body.messages)).toContain("How lovely".toLowerCase());
    expect(await block(home, "ada", "human")).toContain("Plays the cello.");
  });

  test("is asked with the key of the config file if the environment has none, and without any if there is none", async () => {
    const home = newHome();
    mkdirSync(dataFolder(home));
    const model = await FakeModel.start([saying("One."), saying("Two.")]);

    await say(home, "ada", "hi", ...flags(model));
    writeFileSync(dataFolder(home, "config.json"), JSON.stringify({ openai_api_key: "sk-from-file" }));
    await say(home, "ada", "hi");

    expect(model.requests[0]?.authorization ?? "").not.toMatch(/undefined|null|sk-from/);
    expect(model.requests[1]?.authorization).toBe("Bearer sk-from-file");
    expect([...contents(dataFolder(home, "agents")).values()].filter((text) => text.includes("sk-from-file"))).toEqual([]);
  });

  test("is used when only its endpoint is given", async () => {
    const home = newHome();
    const model = await FakeModel.start([saying("I am the server.")]);

    const { stdout, stderr } = await memgpt(home, ["run", "--agent", "ada", "--model-endpoint", model.url, "-p", "hi"]);

    expect(model.requests.length > 0 || /--model\b/.test(stderr)).toBe(true);
    expect(stdout === "" || stdout === "I am the server.\n").toBe(true);
  });

  test("that nobody answers at is one or two lines and exit code 1, and the agent goes on with another model", async () => {
    const home = newHome();
    await say(home, "ada", "I work at the observatory.");
    const before = await inspect(home, "ada");

    const down = await memgpt(home, ["run", "--agent", "ada", "--model", "fake-1", "--model-endpoint", "http://127.0.0.1:9/v1", "-p", "hi"]);
    const back = await memgpt(home, ["run", "--agent", "ada", "--model", "practice", "-p", "Where do I work?"]);

    expect(down).toMatchObject({ code: 1, stdout: "" });
    expect(down.stderr).toMatch(/practice.*fake-1/);
    const lines = errorLines(down.stderr).filter((line) => !/ is now /.test(line));
    expect(lines.length).toBeLessThanOrEqual(2);
    expect(lines.join(" ")).toContain("127.0.0.1:9");
    expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining("observatory") });
    expect(back.stderr).toMatch(/fake-1.*practice/);
    expect((await inspect(home, "ada")).recall.total).toBeGreaterThanOrEqual(before.recall.total);
  });

  test("that refuses the key, or says no for good, is named with what it said, without a stack trace", async () => {
    const home = newHome();
    const model = await FakeModel.start([
      { error: 401, message: "Incorrect API key provided" },
      { error: 404, message: "The model fake-1 does not exist" },
    ]);

    const refused = await memgpt(home, ["run", "--agent", "ada", ...flags(model), "-p", "hi"], { env: { OPENAI_API_KEY: "sk-wrong" } });
    const missing = await memgpt(home, ["run", "--agent", "ada", "-p", "hi"]);

    expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("OPENAI_API_KEY") });
    expect(refused.stderr).not.toContain("sk-wrong");
    expect(missing).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("fake-1") });
    for (const { stderr } of [refused, missing]) expect(errorLines(stderr).length).toBeLessThanOrEqual(3);
  });

  test("that makes mistakes is told of them and tries again; bare text is asked once to be sent, then delivered", async () => {
    const home = newHome();
    const model = await FakeModel.start([
      saying("Hello."),
      { call: "core_memory_replace", args: { name: "human", old_content: "not there", new_content: "x", request_heartbeat: false } },
      { call: "fly_to_the_moon", args: {} },
      { text: "I can only talk." },
      { text: "I can only talk." },
    ]);

    const { code, stdout } = await memgpt(home, ["run", "--agent", "ada", ...flags(model)], { input: "hi\nfly\n" });

    expect({ code, stdout }).toEqual({ code: 0, stdout: "Hello.\nI can only talk.\n" });
    expect(model.remaining).toBe(0);
    expect(JSON.stringify(model.requests[2]?.body.messages)).toMatch(/Failed.*not there/);
    expect(JSON.stringify(model.requests[3]?.body.messages)).toMatch(/Failed.*fly_to_the_moon/);
  });

  test("a new agent's first answer is asked for again, at most three times in all, unless --no-verify", async () => {
    const home = newHome();
    const leaky = saying("Too early.", 'I call send_message({"message": "Too early."}).');
    const patient = await FakeModel.start([leaky, saying("Hello at last."), leaky]);
    const hopeless = await FakeModel.start([leaky, leaky, leaky, leaky]);
    const hasty = await FakeModel.start([leaky]);

    const verified = await memgpt(home, ["run", "--agent", "ada", ...flags(patient)], { input: "hi\nand again\n" });
    const given = await memgpt(home, ["run", "--agent", "alan", ...flags(hopeless), "-p", "hi"]);
    const taken = await memgpt(home, ["run", "--agent", "grace", ...flags(hasty), "--no-verify", "-p", "hi"]);

    expect(verified.stdout).toBe("Hello at last.\nToo early.\n");
    expect(errorLines(verified.stderr).join("\n")).toMatch(/again|first/i);
    expect(JSON.stringify(patient.requests[1]?.body.messages.at(-1))).toContain("send_message");
    expect({ code: given.code, asked: hopeless.requests.length }).toEqual({ code: 0, asked: 3 });
    expect(taken.stdout).toBe("Too early.\n");
  });

  test("Ctrl-C while it answers ends -p with 130, and the conversation goes on as if nothing had been said", async () => {
    const home = newHome();
    const model = await FakeModel.start([saying("Hello."), { begin: "This will take" }, saying("I am back.")]);
    await say(home, "ada", "hi", ...flags(model));
    const running = new Running(home, ["run", "--agent", "ada", "-p", "Tell me a story"]);
    running.end();
    await model.asked(2);

    running.kill("SIGINT");

    expect(await running.finished).toMatchObject({ code: 130, stderr: expect.not.stringMatching(/\n\s+at /) });
    expect(await say(home, "ada", "Are you there?")).toBe("I am back.");
    const roles = model.requests.at(-1)?.body.messages.map((message) => message.role) ?? [];
    expect(roles.filter((role) => role === "tool").length).toBe(
      model.requests.at(-1)?.body.messages.filter((message) => "tool_calls" in message).length,
    );
  });

  test("SIGTERM while it answers leaves at once with what was said before saved", async () => {
    const home = newHome();
    const model = await FakeModel.start([saying("Hello."), { begin: "This will take" }, saying("I am back.")]);
    const running = new Running(home, ["run", "--agent", "ada", ...flags(model)]);
    running.write("I like fjords.\n");
    await running.until("stdout", /Hello\./);
    running.write("Tell me a story\n");
    await model.asked(2);

    running.kill("SIGTERM");

    expect((await running.finished).stderr).not.toMatch(/\n\s+at /);
    expect((await search(home, "ada", "fjords")).total).toBe(1);
    expect(await say(home, "ada", "Are you there?")).toBe("I am back.");
  });
});

test("neither a pipe nor NO_COLOR ever gets colours, though the environment asks for them", async () => {
  const home = newHome();

  const { stdout, stderr } = await memgpt(home, ["run", "--agent", "ada"], {
    input: "**hi**\n/help\n/memory\n/context\n",
    env: { FORCE_COLOR: "1", NO_COLOR: "1", TERM: "xterm-256color" },
  });

  expect(stdout).toMatch(/\/help/);
  expect(stdout + stderr).not.toMatch(CONTROL);
});
