import { decode, decodeChunks } from "./encoding.ts";
import { delimiterOf } from "./delimiter.ts";
import type { Element } from "./element.ts";
import { type Kind, type TextKind, identify } from "./identify.ts";
import { type Input, Unreadable } from "./input.ts";

/** What is in memory whole while it is read. Plain text, code, tables and JSON lines are not. */
const MOST_BYTES = 200 * 1024 * 1024;
/** A page or a JSON document becomes objects that take many times its size. */
const MOST_PARSED = 32 * 1024 * 1024;
/** A page is parsed at one go, half a second for as much, and nothing else happens meanwhile. */
const MOST_PAGE = 10 * 1024 * 1024;

export type Document = { readonly kind: Kind; readonly elements: AsyncIterable<Element> | Iterable<Element> };

/**
 * Opens a document of whatever kind it turns out to be. Each reader is loaded with the first document of its kind.
 *
 * @param say Receives what could not be read of a document of which the rest is.
 * @throws Unreadable, also while its elements are read, with the reason for a person.
 */
export async function openDocument(input: Input, say: (notice: string) => void): Promise<Document> {
  const head = await input.head();
  if (head.length === 0) throw new Unreadable("it is empty");
  if (input.isPlainText === true) return openText("text", input, "utf-8");
  const found = await identify(input.name, head);
  if ("encoding" in found) return openText(found.kind, input, found.encoding);
  if (found.kind === "binary") throw new Binary(`it is ${found.what}, which is not read`);
  if (found.kind === "zip") return openArchive(await input.bytes(MOST_BYTES));
  const { readPdf } = await import("./readers/pdf.ts");
  return { kind: "pdf", elements: readPdf(await input.bytes(MOST_BYTES), say) };
}

/** A file that is no document at all, such as a picture: skipped, and counted. */
export class Binary extends Unreadable {}

async function openArchive(bytes: Uint8Array): Promise<Document> {
  const { namesIn } = await import("./readers/zip.ts");
  const names = new Set(await namesIn(bytes));
  if (names.has("word/document.xml")) {
    const { readDocx } = await import("./readers/docx.ts");
    return { kind: "docx", elements: await readDocx(bytes) };
  }
  if (names.has("META-INF/container.xml")) {
    const { readEpub } = await import("./readers/epub.ts");
    return { kind: "epub", elements: readEpub(bytes) };
  }
  throw new Binary(`it is ${archiveName(names)}, which is not read`);
}

function archiveName(names: ReadonlySet<string>): string {
  if (names.has("xl/workbook.xml")) return "an Excel workbook (save it as CSV)";
  if (names.has("ppt/presentation.xml")) return "a PowerPoint presentation (save it as PDF)";
  return "a ZIP archive";
}

async function openText(kind: TextKind, input: Input, encoding: string): Promise<Document> {
  const texts = (): AsyncIterable<string> => decodeChunks(input.chunks(), encoding);
  switch (kind) {
    case "html": {
      const { readHtml } = await import("./readers/html.ts");
      return { kind, elements: await readHtml(decode(await input.bytes(MOST_PAGE), encoding)) };
    }
    case "json": {
      const { readJson } = await import("./readers/json.ts");
      const elements =
        input.size > MOST_PARSED ? undefined : readJson(decode(await input.bytes(MOST_PARSED), encoding));
      return elements === undefined ? openText("text", input, encoding) : { kind, elements };
    }
    case "jsonl":
      return { kind, elements: (await import("./readers/json.ts")).readJsonLines(texts()) };
    case "csv": {
      const { readCsv } = await import("./readers/csv.ts");
      const delimiter = delimiterOf(decode(await input.head(), encoding), true) ?? ",";
      return { kind, elements: readCsv(texts(), delimiter) };
    }
    case "markdown":
      return { kind, elements: (await import("./readers/markdown.ts")).readMarkdown(texts()) };
    case "code":
      return { kind, elements: (await import("./readers/code.ts")).readCode(texts()) };
    case "text":
      return { kind, elements: (await import("./readers/text.ts")).readText(texts()) };
  }
}
