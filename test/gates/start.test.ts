import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { MAIN, environment, newHome } from "../e2e/support/program.ts";

const coverageSchema = z.object({ result: z.array(z.object({ url: z.string() })) });

/** File names of the modules that one run of the built program loaded, packages and Node's own left out. */
function loaded(args: readonly string[]): string[] {
  const home = newHome();
  const coverage = join(home, "coverage");
  run(home, ["run", "--agent", "sam", "-p", "hi"], {});
  run(home, args, { NODE_V8_COVERAGE: coverage });
  return readdirSync(coverage).flatMap((file) => {
    const { result } = coverageSchema.parse(JSON.parse(readFileSync(join(coverage, file), "utf8")));
    return result.flatMap(({ url }) => (url.includes("/dist/") ? [url.slice(url.lastIndexOf("/") + 1)] : []));
  });
}

function run(home: string, args: readonly string[], env: Record<string, string>): void {
  execFileSync(process.execPath, [MAIN, ...args], { env: environment(home, env), stdio: "ignore" });
}

test("--version loads only the entry module", () => {
  expect(loaded(["--version"]).filter((name) => /^(start|index|run|list)\b/.test(name))).toEqual([]);
});

test("listing agents loads no model, no search, no chat and no YAML", () => {
  const names = loaded(["list", "agents"]);

  expect(names.some((name) => name.startsWith("list-"))).toBe(true);
  expect(names.filter((name) => /^(agents|agent-store|practice|server-llm|chat|dist|derived)-/.test(name))).toEqual([]);
});

test("a one-shot turn loads neither the chat nor the server client", () => {
  const names = loaded(["run", "--agent", "sam", "-p", "hello"]);

  expect(names.some((name) => name.startsWith("practice-llm-"))).toBe(true);
  expect(names.filter((name) => /^(chat|server-llm|exchange|http|dist)-/.test(name))).toEqual([]);
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
