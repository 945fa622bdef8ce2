import { type Command, InvalidArgumentError } from "commander";
import { checkNoPassword } from "../../index.ts";

const MOST_DIGITS = 9;

/** A count. @throws InvalidArgumentError */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text) || text.length > MOST_DIGITS || Number(text) < 1) {
    throw new InvalidArgumentError(`Expected a whole number above 0 with at most ${MOST_DIGITS} digits.`);
  }
  return Number(text);
}

/** An amount of money above 0. @throws InvalidArgumentError */
export function dollars(text: string): number {
  if (/^\d{1,9}(\.\d{1,6})?$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError("Expected an amount in dollars above 0, such as 0.50.");
}

/**
 * A base URL without trailing slashes.
 *
 * @throws InvalidArgumentError; MemGPTError for a URL with a password, because commander would print it.
 */
export function url(text: string): string {
  checkNoPassword(text);
  if (!/^https?:\/\/[^\s/]/.test(text) || !URL.canParse(text)) {
    throw new InvalidArgumentError("Expected a URL that starts with http:// or https://.");
  }
  return text.replace(/\/+$/, "");
}

const MILLISECONDS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Node's timers fire at once if given more than 2³¹ ms (24.8 days). */
const LONGEST = 24 * MILLISECONDS.d;

/** Milliseconds of a time such as `90s`, `30m` or `1h`. @throws InvalidArgumentError */
export function duration(text: string): number {
  const { count, unit = "" } = /^(?<count>\d+)(?<unit>[smhd])$/.exec(text)?.groups ?? {};
  const scale = Object.entries(MILLISECONDS).find(([name]) => name === unit)?.[1] ?? NaN;
  const time = Number(count) * scale;
  if (time >= MILLISECONDS.s && time <= LONGEST) return time;
  throw new InvalidArgumentError("Expected a time such as 90s, 30m or 1h, from 1s to 24d.");
}

/** Values of `--embedding`. */
export const EMBEDDINGS = ["hash", "openai", "local", "local-lite"];

/** Collects the values of a flag that may be given more than once. */
export function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** The command named `name`, to add subcommands to. */
export function commandOf(program: Command, name: string): Command {
  const found = program.commands.find((command) => command.name() === name);
  if (found === undefined) throw new Error(`no command ${name} yet`);
  return found;
}
