import { expect, test } from "vitest";
import { indexText } from "../../src/cli/commands/inspect.ts";

const GRAPH = { kind: "graph", vectors: 0, pending: 0, removed: 0, memory_bytes: 60_400_000, file_bytes: 0 } as const;

test.each([
  [{ ...GRAPH, kind: "none" as const, memory_bytes: 0 }, "none (no passage has a vector)"],
  [
    { ...GRAPH, kind: "exact" as const, vectors: 1, memory_bytes: 1_048 },
    "exact, 1 vector, about 1.0 kB of memory when loaded",
  ],
  [{ ...GRAPH, vectors: 12_000 }, "a graph of 12,000 vectors, about 60.4 MB of memory when loaded"],
  [
    { ...GRAPH, vectors: 12_000, pending: 1, removed: 1_030 },
    "a graph of 12,000 vectors, 1 passage to be added in the background, 1,030 removed but still in it, " +
      "about 60.4 MB of memory when loaded",
  ],
  [
    { ...GRAPH, pending: 12_000 },
    "a graph that will be rebuilt from 12,000 passages, about 60.4 MB of memory when loaded",
  ],
])("the vector index %j is shown as %s", (index, text) => {
  expect(indexText(index)).toBe(text);
});
