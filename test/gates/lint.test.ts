import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** A rule (null is ESLint itself) and a module that breaks it and nothing else. */
type Violation = readonly [rule: string | null, file: string, text: string];

const violations: readonly Violation[] = [
  [
    "@typescript-eslint/no-floating-promises",
    "src/floating.ts",
    "export function run(): void {\n  Promise.resolve(1);\n}\n",
  ],
  ["@typescript-eslint/no-explicit-any", "src/any.ts", "export type Anything = any;\n"],
  [
    "@typescript-eslint/switch-exhaustiveness-check",
    "src/missing-case.ts",
    'export function f(kind: "a" | "b"): number | undefined {\n  switch (kind) {\n    case "a":\n      return 1;\n  }\n' +
      "  return undefined;\n}\n",
  ],
  [
    "@typescript-eslint/switch-exhaustiveness-check",
    "src/needless-default.ts",
    'export function f(kind: "a" | "b"): number {\n  switch (kind) {\n    case "a":\n      return 1;\n    case "b":\n' +
      "      return 2;\n    default:\n      return 3;\n  }\n}\n",
  ],
  ["@typescript-eslint/no-non-null-assertion", "src/assertion.ts", "export const f = (a?: string): string => a!;\n"],
  [
    "@typescript-eslint/consistent-type-imports",
    "src/type-import.ts",
    'import { Shape } from "./shape.ts";\nexport const shape: Shape = { side: 1 };\n',
  ],
  ["@typescript-eslint/explicit-module-boundary-types", "src/boundary.ts", "export const one = () => 1;\n"],
  ["no-restricted-syntax", "src/default-export.ts", "export default 1;\n"],
  ["no-restricted-syntax", "src/renamed-default.ts", "const one = 1;\nexport { one as default };\n"],
  [
    "no-restricted-syntax",
    "src/all-of-zod.ts",
    'import { z } from "zod";\nexport const isThere = (): boolean => typeof z === "object";\n',
  ],
  [
    "no-restricted-syntax",
    "src/zod-of-routes.ts",
    'import { z } from "@hono/zod-openapi";\nexport const isThere = (): boolean => typeof z === "object";\n',
  ],
  ["no-restricted-properties", "test/mock.test.ts", 'import { vi } from "vitest";\nvi.mock("../src/shape.ts");\n'],
  ["no-restricted-properties", "test/late.test.ts", 'import { vi } from "vitest";\nvi.doMock("../src/shape.ts");\n'],
  [
    null,
    "src/unused-disable.ts",
    "// eslint-disable-next-line no-console -- nothing is printed\nexport const a = 1;\n",
  ],
];

const innocent = {
  "src/shape.ts": "export type Shape = { side: number };\n",
  "src/template.ts": "export const sides = (count: number): string => `${count} sides`;\n",
  "src/async.ts": "export async function size(): Promise<number> {\n  return 1;\n}\n",
  "src/rest.ts":
    'import type { Shape } from "./shape.ts";\nexport function rest(shape: Shape): object {\n' +
    "  const { side, ...others } = shape;\n  return others;\n}\n",
  "test/boundary.ts": "export const two = () => 2;\n",
  "tool.config.ts": "export default {};\n",
};

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("lint", () => {
  const found = new Map<string, (string | null)[]>();
  let overlay: string;

  beforeAll(async () => {
    overlay = mkdtempSync(join(tmpdir(), "memgpt-lint-"));
    plant(overlay);
    const eslint = new ESLint({ cwd: overlay, overrideConfigFile: join(root, "eslint.config.mjs") });
    for (const { filePath, messages } of await eslint.lintFiles(["."])) {
      // A warning stops nobody.
      const rules = messages.filter(({ severity }) => severity === 2).map(({ ruleId }) => ruleId);
      found.set(relative(overlay, filePath).replaceAll("\\", "/"), rules);
    }
  }, 60_000);

  afterAll(() => {
    rmSync(overlay, { recursive: true, force: true });
  });

  test.each(violations)("%s fires in %s", (rule, file) => {
    expect(found.get(file)).toEqual([rule]);
  });

  test.each(Object.keys(innocent))("%s passes", (file) => {
    expect(found.get(file)).toEqual([]);
  });
});

function plant(folder: string): void {
  const files = {
    ...innocent,
    ...Object.fromEntries(violations.map(([, file, text]) => [file, text])),
    // Enough of vitest for the planted tests to be well typed.
    "vitest.d.ts":
      'declare module "vitest" {\n  export const vi: Record<"mock" | "doMock", (path: string) => void>;\n}\n',
    "tsconfig.json": JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: { types: [] },
      include: ["**/*.ts"],
    }),
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
