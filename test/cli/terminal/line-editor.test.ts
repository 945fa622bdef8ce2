import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { Terminal } from "./pty.ts";
import type { Options } from "./pty.ts";

const ESC = "\x1b";
const LEFT = `${ESC}[D`;
const UP = `${ESC}[A`;
const DOWN = `${ESC}[B`;
const CTRL = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) - 64);
const paste = (text: string): string => `${ESC}[200~${text}${ESC}[201~`;

/** A terminal in which the editor is reading. */
async function reading(options?: Options): Promise<Terminal> {
  const terminal = new Terminal("editor", options);
  await terminal.until(() => terminal.raw.includes(`${ESC}[?2004h`) && terminal.text !== "");
  return terminal;
}

/** Waits until input no longer counts as typed ahead, when Ctrl-J still means Enter. */
async function settled(terminal: Terminal): Promise<void> {
  await terminal.typed("#", () => terminal.cursor.before.endsWith("#"));
  await terminal.typed("\x7f", () => !terminal.cursor.before.endsWith("#"));
}

/** Types `keys`, which submit, and returns the result once the next read has started or the program has ended. */
async function read(terminal: Terminal, keys: string): Promise<unknown> {
  const before = results(terminal).length;
  await terminal.typed(keys, () => {
    const next = terminal.raw.slice(terminal.raw.lastIndexOf("raw=false"));
    return results(terminal).length > before && (terminal.exited || /\?2004h|busy/.test(next));
  });
  return results(terminal).at(-1);
}

function results(terminal: Terminal): unknown[] {
  return Array.from(terminal.text.matchAll(/^=(.*) raw=false$/gm), ([, json]): unknown => JSON.parse(json ?? ""));
}

function line(text: string): object {
  return { type: "line", text };
}

function historyFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "memgpt-editor-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return join(folder, "history.jsonl");
}

