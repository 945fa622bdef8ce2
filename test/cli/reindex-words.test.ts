import { expect, test } from "vitest";
import { withFlags } from "../../src/cli/commands/reindex.ts";

test.each([
  ["set embedding_dimensions to 384 or to null.", "pass --embedding-dimensions 384."],
  [
    "start it, or give another embedding_endpoint (memgpt configure).",
    "start it, or give another --embedding-endpoint.",
  ],
  [
    "run `memgpt configure set embedding_model NAME`, or go back with `memgpt configure set embedding hash`.",
    "pass --embedding-model NAME, or go back with --embedding hash.",
  ],
  [
    "connect, or set embedding_model to another model or to a folder with one.",
    "connect, or name another model with --embedding-model, or a folder with one.",
  ],
  [
    "The embedding local needs the name of a model: embedding_model.",
    "The embedding local needs the name of a model: --embedding-model.",
  ],
])("errors about the embedding name reindex's flags: %s", (configured, flags) => {
  expect(withFlags(configured)).toBe(flags);
});
