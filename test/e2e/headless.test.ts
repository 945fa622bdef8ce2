import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { FakeModel, saying } from "./support/fake-model.ts";
import {
  Answer,
  MAIN,
  Running,
  block,
  contents,
  dataFolder,
  environment,
  errorLines,
  inspect,
  jsonLines,
  memgpt,
  names,
  newHome,
  output,
  say,
  search,
} from "./support/program.ts";

const Event = z.looseObject({ type: z.string(), text: z.string().optional() });

/** Everything that a terminal would take for a command: C0 but tab and newlines, DEL, and C1. */
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/;
const HOSTILE = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b]52;c;aGk=\x1b\\ \x9b2J";

describe("one message", () => {
  test("-p prints only the reply on standard output, and names the new agent on standard error", async () => {
    const home = newHome();

    const first = await memgpt(home, ["run", "--agent", "ada", "-p", "My favourite colour is teal."]);
    const second = await memgpt(home, ["run", "--agent", "ada", "-p", "What is my favourite colour?"]);

    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^.+\n$/) });
    expect(first.stderr).toMatch(/created.*ada/i);
    expect(second.stdout).toMatch(/^.*teal.*\n$/i);
    expect(second.stderr).toMatch(/existing.*ada/i);
    expect(first.stdout + second.stdout).not.toMatch(CONTROL);
  });

  test("-p - reads a message of several lines from standard input", async () => {
    const home = newHome();

    const { code, stdout } = await memgpt(home, ["run", "--agent", "ada", "-p", "-"], {
      input: "I have a cat.\nHer name is Xanthippe.\n",
    });

    expect(code).toBe(0);
    expect(stdout.trim()).not.toBe("");
    const { results } = await search(home, "ada", "Xanthippe");
    expect(results.map((result) => result.text)).toContain("I have a cat.\nHer name is Xanthippe.");
  });

  test("json prints one object with figures that agree with each other and with inspect", async () => {
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
    expect(inspected).toMatchObject({
      name: "ada",
      context_window: window,
      recall: answer.recall,
      archival: { total: 0 },
    });
    expect(inspected.queue.tokens).toBe(sections.queue);
    expect(inspected.checkpoints.at(-1)?.op).toBe(inspected.journal.operations);
  });

  test("stream-json prints one event per line, with deltas that add up to the message", async () => {
    const home = newHome();

    const stdout = await output(home, [
      "run",
      "--agent",
      "ada",
      "--output-format",
      "stream-json",
      "-p",
      "I have two dogs.",
    ]);

    const events = jsonLines(stdout).map((line) => Event.parse(line));
    const texts = (type: string): string =>
      events.flatMap((event) => (event.type === type ? [event.text ?? ""] : [])).join("");
    expect(events[0]?.type).toBe("turn_start");
    expect(events.at(-1)?.type).toBe("turn_end");
    expect(texts("assistant_message")).not.toBe("");
    expect(texts("assistant_message_delta")).toBe(texts("assistant_message"));
    expect(texts("internal_monologue_delta")).toBe(texts("internal_monologue"));
    expect(events.filter((event) => event.type === "assistant_message_delta").length).toBeGreaterThan(2);
  });

  test("a user's persona wins over the shipped one of the same name", async () => {
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

  test("a persona that exceeds --core-memory-limit is refused before an agent is created", async () => {
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

  test("flags that change an existing agent report the change and persist; its persona is never rewritten", async () => {
    const home = newHome();
    await say(home, "ada", "hi");
    const before = await block(home, "ada", "persona");

    const changed = await memgpt(home, [
      "run",
      "--agent",
      "ada",
      "--context-window",
      "16384",
      "--persona",
      "anna_pa",
      "-p",
      "hi",
    ]);

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
  test("has one message or slash command per line, answered in order, until /exit", async () => {
    const home = newHome();

    const { code, stdout, stderr } = await memgpt(home, ["run", "--agent", "ada"], {
      input:
        "I have a parrot called Figaro.\n\n   \nWhat is my parrot called?\n/memory\n/memroy\n/exit\nI was never said.\n",
    });

    expect(code).toBe(2);
    expect(stdout.split("\n")[1]).toContain("Figaro");
    expect(stdout + stderr).toMatch(/persona.*\n[^]*Figaro/);
    expect(stdout + stderr).toMatch(/\/memroy.*\n?.*\/memory/);
    expect((await search(home, "ada", "memroy")).total).toBe(0);
    expect((await search(home, "ada", "never said")).total).toBe(0);
    expect((await search(home, "ada", "parrot")).results.filter((result) => result.role === "user")).toHaveLength(2);
  });

  test("answers each line as it arrives, and SIGTERM exits with everything saved", async () => {
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

  test("of stream-json gives each message its own time, and reports an invalid line without losing the others", async () => {
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

  test.each([
    { reads: "one message", args: ["-p", "-"], signal: "SIGINT", code: 130 },
    { reads: "one message", args: ["-p", "-"], signal: "SIGTERM", code: 143 },
    { reads: "the next line", args: [], signal: "SIGINT", code: 130 },
    { reads: "the next line", args: [], signal: "SIGTERM", code: 143 },
  ] as const)("waiting for $reads exits with $code on $signal", async ({ args, signal, code }) => {
    const running = new Running(newHome(), ["run", "--agent", "ada", ...args]);
    await running.until("stderr", /Created agent ada/);

    running.kill(signal);

    const finished = await running.finished;
    expect(finished).toMatchObject({ code, signal: null, stdout: "" });
    expect(errorLines(finished.stderr).length).toBeLessThanOrEqual(1);
    expect(finished.stderr).not.toMatch(/bug in memgpt|\n\s+at /);
  });

  test("in a JSON format shows a slash command as one object, and --debug the calls on standard error", async () => {
    const home = newHome();

    const { code, stdout, stderr } = await memgpt(
      home,
      ["run", "--agent", "ada", "--output-format", "stream-json", "--debug"],
      { input: "I keep bees.\n/memory\n/help exit\n" },
    );

    expect(code).toBe(0);
    expect(jsonLines(stdout).slice(-2)).toEqual([
      { type: "command", command: "/memory", text: expect.stringContaining("bees") },
      { type: "command", command: "/help exit", text: "/exit: save and exit\n  Example: /exit" },
    ]);
    expect(stderr).toMatch(/^send_message \{.*bees/m);
  });

  test("may be empty", async () => {
    const home = newHome();

    const { code, stdout, stderr } = await memgpt(home, ["run"]);

    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).not.toMatch(/error|memgpt:/i);
  });

  test("an empty message is refused, and nothing is stored", async () => {
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

  test("closed early by its reader ends the program silently", async () => {
    const home = newHome();
    await say(home, "ada", "hi");
    const pipeline = async (args: string): Promise<{ stdout: string; stderr: string }> => {
      const program = `"${process.execPath}" "${MAIN}" ${args}`;
      const shell = spawn("/bin/sh", ["-c", `{ ${program}; echo "exit code $?" >&2; } | head -n 1`], {
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

    expect(listed).toEqual({ stdout: expect.stringMatching(/^.+\n$/), stderr: "exit code 0\n" });
    expect(chatted.stdout).toMatch(/^\{.*\}\n$/);
    expect(errorLines(chatted.stderr).join("\n")).not.toMatch(/EPIPE|error|at /i);
    // As if SIGPIPE had ended it: lines were left unsent.
    expect(chatted.stderr).toMatch(/exit code 141\n$/);
  });
});

test("standard error closed by its reader does not prevent sending a message", async () => {
  const home = newHome();
  const child = spawn(process.execPath, [MAIN, "run", "--agent", "ada", "-p", "I grow tomatoes."], {
    env: environment(home),
  });
  child.stderr.destroy();
  child.stdin.end();
  let stdout = "";
  child.stdout.on("data", (text: Buffer) => (stdout += String(text)));

  const code = await new Promise((resolve) => child.on("close", resolve));

  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/tomatoes/) });
});

describe("commands that only read", () => {
  test("reports configuration problems on standard error, without escape sequences", async () => {
    const home = newHome();
    mkdirSync(dataFolder(home));
    writeFileSync(dataFolder(home, "config.json"), JSON.stringify({ [HOSTILE]: 1 }));

    const folder = await memgpt(home, ["folder"]);
    const runs = await Promise.all([
      memgpt(home, ["run", "--agent", "ada", "-p", "hi"]),
      memgpt(home, ["list", "agents"]),
      memgpt(home, ["list", "humans"]),
      memgpt(home, ["inspect", "nobody"]),
      memgpt(home, ["search", "nobody", "hi"]),
      memgpt(home, ["delete", "agent", "nobody"]),
    ]);

    expect(folder).toMatchObject({ code: 0, stdout: `${dataFolder(home)}\n` });
    for (const { stdout, stderr } of [folder, ...runs]) {
      expect(stderr).toMatch(/red.*no such setting/);
      expect(stdout + stderr).not.toMatch(CONTROL);
    }
  });

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

  test("list shows agents, personas, humans and presets, shipped and custom, as text and JSON", async () => {
    const home = newHome();
    await Promise.all([say(home, "ada", "hi"), say(home, "grace hopper", "hi")]);
    mkdirSync(dataFolder(home, "humans"), { recursive: true });
    writeFileSync(dataFolder(home, "humans", "me.txt"), "First name: Ines\n");
    // An agent on another disk, say.
    renameSync(dataFolder(home, "agents", "ada"), join(home, "elsewhere"));
    symlinkSync(join(home, "elsewhere"), dataFolder(home, "agents", "ada"));

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
    expect(names(presets).sort()).toEqual(["memgpt_chat", "memgpt_compact", "memgpt_docs", "memgpt_tiny"]);
    expect(text.split("\n").sort()).toEqual([
      "",
      expect.stringMatching(/^ada\b/),
      expect.stringMatching(/^grace hopper\b/),
    ]);
  });

  test("delete asks first, needs --yes if it cannot ask, and deletes only the named agent", async () => {
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

  test("delete refuses an agent that another process has open", async () => {
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
    { args: ["run", "hello", "world"], says: /run|argument/ },
    { args: ["search", "ada"], says: /query/ },
    { args: ["search", "ada", "x", "--in", "brain"], says: /archival/ },
    { args: ["search", "ada", "x", "--page", "0"], says: /page/ },
    { args: ["search", "ada", "x", "--from", "sometime"], says: /sometime/ },
    { args: ["search", "ada", "x", "--from", "2023-12-01", "--to", "2023-01-01"], says: /2023-12-01|from|before/ },
    { args: ["inspect"], says: /name/ },
  ])("memgpt $args exits with 2 and one or two helpful lines on standard error", async ({ args, says }) => {
    const home = newHome();
    if (args.includes("--from")) await say(home, "ada", "hi");
    const before = existsSync(dataFolder(home, "agents")) ? readdirSync(dataFolder(home, "agents")) : [];

    const { code, stdout, stderr } = await memgpt(home, args);

    expect(stderr.replaceAll("\n", " ")).toMatch(says);
    expect(stderr).not.toMatch(/\n\s+at |bug in memgpt/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(errorLines(stderr).length).toBeLessThanOrEqual(3);
    expect(existsSync(dataFolder(home, "agents")) ? readdirSync(dataFolder(home, "agents")) : []).toEqual(before);
  });

  test("the error for an unknown agent, persona, human or preset lists the existing ones, suggests the nearest, and creates nothing", async () => {
    const home = newHome();
    await say(home, "ada", "hi");
    const run = (...args: string[]): ReturnType<typeof memgpt> =>
      memgpt(home, ["run", "--agent", "new", ...args, "-p", "hi"]);

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

  test("the error for a MEMGPT_DIR that cannot be a folder names it in a line or two", async () => {
    const home = newHome();
    writeFileSync(join(home, "occupied"), "A file.");

    const runs = await Promise.all(
      ["occupied", join("occupied", "below")].map((path) =>
        memgpt(home, ["run", "-p", "hi"], { env: { MEMGPT_DIR: join(home, path) } }),
      ),
    );

    for (const { code, stdout, stderr } of runs) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toContain(join(home, "occupied"));
      expect(stderr).not.toMatch(/bug in memgpt|\n\s+at /);
      expect(errorLines(stderr).length).toBeLessThanOrEqual(2);
    }
  });

  test("every command refuses names that leave the folder, are reserved by Windows, or are invalid", async () => {
    const home = newHome();
    await say(home, "ada", "hi");
    writeFileSync(join(home, "outside.txt"), "A secret.");
    const untouched = [...contents(home).keys()].sort();
    const bad = [
      "../x",
      "..",
      ".",
      "",
      "a/b",
      "a\\b",
      "CON",
      "nul.txt",
      "Lpt1",
      "a".repeat(65),
      "dot.",
      " x",
      "x ",
      "a\nb",
    ];
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

  test("accepts names of up to 64 letters, digits, spaces, _, - and . in either Unicode form", async () => {
    const home = newHome();
    const good = ["Ada Lovelace-2_b.c", "a".repeat(64), "Zoë"];

    for (const name of good) await say(home, name, "hi");
    await say(home, "Zoe\u0308", "hi again");

    expect(names(await output(home, ["list", "agents", "--json"])).sort()).toEqual([...good].sort());
  });
});

describe("bad input", () => {
  test("a message longer than the window is stored whole and shown to the model cut, with a pointer to the rest", async () => {
    const home = newHome();
    const message = `The story begins. ${"All work and no play makes a dull day. ".repeat(1_500)} It ends with zanzibar.`;
    const model = await FakeModel.start([saying("That was long.")]);

    const answer = Answer.parse(
      JSON.parse(
        await output(
          home,
          [
            "run",
            "--agent",
            "ada",
            "--model",
            "fake",
            "--model-endpoint",
            model.url,
            "--no-verify",
            "--context-window",
            "4096",
          ].concat(["--output-format", "json", "-p", "-"]),
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

    expect({ code, stderr: errorLines(stderr).filter((line) => /error|memgpt:/.test(line)) }).toEqual({
      code: 0,
      stderr: [],
    });
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
      {
        think: HOSTILE,
        call: "core_memory_append",
        args: { name: "human", content: `Likes ${HOSTILE}`, request_heartbeat: true },
      },
      saying(`Beware ${HOSTILE}`, HOSTILE),
    ]);
    const flags = ["--persona", "evil", "--model", "fake", "--model-endpoint", model.url, "--no-verify"];

    const chat = await memgpt(home, ["run", "--agent", "ada", ...flags], {
      input: `Is this ${HOSTILE} safe?\n/memory\n/dump\n`,
    });
    const views = await Promise.all([
      memgpt(home, ["inspect", "ada"]),
      memgpt(home, ["search", "ada", "safe"]),
      memgpt(home, ["search", "ada", "beware"]),
      memgpt(home, ["list", "personas"]),
      memgpt(home, ["inspect", HOSTILE]),
      memgpt(home, ["inspect", "ada", "--json"]),
      memgpt(home, ["search", "ada", "beware", "--json"]),
      memgpt(home, ["list", "personas", "--json"]),
      memgpt(home, ["run", "--agent", "eve", "--output-format", "json", "-p", `Is this ${HOSTILE} safe?`]),
    ]);

    expect(chat.stdout).toMatch(/Beware.*red/);
    expect(model.remaining).toBe(0);
    for (const { stdout, stderr } of [chat, ...views]) expect(stdout + stderr).not.toMatch(CONTROL);
    expect(views[0].stdout).toContain("evil");
  });
});

test("a pipe and NO_COLOR suppress colours even if the environment forces them", async () => {
  const home = newHome();

  const { stdout, stderr } = await memgpt(home, ["run", "--agent", "ada"], {
    input: "**hi**\n/help\n/memory\n/context\n",
    env: { FORCE_COLOR: "1", NO_COLOR: "1", TERM: "xterm-256color" },
  });

  expect(stdout).toMatch(/\/help/);
  expect(stdout + stderr).not.toMatch(CONTROL);
});