describe("typing", () => {
  test("reads the typed text, then turns off raw mode and bracketed paste on the line below", async () => {
    const terminal = await reading();

    expect(await read(terminal, "hello wörld\r")).toEqual(line("hello wörld"));

    expect(terminal.lines.slice(0, 2)).toEqual(["> hello wörld", '={"type":"line","text":"hello wörld"} raw=false']);
    expect(terminal.raw).toMatch(/\?2004h[^]*\?2004l[^]*raw=false/);
  });

  test.each([
    ["Left, Home and End", `bc${LEFT}${LEFT}a${ESC}[Fd${ESC}[H>`, ">abcd"],
    ["Ctrl-A, Ctrl-E, Ctrl-B and Ctrl-F", `b${CTRL("A")}a${CTRL("E")}d${CTRL("B")}c${CTRL("F")}e`, "abcde"],
    ["Backspace, Ctrl-H, Delete and Ctrl-D", `axyb\x7f\bz${LEFT}${LEFT}${ESC}[3~q${CTRL("D")}`, "aq"],
    ["Ctrl-W, Ctrl-U and Ctrl-Y", `one two${CTRL("W")}${CTRL("Y")}!${CTRL("U")}${CTRL("Y")}`, "one two!"],
    ["Ctrl-K", `one two${CTRL("A")}${CTRL("K")}x`, "x"],
    ["Ctrl-T", `ba${CTRL("T")}`, "ab"],
    ["Alt-B, Alt-F, Alt-D and Alt-Backspace", `a bb cc${ESC}b${ESC}d${ESC}\x7f${ESC}b${ESC}fx`, "ax "],
    ["Ctrl-Left and Ctrl-Right", `aa bb${ESC}[1;5D${ESC}[1;5Dx${ESC}[1;5Cy`, "xaay bb"],
    ["Alt-Enter, Ctrl-J, Shift-Enter and a trailing backslash", `a${ESC}\rb\nc${ESC}[13;2ud\\\re`, "a\nb\nc\nd\ne"],
    ["Up and Down within the text", `one\ntwo${UP}X${DOWN}Y`, "oneX\ntwoY"],
  ])("%s edit the line", async (_, keys, text) => {
    const terminal = await reading();
    await settled(terminal);

    expect(await read(terminal, `${keys}\r`)).toEqual(line(text));
  });

  test("wide characters and emoji keep the cursor where the next character goes", async () => {
    const terminal = await reading();

    await terminal.typed(
      `漢字👨‍👩‍👧é🇵🇹ab${LEFT}`,
      () => terminal.cursor.at === "b" && terminal.cursor.before.endsWith("a"),
    );
    await terminal.typed(LEFT + LEFT + LEFT + LEFT, () => terminal.cursor.before.endsWith("字"));
    expect(terminal.cursor).toMatchObject({ before: "> 漢字", column: 6 });
    await terminal.typed(LEFT, () => terminal.cursor.column === 4);

    expect(await read(terminal, `${CTRL("K")}x\r`)).toEqual(line("漢x"));
  });

  test("a long line continues on the next rows, and the cursor moves through them", async () => {
    const terminal = await reading({ columns: 20 });
    const text = "0123456789".repeat(5);

    await terminal.typed(text, () => terminal.cursor.row === 2 && terminal.cursor.column === 12);
    expect(terminal.rows.slice(0, 3)).toEqual(["> 012345678901234567", "89012345678901234567", "890123456789"]);
    await terminal.typed(CTRL("A"), () => terminal.cursor.row === 0 && terminal.cursor.column === 2);
    await terminal.typed(
      `${CTRL("E")}${LEFT.repeat(12)}`,
      () => terminal.cursor.row === 2 && terminal.cursor.column === 0,
    );
    await terminal.typed(`${LEFT}x`, () => terminal.cursor.row === 2);

    expect(await read(terminal, "\r")).toEqual(line(`${text.slice(0, 37)}x${text.slice(37)}`));
    expect(terminal.lines[0]).toBe(`> ${text.slice(0, 37)}x${text.slice(37)}`);
  });

  test("text that fills the row exactly leaves the cursor at the start of the next one", async () => {
    const terminal = await reading({ columns: 20 });

    await terminal.typed("x".repeat(18), () => terminal.cursor.row === 1 && terminal.cursor.column === 0);

    expect(await read(terminal, `y${LEFT}${LEFT}z\r`)).toEqual(line(`${"x".repeat(17)}zxy`));
    expect(terminal.lines[0]).toBe(`> ${"x".repeat(17)}zxy`);
  });

  test("a long line of emoji that the terminal draws wider than it should stays whole", async () => {
    const terminal = await reading({ columns: 20 });
    const family = "👨‍👩‍👧";

    await terminal.typed(family.repeat(8), () => terminal.rows.join("").split("👨").length === 9);
    await terminal.typed("ab", () => terminal.cursor.before.endsWith("ab"));

    expect(terminal.rows.filter((row) => row !== "")).toEqual([
      `> ${family.repeat(3)}`,
      family.repeat(3),
      `${family.repeat(2)}ab`,
    ]);
  });

  test("a text taller than the window scrolls with the cursor, and is whole on the screen once submitted", async () => {
    const terminal = await reading({ rows: 5 });
    await settled(terminal);
    const lines = Array.from({ length: 9 }, (_, index) => `line ${String(index)}`);

    await terminal.typed(lines.join("\n"), () => terminal.cursor.before.endsWith("line 8"));
    expect(terminal.rows).toEqual(["... line 4", "... line 5", "... line 6", "... line 7", "... line 8"]);
    await terminal.typed(UP.repeat(7), () => terminal.cursor.before === "... line 1");

    expect(await read(terminal, "\r")).toEqual(line(lines.join("\n")));
    expect(terminal.lines.slice(0, 9)).toEqual(["> line 0", ...lines.slice(1).map((text) => `... ${text}`)]);
  });

  test("Ctrl-L clears the screen and shows the line again at its top", async () => {
    const terminal = await reading();
    await read(terminal, "first\r");

    await terminal.typed(
      `second${CTRL("L")}`,
      () => terminal.cursor.before === "> second" && terminal.rows.at(-12) === "> second",
    );

    expect(await read(terminal, "!\r")).toEqual(line("second!"));
  });

  test("resizing the window re-wraps a long line correctly", async () => {
    const terminal = await reading({ columns: 40, rows: 12 });
    const text = "abcdefghij".repeat(7);
    await terminal.typed(text + LEFT.repeat(30), () => terminal.cursor.row === 1 && terminal.cursor.at === "a");

    terminal.resize(20, 12);
    await terminal.until(() => terminal.cursor.row === 2 && terminal.cursor.at === "a");
    expect(terminal.lines.filter((row) => row !== "")).toEqual([`> ${text}`]);

    terminal.resize(60, 12);
    await terminal.until(
      () => terminal.lines.includes(`> ${text}`) && terminal.cursor.at === "a" && terminal.cursor.column === 42,
    );

    expect(await read(terminal, "X\r")).toEqual(line(`${text.slice(0, 40)}X${text.slice(40)}`));
  });
});

