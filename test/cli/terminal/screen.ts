import headless from "@xterm/headless";
import type { Terminal as XtermTerminal } from "@xterm/headless";

/** The content of a terminal, scrollback included. */
export class Screen {
  readonly #xterm: XtermTerminal;

  constructor(columns: number, rows: number) {
    this.#xterm = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 5_000 });
  }

  write(data: string, shown?: () => void): void {
    this.#xterm.write(data, shown);
  }

  /** Resolves once all output is on the screen. */
  async settled(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#xterm.write("", resolve);
    });
  }

  resize(columns: number, rows: number): void {
    this.#xterm.resize(columns, rows);
  }

  dispose(): void {
    this.#xterm.dispose();
  }

  /** Scrollback and screen without blank ends, with wrapped rows joined. */
  get text(): string {
    return this.lines.join("\n").trimEnd();
  }

  get lines(): string[] {
    const lines: string[] = [];
    for (const row of this.#rows()) {
      if (row.wrapped) lines.push((lines.pop() ?? "") + row.text);
      else lines.push(row.text);
    }
    return lines.map((line) => line.trimEnd());
  }

  /** The rows on the screen. */
  get rows(): string[] {
    return this.#rows().map((row) => row.text.trimEnd());
  }

  /** The character at the cursor, and the text before it in its row. */
  get cursor(): { before: string; at: string; column: number; row: number } {
    const buffer = this.#xterm.buffer.active;
    const row = buffer.baseY + buffer.cursorY;
    const line = buffer.getLine(row);
    return {
      before: line?.translateToString(false, 0, buffer.cursorX) ?? "",
      at: line?.getCell(buffer.cursorX)?.getChars() ?? "",
      column: buffer.cursorX,
      row,
    };
  }

  #rows(): { text: string; wrapped: boolean }[] {
    const buffer = this.#xterm.buffer.active;
    return Array.from({ length: buffer.length }, (_, index) => {
      const line = buffer.getLine(index);
      // A wrapped row keeps its trailing blanks, except a last cell too narrow for the next character.
      const goesOn = buffer.getLine(index + 1)?.isWrapped ?? false;
      const spare =
        goesOn && line?.getCell(line.length - 1)?.getChars() === "" && line.getCell(line.length - 1)?.getWidth() === 1;
      const text = line?.translateToString(!goesOn, 0, line.length - (spare ? 1 : 0)) ?? "";
      return { text, wrapped: line?.isWrapped ?? false };
    });
  }
}
