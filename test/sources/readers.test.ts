import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { inputAt } from "../../src/sources/input.ts";
import { Binary } from "../../src/sources/read.ts";
import { temporaryFolder } from "../support/agents.ts";
import { docxOf, epubOf, wordText } from "./support/archives.ts";
import { pdfOf } from "./support/pdf.ts";
import { outlined, readAll } from "./support/read.ts";

describe("a kind is found by content, whatever the name says", () => {
  test.each([
    ["pdf", pdfOf([[{ text: "Hello", y: 700 }]])],
    ["docx", docxOf(wordText("Hello"))],
    ["epub", epubOf("Hello", ["<p>Hello</p>"])],
    ["html", "<!DOCTYPE html><html><body><p>Hello</p></body></html>"],
    ["json", '{\n  "greeting": "Hello"\n}'],
    ["jsonl", '{"greeting":"Hello"}\n{"greeting":"Bye"}\n'],
    ["csv", "name,born\nAda,1815\nAlan,1912\n"],
    ["markdown", "# Title\n\nSome *text* with a [link](http://example.org).\n"],
    ["code", "#!/bin/sh\necho Hello\n"],
    ["text", "Hello, world.\nThis is a letter, and no table.\n"],
  ])("%s", async (kind, content) => {
    expect((await readAll("thing.dat", content)).kind).toBe(kind);
  });
});

test("Markdown: headings, paragraphs, code and tables with the lines they stand on", async () => {
  const document = await readAll(
    "notes.md",
    "# One\n\ntext\nmore\n\n```js\n# no heading\n\ncode();\n```\n\nTwo\n===\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\nend\n",
  );

  expect(document.elements.map(({ kind, text, line }) => [kind, text, line])).toEqual([
    ["heading", "One", 1],
    ["paragraph", "text\nmore", 3],
    ["code", "```js\n# no heading\n\ncode();\n```", 6],
    ["heading", "Two", 12],
    ["row", "| a | b |\n|---|---|", 15],
    ["row", "| 1 | 2 |", 17],
    ["row", "| 3 | 4 |", 18],
    ["paragraph", "end", 20],
  ]);
});

test("HTML: the main text under its headings, without menus, scripts and notices", async () => {
  const filler =
    "<p>The committee awarded the prize to Röntgen for his discovery of the rays, which were named after him later. </p>".repeat(
      6,
    );
  const document = await readAll(
    "page",
    `<!doctype html><html><head><title>Nobel Prize – Site</title><script>var x = "no";</script></head><body>
     <nav><a href="/">Home</a><a href="/about">About us</a></nav><div class="cookie-banner" role="dialog"><form>We use cookies</form></div>
     <main><article><h1>Nobel Prize</h1><h2>Physics</h2>${filler}<pre>  code();\n  more();</pre>
     <table><tr><th>Year</th><th>Name</th></tr><tr><td>1901</td><td>Röntgen</td></tr></table></article></main>
     <footer>Imprint</footer></body></html>`,
  );
  const text = outlined(document).join("\n");

  expect(text).toContain("heading: Physics");
  expect(text).toContain("code:   code();\n  more();");
  expect(text).toContain("row: 1901 | Röntgen");
  expect(text).not.toMatch(/cookies|About us|Imprint|var x/);
});

test("HTML that is only a fragment, or a page without an article, keeps its text", async () => {
  expect(outlined(await readAll("a.html", "<p>One</p><p>Two<br>lines</p>"))).toEqual([
    "paragraph: One",
    "paragraph: Two\nlines",
  ]);
  expect(outlined(await readAll("b", "<html><body><div>Just a line</div></body></html>"))).toEqual([
    "paragraph: Just a line",
  ]);
});

test("PDF: pages, headings of the outline, joined hyphens; running headers and page numbers are gone", async () => {
  const page = (number: number, lines: readonly string[]) => [
    { text: "Annual Report 2026", y: 760 },
    ...lines.map((text, index) => ({ text, y: 700 - 12 * index })),
    { text: String(number), x: 300, y: 30 },
  ];
  const document = await readAll(
    "report",
    pdfOf(
      [
        page(1, [
          "1. Introduction",
          "The conclusion was a sur-",
          "prise to all of the key-",
          "value people, who like key-value pairs.",
        ]),
        page(2, ["Details follow here."]),
        page(3, ["2. Deep memory retrieval", "A task of consistency."]),
        page(4, ["The end."]),
      ],
      [
        { title: "Introduction", page: 1 },
        { title: "Deep memory retrieval", page: 3 },
      ],
    ),
  );

  expect(document.elements).toEqual([
    { kind: "heading", text: "Introduction", page: 1 },
    {
      kind: "paragraph",
      text: "The conclusion was a surprise to all of the key-value people, who like key-value pairs.",
      page: 1,
    },
    { kind: "paragraph", text: "Details follow here.", page: 2 },
    { kind: "heading", text: "Deep memory retrieval", page: 3 },
    { kind: "paragraph", text: "A task of consistency.", page: 3 },
    { kind: "paragraph", text: "The end.", page: 4 },
  ]);
  expect(document.passages.at(-1)).toMatchObject({ page: 3, heading: "Deep memory retrieval" });
});

