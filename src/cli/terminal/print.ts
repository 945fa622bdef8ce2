import { visible } from "./sanitize.ts";

/** Prints lines on standard output, with nothing in them that acts on a terminal. */
export function print(...lines: readonly string[]): void {
  process.stdout.write(`${visible(lines.join("\n"))}\n`);
}

/** As `print`, on standard error. */
export function warn(text: string): void {
  process.stderr.write(`${visible(text)}\n`);
}
