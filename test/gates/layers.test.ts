import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";

/** A rule, and the files of which the first breaks it. */
type Violation = readonly [rule: string, files: Readonly<Record<string, string>>];

/** A module that imports `target`, so that what matters in a case stays on one line. */
const importing = (target: string) => `import { it } from "${target}";\nexport const own = it;\n`;
const importingType = (target: string) => `import type { It } from "${target}";\nexport type Own = It;\n`;

const violations: readonly Violation[] = [
  ["schema-imports", { "src/schema/bad-1.ts": importing("../memory/target.ts") }],
  ["schema-packages", { "src/schema/bad-2.ts": importing("yaml") }],
  ["schema-pure", { "src/schema/bad-3.ts": importing("node:fs") }],
  ["errors-imports", { "src/errors.ts": importing("./schema/target.ts") }],
  ["errors-packages", { "src/errors.ts": importing("zod") }],
  ["errors-pure", { "src/errors.ts": importing("node:os") }],
  ["version-imports", { "src/version.ts": importing("./schema/target.ts") }],
  ["version-packages", { "src/version.ts": importing("zod") }],
  ["ports-imports", { "src/ports/bad-1.ts": importing("../memory/target.ts") }],
  ["ports-packages", { "src/ports/bad-2.ts": importing("yaml") }],
  ["ports-pure", { "src/ports/bad-3.ts": importing("node:fs") }],
  ["time-imports", { "src/time/bad-1.ts": importing("../memory/target.ts") }],
  ["time-packages", { "src/time/bad-2.ts": importing("zod") }],
  ["time-pure", { "src/time/bad-3.ts": importing("node:fs") }],
  ["memory-imports", { "src/memory/bad-1.ts": importing("../search/target.ts") }],
  ["memory-packages", { "src/memory/bad-3.ts": importing("zod") }],
  ["memory-pure", { "src/memory/bad-4.ts": importing("node:fs") }],
  ["search-imports", { "src/search/bad-1.ts": importing("../storage/target.ts") }],
  ["search-packages", { "src/search/bad-3.ts": importing("zod") }],
  ["search-pure", { "src/search/bad-4.ts": importing("node:fs") }],
  ["trust-imports", { "src/trust/bad-1.ts": importing("../storage/target.ts") }],
  ["trust-packages", { "src/trust/bad-2.ts": importing("yaml") }],
  ["trust-pure", { "src/trust/bad-3.ts": importing("node:fs") }],
  ["llm-imports", { "src/llm/bad-1.ts": importing("../storage/target.ts") }],
  ["llm-packages", { "src/llm/bad-2.ts": importing("better-sqlite3") }],
  ["storage-imports", { "src/storage/bad-1.ts": importing("../llm/target.ts") }],
  ["storage-packages", { "src/storage/bad-2.ts": importing("openai") }],
  ["threads-imports", { "src/threads/bad-1.ts": importing("../memory/target.ts") }],
  ["threads-packages", { "src/threads/bad-2.ts": importing("openai") }],
  ["web-imports", { "src/web/bad-1.ts": importing("../memory/target.ts") }],
  ["web-packages", { "src/web/bad-2.ts": importing("openai") }],
  ["functions-imports", { "src/functions/bad-1.ts": importing("../storage/target.ts") }],
  ["functions-packages", { "src/functions/bad-2.ts": importing("chalk") }],
  ["agent-imports", { "src/agent/bad-1.ts": importing("../llm/target.ts") }],
  ["agent-packages", { "src/agent/bad-2.ts": importing("zod") }],
  ["sources-imports", { "src/sources/bad-1.ts": importing("../agent/target.ts") }],
  ["sources-packages", { "src/sources/bad-2.ts": importing("openai") }],
  ["imports-imports", { "src/imports/bad-1.ts": importing("../agent/target.ts") }],
  ["imports-packages", { "src/imports/bad-2.ts": importing("openai") }],
  ["imports-pure", { "src/imports/bad-3.ts": importing("node:fs") }],
  ["settings-imports", { "src/settings/bad-1.ts": importing("../agent/target.ts") }],
  ["settings-packages", { "src/settings/bad-2.ts": importing("openai") }],
  ["doctor-imports", { "src/doctor/bad-1.ts": importing("../agent/target.ts") }],
  ["doctor-packages", { "src/doctor/bad-2.ts": importing("openai") }],
  ["host-imports", { "src/host/bad-1.ts": importing("../cli/target.ts") }],
  ["host-imports", { "src/host/bad-3.ts": importing("../storage/target.ts") }],
  ["host-packages", { "src/host/bad-2.ts": importing("openai") }],
  ["compose-imports", { "src/compose.ts": importing("./host/target.ts") }],
  ["compose-packages", { "src/compose.ts": importing("openai") }],
  ["public-imports", { "src/testing.ts": importing("./cli/target.ts") }],
  ["public-packages", { "src/testing.ts": importing("zod") }],
  ["eval-imports", { "src/eval/bad-1.ts": importing("../agent/target.ts") }],
  ["eval-packages", { "src/eval/bad-2.ts": importing("yaml") }],
  ["server-imports", { "src/server/bad-1.ts": importing("../agent/target.ts") }],
  ["server-packages", { "src/server/bad-2.ts": importing("chalk") }],
  ["wire-imports", { "src/server/wire/bad-1.ts": importing("../../ports/target.ts") }],
  ["wire-packages", { "src/server/wire/bad-2.ts": importing("yaml") }],
  ["wire-pure", { "src/server/wire/bad-3.ts": importing("node:fs") }],
  ["remote-imports", { "src/remote/bad-1.ts": importing("../server/target.ts") }],
  ["remote-packages", { "src/remote/bad-2.ts": importing("zod") }],
  ["page-imports", { "src/server/page/bad-1.tsx": importing("../target.ts") }],
  ["page-packages", { "src/server/page/bad-2.ts": importing("zod") }],
  ["page-pure", { "src/server/page/bad-3.ts": importing("node:fs") }],
  ["cli-imports", { "src/cli/bad-1.ts": importing("../agent/target.ts") }],
  ["cli-packages", { "src/cli/bad-3.ts": importing("openai") }],
  ["examples-imports", { "examples/bad-1.ts": importing("../src/agent/target.ts") }],
  ["examples-packages", { "examples/bad-2.ts": importing("yaml") }],
  ["listed-folder", { "src/unlisted/bad.ts": importing("../agent/target.ts") }],
  ["listed-folder", { "src/loose.ts": importing("./agent/target.ts") }],
  [
    "no-cycle",
    { "src/agent/cycle-1.ts": importing("./cycle-2.ts"), "src/agent/cycle-2.ts": importingType("./cycle-1.ts") },
  ],
  [
    "no-folder-cycle",
    {
      "src/agent/round-1.ts": importing("../functions/target.ts"),
      "src/functions/round-2.ts": importing("../agent/target.ts"),
    },
  ],
  ["no-unresolvable", { "src/agent/absent.ts": importing("./no-such-file.ts") }],
  ["no-orphan", { "src/agent/orphan.ts": "export const alone = 1;\n" }],
  ["no-barrel", { "src/agent/barrel.ts": 'export { it } from "./target.ts";\n' }],
  ["declared-package", { "src/llm/undeclared.ts": importing("prettier") }],
];

