import type { getDocumentProxy } from "unpdf";
import type { Element } from "../element.ts";
import { Unreadable } from "../input.ts";
import { type OutlineEntry, withHeadings } from "../pdf/headings.ts";
import { type PdfLine, type Run, linesOfPage } from "../pdf/lines.ts";
import { paragraphsOf } from "../pdf/paragraphs.ts";
import { withoutRunning } from "../pdf/running.ts";

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;
type Outline = Awaited<ReturnType<Pdf["getOutline"]>>;

/** Most entries of an outline that are used. */
const MOST_HEADINGS = 5_000;

/**
 * The text of a PDF: paragraphs in reading order with their pages, under the headings of its outline, without running headers
 * and page numbers.
 *
 * @param say Receives notices on pages that could not be read.
 */
export async function* readPdf(bytes: Uint8Array, say: (notice: string) => void): AsyncGenerator<Element, void, void> {
  const pdf = await open(bytes);
  try {
    const pages = await pagesOf(pdf, say);
    const lines = withoutRunning(pages).flat();
    if (!lines.some(({ text }) => /[\p{L}\p{N}]/u.test(text))) {
      throw new Unreadable("it has no text layer: it is a scan, or only pictures (OCR can add one)");
    }
    yield* paragraphsOf(withHeadings(lines, await outlineOf(pdf)));
  } finally {
    await pdf.loadingTask.destroy();
  }
}

async function open(bytes: Uint8Array): Promise<Pdf> {
  const unpdf = await import("unpdf");
  try {
    // A copy: PDF.js transfers the bytes to itself.
    return await unpdf.getDocumentProxy(new Uint8Array(bytes), { verbosity: 0 });
  } catch (error) {
    const isEncrypted = error instanceof Error && error.name === "PasswordException";
    const reason = isEncrypted
      ? "it is encrypted with a password (save a copy without one)"
      : "the PDF is damaged: its list of pages cannot be found";
    throw new Unreadable(reason, { cause: error });
  }
}

async function pagesOf(pdf: Pdf, say: (notice: string) => void): Promise<PdfLine[][]> {
  const pages: PdfLine[][] = [];
  const failed: number[] = [];
  for (let number = 1; number <= pdf.numPages; number += 1) {
    try {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      pages.push(linesOfPage(items.flatMap(toRun), number));
      page.cleanup();
    } catch {
      failed.push(number);
    }
  }
  if (failed.length === pdf.numPages) throw new Unreadable("the PDF is damaged: none of its pages can be read");
  if (failed.length > 0)
    say(`${failed.length} of its ${pdf.numPages} pages could not be read: ${failed.slice(0, 10).join(", ")}`);
  return pages;
}

type Item = Awaited<ReturnType<Awaited<ReturnType<Pdf["getPage"]>>["getTextContent"]>>["items"][number];

function toRun(item: Item): Run[] {
  if (!("str" in item)) return [];
  const [, , , , x, y] = item.transform as readonly number[];
  return [{ text: item.str, x: x ?? 0, y: y ?? 0, width: item.width, height: item.height, endsLine: item.hasEOL }];
}

/** The outline in document order, with all levels flattened. */
async function outlineOf(pdf: Pdf): Promise<OutlineEntry[]> {
  const entries: OutlineEntry[] = [];
  const into = async (outline: Outline): Promise<void> => {
    for (const { title, dest, items } of outline) {
      if (entries.length >= MOST_HEADINGS) return;
      const page = await pageOf(pdf, dest);
      if (page !== undefined && title.trim() !== "") entries.push({ title: title.trim(), page });
      await into(items as Outline);
    }
  };
  // Null without an outline, whatever its type says.
  const outline: Outline | null = await pdf.getOutline().catch(() => null);
  if (outline !== null) await into(outline);
  return entries;
}

async function pageOf(pdf: Pdf, dest: Outline[number]["dest"]): Promise<number | undefined> {
  try {
    const target = typeof dest === "string" ? await pdf.getDestination(dest) : dest;
    const reference: unknown = target?.[0];
    if (typeof reference === "number") return reference + 1;
    return reference === undefined || reference === null ? undefined : (await pdf.getPageIndex(reference as never)) + 1;
  } catch {
    return undefined;
  }
}