test("PDF without an outline: larger letters are headings", async () => {
  const document = await readAll(
    "plain",
    pdfOf([
      [
        { text: "A Title", y: 740, size: 18 },
        { text: "Body text of some length that is set as usual.", y: 700 },
      ],
    ]),
  );

  expect(outlined(document)).toEqual(["heading: A Title", "paragraph: Body text of some length that is set as usual."]);
});

test("DOCX: headings, paragraphs and tables", async () => {
  const row = (...cells: readonly string[]) =>
    `<w:tr>${cells.map((cell) => `<w:tc>${wordText(cell)}</w:tc>`).join("")}</w:tr>`;
  const document = await readAll(
    "letter",
    docxOf(
      `${wordText("Plan", "Heading1")}${wordText("We meet at noon.")}<w:tbl>${row("Year", "Name")}${row("1901", "Röntgen")}</w:tbl>`,
    ),
  );

  expect(outlined(document)).toEqual([
    "heading: Plan",
    "paragraph: We meet at noon.",
    "row: Year | Name",
    "row: 1901 | Röntgen",
  ]);
});

test("EPUB: the chapters in the order of the book, under its title", async () => {
  const document = await readAll(
    "book",
    epubOf("Waves &amp; Rays", ["<h1>First</h1><p>Begin.</p>", "<h1>Second</h1><p>End.</p>"]),
  );

  expect(outlined(document).slice(1)).toEqual([
    "heading: First",
    "paragraph: Begin.",
    "heading: Second",
    "paragraph: End.",
  ]);
});

test("CSV: rows say what their cells are; separators and quotation marks are found out", async () => {
  const document = await readAll("table.csv", 'Name;Note\n"Lovelace; Ada";"first\nprogrammer"\nTuring;\n');

  expect(outlined(document)).toEqual([
    "row: Name | Note",
    "row: Name: Lovelace; Ada\nNote: first\nprogrammer",
    "row: Name: Turing",
  ]);
});

test("JSON and JSON lines: items with the paths to their parts; a damaged line is kept as it is", async () => {
  expect(outlined(await readAll("a", '{"title":"T","items":[{"id":1,"tags":["x","y"]},{"id":2}]}'))).toEqual([
    "row: title: T",
    "heading: items",
    "row: id: 1\ntags[1]: x\ntags[2]: y",
    "row: id: 2",
  ]);
  const lines = await readAll("b.jsonl", '{"a":1}\n{"a":2}\n{"a":\n{"a":4}\n');
  expect(lines.elements.map(({ text, line }) => [text, line])).toEqual([
    ["a: 1", 1],
    ["a: 2", 2],
    ['{"a":', 3],
    ["a: 4", 4],
  ]);
});

test("code: passages begin at parts and are named after what they define", async () => {
  const part = (name: string): string => `export function ${name}(): void {\n${"  step();\n".repeat(80)}}\n`;
  const { kind, passages } = await readAll("steps.ts", `${part("first")}\n${part("second")}`);

  expect(kind).toBe("code");
  expect(new Set(passages.map(({ heading }) => heading))).toEqual(new Set(["first", "second"]));
  expect(passages.find(({ heading }) => heading === "second")?.line).toBe(84);
});

describe("encodings", () => {
  const german =
    "Die Größe der Häuser überraschte alle Gäste, die früh über die Brücke fuhren. Schöne Grüße aus Köln!\n";
  const utf16 = (text: string): Buffer => Buffer.from(text, "utf16le");

  test.each([
    ["UTF-8", new TextEncoder().encode(german)],
    ["UTF-8 with a mark", new TextEncoder().encode(`\ufeff${german}`)],
    ["windows-1252", Buffer.from(german, "latin1")],
    ["UTF-16LE with a mark", utf16(`\ufeff${german}`)],
    ["UTF-16LE without", utf16(german)],
    ["UTF-16BE with a mark", utf16(`\ufeff${german}`).swap16()],
    ["UTF-16BE without", utf16(german).swap16()],
  ])("%s", async (_, bytes) => {
    expect((await readAll("letter", bytes)).passages[0]?.text).toBe(german.trim());
  });

  test("Shift_JIS, and what a page declares", async () => {
    // "日本語の文章です。" many times.
    const japanese = Buffer.from("93fa967b8cea82cc95b68fcd82c582b78142".repeat(20), "hex");
    expect((await readAll("letter", japanese)).passages[0]?.text).toContain("日本語の文章です。");

    const page = Buffer.from(
      '<html><head><meta charset="windows-1251"></head><body><p>\xcf\xf0\xe8\xe2\xe5\xf2</p></body></html>',
      "latin1",
    );
    expect((await readAll("page", page)).passages[0]?.text).toBe("Привет");
  });
});

