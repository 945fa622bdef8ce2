import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const noMock = {
  object: "vi",
  message: "Hand the dependency in instead of replacing a module: everything is real but the model.",
};
const noDefaultExport = "Export it by its name.";
const zodNamespace = 'import * as z from "zod": `z` by its name brings all of zod into every start of the program.';

export default defineConfig(
  { ignores: ["dist/", "coverage/", "**/*.mjs", "**/*.cjs"] },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      // Interfaces are asynchronous where one implementation need not be; `async` also turns a throw into a rejection.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { allowDefaultCaseForExhaustiveSwitch: false }],
      "no-restricted-properties": ["error", { ...noMock, property: "mock" }, { ...noMock, property: "doMock" }],
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: noDefaultExport },
        { selector: "ExportSpecifier[exported.name='default']", message: noDefaultExport },
        { selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier", message: zodNamespace },
        {
          selector: "ImportDeclaration[source.value='@hono/zod-openapi'] > ImportSpecifier[imported.name='z']",
          message: zodNamespace,
        },
      ],
    },
  },
  { files: ["src/**/*.{ts,tsx}"], rules: { "@typescript-eslint/explicit-module-boundary-types": "error" } },
  {
    files: ["test/**/*.ts"],
    rules: {
      // vitest's asymmetric matchers (`expect.any`) are typed as any; using such a value is still an error.
      "@typescript-eslint/no-unsafe-assignment": "off",
    },
  },
  { files: ["*.config.ts"], rules: { "no-restricted-syntax": "off" } },
);
