import { decode } from "./encoding.ts";
import type { Element } from "./element.ts";
import type { Kind, Whole } from "./identify.ts";
import { Binary, type Input } from "./input.ts";

const MOST_BYTES = 200 * 1024 * 1024;
/** Lower, because a page or JSON document becomes objects many times its size. */
const MOST_PAGE = 10 * 1024 * 1024;
export const MOST_JSON = 32 * 1024 * 1024;

export type Document = { readonly kind: Kind; readonly elements: AsyncIterable<Element> | Iterable<Element> };

/**
 * Reads a document that must be in memory as a whole. Returns undefined if it must be read as text: it only seemed to be JSON, or
 * is too long.
 *
 * @param say Receives notices on parts that could not be read.
 * @throws Unreadable, also while the elements are read.
 */
export async function readWhole(
  input: Input,
  whole: Whole,
  say: (notice: string) => void,
): Promise<Document | undefined> {
  switch (whole.kind) {
    case "pdf": {
      const { readPdf } = await import("./readers/pdf.ts");
      return { kind: "pdf", elements: readPdf(await input.bytes(MOST_BYTES), say) };
    }
    case "zip":
      return openArchive(await input.bytes(MOST_BYTES));
    case "html": {
      const { readHtml } = await import("./readers/html.ts");
      return { kind: "html", elements: await readHtml(decode(await input.bytes(MOST_PAGE), whole.encoding)) };
    }
    case "json": {
      if (input.size > MOST_JSON) return undefined;
      const { readJson } = await import("./readers/json.ts");
      const elements = readJson(decode(await input.bytes(MOST_JSON), whole.encoding));
      return elements === undefined ? undefined : { kind: "json", elements };
    }
  }
}

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
