import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { environment, memgpt, newHome } from "../e2e/support/program.ts";
import { temporaryFolder } from "../support/agents.ts";
import { modelServer, whole } from "../support/model-server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Blocks to look at, not to run, by their first line: transcripts, diagrams, the tree. */
const PICTURES = [
  "Created agent agent_1 (persona sam_pov, human basic, preset memgpt_chat).",
  "one inference sees this: the MAIN CONTEXT",
  "> my boyfriend is called James",
  "console$ npx memgpt server",
  "src/",
  "sqlDO $$",
  "sqlCREATE ROLE memgpt_server LOGIN;",
];

/** Commands that need a key, an outside service or files of somebody's own. They are only parsed here. */
const NEED_A_KEY = [
  "run --agent sam --model gpt-4o-mini --model-endpoint https://api.openai.com/v1",
  "load papers ~/papers https://example.org/article",
  "attach sam papers",
  'search sam "deep memory retrieval" --in archival --source papers',
  "import conversations.json --dry-run",
];

const LOCAL_MODEL = "http://localhost:11434/v1";

type Block = { readonly language: string; readonly code: string; readonly first: string };

const DOCS = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));
const PAGES = ["README.md", ...DOCS.map((file) => `docs/${file}`)];
const TEXT = PAGES.map((page) => readFileSync(join(root, page), "utf8")).join("\n");
const BLOCKS = [...TEXT.matchAll(/^```(\S*)\n(.*?)^```$/gms)].map(([, language = "", code = ""]): Block => {
  return { language, code, first: (code.trim().split("\n")[0] ?? "").trim() };
});
const SHELL = BLOCKS.filter(({ language }) => language === "sh");
const PROGRAMS = BLOCKS.filter(({ language }) => language === "ts");

/** The commands of a shell block, without the variables that are set for them. */
function commandsOf({ code }: Block): string[] {
  return code
    .split(/\n|&&/)
    .map((line) => line.trim().replace(/^(?:[A-Z_]+=\S* )+/, ""))
    .filter((line) => line !== "" && !line.startsWith("#"));
}

const COMMANDS = SHELL.flatMap(commandsOf);
const OURS = COMMANDS.flatMap((command) => /^(?:npx )?memgpt (.+)$/.exec(command)?.[1] ?? []);
const NPM = COMMANDS.filter((command) => command.startsWith("npm "));

function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}

/** Makes the commands do nothing, so that they are only parsed, and throw their errors. */
function parseOnly(command: Command): Command {
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  if (command.commands.length === 0 || command.registeredArguments.length > 0) command.action(() => undefined);
  for (const inner of command.commands) parseOnly(inner);
  return command;
}

test("every code block of README and docs is a command, a program, or a known picture", () => {
  const pictures = BLOCKS.filter(({ language }) => language !== "sh" && language !== "ts");

  expect(SHELL.length * PROGRAMS.length).toBeGreaterThan(0);
  expect(pictures.map(({ language, first }) => language + first)).toEqual(PICTURES);
  expect([...OURS.map((args) => `npx memgpt ${args}`), ...NPM].sort()).toEqual([...COMMANDS].sort());
  expect(OURS).toEqual(expect.arrayContaining(NEED_A_KEY));
});

test.each([...new Set(NPM)])("package.json has the script of: %s", (command) => {
  const [, first = "", second] = wordsOf(command);
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };

  if (first === "ci") expect(existsSync(join(root, "package-lock.json"))).toBe(true);
  else expect(Object.keys(scripts)).toContain(first === "run" ? second : first);
});

test.each(OURS)("memgpt %s: the program knows the command and its flags", async (args) => {
  const program = parseOnly(await createProgram());
  const [name] = wordsOf(args);

  expect(program.commands.map((command) => command.name())).toContain(name);
  await program.parseAsync(wordsOf(args), { from: "user" });
});

test("the commands of each shell block succeed in order", async () => {
  const server = await modelServer([whole({ role: "assistant", content: "Hello from the server." })]);
  for (const block of SHELL) {
    const home = newHome();
    for (const args of commandsOf(block).flatMap((command) => /^npx memgpt (.+)$/.exec(command)?.[1] ?? [])) {
      if (NEED_A_KEY.includes(args)) continue;
      const { code, stdout, stderr } = await memgpt(home, wordsOf(args.replace(LOCAL_MODEL, server.endpoint)), {
        input: "Hello, my name is Alice\n",
      });

      expect(code, `${args}: ${stderr}`).toBe(0);
      if (args.startsWith("run ")) expect(stdout).toContain("Hello from the server.");
      if (args === "run") expect(stdout).toContain("Alice");
    }
  }
  expect(server.seen.length).toBeGreaterThan(0);
});

test.each(PROGRAMS)(
  "the program that begins with $first compiles in strict mode and runs with the practice model",
  ({ code }) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "node_modules", "@types"), { recursive: true });
    symlinkSync(root, join(folder, "node_modules", "memgpt"));
    symlinkSync(join(root, "node_modules", "zod"), join(folder, "node_modules", "zod"));
    symlinkSync(join(root, "node_modules", "@types", "node"), join(folder, "node_modules", "@types", "node"));
    const compilerOptions = { strict: true, module: "NodeNext", target: "ES2023", types: ["node"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["readme.mts"] }));
    writeFileSync(join(folder, "readme.mts"), code);
    const node = (...args: string[]): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", env: environment(folder) });

    expect(node(join(root, "node_modules", "typescript", "bin", "tsc"))).toMatchObject({ stdout: "", status: 0 });
    expect(node("readme.mjs")).toMatchObject({
      stderr: "",
      status: 0,
      stdout: expect.stringMatching(code.includes("James") ? /James[^]*\n.*James/ : /^weather$/m) as unknown,
    });
    // What opens the agent that is there runs again, and remembers.
    if (code.includes("openAgent(")) {
      expect(node("readme.mjs")).toMatchObject({ stderr: "", status: 0, stdout: expect.stringMatching(/James/) });
    }
  },
  240_000,
);
