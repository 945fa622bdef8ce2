import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { MAIN, environment, homesLike, newHome, say } from "../e2e/support/program.ts";

const coverageSchema = z.object({ result: z.array(z.object({ url: z.string() })) });

const homeWithSam = homesLike((home) => say(home, "sam", "hi"));

/** File names of the modules that one run of the built program loaded, packages and Node's own left out. */
async function loaded(args: readonly string[]): Promise<string[]> {
  const home = await homeWithSam();
  const coverage = join(home, "coverage");
  run(home, args, { NODE_V8_COVERAGE: coverage });
  return readdirSync(coverage).flatMap((file) => {
    const { result } = coverageSchema.parse(JSON.parse(readFileSync(join(coverage, file), "utf8")));
    return result.flatMap(({ url }) => (url.includes("/dist/") ? [url.slice(url.lastIndexOf("/") + 1)] : []));
  });
}

function run(home: string, args: readonly string[], env: Record<string, string>): void {
  execFileSync(process.execPath, [MAIN, ...args], { env: environment(home, env), stdio: "ignore" });
}

/** Of files as `loaded` names them. */
function bytesOf(names: readonly string[]): number {
  const folder = join(MAIN, "..", "..");
  const sizes = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.startsWith("server") && names.includes(basename(name)))
    .map((name) => statSync(join(folder, name)).size);
  return sizes.reduce((sum, size) => sum + size, 0);
}

test("--version loads only the entry module", async () => {
  expect((await loaded(["--version"])).filter((name) => /^(start|index|run|list)\b/.test(name))).toEqual([]);
});

test("listing agents loads no model, no search, no chat and no YAML", async () => {
  const names = await loaded(["list", "agents"]);

  expect(names.some((name) => name.startsWith("list-"))).toBe(true);
  expect(
    names.filter((name) => /^(agents|agent-store|practice|server-llm|chat|dist|derived|search)-/.test(name)),
  ).toEqual([]);
  expect(names.length).toBeLessThanOrEqual(12);
  expect(bytesOf(names)).toBeLessThan(500_000);
});

test("a one-shot turn loads neither the chat nor the server client, nor search before it is needed", async () => {
  const names = await loaded(["run", "--agent", "sam", "-p", "hello"]);

  expect(names.some((name) => name.startsWith("practice-llm-"))).toBe(true);
  expect(names.filter((name) => /^(chat|server-llm|exchange|http|dist|search|find-suspicion)-/.test(name))).toEqual([]);
  expect(names.length).toBeLessThanOrEqual(16);
  expect(bytesOf(names)).toBeLessThan(1_010_000);
});

test("with --debug a stack trace names source files and lines, not built ones", () => {
  const { stderr } = spawnSync(process.execPath, [MAIN, "run", "--preset", "nope", "-p", "hi", "--debug"], {
    env: environment(newHome()),
    encoding: "utf8",
  });

  const root = join(MAIN, "..", "..", "..");
  const frames = [...stderr.matchAll(/^ {4}at .*?\(?(\/.+):(\d+):\d+\)?$/gm)].map(([, file = "", line]) => {
    return { file: file.replace(`${root}/`, ""), line: Number(line) };
  });
  const [thrown] = frames;
  expect(thrown?.file).toBe("src/settings/resources.ts");
  const source = readFileSync(join(root, thrown?.file ?? ""), "utf8").split("\n");
  expect(source[(thrown?.line ?? 0) - 1]).toContain("throw new MemGPTError");
  expect(frames.filter(({ file }) => file.startsWith("src/")).length).toBeGreaterThan(4);
  expect(stderr).not.toContain(`${root}/dist/`);
});

test("no built module contains zod's locales", () => {
  const folder = join(MAIN, "..", "..");
  const modules = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));

  expect(modules.length).toBeGreaterThan(20);
  expect(modules.filter((name) => readFileSync(join(folder, name), "utf8").includes("erwartet instanceof"))).toEqual(
    [],
  );
});