describe("paste", () => {
  test("three pasted lines are one text, read at Enter", async () => {
    const terminal = await reading();

    await terminal.typed(`say ${paste("one\rtwo\r\nthree\r")}`, () => terminal.cursor.row === 3);
    expect(terminal.rows.slice(0, 4)).toEqual(["> say one", "... two", "... three", "..."]);

    expect(await read(terminal, "\r")).toEqual(line("say one\ntwo\nthree\n"));
  });

  test("a line break that arrives in two pieces is one", async () => {
    const terminal = await reading();

    await terminal.typed(`${ESC}[200~one\r`, "one");
    await terminal.typed(`\ntwo${ESC}[201~`, "two");

    expect(await read(terminal, "\r")).toEqual(line("one\ntwo"));
  });

  test("pasted control characters are shown without acting on the terminal", async () => {
    const terminal = await reading();

    await terminal.typed(paste(`a${ESC}[2Jb\x07c\u202ed\u009be\tf${ESC}[A${CTRL("C")}`), () =>
      terminal.text.includes("f␛[A␃"),
    );

    expect(terminal.rows[0]).toBe("> a␛[2Jb␇c\ufffdd\ufffde    f␛[A␃");
    expect(await read(terminal, "\r")).toEqual(line(`a${ESC}[2Jb\x07c\u202ed\u009be\tf${ESC}[A\x03`));
  });

  test("accepts a hundred thousand pasted characters", async () => {
    const terminal = await reading();
    const text = `${"lorem ipsum ".repeat(8_000)}end`;

    await terminal.typed(paste(text), () => terminal.cursor.before.endsWith("[pasted 96,003 characters]"));
    terminal.write("\r");

    await terminal.until(() => terminal.lines.includes(`=${JSON.stringify(line(text))} raw=false`));
  });
});

describe("history", () => {
  test("recalls earlier texts in the next run, newest first, and the unfinished line below", async () => {
    const historyPath = historyFile();
    const first = await reading({ options: { historyPath } });
    await read(first, "one\r");
    await read(first, `two${ESC}\rlines\r`);
    expect(statSync(historyPath).mode & 0o777).toBe(0o600);

    const second = await reading({ options: { historyPath } });
    await second.typed(`new${UP}`, () => second.cursor.before === "... lines");
    await second.typed(`${UP}${CTRL("P")}`, () => second.cursor.before === "> one");
    await second.typed(`${DOWN}${DOWN}${CTRL("N")}`, () => second.cursor.before === "> new");
    expect(await read(second, `${CTRL("P")}\r`)).toEqual(line("two\nlines"));

    expect(readFileSync(historyPath, "utf8").split("\n").filter(Boolean)).toEqual(['"one"', '"two\\nlines"']);
  });

  test("Ctrl-R finds the fragment, again an older match, and Enter submits it", async () => {
    const terminal = await reading();
    for (const text of ["find me", "find you", "nothing", "find you", "last"]) await read(terminal, `${text}\r`);

    await terminal.typed(`${CTRL("R")}find`, "(reverse-search) 'find': find you");
    await terminal.typed(CTRL("R"), "(reverse-search) 'find': find me");
    await terminal.typed(CTRL("R"), "(failed reverse-search) 'find': find me");

    expect(await read(terminal, "\r")).toEqual(line("find me"));
  });

  test("Esc accepts the match for editing; Ctrl-G or Ctrl-C restore the typed text", async () => {
    const terminal = await reading();
    await read(terminal, "find me\r");

    await terminal.typed(`draft${CTRL("R")}me`, "'me': find me");
    await terminal.typed(CTRL("G"), () => terminal.cursor.before === "> draft");
    await terminal.typed(`${CTRL("R")}me`, "'me': find me");
    await terminal.typed(CTRL("C"), () => terminal.cursor.before === "> draft");
    await terminal.typed(`${CTRL("R")}me`, "'me': find me");
    await terminal.typed(ESC, () => terminal.cursor.before === "> find ");

    expect(await read(terminal, "X\r")).toEqual(line("find Xme"));
  });
});

