import type { Element } from "../element.ts";
import { Unreadable } from "../input.ts";
import { checkTags, elementsOf, parseHtml } from "./dom.ts";
import { unzip } from "./zip.ts";

/** Of one part: Word wraps every change of style in a dozen. */
const MOST_TAGS = 2_000_000;

/** A Word document: headings, paragraphs, lists and tables, without its pictures. */
export async function readDocx(bytes: Uint8Array): Promise<Element[]> {
  const parts = await unzip(bytes, (name) => !/^word\/(?:media|fonts|embeddings)\//.test(name));
  for (const part of parts.values()) checkTags(part, MOST_TAGS);
  const { zipSync } = await import("fflate");
  // What mammoth unpacks is what was unpacked here, within bounds.
  const checked = zipSync(Object.fromEntries(parts), { level: 0 });
  const { default: mammoth } = await import("mammoth");
  try {
    const { value: html } = await mammoth.convertToHtml(
      { buffer: Buffer.from(checked) },
      { convertImage: mammoth.images.imgElement(async () => ({ src: "" })), externalFileAccess: false },
    );
    return elementsOf((await parseHtml(html)).body);
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable(`the Word document is damaged (${error instanceof Error ? error.message : String(error)})`);
  }
}
