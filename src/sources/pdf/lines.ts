/** A run of text from PDF.js. `x` and `y`: where its baseline begins, in points from the lower left of the page. */
export type Run = {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly endsLine: boolean;
};

export type PdfLine = {
  readonly text: string;
  readonly page: number;
  readonly x: number;
  readonly y: number;
  readonly height: number;
};

/** A gap between two runs wider than this part of their height is a space. */
const SPACE = 0.15;

/** The lines of a page, in the order in which they were drawn. */
export function linesOfPage(runs: readonly Run[], page: number): PdfLine[] {
  const lines: PdfLine[] = [];
  let begun: Run[] = [];
  const end = (): void => {
    const line = joined(begun, page);
    if (line.text !== "") lines.push(line);
    begun = [];
  };
  for (const run of runs) {
    const before = begun.at(-1);
    if (before !== undefined && run.text !== "" && !isSameLine(before, run)) end();
    if (run.text !== "") begun.push(run);
    if (run.endsLine) end();
  }
  end();
  return lines;
}

function isSameLine(before: Run, run: Run): boolean {
  const height = Math.max(before.height, run.height, 1);
  // A superscript is slightly higher; the next column begins far back or far off.
  return Math.abs(before.y - run.y) < height / 2 && run.x > before.x + before.width - height;
}

function joined(runs: readonly Run[], page: number): PdfLine {
  let text = "";
  let before: Run | undefined;
  for (const run of runs) {
    const gap = before === undefined ? 0 : run.x - (before.x + before.width);
    const needsSpace = gap > SPACE * Math.max(run.height, 1) && !/\s$/.test(text) && !/^\s/.test(run.text);
    text += needsSpace ? ` ${run.text}` : run.text;
    before = run;
  }
  const [first] = runs;
  const height = Math.max(0, ...runs.filter((run) => run.text.trim() !== "").map((run) => run.height));
  return { text: text.replace(/\s+/gu, " ").trim(), page, x: first?.x ?? 0, y: first?.y ?? 0, height };
}
