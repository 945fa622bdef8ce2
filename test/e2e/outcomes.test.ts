import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { OUTCOMES } from "../../src/cli/chat/outcomes.ts";
import { FakeModel, saying } from "./support/fake-model.ts";
import {
  Answer,
  DEADLINE_MS,
  type Finished,
  MAIN,
  Running,
  environment,
  homesLike,
  jsonLines,
  memgpt,
  newHome,
  say,
  search,
} from "./support/program.ts";

const Failure = z.strictObject({
  type: z.literal("error"),
  code: z.string(),
  message: z.string().min(1),
  kept: z.enum(["all", "nothing", "unknown"]),
});
const Command = z.strictObject({ type: z.literal("command"), command: z.string(), text: z.string() });
const Event = z.looseObject({ type: z.string() });

const FORMATS = ["text", "json", "stream-json"] as const;

/** One message, or one line of a pipe, to an agent that has been talked to. */
type Way = (format: string) => Promise<Finished>;

/** A home with an agent that has been talked to. */
const talked = homesLike((home) => say(home, "ada", "I have a parrot called Figaro."));

function run(home: string, format: string, args: readonly string[], input = ""): Promise<Finished> {
  return memgpt(home, ["run", "--agent", "ada", "--output-format", format, ...args], { input });
}

/** Leaves by a signal while a model takes its time. */
async function signalled(format: string, signal: NodeJS.Signals): Promise<Finished> {
  const model = await FakeModel.start([{ begin: "Let me think" }]);
  const flags = ["--model", "fake", "--model-endpoint", model.url, "--output-format", format];
  const running = new Running(newHome(), ["run", "--agent", "ada", ...flags, "-p", "hi"]);
  running.end();
  await model.asked(1);
  running.kill(signal);
  return running.finished;
}

const WAYS: Record<keyof typeof OUTCOMES, Record<string, Way>> = {
  reply: {
    "-p": async (format) => run(await talked(), format, ["-p", "What is my parrot called?"]),
    "-p with input": async (format) => run(await talked(), format, ["-p", "What is this?"], "one\ntwo\n"),
    "a line": async (format) => run(await talked(), format, [], "What is my parrot called?\n"),
  },
  command: {
    "-p": async (format) => run(await talked(), format, ["-p", "/memory"]),
    "a line": async (format) => run(await talked(), format, [], "/memory\n"),
  },
  commandTurn: { "a line": async (format) => run(await talked(), format, [], "/retry\n") },
  refused: {
    "of nothing to redo": async (format) => run(await talked(), format, [], "/redo\n"),
    "of what does not exist": async (format) => run(await talked(), format, [], "/load nowhere\n"),
    "of the checkpoint that it is at": async (format) => run(await talked(), format, ["-p", "/load 1"]),
    "of nothing to forget": async (format) => run(await talked(), format, ["-p", "/forget Zanzibar"]),
    "of data sources": async (format) => run(await talked(), format, ["-p", "/attach notes"]),
  },
  failed: {
    "a server that is away": async (format) =>
      run(await talked(), format, ["--model", "x", "--model-endpoint", "http://127.0.0.1:9/v1", "-p", "hi"]),
    "a key that is refused": async (format) => {
      const { url } = await FakeModel.start([], { key: "another" });
      return run(await talked(), format, ["--model", "x", "--model-endpoint", url], "hi\nhi\n");
    },
  },
  wrongUse: {
    "an unknown flag": async (format) => run(newHome(), format, ["--agnet", "x"]),
    "a window that is too small": async (format) => run(newHome(), format, ["--context-window", "7", "-p", "hi"]),
    "an unknown slash command": async (format) => run(await talked(), format, [], "/memroy\n"),
    "a slash command with a wrong argument": async (format) => run(await talked(), format, ["-p", "/pop all"]),
    "an empty message": async (format) => run(await talked(), format, ["-p", " "]),
    "a question where nobody can be asked": async (format) => run(await talked(), format, [], "/wipe\n"),
  },
  interrupted: { "while the model thinks": (format) => signalled(format, "SIGINT") },
  terminated: { "while the model thinks": (format) => signalled(format, "SIGTERM") },
};

const cases = Object.entries(WAYS).flatMap(([name, ways]) =>
  Object.entries(ways).flatMap(([way, act]) => FORMATS.map((format) => ({ name, way, format, act }))),
);

test.each(cases)("$name ($way) as $format matches the table", async ({ name, format, act }) => {
  const outcome = Object.entries(OUTCOMES).find(([known]) => known === name)?.[1];

  const { code, stdout, stderr } = await act(format);

  expect(stderr).not.toMatch(/bug in memgpt|\n\s+at /);
  expect(code).toBe(outcome?.exit);
  const isFailure = code !== 0;
  if (format === "text") {
    expect(stdout === "").toBe(isFailure);
    return;
  }
  const objects = jsonLines(stdout).map((line) => Event.partial().loose().parse(line));
  const last = objects.at(-1);
  if (isFailure) {
    const said = /"code":"(\w+)"/.exec(outcome?.json ?? "")?.[1];
    expect(Failure.parse(last).code).toMatch(name === "failed" ? /^\w+$/ : new RegExp(`^(${said ?? ""})$`));
  } else if (name === "command") Command.parse(last);
  else if (format === "json") Answer.parse(last);
  else expect(last?.type).toBe("turn_end");
  expect(objects.filter(({ type }) => type === "error" || type === "turn_end")).toHaveLength(
    name === "command" || (format === "json" && !isFailure) ? 0 : 1,
  );
  if (format === "json") expect(objects).toHaveLength(1);
});

