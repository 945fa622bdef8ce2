import { readFileSync } from "node:fs";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { Binary, fileProblem } from "../../src/sources/input.ts";
import { docxOf, epubOf, wordText } from "./support/archives.ts";
import { pdfOf } from "./support/pdf.ts";
import { readAll } from "./support/read.ts";

/** The archive with another text in one of its files, or without the file. */
function withPart(bytes: Uint8Array, name: string, change: (text: string) => string | undefined): Uint8Array {
  const { [name]: part = new Uint8Array(), ...others } = unzipSync(bytes);
  const changed = change(strFromU8(part));
  return zipSync(changed === undefined ? others : { ...others, [name]: strToU8(changed) });
}

describe("unreadable documents say why", () => {
  const png = Buffer.from("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a49444154", "hex");
  const locked = readFileSync(new URL("../fixtures/documents/locked.pdf", import.meta.url));

  test.each([
    ["an empty file", new Uint8Array(), "it is empty"],
    ["a picture", png, "it is PNG (image/png), which is not read"],
    ["rich text", "{\\rtf1\\ansi Hello}", "it is an RTF document (save it as DOCX)"],
    ["bytes", Buffer.from([0, 1, 2, 3, 0, 255, 254, 9, 0, 0]), "binary data"],
    ["a scan", pdfOf([[], []]), "no text layer"],
    ["a PDF with a password", locked, "it is encrypted with a password (save a copy without one)"],
    ["a damaged PDF", Buffer.from("%PDF-1.7\nnonsense"), "the PDF is damaged: its list of pages cannot be found"],
    [
      "half a Word document",
      docxOf(wordText("Hello")).subarray(0, 400),
      "the archive is damaged: the list of files at its end is missing",
    ],
    [
      "a Word document that breaks off",
      withPart(docxOf(wordText("Hello")), "word/document.xml", (text) => text.slice(0, -40)),
      "the Word document is damaged: word/document.xml in it is empty or breaks off before its end",
    ],
    [
      "a Word document with a wrong tag",
      withPart(docxOf(wordText("Hello")), "word/document.xml", (text) => text.replace("</w:p>", "</w:q>")),
      "the Word document is damaged: word/document.xml in it is not valid XML at line 1, column 145",
    ],
    [
      "a Word document whose styles are damaged",
      withPart(docxOf(wordText("Hello")), "word/styles.xml", () => "<w:styles"),
      "the Word document is damaged: word/styles.xml in it is",
    ],
    [
      "a Word document of another kind of XML",
      withPart(docxOf(wordText("Hello")), "word/document.xml", () => "<a/>"),
      "the Word document is damaged: word/document.xml in it is not the text of a document",
    ],
    [
      "a book whose list of contents is missing",
      withPart(epubOf("Title", ["<p>Hello</p>"]), "OEBPS/book.opf", () => undefined),
      "the book is damaged: OEBPS/book.opf, which lists its contents, is missing",
    ],
    [
      "a book whose list of contents is damaged",
      withPart(epubOf("Title", ["<p>Hello</p>"]), "OEBPS/book.opf", (text) => text.replace("<spine>", "<spine a=>")),
      "the book is damaged: OEBPS/book.opf in it is not valid XML at line 1, column",
    ],
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
    ["a page of tables in tables without end", `<html><body>${"<table><tr><td>".repeat(9000)}deep`, "nested more than"],
  ])("%s", async (_, content, reason) => {
    await expect(readAll("thing", content)).rejects.toThrow(reason);
  });

  test("an unreadable or missing file is reported in plain words", () => {
    const failing = (code: string) => Object.assign(new Error(`${code}: open 'a.txt'`), { code, syscall: "open" });
    expect(fileProblem(failing("EACCES"))).toBe("you may not read it");
    expect(fileProblem(failing("ENOENT"))).toBe("it is no longer there");
    expect(fileProblem(failing("EIO"))).toBe("EIO: open 'a.txt'");
  });

  test("a file that is not a document at all is distinguished from a damaged one", async () => {
    await expect(readAll("a.pdf", png)).rejects.toBeInstanceOf(Binary);
    await expect(readAll("a.pdf", Buffer.from("%PDF-1.7"))).rejects.not.toBeInstanceOf(Binary);
  });

  test("an archive that states too large a size is refused before unpacking", async () => {
    const bomb = Buffer.from(zipSync({ "word/document.xml": Buffer.from("small") }));
    bomb.writeUInt32LE(300 * 1024 * 1024, bomb.indexOf("PK\x01\x02") + 24);
    await expect(readAll("bomb.docx", bomb)).rejects.toThrow("unpacks to more than 200 MB");
  });

  test("an archive that lies about its size gets only the memory it asked for", async () => {
    const liar = Buffer.from(docxOf(wordText("Hello ".repeat(10_000))));
    liar.writeUInt32LE(100, liar.indexOf("PK\x01\x02", liar.lastIndexOf("word/document.xml") - 60) + 24);
    await expect(readAll("liar.docx", liar)).rejects.toThrow("damaged");
  });

  test("an unclosed quotation mark in a table is reported with its line", async () => {
    await expect(readAll("t.csv", `a,b\n1,2\n"3,${"x".repeat(300_000)}`)).rejects.toThrow(
      "the record at line 3 lacks its closing quotation mark",
    );
  });
});

describe("JSON that cannot be read as such is loaded as text, and says so", () => {
  test.each([
    ["that breaks off", "a.json", '{"people": [{"name": "Ada"}, {"na'],
    ["with another name", "export.txt", '[{"name": "Ada"}, {"name": "Ben",}]'],
  ])("%s", async (_, name, content) => {
    const { kind, notices } = await readAll(name, content);

    expect(kind).toBe("text");
    expect(notices).toEqual(["it is not valid JSON (it breaks off or has a mistake), so it is loaded as text"]);
  });

  test("that is too long to be in memory", async () => {
    const content = `[${'"x",'.repeat(8.5 * 1024 * 1024)}1]`;

    const { kind, notices } = await readAll("long.json", content);

    expect(kind).toBe("text");
    expect(notices).toEqual(["it is longer than the 32 MB that are read as JSON, so it is loaded as text"]);
  });

  test.each(["[1] Smith, On harbours. 1902.", "[Note] Call Ada."])("but not a text like %s", async (content) => {
    expect(await readAll("notes.txt", content)).toMatchObject({ kind: "text", notices: [] });
  });
});