describe("completion", () => {
  test("Tab completes a single candidate; of several it completes the common prefix and lists them", async () => {
    const terminal = await reading();

    await terminal.typed("/e\t", () => terminal.cursor.before === "> /exit");
    await terminal.typed(`${CTRL("U")}/s\t`, () => terminal.rows[1] === "/save       /sources    /summarize");
    expect(terminal.cursor).toMatchObject({ before: "> /s", row: 0 });
    await terminal.typed("u", () => terminal.rows[1] === "");
    await terminal.typed("\t", () => terminal.cursor.before === "> /summarize");

    expect(await read(terminal, "\r")).toEqual(line("/summarize"));
  });

  test("an error in completion ends the read and restores the terminal", async () => {
    const terminal = await reading();

    await terminal.typed("/throw\t", "!no completion raw=false");
  });
});

describe("ending", () => {
  test("Ctrl-C clears a line with text and interrupts at an empty one", async () => {
    const terminal = await reading();

    await terminal.typed("text", "text");
    await terminal.typed(CTRL("C"), () => terminal.text === ">");

    expect(await read(terminal, CTRL("C"))).toEqual({ type: "interrupt" });
  });

  test("Ctrl-D at an empty line ends the input, and the process exits by itself", async () => {
    const terminal = await reading();

    expect(await read(terminal, CTRL("D"))).toEqual({ type: "eof" });

    await terminal.until(() => terminal.exited);
  });

  test("an aborted read leaves no trace, and the next one starts with its text", async () => {
    const terminal = await reading({ options: { abortOn: "SIGUSR1" } });
    await terminal.typed("unfinished", "unfinished");

    terminal.signal("SIGUSR1");
    await terminal.until("> unfinished");
    await terminal.until(() => terminal.cursor.before === "> unfinished" && terminal.cursor.row === 1);

    expect(terminal.rows.slice(0, 2)).toEqual(["!aborted raw=false", "> unfinished"]);
    expect(await read(terminal, "!\r")).toEqual(line("unfinished!"));
  });
});

test("Ctrl-Z returns the terminal to the shell; the line reappears in the foreground", async () => {
  const terminal = new Terminal("editor", { columns: 80, shell: true });
  await terminal.typed("$DRIVER\r", () => terminal.cursor.before === "> ");
  await terminal.typed("unfinished", () => terminal.cursor.before === "> unfinished");

  await terminal.typed(CTRL("Z"), () => terminal.cursor.before === "$ ");
  expect(terminal.text).not.toContain("unfinished");
  await terminal.typed("fg\r", () => terminal.cursor.before === "> unfinished");

  expect(await read(terminal, "!\r")).toEqual(line("unfinished!"));
});