describe("input piped to -p", () => {
  test("is added to the message after a blank line, fenced as data, and can be found again", async () => {
    const home = newHome();

    const { code, stdout } = await memgpt(home, ["run", "--agent", "ada", "-p", "What changed here?"], {
      input: "- a red door\n+ a blue xylophone\n",
    });

    expect(code).toBe(0);
    expect(stdout.trim()).not.toBe("");
    const { results } = await search(home, "ada", "xylophone");
    const piped = /^What changed here\?\n\n\[data (\S+) stdin\] - a red door\n\+ a blue xylophone \[end \1\]$/;
    expect(results.map(({ text }) => text)).toContainEqual(expect.stringMatching(piped));
    const { stdout: human } = await memgpt(home, ["block", "show", "human", "--agent", "ada"]);
    expect(human).not.toMatch(/door|xylophone/);
  });

  test("may come from a shell, late, or from a file; /dev/null adds nothing", async () => {
    const home = newHome();
    writeFileSync(join(home, "notes.txt"), "The notes say quokka.\n");
    const ask = `"${process.execPath}" "${MAIN}" run --agent ada -p`;

    await shell(home, `(sleep 4; echo "The pipe says wombat.") | ${ask} "First"`);
    await shell(home, `${ask} "Second" < notes.txt`);
    await shell(home, `${ask} "Third" < /dev/null`);

    const said = async (word: string): Promise<string[]> =>
      (await search(home, "ada", word)).results.filter(({ role }) => role === "user").map(({ text }) => text);
    expect(await said("wombat")).toEqual([
      expect.stringMatching(/^First\n\n\[data \S+ stdin\] The pipe says wombat\./),
    ]);
    expect(await said("quokka")).toEqual([
      expect.stringMatching(/^Second\n\n\[data \S+ stdin\] The notes say quokka\./),
    ]);
    expect(await said("third")).toEqual(["Third"]);
  });

  test("is not awaited from a socket that stays silent", async () => {
    const home = newHome();
    const running = new Running(home, ["run", "--agent", "ada", "-p", "I like rain."]);

    const { code, stdout, stderr } = await running.finished;

    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/\S/) });
    expect(stderr).toMatch(/No input on standard input.*without it/);
  });

  test("may be 16 MB long; endless input is refused, and nothing is stored", async () => {
    const home = newHome();
    await say(home, "ada", "hi");

    const { code, stderr } = await shell(home, `yes | "${process.execPath}" "${MAIN}" run --agent ada -p "Read this"`);

    expect(code).toBe(2);
    expect(stderr).toMatch(/longer than 16 MB, the most for one message\. Nothing was sent\./);
    expect((await search(home, "ada", "read this")).total).toBe(0);
  });
});

test("a slash command run by -p does not wait for input, and a mistyped one never reaches the model", async () => {
  const home = await talked();
  const running = new Running(home, ["run", "--agent", "ada", "-p", "/memroy"]);

  const { code, stdout, stderr } = await running.finished;

  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("/memory");
  expect((await search(home, "ada", "memroy")).total).toBe(0);
});

test("every line of a pipe prints one object; failures do not stop later lines, and the last one sets the exit code", async () => {
  const home = await talked();

  const { code, stdout } = await memgpt(home, ["run", "--agent", "ada", "--output-format", "json"], {
    input: "/memory\n/pop all\n/redo\nWhat is my parrot called?\n/exit\nnever\n",
  });

  const objects = jsonLines(stdout).map((line) => Event.partial().loose().parse(line));
  expect(objects.map(({ type }) => type)).toEqual(["command", "error", "error", undefined, "command"]);
  expect(Answer.parse(objects[3]).reply).toContain("Figaro");
  expect(code).toBe(1);
});

test("/summarize ends with a command object in stream-json, because no turn ends", async () => {
  const model = await FakeModel.start([saying("One."), saying("Two.")]);
  const flags = ["--model", "fake", "--model-endpoint", model.url, "--no-verify"];

  const { stdout } = await memgpt(newHome(), ["run", "--agent", "ada", ...flags, "--output-format", "stream-json"], {
    input: "one\n/summarize\n",
  });

  expect(Command.parse(jsonLines(stdout).at(-1)).command).toBe("/summarize");
});

test("an invalid configuration and an agent in use are JSON errors, too", async () => {
  const home = newHome();
  const holder = new Running(home, ["run", "--agent", "ada"]);
  holder.write("hi\n");
  await holder.until("stdout", /\n/);

  const locked = await run(home, "json", ["-p", "hi"]);
  writeFileSync(join(home, "occupied"), "A file.");
  const nowhere = await memgpt(home, ["run", "--output-format", "stream-json", "-p", "hi"], {
    env: { MEMGPT_DIR: join(home, "occupied") },
  });

  expect(locked.code).toBe(1);
  expect(Failure.parse(JSON.parse(locked.stdout)).code).toBe("agent_locked");
  expect(nowhere.code).toBe(1);
  expect(Failure.parse(JSON.parse(nowhere.stdout)).code).toBe("storage_failed");
  holder.end();
  await holder.finished;
});

/** A command line of a real shell, run where `dataFolder` is. */
async function shell(home: string, line: string): Promise<Finished> {
  const child = spawn("/bin/sh", ["-c", line], {
    env: environment(home),
    cwd: home,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (stdout += String(text)));
  child.stderr.on("data", (text: Buffer) => (stderr += String(text)));
  const timer = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}
