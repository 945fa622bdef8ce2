import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LiveText } from "../../../src/cli/terminal/live-text.ts";
import { renderFinished, renderMarkdown } from "../../../src/cli/terminal/markdown.ts";
import { Terminal } from "./pty.ts";
import { Screen } from "./screen.ts";

const TEXT = [
  "# A heading with **strong** words",
  "A paragraph that is longer than the window is wide, with `code` and 漢字, 👨‍👩‍👧 and a [link](http://example.com).",
  "- one\n- two that is long enough to be wrapped at the edge\n\n- three",
  "```ts\nconst first = 1;\n\nconst second = 'a line of code that is much longer than the window is';\n```",
  "| a | b |\n|---|--:|\n| 1 | 22 |\n| 333 | 4 |",
  "> quoted *text*\n> goes on",
  "The end.",
].join("\n\n");

const fragments = fc.constantFrom(
  ...[
    "a",
    "word ",
    "\n",
    "\n\n",
    "- ",
    "1. ",
    "2",
    "\n  ",
    "    ",
    "> ",
    "# ",
    "```\n",
    "`",
    "**",
    "|a|b|\n",
    "|-|-|\n",
  ],
  ...["<div>", "</div>\n", "<!--", "-->", "[x]: y\n", "[x]", "---\n", "===\n", "漢字", "\t", "* ", "~~~", "<pre>\n"],
);
const texts = fc.array(fragments, { maxLength: 40 }).map((parts) => parts.join(""));

/** Shows `pieces` one by one, waiting until each is on the screen. */
async function shown(pieces: readonly string[], columns: number, rows: number): Promise<Terminal> {
  const terminal = new Terminal("live-text", { columns, rows, options: { pieces } });
  await terminal.until("before");
  terminal.write("k".repeat(pieces.length));
  await terminal.until(() => terminal.exited);
  return terminal;
}

describe("on a terminal", () => {
  test.each([
    ["a window with room for all", 40, 60],
    ["a window lower than its blocks", 30, 4],
  ])("%s holds the rendered text once, nothing twice", async (_, columns, rows) => {
    const pieces = TEXT.match(/[^]{1,7}/gu) ?? [];

    const terminal = await shown(pieces, columns, rows);

    const rendered = renderMarkdown(TEXT, { width: columns, color: false });
    expect(terminal.text).toBe(`before\n${rendered}\nafter`);
  });

  test("renders a block before it is finished", async () => {
    const terminal = new Terminal("live-text", { options: { pieces: ["some **stro", "ng** words", "", ""] } });
    await terminal.until("before");

    await terminal.typed("k", "some **stro");
    await terminal.typed("k", "some strong words");

    expect(terminal.text).toBe("before\nsome strong words");
  });

  test("shows only the end of a block taller than the window until it is finished", async () => {
    const code = Array.from({ length: 30 }, (_, index) => `line ${String(index)}`).join("\n");
    const terminal = new Terminal("live-text", { rows: 6, options: { pieces: ["```\n", code, "\n```\n\nend", ""] } });
    await terminal.until("before");

    await terminal.typed("kk", () => terminal.rows.at(-1) === "  line 29");
    expect(terminal.text).not.toContain("line 3\n");
    await terminal.typed("kk", () => terminal.exited);

    expect(terminal.text).toBe(`before\n${code.replace(/^/gm, "  ")}\n\nend\nafter`);
  });

  test("does not rewrite unchanged lines", () => {
    let written = "";
    let clock = 0;
    const output = { isTTY: true, columns: 20, write: (text: string) => (written += text) };
    const now = (): number => (clock += 1_000);
    const live = new LiveText(output, { width: () => 20, rows: () => 10, color: true, now });

    for (const piece of ["- one\n", "- two\n", "\nnext\n", "\nlast", "\n"]) live.append(piece);
    live.end();

    for (const word of ["one", "two", "next", "last"]) expect(written.split(word)).toHaveLength(2);
  });

  test.each([
    ["in its only line", "one two three four five six seven"],
    ["below its first line", "one two three four five six seven eight nine ten"],
  ])("continues with the new width if the window narrows while the text is %s", async (_, words) => {
    const terminal = new Terminal("live-text", { columns: 40, options: { pieces: [words, " and", ""] } });
    await terminal.until("before");
    await terminal.typed("k", words.slice(-3));

    terminal.resize(20, 12);
    await terminal.until(() => terminal.raw.includes("resized"));
    await terminal.typed("kk", () => terminal.exited);

    const rendered = renderMarkdown(`${words} and`, { width: 20, color: false });
    expect(terminal.text).toBe(`before\n${rendered}\nafter`);
  });
});

test("whatever the text and the window, the screen holds the rendered text once", async () => {
  const texts = fc.array(fragments, { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      texts,
      fc.integer({ min: 10, max: 30 }),
      fc.integer({ min: 2, max: 12 }),
      async (pieces, columns, rows) => {
        const screen = new Screen(columns, rows);
        let clock = 0;
        const output = {
          isTTY: true,
          columns,
          write: (text: string) => {
            screen.write(text);
          },
        };
        // The clock advances a second per call, so every piece is painted.
        const now = (): number => (clock += 1_000);
        const live = new LiveText(output, { width: () => columns, rows: () => rows, color: true, now });

        screen.write("before\r\n");
        for (const piece of pieces) live.append(piece);
        live.end();
        screen.write("after");
        await screen.settled();

        const rendered = renderMarkdown(pieces.join(""), { width: columns, color: false });
        expect(screen.text).toBe(["before", ...(rendered === "" ? [] : [rendered]), "after"].join("\n"));
        screen.dispose();
      },
    ),
    { numRuns: 400 },
  );
});

describe("without cursor movement", () => {
  test.each([[{ isTTY: true, color: false }], [{ isTTY: false, color: true }]])(
    "appends text as it arrives: %o",
    ({ isTTY, color }) => {
      let written = "";
      const output = { isTTY, columns: 20, write: (text: string) => (written += text) };
      const live = new LiveText(output, { width: () => 20, rows: () => 10, color });

      for (const piece of ["some **text", "** that is long\r", "\nand \x1b[2J", "ends"]) live.append(piece);
      live.end();

      expect(written).toBe("some **text** that is long\nand ␛[2Jends\n");
    },
  );
});

test("rendering block by block gives the same result as rendering the whole", () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 9 }), (text, step) => {
      const options = { width: 30, color: false };
      const parts: string[] = [];
      let start = 0;
      for (let end = step; end < text.length; end += step) {
        const { rendered, length } = renderFinished(text.slice(start, end), options);
        parts.push(rendered);
        start += length;
      }
      parts.push(renderMarkdown(text.slice(start), options));

      expect(parts.filter((part) => part !== "").join("\n\n")).toBe(renderMarkdown(text, options));
    }),
    { numRuns: 2_000 },
  );
});
