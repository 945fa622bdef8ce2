import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { itemsOfList } from "../../src/memory/json-list.ts";

/** The items of a list that arrives in pieces of this length. */
async function itemsIn(text: string, length = 1): Promise<string[]> {
  const pieces = async function* () {
    for (let from = 0; from < text.length; from += length) yield text.slice(from, from + length);
  };
  const items: string[] = [];
  for await (const item of itemsOfList(pieces())) items.push(item);
  return items;
}

test("any list in any pieces gives its items", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue()),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(0, 2),
      async (list, length, indent) => {
        const items = await itemsIn(JSON.stringify(list, null, indent), length);

        expect(items.map((item) => JSON.parse(item) as unknown)).toEqual(JSON.parse(JSON.stringify(list)));
      },
    ),
  );
});

test("brackets, commas and quotation marks in texts end nothing", async () => {
  const items = [{ "a]": '}],[\\",' }, ["\\", '"'], "[{"];

  expect((await itemsIn(JSON.stringify(items))).map((item) => JSON.parse(item) as unknown)).toEqual(items);
});

test("a byte order mark and blanks around the list are skipped", async () => {
  expect(await itemsIn("\ufeff\n [1, 2] \n")).toEqual(["1", " 2"]);
  expect(await itemsIn(" [ ] ")).toEqual([]);
});

test("an item that is invalid is given as it is", async () => {
  expect(await itemsIn("[1 2,,}]")).toEqual(["1 2", "", "}"]);
});

describe("is refused:", () => {
  test.each([
    ["", "it is not a list"],
    ['{"a": []}', "it is not a list"],
    ["[1, 2", "it ends in the middle"],
    ['["1, 2]', "it ends in the middle"],
    ['[{"a": [1]}, {"a": [2', "it ends in the middle"],
    ["[1] [2]", "it goes on after its end"],
  ])("%j", async (text, reason) => {
    await expect(itemsIn(text)).rejects.toThrow(new SyntaxError(reason));
  });
});
