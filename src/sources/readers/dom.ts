import type { Element } from "../element.ts";
import { Unreadable } from "../input.ts";

/** The part of the DOM that is used here. linkedom's types need the browser's, which Node lacks. */
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
/** A page that nests deeper is an attack. */
const DEEPEST = 500;
/** A document's time and memory grow faster than its number of tags. */
const MOST_TAGS = 250_000;

/** @throws Unreadable for a document of more than 250,000 tags, or one that nests more than 500 deep. */
export async function parseHtml(html: string): Promise<DomDocument> {
  checkTags(html, MOST_TAGS);
  const { parseHTML } = await import("linkedom");
  const isWhole = /<(?:html|body)\b/i.test(html);
  const whole = isWhole ? html : `<!doctype html><html><head></head><body>${html}</body></html>`;
  const { document } = parseHTML(whole) as { readonly document: DomDocument };
  checkDepth(document);
  return document;
}

function checkDepth(root: DomNode): void {
  const open = [{ node: root, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    if (depth > DEEPEST) throw new Unreadable(`its elements are nested more than ${DEEPEST} deep`);
    for (const child of node.childNodes) if (child.nodeType === ELEMENT) open.push({ node: child, depth: depth + 1 });
  }
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
  walk.into(root);
  walk.endParagraph();
  return walk.elements;
}

class Walk {
  readonly elements: Element[] = [];
  #text = "";

  into(node: DomNode): void {
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
    else this.#children(node, BLOCKS.has(name) || name === "TABLE" || name === "TR" || name === "TD");
  }

  endParagraph(): void {
    const text = squeezed(this.#text);
    this.#text = "";
    if (text !== "") this.elements.push({ kind: "paragraph", text });
  }

  #children(node: DomNode, isBlock: boolean): void {
    if (isBlock) this.endParagraph();
    for (const child of node.childNodes) this.into(child);
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
  // Stops at the first: this runs for every table of a nest.
  for (const { nodeName } of descendants(table)) if (nodeName.toUpperCase() === "TABLE") return true;
  return false;
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

/** Collapses white space as a browser does, but keeps single line breaks. */
function squeezed(text: string): string {
  return text
    .replace(/[^\S\n]+/gu, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{2,}/g, "\n")
    .trim();
}
