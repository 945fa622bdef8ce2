import { decode, decodeChunks } from "./encoding.ts";
import { delimiterOf } from "./delimiter.ts";
import { type FlowingKind, identify } from "./identify.ts";
import { Binary, type Input, Unreadable } from "./input.ts";
import type { Reader } from "./reader.ts";
import { type Document, MOST_JSON } from "./whole.ts";

/**
 * Identifies a document and opens it. `reader` reads the kinds that must be in memory as a whole.
 *
 * @param say Receives notices on parts that could not be read.
 * @throws Unreadable with a reason for people, also while the elements are read.
 */
export async function openDocument(input: Input, reader: Reader, say: (notice: string) => void): Promise<Document> {
  const head = await input.head();
  if (head.length === 0) throw new Unreadable("it is empty");
  if (input.isPlainText === true) return openFlowing("text", input, "utf-8");
  const found = await identify(input.name, head);
  switch (found.kind) {
    case "binary":
      throw new Binary(`it is ${found.what}, which is not read`);
    case "pdf":
    case "zip":
    case "html":
    case "json": {
      const document = await reader.open(input, found, say);
      if (document !== undefined) return document;
      const encoding = "encoding" in found ? found.encoding : "utf-8";
      if (found.kind === "json" && isMeantAsJson(input.name, decode(head, encoding))) say(whyNotJson(input));
      return openFlowing("text", input, encoding);
    }
    case "code":
    case "csv":
    case "jsonl":
    case "markdown":
    case "text":
      return openFlowing(found.kind, input, found.encoding);
  }
}

/** Not a text that begins with a number in brackets. */
function isMeantAsJson(name: string, head: string): boolean {
  return /\.(?:geo)?json$/i.test(name) || /^\s*(?:\{\s*"[^"\n]*"\s*:|\[\s*[{[])/.test(head.replace(/^\ufeff/, ""));
}

function whyNotJson({ size }: Input): string {
  const why =
    size > MOST_JSON
      ? `it is longer than the ${MOST_JSON / 1024 / 1024} MB that are read as JSON`
      : "it is not valid JSON (it breaks off or has a mistake)";
  return `${why}, so it is loaded as text`;
}

async function openFlowing(kind: FlowingKind, input: Input, encoding: string): Promise<Document> {
  const texts = (): AsyncIterable<string> => decodeChunks(input.chunks(), encoding);
  switch (kind) {
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
