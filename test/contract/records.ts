import { describe, expect, test } from "vitest";
import * as z from "zod";
import type { Records } from "../../src/ports/records.ts";
import { Table } from "../../src/ports/record-table.ts";

/** What all `Records` must do. `open` opens those of that name again, as another process would. */
export function recordsContract(name: string, open: (place: string) => Records): void {
  const two = (): [one: Records, other: Records] => {
    const place = crypto.randomUUID();
    return [open(place), open(place)];
  };

  describe(`records: ${name}`, () => {
    test("after a refresh others see all writes, removals included, in the order of first insertion", async () => {
      const [one, other] = two();
      for (const id of ["a", "b", "c"]) await one.write([{ kind: "letter", id, value: { text: `${id}\0🐢` } }]);
      await other.refresh();
      await one.write([
        { kind: "letter", id: "a", value: "again" },
        { kind: "letter", id: "b", value: undefined },
        { kind: "number", id: "a", value: 1 },
      ]);
      const before = other.version;
      expect(other.entries("letter").map(([id, { value }]) => [id, value])).toEqual(
        ["a", "b", "c"].map((id) => [id, { text: `${id}\0🐢` }]),
      );

      await other.refresh();

      expect(other.version).toBeGreaterThan(before);
      for (const it of [one, other]) {
        expect(it.entries("letter").map(([id, { value }]) => [id, value])).toEqual([
          ["a", "again"],
          ["c", { text: "c\0🐢" }],
        ]);
        expect(it.get("number", "a")?.value).toBe(1);
        expect(it.get("letter", "b")).toBeUndefined();
        const places = ["a", "b", "c"].map((id) => it.place("letter", id) ?? Number.NaN);
        expect(places).toEqual(places.toSorted((x, y) => x - y));
        expect(it.place("letter", "never")).toBeUndefined();
      }
    });

    test("a change starts from what is stored now, and no concurrent write is lost", async () => {
      const [one, other] = two();
      const table = { one: new Table(one, "sum", z.number()), other: new Table(other, "sum", z.number()) };
      const add = async (who: "one" | "other"): Promise<void> => {
        const { get, change } = {
          get: () => table[who].get("x") ?? 0,
          change: (n: number) => table[who].change("x", n),
        };
        await { one, other }[who].change(() => [change(get() + 1)]);
      };

      await Promise.all(Array.from({ length: 40 }, (_, n) => add(n % 2 === 0 ? "one" : "other")));
      await Promise.all([one.refresh(), other.refresh()]);

      expect([table.one.get("x"), table.other.get("x")]).toEqual([40, 40]);
    });

    test("changes are stored together, the last one of a record wins, and a refused one changes nothing", async () => {
      const [one, other] = two();
      await one.write([
        { kind: "word", id: "a", value: "first" },
        { kind: "word", id: "a", value: "second" },
      ]);

      const refusal = one.change(() => {
        throw new Error("taken");
      });

      await expect(refusal).rejects.toThrow("taken");
      await one.write([{ kind: "word", id: "b", value: "kept" }]);
      await other.refresh();
      expect(other.entries("word").map(([, { value }]) => value)).toEqual(["second", "kept"]);
    });

    test("a value written by a newer version reads as absent, and is kept", async () => {
      const [one, other] = two();
      await one.write([{ kind: "word", id: "a", value: { unheard: "of" } }]);
      const words = new Table(one, "word", z.string());

      await words.put("b", "mine");

      expect(words.all()).toEqual([{ id: "b", value: "mine" }]);
      await other.refresh();
      expect(other.get("word", "a")?.value).toEqual({ unheard: "of" });
    });
  });
}
