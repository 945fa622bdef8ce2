import type { Element } from "../element.ts";
import { Unreadable } from "../input.ts";
import { checkTags, elementsOf, parseHtml } from "./dom.ts";
import { damageOfXml } from "./xml.ts";
import { type Archive, unzip } from "./zip.ts";

/** Most tags in one part. Word writes a dozen for every change of style. */
const MOST_TAGS = 2_000_000;

/** A Word document: headings, paragraphs, lists and tables, without its pictures. */
export async function readDocx(bytes: Uint8Array): Promise<Element[]> {
  const parts = await unzip(bytes, (name) => !/^word\/(?:media|fonts|embeddings)\//.test(name));
  for (const part of parts.values()) checkTags(part, MOST_TAGS);
  const { zipSync } = await import("fflate");
  // Mammoth unpacks without limits, so it gets an archive of what was unpacked within them.
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
    throw new Unreadable(`the Word document is damaged: ${await damageOf(parts)}`, { cause: error });
  }
}

/** The damaged part, named so that a person can find it. */
async function damageOf(parts: Archive): Promise<string> {
  for (const [name, bytes] of parts) {
    if (!/\.(?:xml|rels)$/.test(name)) continue;
    const damage = await damageOfXml(new TextDecoder().decode(bytes));
    if (damage !== undefined) return `${name} in it ${damage}`;
  }
  return "word/document.xml in it is not the text of a document";
}
