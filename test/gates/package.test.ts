import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/agents.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The package as it would be installed, its dependencies borrowed from this clone, and beside it what a user of TypeScript
 * has. @returns the folder beside node_modules.
 */
function installed(): string {
  const folder = temporaryFolder();
  const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder];
  const tarball = execFileSync("npm", pack, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
  execFileSync("tar", ["-xzf", join(folder, tarball), "-C", folder]);
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(folder, "package"), join(folder, "node_modules", "memgpt"));
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, object>;
  const dependencies = Object.keys({ ...manifest["dependencies"], ...manifest["optionalDependencies"] });
  for (const name of [...dependencies, "@types/node"]) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, "node_modules", name), link);
  }
  return folder;
}

test("the packed package is complete: the program runs and the library creates an agent", () => {
  const folder = installed();
  const env = { PATH: process.env["PATH"], MEMGPT_DIR: join(folder, "home") };
  writeFileSync(
    join(folder, "use.mjs"),
    `import { MemGPT } from "memgpt"; import { ScriptedLlm } from "memgpt/testing";
     const memgpt = await MemGPT.open({ llm: () => new ScriptedLlm([{ call: "send_message", args: { message: "packed" } }]) });
     const agent = await memgpt.createAgent({ preset: "memgpt_docs" });
     console.log(await agent.ask("hi"));
     await memgpt.close();`,
  );
  const node = (...args: string[]): string =>
    execFileSync(process.execPath, args, { cwd: folder, env, encoding: "utf8" });

  const program = join("package", "dist", "cli", "main.js");

  expect(node(program, "--help")).toContain("chat with an agent");
  expect(node(program, "list", "presets")).toContain("memgpt_chat");
  expect(node("use.mjs")).toBe("packed\n");
});

test("a strict TypeScript project that also checks the types of its libraries compiles against the packed package", () => {
  const folder = installed();
  const compilerOptions = { strict: true, skipLibCheck: false, module: "NodeNext", target: "ES2023", types: ["node"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["use.mts"] }));
  writeFileSync(
    join(folder, "use.mts"),
    `import { type AgentInspection, MemGPT } from "memgpt"; import { ScriptedLlm } from "memgpt/testing";
     const memgpt = await MemGPT.open({ dir: "memory", env: process.env, llm: () => new ScriptedLlm([]) });
     const agent = await memgpt.createAgent({ name: "sam" });
     for await (const event of agent.send("hi")) if (event.type === "assistant_message") console.log(event.text);
     const inspection: AgentInspection = await memgpt.inspect(agent.name);
     // @ts-expect-error: a wrong argument is found here, so the types are there
     console.log(inspection.recall.total, await agent.undo("x"));`,
  );

  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { stdout, status } = spawnSync(process.execPath, [tsc, "--noEmit"], { cwd: folder, encoding: "utf8" });

  expect(stdout).toBe("");
  expect(status).toBe(0);
}, 240_000);

test("the package contains only what users need", () => {
  const listing = execFileSync("npm", ["pack", "--ignore-scripts", "--dry-run", "--json"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });

  const paths = [...listing.matchAll(/"path": "([^"]+)"/g)].map((match) => match[1] ?? "");
  expect(paths.length).toBeGreaterThan(50);
  const folders = new Set(paths.map((path) => (path.includes("/") ? path.split("/")[0] : path)));
  expect([...folders].sort()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "dist",
    "docs",
    "humans",
    "package.json",
    "personas",
    "presets",
  ]);
});
