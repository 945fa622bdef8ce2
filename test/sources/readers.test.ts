import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inputAt } from "../../src/sources/input.ts";
import { temporaryFolder } from "../support/agents.ts";
import { docxOf, epubOf, wordText } from "./support/archives.ts";
import { pdfOf } from "./support/pdf.ts";
import { outlined, readAll } from "./support/read.ts";

describe("the kind is detected by content, whatever the name", () => {
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

test("Markdown: headings, paragraphs, code and tables with their lines", async () => {
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

test("PDF: pages, headings from the outline, joined hyphens; no running headers or page numbers", async () => {
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

test("CSV: rows name their cells; separators and quotation marks are detected", async () => {
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

test("code: passages begin at definitions and are named after them", async () => {
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

test("a file on disk is read in parts, from any place, repeatedly", async () => {
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

test("a single line of several megabytes is read in parts without loss", async () => {
  const { passages } = await readAll("long.txt", `${"word ".repeat(500_000)}end`);

  expect(passages.map(({ text }) => text.split(" ").length).reduce((a, b) => a + b)).toBe(500_001);
});
