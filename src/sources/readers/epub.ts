import { posix } from "node:path";
import type { Element } from "../element.ts";
import { Unreadable } from "../input.ts";
import { elementsOf, parseHtml } from "./dom.ts";
import { type Archive, unzip } from "./zip.ts";

/** A book: the texts of its spine in their order, under its title. */
export async function* readEpub(bytes: Uint8Array): AsyncGenerator<Element, void, void> {
  const archive = await unzip(bytes, (name) => /\.(?:xml|opf|x?html?|xht)$/i.test(name));
  const { title, chapters } = await packageOf(archive);
  if (title !== "") yield { kind: "heading", text: title };
  for (const chapter of chapters) {
    const html = textOf(archive, chapter);
    if (html !== undefined) yield* elementsOf((await parseHtml(html)).body);
  }
}

/** As fast-xml-parser gives a document: elements by name, attributes with an `@`, lists where there are several. */
type Xml = { readonly [name: string]: Xml | readonly Xml[] | string | undefined };

async function packageOf(archive: Archive): Promise<{ readonly title: string; readonly chapters: readonly string[] }> {
  const { XMLParser } = await import("fast-xml-parser");
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    removeNSPrefix: true,
    processEntities: false,
  });
  const parse = (name: string): Xml => {
    try {
      return parser.parse(textOf(archive, name) ?? "") as Xml;
    } catch {
      throw new Unreadable(`${name} in the book is damaged`);
    }
  };
  const [root] = all(parse("META-INF/container.xml"), "container", "rootfiles", "rootfile");
  const path = attribute(root, "full-path");
  if (path === undefined) throw new Unreadable("it does not say where its contents are (META-INF/container.xml)");
  const book = parse(path);
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

/** All elements that a path of names leads to. */
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
