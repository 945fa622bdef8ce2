import { join } from "node:path";
import { expect, test } from "vitest";
import { FORGET } from "../../src/ports/forget-orders.ts";
import { FileRecords } from "../../src/storage/files/file-records.ts";
import { moveRecords } from "../../src/storage/move/move-records.ts";
import { temporaryFolder } from "../support/agents.ts";

test("an order to forget, which says what, stays where its agent is", async () => {
  const [from, to] = ["from", "to"].map((name) => new FileRecords(join(temporaryFolder(), name))) as [
    FileRecords,
    FileRecords,
  ];
  await from.write([
    { kind: "block", id: "a", value: 1 },
    { kind: FORGET, id: "7/b", value: { words: ["zanzibar"] } },
  ]);

  expect(await moveRecords("blocks", { from, to })).toEqual({ book: "blocks", moved: 1, present: 0 });
  expect(to.all()).toEqual([{ kind: "block", id: "a", value: 1 }]);
});