const innocent: Readonly<Record<string, string>> = {
  "src/memory/good.ts": importing("../time/target.ts"),
  "src/search/good.ts": importing("../memory/target.ts") + 'import type { It } from "../ports/target.ts";\n',
  "src/storage/good.ts": importing("../memory/target.ts") + 'import Database from "better-sqlite3";\nDatabase();\n',
  "src/functions/good.ts": importing("zod") + 'import type { It } from "../ports/target.ts";\n',
  "src/agent/good.ts": importingType("../ports/target.ts"),
  "src/settings/good.ts": 'import { parse } from "yaml";\nexport const own = parse;\n',
  "src/host/good.ts": importing("../agent/target.ts"),
  "src/cli/good.ts": importing("../index.ts") + 'import type { It } from "../schema/target.ts";\nimport "chalk";\n',
  "examples/good.ts": importing("memgpt"),
};

const folders = ["schema", "ports", "time", "memory", "search", "llm", "storage", "functions", "agent", "sources"];
const wings = ["settings", "doctor", "host", "server", "cli"];
const targets = [...[...folders, ...wings].map((name) => `${name}/target`), "index"];
const dependencies = ["zod", "yaml", "chalk", "openai", "better-sqlite3"];
const packages = [...dependencies, "prettier"];

const root = fileURLToPath(new URL("../..", import.meta.url));
const config = join(root, ".dependency-cruiser.cjs");