describe("typing ahead", () => {
  test("keys typed between reads go to the next reads", async () => {
    const terminal = await reading({ options: { pause: true } });
    expect(await read(terminal, "one\rtwo\rthr")).toEqual(line("one"));
    await terminal.until("busy");

    terminal.signal("SIGUSR2");
    await terminal.until(/busy[\s\S]*busy/);
    terminal.signal("SIGUSR2");
    await terminal.until(() => terminal.cursor.before === "> thr");

    expect(await read(terminal, "ee\r")).toEqual(line("three"));
    expect(results(terminal)).toEqual([line("one"), line("two"), line("three")]);
  });

  test("an initial text is not shown before Enter sends it", async () => {
    const terminal = new Terminal("editor", { options: { initial: "unsent", blockedMs: 300 } });
    await terminal.until(() => terminal.cursor.before === "> unsent");

    expect(await read(terminal, "\r")).toEqual(line("unsent"));
  });

  test("a line typed before raw mode is submitted by its Enter", async () => {
    const terminal = await reading({ options: { pause: true } });
    await read(terminal, "one\r");
    await terminal.until("busy");
    await terminal.typed("ahead\r", /^ahead$/m);

    terminal.signal("SIGUSR2");
    await terminal.until(() => results(terminal).length === 2);

    expect(results(terminal).at(-1)).toEqual(line("ahead"));
  });
});

describe("multi-line mode", () => {
  test.each([
    ["Alt-Enter", `${ESC}\r`],
    ["Ctrl-D", CTRL("D")],
    ['a line of """', '\r"""\r'],
  ])("Enter breaks the line and %s submits", async (_, submit) => {
    const terminal = await reading({ options: { multiline: true } });

    expect(await read(terminal, `one\rtwo\\${submit}`)).toEqual(line("one\ntwo\\"));
  });
});

describe("a dumb terminal", () => {
  test("reads lines without escape codes", async () => {
    const terminal = new Terminal("editor", { env: { TERM: "dumb" } });
    await terminal.until(">");

    await terminal.typed("one\r", '"one"');
    await terminal.typed("two\\\r", "...");
    await terminal.typed("lines\r", '"two\\nlines"');
    await terminal.typed(CTRL("D"), () => terminal.exited);

    expect(terminal.raw).not.toContain(ESC);
    expect(terminal.text).toContain('{"type":"eof"}');
  });

  test("Ctrl-C interrupts", async () => {
    const terminal = new Terminal("editor", { env: { TERM: "dumb" } });
    await terminal.until(">");

    await terminal.typed(CTRL("C"), '{"type":"interrupt"}');
  });

  test("multi-line mode reads until a line of three quotes, and Ctrl-C starts over", async () => {
    const terminal = new Terminal("editor", { env: { TERM: "dumb" }, options: { multiline: true } });
    await terminal.until(">");

    await terminal.typed("lost\r", "...");
    await terminal.typed(CTRL("C"), /\^C\n>$/);
    await terminal.typed('one\\\rtwo\r"""\r', '"one\\\\\\ntwo"');
  });

  test("shows the initial text: Enter alone sends it, typing replaces it", async () => {
    const options = { initial: "unsent" };
    const open = (): Terminal => new Terminal("editor", { env: { TERM: "dumb" }, options, columns: 80 });
    const [sent, replaced] = [open(), open()];
    for (const terminal of [sent, replaced]) await terminal.until(/> unsent\n.*Enter.*\n>/);

    await sent.typed("\r", '"text":"unsent"');
    await replaced.typed("other\r", '"text":"other"');

    expect(sent.raw + replaced.raw).not.toContain(ESC);
  });

  test("Ctrl-C drops the initial text", async () => {
    const terminal = new Terminal("editor", { env: { TERM: "dumb" }, options: { initial: "unsent" }, columns: 80 });
    await terminal.until(/> unsent\n.*Enter.*\n>/);

    await terminal.typed(CTRL("C"), /"interrupt".*\n>/);
    await terminal.typed("\r", '"text":""');
  });

  test("the initial text is the first line in multi-line mode", async () => {
    const options = { multiline: true, initial: "first" };
    const terminal = new Terminal("editor", { env: { TERM: "dumb" }, options });
    await terminal.until(/> first\n\.\.\./);

    await terminal.typed('second\r"""\r', '"first\\nsecond"');
  });
});
