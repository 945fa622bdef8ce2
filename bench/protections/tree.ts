import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Reporter, type Vitest, createVitest } from "vitest/node";
import type { Mutation } from "./mutation.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The names of the tests that passed and failed. Both are empty if the files could not be loaded. */
export type Outcome = { readonly passed: readonly string[]; readonly failed: readonly string[] };

type Run = { readonly named?: string | undefined; readonly bail?: boolean };

/** A copy of the source tree in which tests run, so that a removal never touches the original. */
export class Tree {
  readonly #root = realpathSync(mkdtempSync(join(tmpdir(), "memgpt-protections-")));
  #vitest: Promise<Vitest> | undefined;

  constructor() {
    const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
    for (const file of listed.toString("utf8").split("\0").filter(Boolean)) {
      mkdirSync(dirname(join(this.#root, file)), { recursive: true });
      cpSync(join(ROOT, file), join(this.#root, file));
    }
    symlinkSync(join(ROOT, "node_modules"), join(this.#root, "node_modules"));
    this.#copyBuilt();
  }

  /** What makes a removal impossible: its text must be in its file exactly once. */
  problemsOf({ protection, file, text }: Mutation): string[] {
    const found = readFileSync(join(this.#root, file), "utf8").split(text).length - 1;
    return found === 1 ? [] : [`${protection}: ${JSON.stringify(text)} is in ${file} ${found} times instead of once.`];
  }

  /** Runs `work` while a protection is removed. */
  async without<T>({ file, text, replacement, isBuilt = false }: Mutation, work: () => Promise<T>): Promise<T> {
    const path = join(this.#root, file);
    const source = readFileSync(path, "utf8");
    const without = source.replace(text, () => replacement);
    await this.#write(path, without);
    try {
      if (isBuilt) this.#build();
      return await work();
    } finally {
      await this.#write(path, source);
      if (isBuilt) this.#copyBuilt();
    }
  }

  /** Runs test files. With `bail`, each no further than to its first failure. @returns the full names of the tests by outcome. */
  async run(files: readonly string[], { named, bail = false }: Run = {}): Promise<Outcome> {
    const vitest = await (this.#vitest ??= this.#started());
    if (named === undefined) vitest.resetGlobalTestNamePattern();
    else vitest.setGlobalTestNamePattern(named);
    vitest.config.bail = bail ? 1 : 0;
    const paths = files.map((file) => join(this.#root, file));
    const specifications = paths.map((path) => vitest.getRootProject().createSpecification(path));
    const { testModules } = await vitest.runTestSpecifications(specifications);
    const tests = testModules
      .filter(({ moduleId }) => paths.includes(moduleId))
      .flatMap(({ children }) => [...children.allTests()]);
    const having = (state: string): string[] =>
      tests.filter((test) => test.result().state === state).map(({ fullName }) => fullName);
    return { passed: having("passed"), failed: having("failed") };
  }

  async remove(): Promise<void> {
    await (await this.#vitest)?.close();
    process.chdir(ROOT);
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** One for all runs, so that only what a removal has changed is compiled again. */
  async #started(): Promise<Vitest> {
    const silent: Reporter = {};
    // Programs that tests start look for their sources from here.
    process.chdir(this.#root);
    return createVitest("test", { root: this.#root, watch: false, reporters: [silent], maxWorkers: 1 });
  }

  async #write(path: string, text: string): Promise<void> {
    writeFileSync(path, text);
    (await this.#vitest)?.invalidateFile(path);
  }

  /** The types, which are made last, need not fit any more. */
  #build(): void {
    const { error } = spawnSync(process.execPath, ["scripts/build.mjs"], { cwd: this.#root, stdio: "ignore" });
    if (error !== undefined || !existsSync(join(this.#root, "dist/cli/main.js"))) {
      throw new Error("The program could not be built.", { cause: error });
    }
  }

  #copyBuilt(): void {
    rmSync(join(this.#root, "dist"), { recursive: true, force: true });
    cpSync(join(ROOT, "dist"), join(this.#root, "dist"), { recursive: true });
  }
}
