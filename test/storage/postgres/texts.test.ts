import { describe, expect, test } from "vitest";
import { asRows } from "../../../src/storage/postgres/database.ts";
import { DATABASES, sharedDatabase } from "../../support/postgres.ts";

/** Texts that the database or JSON cannot take as they are, and what is read of them. */
const TEXTS: readonly (readonly [text: string, read: string])[] = [
  ["a\0b", "a\0b"],
  ["a\u0001b\u00010", "a\u0001b\u00010"],
  ["half \ud83c and whole 🍈", "half \ufffd and whole 🍈"],
  ["spelled \\u0000, \\u0001 and \\ud83c", "spelled \\u0000, \\u0001 and \\ud83c"],
  ['"naïve"\n日本語 \u007f\u0085', '"naïve"\n日本語 \u007f\u0085'],
];

describe.each(DATABASES)("texts in $name", ({ open }) => {
  const database = sharedDatabase(open);

  test.each(TEXTS)("%j is read as it was stored, by itself and in rows", async (text, read) => {
    const inRows = "SELECT r.text FROM json_to_recordset($1::json) AS r (text text)";

    expect(await database().query("SELECT $1::text AS text", [text])).toEqual([{ text: read }]);
    expect(await database().query(inRows, [asRows([{ text }, { text: "plain" }])])).toEqual([
      { text: read },
      { text: "plain" },
    ]);
  });
});
