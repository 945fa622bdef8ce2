import { describe, expect, test } from "vitest";
import { plainMemory, wasmMemory } from "../../../src/storage/vectors/bit-memory.ts";
import { MOST_SIGNS, Sketches } from "../../../src/storage/vectors/sketches.ts";
import { seeded } from "../../crash/random.ts";

describe.each([
  ["WebAssembly", wasmMemory],
  ["JavaScript", plainMemory],
])("in %s", (_, memory) => {
  test.each([3, 64, 384, 512, 3_072, 4_096])("different signs of %s components are counted", (dimensions) => {
    const random = seeded(dimensions);
    const rows = Array.from({ length: 5 }, () =>
      Int8Array.from({ length: dimensions }, () => Math.round(254 * random() - 127)),
    );
    const sketches = new Sketches(dimensions, memory());
    for (const [slot, row] of rows.entries()) sketches.set(slot, row);
    const asked = rows[2] ?? new Int8Array();

    const counts = sketches.differences(asked, rows.length);

    expect([...counts]).toEqual(rows.map((row) => differences(row, asked)));
    expect(counts[2]).toBe(0);
  });

  test("rows stay when there is room for more", () => {
    const sketches = new Sketches(8, memory());
    const row = (slot: number): Int8Array => Int8Array.from({ length: 8 }, (__, bit) => ((slot >> bit) & 1) - 1);
    for (let slot = 0; slot < 20_000; slot += 1) sketches.set(slot, row(slot % 256));

    const counts = sketches.differences(row(0), 20_000);

    expect(counts).toHaveLength(20_000);
    expect(counts.every((count, slot) => count === differences(row(slot % 256), row(0)))).toBe(true);
  });
});

function differences(one: Int8Array, other: Int8Array): number {
  return one.subarray(0, MOST_SIGNS).filter((value, i) => value < 0 !== (other[i] ?? 0) < 0).length;
}