describe("what cannot be read says why", () => {
  const png = Buffer.from("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a49444154", "hex");

  test.each([
    ["an empty file", new Uint8Array(), "it is empty"],
    ["a picture", png, "it is PNG (image/png), which is not read"],
    ["bytes", Buffer.from([0, 1, 2, 3, 0, 255, 254, 9, 0, 0]), "binary data"],
    ["a scan", pdfOf([[], []]), "no text layer"],
    ["a damaged PDF", Buffer.from("%PDF-1.7\nnonsense"), "the PDF is damaged"],
    ["half a Word document", docxOf(wordText("Hello")).subarray(0, 400), "the archive is damaged"],
    [
      "a Word document of nonsense",
      zipSync({ "word/document.xml": Buffer.from("<no") }),
      "the Word document is damaged",
    ],
    [
      "a book without contents",
      zipSync({ "META-INF/container.xml": Buffer.from("<container/>") }),
      "does not say where",
    ],
    ["another archive", zipSync({ "a.txt": Buffer.from("a") }), "it is a ZIP archive"],
    ["a workbook", zipSync({ "xl/workbook.xml": Buffer.from("a") }), "save it as CSV"],
    ["a page of nothing but tags", `<html><body>${"<".repeat(250_001)}`, "more than 250,000 tags"],
    ["a Word document of nothing but tags", docxOf("<w:p/>".repeat(2_000_001)), "more than 2,000,000 tags"],
    ["a page nested without end", `<html><body>${"<div>".repeat(3000)}deep`, "nested more than"],
  ])("%s", async (_, content, reason) => {
    await expect(readAll("thing", content)).rejects.toThrow(reason);
  });

  test("a file that is no document at all is told from a damaged one", async () => {
    await expect(readAll("a.pdf", png)).rejects.toBeInstanceOf(Binary);
    await expect(readAll("a.pdf", Buffer.from("%PDF-1.7"))).rejects.not.toBeInstanceOf(Binary);
  });

  test("an archive that unpacks to too much is refused by what it says, before anything is unpacked", async () => {
    const bomb = Buffer.from(zipSync({ "word/document.xml": Buffer.from("small") }));
    bomb.writeUInt32LE(300 * 1024 * 1024, bomb.indexOf("PK\x01\x02") + 24);
    await expect(readAll("bomb.docx", bomb)).rejects.toThrow("unpacks to more than 200 MB");
  });

  test("an archive that lies about its size gets no more room than it asked for", async () => {
    const liar = Buffer.from(docxOf(wordText("Hello ".repeat(10_000))));
    liar.writeUInt32LE(100, liar.indexOf("PK\x01\x02", liar.lastIndexOf("word/document.xml") - 60) + 24);
    await expect(readAll("liar.docx", liar)).rejects.toThrow("damaged");
  });

  test("a table whose quotation mark never ends is damaged at a line", async () => {
    await expect(readAll("t.csv", `a,b\n1,2\n"3,${"x".repeat(300_000)}`)).rejects.toThrow(
      "the record at line 3 does not end",
    );
  });
});

test("a file on disk is read in parts, from any place, as often as one likes", async () => {
  const path = join(temporaryFolder(), "letter.txt");
  writeFileSync(path, "word ".repeat(300_000));
  const input = inputAt(path, { name: "letter.txt", size: 1_500_000 });

  const sizes: number[] = [];
  for await (const chunk of input.chunks()) sizes.push(chunk.length);

  expect(sizes.length).toBeGreaterThan(1);
  expect(sizes.reduce((a, b) => a + b)).toBe(1_500_000);
  expect((await input.head()).length).toBe(256 * 1024);
  await expect(input.bytes(1024 * 1024)).rejects.toThrow("larger than 1 MB");
});

test("a single line of several megabytes is read in parts, and nothing of it is lost", async () => {
  const { passages } = await readAll("long.txt", `${"word ".repeat(500_000)}end`);

  expect(passages.map(({ text }) => text.split(" ").length).reduce((a, b) => a + b)).toBe(500_001);
});
