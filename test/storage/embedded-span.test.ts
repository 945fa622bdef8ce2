import { expect, test } from "vitest";
import { EmbeddedSpan } from "../../src/storage/embedded-span.ts";

/** Lines 1 to `newest`, of which those in `embedded` have a vector; counts the numbers that are looked through. */
function world(newest: number) {
  const embedded = new Set<number>();
  const span = new EmbeddedSpan();
  let lookedThrough = 0;
  const find = async ({ above, below, most }: { above: number; below: number; most: number }) => {
    const found: { n: number }[] = [];
    for (let n = below - 1; n > above && found.length < most; n -= 1) {
      lookedThrough += 1;
      if (!embedded.has(n)) found.push({ n });
    }
    return found;
  };
  return {
    say: (count: number) => (newest += count),
    get lookedThrough() {
      return lookedThrough;
    },
    async embedNext(count: number): Promise<number> {
      const lines = await span.next({ model: "test", count, newest, rewritten: 0 }, find);
      for (const { n } of lines) embedded.add(n);
      span.add("test", lines);
      return lines.length;
    },
  };
}

test("each line is examined only a few times, however many there are", async () => {
  const lines = world(10_000);

  while ((await lines.embedNext(32)) > 0);

  expect(lines.lookedThrough).toBeLessThan(20_000);
});

test("new lines are found without examining the embedded ones", async () => {
  const lines = world(10_000);
  while ((await lines.embedNext(32)) > 0);
  const before = lines.lookedThrough;

  for (let turn = 0; turn < 10; turn += 1) {
    lines.say(2);
    expect(await lines.embedNext(32)).toBe(2);
    expect(await lines.embedNext(32)).toBe(0);
  }

  expect(lines.lookedThrough - before).toBeLessThan(100);
});
