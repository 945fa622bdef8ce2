import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const script = fileURLToPath(new URL("../../scripts/lockfile.mjs", import.meta.url));

const sound = {
  "": { optionalDependencies: { addon: "1.0.0" }, engines: { node: ">=20.19" } },
  "node_modules/addon": { version: "1.0.0", engines: { node: "^20.19.0 || ^22.13 || >= 24" } },
  "node_modules/tool": { version: "1.0.0", optionalDependencies: { addon: "1.0.0", "@tool/linux": "1.0.0" } },
  "node_modules/tool/node_modules/@tool/linux": { version: "1.0.0", engines: { node: "*" } },
};

test("our lockfile passes", () => {
  expect(check()).toEqual({ status: 0, complaints: [] });
});

test("a valid lockfile passes, with optional packages next to or above the package that needs them", () => {
  expect(check(sound)).toEqual({ status: 0, complaints: [] });
});

test("reports a download address", () => {
  const packages = { ...sound, "node_modules/bad": { resolved: "https://example.org/bad-1.0.0.tgz" } };

  expect(check(packages)).toEqual({
    status: 1,
    complaints: ['lockfile: node_modules/bad has a download address ("resolved")'],
  });
});

test.each([
  ["^22.22.2 || ^24.15 || >=26", "20.19.0, 22.13.0, 24.11.0"],
  [">=22", "20.19.0"],
  ["^20.0.0 || ^22.0.0", "24.11.0"],
  ["20.x || >=22.13.1 <24 || 24", "22.13.0"],
  ["~20.19 || > 22", "22.13.0"],
  ["nonsense", "20.19.0, 22.13.0, 24.11.0"],
])("reports a package for Node %s and the versions it excludes", (node, refused) => {
  expect(check({ ...sound, "node_modules/bad": { engines: { node } } })).toEqual({
    status: 1,
    complaints: [`lockfile: node_modules/bad wants Node ${node}, not ${refused}`],
  });
});

test("reports a missing optional platform package", () => {
  const packages = { ...sound, "node_modules/bad": { optionalDependencies: { "@tool/linux": "1.0.0" } } };

  expect(check(packages)).toEqual({
    status: 1,
    complaints: ["lockfile: node_modules/bad names the optional package @tool/linux, which is absent"],
  });
});

test("reports an install script of a package that DECISIONS.md does not name, however deep it is", () => {
  const scripted = { version: "1.0.0", hasInstallScript: true };
  const packages = { "node_modules/better-sqlite3": scripted, "node_modules/a/node_modules/miner": scripted };

  expect(check({ ...sound, ...packages })).toEqual({
    status: 1,
    complaints: [
      "lockfile: node_modules/a/node_modules/miner runs an install script, and DECISIONS.md does not name it",
    ],
  });
});

test("npm run sbom lists what a release is made of, without what only developers use", () => {
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const { stdout } = spawnSync("npm", ["run", "--silent", "sbom"], { cwd, encoding: "utf8" });
  const { components } = JSON.parse(stdout) as { components: { name: string }[] };

  const names = components.map(({ name }) => name);
  expect(names).toContain("better-sqlite3");
  expect(names).not.toContain("vitest");
});

/** Runs the check on a lockfile with these packages, or on ours. */
function check(packages?: object): { status: number | null; complaints: string[] } {
  const args = packages === undefined ? [script] : [script, written(packages)];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return { status, complaints: stderr.split("\n").filter((line) => line !== "") };
}

function written(packages: object): string {
  const folder = mkdtempSync(join(tmpdir(), "memgpt-lockfile-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, "package-lock.json");
  writeFileSync(file, JSON.stringify({ lockfileVersion: 3, packages }));
  return file;
}