describe("layers", () => {
  let planted: readonly Found[] = [];
  let real: readonly Found[] = [];
  let overlay: string;

  beforeAll(async () => {
    overlay = await mkdtemp(join(tmpdir(), "memgpt-layers-"));
    await plant(overlay);
    [planted, real] = await Promise.all([cruise(overlay, ["src", "examples"]), cruise(root, ["src"])]);
  }, 60_000);

  afterAll(async () => {
    await rm(overlay, { recursive: true, force: true });
  });

  test("every rule has a planted violation", () => {
    expect([...new Set(violations.map(([rule]) => rule))].toSorted()).toEqual(ruleNames().toSorted());
  });

  test.each(violations)("%s fires", (rule, files) => {
    const [file = ""] = Object.keys(files);
    // A rule about folders names the folder.
    const from = rule === "no-folder-cycle" ? dirname(file) : file;
    expect(planted).toContainEqual({ rule, from });
  });

  test("allowed imports pass", () => {
    expect(planted.filter(({ from }) => from in innocent)).toEqual([]);
  });

  test("the source tree follows the rules", () => {
    expect(real).toEqual([]);
  });
});

type Found = { readonly rule: string; readonly from: string };

async function plant(folder: string): Promise<void> {
  const files: Record<string, string> = { ...innocent };
  // One file may break several rules: its cases are parts of the same module.
  for (const [name, text] of violations.flatMap(([, planted]) => Object.entries(planted))) {
    files[name] = (files[name] ?? "") + text;
  }
  for (const name of targets) files[`src/${name}.ts`] = "export const it = 1;\nexport type It = 1;\n";
  for (const name of packages) {
    files[`node_modules/${name}/package.json`] = JSON.stringify({ name, version: "1.0.0", main: "index.js" });
    files[`node_modules/${name}/index.js`] = "exports.it = 1;\n";
  }
  files["package.json"] = JSON.stringify({
    type: "module",
    dependencies: Object.fromEntries(dependencies.map((name) => [name, "1.0.0"])),
    devDependencies: { prettier: "1.0.0" },
  });
  await cp(join(root, "tsconfig.json"), join(folder, "tsconfig.json"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

const reportSchema = z.object({
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

/** All violations in `folder`, found by the command that `npm run check:layers` runs. */
async function cruise(folder: string, paths: readonly string[]): Promise<Found[]> {
  const program = join(root, "node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs");
  const args = [program, "--config", config, "--output-type", "json", ...paths];
  const output = await new Promise<string>((resolve) => {
    // It exits with the number of violations, so a non-zero code is no error here; bad output is.
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) => {
      resolve(stdout === "" ? stderr : stdout);
    });
  });
  return reportSchema.parse(JSON.parse(output)).summary.violations.map(({ from, rule }) => ({ rule: rule.name, from }));
}

function ruleNames(): string[] {
  const load = createRequire(import.meta.url);
  const { forbidden } = z.object({ forbidden: z.array(z.object({ name: z.string() })) }).parse(load(config));
  return forbidden.map(({ name }) => name);
}
