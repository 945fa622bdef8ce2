import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    // Exact names: `memgpt` alone must not match `memgpt/testing`.
    alias: [
      { find: /^memgpt$/, replacement: source("index.ts") },
      { find: /^memgpt\/remote$/, replacement: source("remote/remote-memgpt.ts") },
      { find: /^memgpt\/server$/, replacement: source("server/serve.ts") },
      { find: /^memgpt\/testing$/, replacement: source("testing.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/files-in-memory.ts"],
    pool: "forks",
    // Much of the time is spent waiting for programs under test.
    maxWorkers: availableParallelism() + 1,
    // Ten times what the slowest takes: a busy machine is no failure.
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
