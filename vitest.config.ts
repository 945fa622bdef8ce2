import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    // Exact names: `memgpt` alone must not match `memgpt/testing`.
    alias: [
      { find: /^memgpt$/, replacement: source("index.ts") },
      { find: /^memgpt\/testing$/, replacement: source("testing.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    testTimeout: 20_000,
  },
});
