import { setImmediate } from "node:timers/promises";
import type { Element } from "../element.ts";
import { elementsOf, parseHtml } from "./dom.ts";

/** What stands around the text of most pages. */
const AROUND = "nav, header, footer, aside, form, dialog, [role=navigation], [role=banner], [aria-hidden=true]";
/** A main text that is a smaller part of the page than this was mistaken for it. */
const LEAST_SHARE = 0.3;

/** A web page: its title and main text, without menus and the like. */
export async function readHtml(html: string): Promise<Element[]> {
  const { title, page } = await withoutSurroundings(html);
  // Each of these may take long: whoever waits has a turn in between.
  await setImmediate();
  const main = await mainText(html);
  await setImmediate();
  const elements = main !== undefined && lengthOf(main) >= LEAST_SHARE * lengthOf(page) ? main : page;
  const isTitled = title === "" || elements.some(({ kind, text }) => kind === "heading" && title.includes(text.trim()));
  return isTitled ? elements : [{ kind: "heading", text: title }, ...elements];
}

/** The article of the page, as the reading view of a browser finds it. */
async function mainText(html: string): Promise<Element[] | undefined> {
  const { Readability } = await import("@mozilla/readability");
  const document = await parseHtml(html);
  await setImmediate();
  const content = new Readability(document).parse()?.content;
  await setImmediate();
  return content === null || content === undefined ? undefined : elementsOf((await parseHtml(content)).body);
}

async function withoutSurroundings(html: string): Promise<{ readonly title: string; readonly page: Element[] }> {
  const document = await parseHtml(html);
  const title = document.title.trim();
  await setImmediate();
  for (const node of document.querySelectorAll(AROUND)) node.remove();
  const found = elementsOf(document.body);
  return { title, page: found.length > 0 ? found : elementsOf((await parseHtml(html)).body) };
}

function lengthOf(elements: readonly Element[]): number {
  return elements.reduce((sum, { text }) => sum + text.length, 0);
}
