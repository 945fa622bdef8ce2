import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** A compiler option, the error it raises, and a module that only this option objects to. */
type Violation = readonly [option: string, code: string, text: string];

const violations: readonly Violation[] = [
  ["noImplicitAny", "TS7006", "export const f = (value) => String(value);\n"],
  ["strictNullChecks", "TS2322", "export const name: string = null;\n"],
  [
    "useUnknownInCatchVariables",
    "TS18046",
    "try {\n  undefined;\n} catch (error) {\n  error.message;\n}\nexport {};\n",
  ],
  ["noUncheckedIndexedAccess", "TS2322", "declare const names: string[];\nexport const first: string = names[0];\n"],
  ["exactOptionalPropertyTypes", "TS2375", "export const page: { size?: number } = { size: undefined };\n"],
  [
    "noImplicitOverride",
    "TS4114",
    "class Base {\n  run(): void {}\n}\nexport class Derived extends Base {\n  run(): void {}\n}\n",
  ],
  [
    "noPropertyAccessFromIndexSignature",
    "TS4111",
    "declare const counts: Record<string, number>;\nexport const one = counts.one;\n",
  ],
  [
    "noFallthroughCasesInSwitch",
    "TS7029",
    "export function f(n: number): void {\n  switch (n) {\n    case 1:\n      f(2);\n    case 2:\n      f(3);\n  }\n}\n",
  ],
  ["noUnusedLocals", "TS6133", "const unused = 1;\nexport {};\n"],
  ["noUnusedParameters", "TS6133", "export const f = (unused: number): number => 1;\n"],
  ["verbatimModuleSyntax", "TS1484", 'import { Shape } from "./shape.ts";\nexport const shape: Shape = { side: 1 };\n'],
  ["erasableSyntaxOnly", "TS1294", "export enum Colour {\n  Red,\n}\n"],
];

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("types", () => {
  let found: readonly string[] = [];
  let overlay: string;

  beforeAll(async () => {
    overlay = mkdtempSync(join(tmpdir(), "memgpt-types-"));
    for (const [option, , text] of violations) writeFileSync(join(overlay, `${option}.ts`), text);
    writeFileSync(join(overlay, "package.json"), '{ "type": "module" }');
    writeFileSync(join(overlay, "shape.ts"), "export type Shape = { side: number };\n");
    writeFileSync(
      join(overlay, "tsconfig.json"),
      JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions: { types: [] }, include: ["*.ts"] }),
    );
    found = await errors(overlay);
  }, 60_000);

  afterAll(() => {
    rmSync(overlay, { recursive: true, force: true });
  });

  test.each(violations)("%s fires as %s", (option, code) => {
    expect(found).toContain(`${option}.ts ${code}`);
  });

  test("reports nothing else", () => {
    expect(found.toSorted()).toEqual(violations.map(([option, code]) => `${option}.ts ${code}`).toSorted());
  });
});

/** Every error that tsc finds in `folder`, as "file code". */
async function errors(folder: string): Promise<string[]> {
  const program = join(root, "node_modules", "typescript", "bin", "tsc");
  const args = [program, "-p", "tsconfig.json", "--pretty", "false"];
  const output = await new Promise<string>((resolve) => {
    // The errors are expected, so is the non-zero exit code.
    execFile(process.execPath, args, { cwd: folder }, (_error, stdout) => {
      resolve(stdout);
    });
  });
  return [...output.matchAll(/^(.+)\(\d+,\d+\): error (TS\d+):/gm)].map(([, file, code]) => `${file} ${code}`);
}
