import type { Element } from "../element.ts";
import { type DomNode, elementsOf, parseHtml } from "./dom.ts";

/** Elements around the text of most pages. */
const AROUND = "nav, header, footer, aside, form, dialog, [role=navigation], [role=banner], [aria-hidden=true]";
/** Least share of the page's text in its main text: a smaller part was mistaken for it. */
const LEAST_SHARE = 0.3;

/** A web page: its title and main text, without menus. */
export async function readHtml(html: string): Promise<Element[]> {
  const { title, page } = await withoutSurroundings(html);
  const main = await mainText(html);
  const elements = main !== undefined && lengthOf(main) >= LEAST_SHARE * lengthOf(page) ? main : page;
  const isTitled = title === "" || elements.some(({ kind, text }) => kind === "heading" && title.includes(text.trim()));
  return isTitled ? elements : [{ kind: "heading", text: title }, ...elements];
}

/** The page's article, found as a browser's reading view does. */
async function mainText(html: string): Promise<Element[] | undefined> {
  const { Readability } = await import("@mozilla/readability");
  const document = await parseHtml(html);
  // The article itself: as HTML it would be parsed once more.
  const content = new Readability<DomNode>(document, { serializer: (node) => node as DomNode }).parse()?.content;
  return content === null || content === undefined ? undefined : elementsOf(content);
}

async function withoutSurroundings(html: string): Promise<{ readonly title: string; readonly page: Element[] }> {
  const document = await parseHtml(html);
  const title = document.title.trim();
  for (const node of document.querySelectorAll(AROUND)) node.remove();
  const found = elementsOf(document.body);
  return { title, page: found.length > 0 ? found : elementsOf((await parseHtml(html)).body) };
}

function lengthOf(elements: readonly Element[]): number {
  return elements.reduce((sum, { text }) => sum + text.length, 0);
}
