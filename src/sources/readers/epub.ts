import { posix } from "node:path";
import type { Element } from "../element.ts";
import { Unreadable } from "../input.ts";
import { elementsOf, parseHtml } from "./dom.ts";
import { damageOfXml } from "./xml.ts";
import { type Archive, unzip } from "./zip.ts";

/** A book: its title, then the chapters of its spine in order. */
export async function* readEpub(bytes: Uint8Array): AsyncGenerator<Element, void, void> {
  const archive = await unzip(bytes, (name) => /\.(?:xml|opf|x?html?|xht)$/i.test(name));
  const { title, chapters } = await packageOf(archive);
  if (title !== "") yield { kind: "heading", text: title };
  for (const chapter of chapters) {
    const html = textOf(archive, chapter);
    if (html !== undefined) yield* elementsOf((await parseHtml(html)).body);
  }
}

/** A document from fast-xml-parser: elements by name, attributes with an `@`, repeated elements as lists. */
type Xml = { readonly [name: string]: Xml | readonly Xml[] | string | undefined };

async function packageOf(archive: Archive): Promise<{ readonly title: string; readonly chapters: readonly string[] }> {
  const { XMLParser } = await import("fast-xml-parser");
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    removeNSPrefix: true,
    processEntities: false,
  });
  const parse = async (name: string): Promise<Xml> => {
    const text = textOf(archive, name);
    if (text === undefined) throw new Unreadable(`the book is damaged: ${name}, which lists its contents, is missing`);
    const damage = await damageOfXml(text);
    if (damage !== undefined) throw new Unreadable(`the book is damaged: ${name} in it ${damage}`);
    return parser.parse(text) as Xml;
  };
  const [root] = all(await parse("META-INF/container.xml"), "container", "rootfiles", "rootfile");
  const path = attribute(root, "full-path");
  if (path === undefined) throw new Unreadable("META-INF/container.xml does not say where its contents are");
  const book = await parse(path);
  const items = new Map(
    all(book, "package", "manifest", "item").map((item) => [attribute(item, "id"), attribute(item, "href")]),
  );
  const chapters = all(book, "package", "spine", "itemref").flatMap((reference) => {
    const href = items.get(attribute(reference, "idref"));
    return href === undefined ? [] : [posix.join(posix.dirname(path), decoded(href))];
  });
  const [title] = all(book, "package", "metadata", "title");
  return { title: plain(title), chapters };
}

function decoded(href: string): string {
  try {
    return decodeURIComponent(href.split("#")[0] ?? "");
  } catch {
    return href;
  }
}

/** All elements at a path of names. */
function all(xml: Xml, ...path: readonly string[]): readonly (Xml | string)[] {
  let found: readonly (Xml | string)[] = [xml];
  for (const name of path) {
    found = found.flatMap((it): readonly (Xml | string)[] => {
      const next = typeof it === "string" ? undefined : it[name];
      if (next === undefined) return [];
      return isList(next) ? next : [next];
    });
  }
  return found;
}

function isList(xml: Xml | readonly Xml[] | string): xml is readonly Xml[] {
  return Array.isArray(xml);
}

function attribute(xml: Xml | string | undefined, name: string): string | undefined {
  const value = typeof xml === "object" ? xml[`@${name}`] : undefined;
  return typeof value === "string" ? value : undefined;
}

function plain(xml: Xml | string | undefined): string {
  const text = typeof xml === "object" ? xml["#text"] : xml;
  return typeof text === "string" ? text : "";
}

function textOf(archive: Archive, name: string): string | undefined {
  const bytes = archive.get(name);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}
