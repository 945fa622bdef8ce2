export type PdfText = { readonly text: string; readonly x?: number; readonly y: number; readonly size?: number };
export type PdfPage = readonly PdfText[];
export type PdfOutline = readonly { readonly title: string; readonly page: number }[];

/** A PDF of lines of text, written by hand: catalog, page tree, one font, one content stream a page, an outline. */
export function pdfOf(pages: readonly PdfPage[], outline: PdfOutline = []): Uint8Array {
  const objects: string[] = [];
  const add = (content: string): number => objects.push(content);
  const [catalog, tree, font] = [add(""), add(""), add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")];
  const kids = pages.map((lines) => {
    const stream = lines.map(drawn).join("\n");
    const content = add(`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
    return add(
      `<< /Type /Page /Parent ${tree} 0 R /MediaBox [0 0 612 792] /Contents ${content} 0 R ` +
        `/Resources << /Font << /F1 ${font} 0 R >> >> >>`,
    );
  });
  objects[tree - 1] = `<< /Type /Pages /Count ${kids.length} /Kids [${kids.map((kid) => `${kid} 0 R`).join(" ")}] >>`;
  const outlines = outline.length === 0 ? "" : `/Outlines ${outlineOf(outline, kids, add, objects)} 0 R`;
  objects[catalog - 1] = `<< /Type /Catalog /Pages ${tree} 0 R ${outlines} >>`;
  return assembled(objects, catalog);
}

function drawn({ text, x = 72, y, size = 10 }: PdfText): string {
  return `BT /F1 ${size} Tf 1 0 0 1 ${x} ${y} Tm (${text.replace(/[\\()]/g, "\\$&")}) Tj ET`;
}

function outlineOf(
  entries: PdfOutline,
  kids: readonly number[],
  add: (content: string) => number,
  objects: string[],
): number {
  const root = add("");
  const first = root + 1;
  for (const [index, { title, page }] of entries.entries()) {
    const next = index + 1 < entries.length ? `/Next ${first + index + 1} 0 R` : "";
    const previous = index > 0 ? `/Prev ${first + index - 1} 0 R` : "";
    add(`<< /Title (${title}) /Parent ${root} 0 R /Dest [${kids[page - 1] ?? 0} 0 R /Fit] ${next} ${previous} >>`);
  }
  objects[root - 1] =
    `<< /Type /Outlines /First ${first} 0 R /Last ${first + entries.length - 1} 0 R /Count ${entries.length} >>`;
  return root;
}

function assembled(objects: readonly string[], root: number): Uint8Array {
  let text = "%PDF-1.4\n";
  const offsets = objects.map((content, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${content}\nendobj\n`;
    return offset;
  });
  const start = text.length;
  const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`;
  text += `trailer << /Size ${objects.length + 1} /Root ${root} 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, "latin1");
}
