import type { Element } from "../element.ts";
import { Unreadable } from "../input.ts";

/** As much of a document object model as is walked. linkedom's own types want the browser's, which Node has not. */
export type DomNode = {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly childNodes: Iterable<DomNode>;
};
export type DomDocument = DomNode & {
  readonly title: string;
  readonly body: DomNode;
  readonly documentElement: DomNode;
  querySelectorAll(selector: string): Iterable<DomNode & { remove(): void }>;
};

const [ELEMENT, TEXT] = [1, 3];
const SILENT: ReadonlySet<string> = new Set([
  "SCRIPT",
  "STYLE",
  "NOSCRIPT",
  "TEMPLATE",
  "SVG",
  "HEAD",
  "IFRAME",
  "SELECT",
]);
const BLOCKS: ReadonlySet<string> = new Set(
  "ADDRESS ARTICLE ASIDE BLOCKQUOTE BODY DD DETAILS DIV DL DT FIELDSET FIGCAPTION FIGURE FOOTER FORM HEADER HR HTML LI MAIN NAV OL P SECTION SUMMARY UL".split(
    " ",
  ),
);
/** A page that nests deeper was made to be. */
const DEEPEST = 500;
/** The time and memory that a document takes grow faster than its tags. */
const MOST_TAGS = 250_000;

/** @throws Unreadable for a document of more than 250,000 tags. */
export async function parseHtml(html: string): Promise<DomDocument> {
  checkTags(html, MOST_TAGS);
  const { parseHTML } = await import("linkedom");
  const isWhole = /<(?:html|body)\b/i.test(html);
  const whole = isWhole ? html : `<!doctype html><html><head></head><body>${html}</body></html>`;
  return (parseHTML(whole) as { readonly document: DomDocument }).document;
}

/** @throws Unreadable if more than `most` tags begin in `markup`, text or UTF-8. */
export function checkTags(markup: string | Uint8Array, most: number): void {
  const find = (from: number): number =>
    typeof markup === "string" ? markup.indexOf("<", from) : markup.indexOf(0x3c, from);
  let tags = 0;
  for (let at = find(0); at >= 0; at = find(at + 1)) {
    tags += 1;
    if (tags > most) throw new Unreadable(`it has more than ${most.toLocaleString("en-US")} tags`);
  }
}

/** The headings, paragraphs, listings and tables below a node. */
export function elementsOf(root: DomNode): Element[] {
  const walk = new Walk();
  walk.into(root, 0);
  walk.endParagraph();
  return walk.elements;
}

class Walk {
  readonly elements: Element[] = [];
  #text = "";

  into(node: DomNode, depth: number): void {
    if (depth > DEEPEST) throw new Unreadable(`its elements are nested more than ${DEEPEST} deep`);
    if (node.nodeType === TEXT) {
      this.#text += node.textContent ?? "";
      return;
    }
    const name = node.nodeName.toUpperCase();
    if (SILENT.has(name)) return;
    if (/^H[1-6]$/.test(name)) this.#add({ kind: "heading", text: inline(node) });
    else if (name === "PRE") this.#add({ kind: "code", text: node.textContent ?? "" });
    else if (name === "TABLE" && !hasTable(node)) this.#table(node);
    else if (name === "BR") this.#text += "\n";
    else this.#children(node, depth, BLOCKS.has(name) || name === "TABLE" || name === "TR" || name === "TD");
  }

  endParagraph(): void {
    const text = squeezed(this.#text);
    this.#text = "";
    if (text !== "") this.elements.push({ kind: "paragraph", text });
  }

  #children(node: DomNode, depth: number, isBlock: boolean): void {
    if (isBlock) this.endParagraph();
    for (const child of node.childNodes) this.into(child, depth + 1);
    if (isBlock) this.endParagraph();
  }

  #add(element: Element): void {
    this.endParagraph();
    if (element.text.trim() !== "") this.elements.push(element);
  }

  #table(table: DomNode): void {
    const rows = [...descendants(table)].filter(({ nodeName }) => nodeName.toUpperCase() === "TR").map(cellsOf);
    const [first, ...rest] = rows.filter(({ text }) => text !== "");
    if (first === undefined) return;
    this.#add({ kind: "row", text: first.text });
    for (const { text } of rest) this.#add({ kind: "row", text, header: first.isHeader ? first.text : undefined });
  }
}

function cellsOf(row: DomNode): { readonly text: string; readonly isHeader: boolean } {
  const cells = [...row.childNodes].filter(({ nodeName }) => /^T[HD]$/i.test(nodeName));
  return {
    text: cells
      .map(inline)
      .join(" | ")
      .replace(/^[ |]+$/, ""),
    isHeader: cells.length > 1 && cells.every(({ nodeName }) => nodeName.toUpperCase() === "TH"),
  };
}

function hasTable(table: DomNode): boolean {
  return [...descendants(table)].some(({ nodeName }) => nodeName.toUpperCase() === "TABLE");
}

function* descendants(node: DomNode): Generator<DomNode, void, void> {
  const open = [...node.childNodes].reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.nodeType !== ELEMENT) continue;
    yield next;
    open.push(...[...next.childNodes].reverse());
  }
}

function inline(node: DomNode): string {
  return (node.textContent ?? "").replace(/\s+/gu, " ").trim();
}

/** White space as a browser shows it; line breaks that were asked for stay. */
function squeezed(text: string): string {
  return text
    .replace(/[^\S\n]+/gu, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{2,}/g, "\n")
    .trim();
}
