import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/agents.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The package as it would be installed, its dependencies borrowed from this clone. @returns the folder beside node_modules. */
function installed(): string {
  const folder = temporaryFolder();
  const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder];
  const tarball = execFileSync("npm", pack, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
  execFileSync("tar", ["-xzf", join(folder, tarball), "-C", folder]);
  symlinkSync(join(root, "node_modules"), join(folder, "package", "node_modules"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(folder, "package"), join(folder, "node_modules", "memgpt"));
  return folder;
}

test("the packed package has all it needs: the program runs and the library makes an agent", () => {
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

test("nothing that does not belong to users is packed", () => {
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
    "humans",
    "package.json",
    "personas",
    "presets",
  ]);
});
