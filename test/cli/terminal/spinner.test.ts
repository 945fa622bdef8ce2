import { expect, test } from "vitest";
import { Spinner } from "../../../src/cli/terminal/spinner.ts";
import { Terminal } from "./pty.ts";

test("a spinner turns on one line without a cursor, shows seconds, and leaves nothing behind", async () => {
  const terminal = new Terminal("spinner", { columns: 20, options: { text: "thinking \x1b[2J very hard about this" } });

  await terminal.until(/⠋ thinking ␛\[2J ver/);
  expect(terminal.raw).toContain("\x1b[?25l");
  await terminal.until(/⠙ thinking ␛\[2J ver/);
  await terminal.until(/ 2s$/);
  expect(terminal.rows.filter((row) => row !== "")).toHaveLength(2);

  await terminal.typed("k", () => terminal.exited);

  expect(terminal.text).toBe("before\nafter");
  expect(terminal.raw.lastIndexOf("\x1b[?25h")).toBeGreaterThan(terminal.raw.lastIndexOf("\x1b[?25l"));
});

test("a process that exits while it spins gets its cursor back", async () => {
  const terminal = new Terminal("spinner", { options: { text: "thinking" } });
  await terminal.until("thinking");

  await terminal.typed("x", () => terminal.exited);

  expect(terminal.text).toBe("before");
  expect(terminal.raw.endsWith("\x1b[?25h")).toBe(true);
});

test("prints nothing unless the output is a terminal", () => {
  let written = "";
  const spinner = new Spinner({ isTTY: false, write: (text) => (written += text) });

  spinner.start("thinking");
  spinner.stop();

  expect(written).toBe("");
});
