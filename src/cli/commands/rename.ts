import { openHome } from "../terminal/open-home.ts";
import { visible } from "../terminal/sanitize.ts";

/** `memgpt rename OLD NEW`. */
export async function rename(from: string, to: string): Promise<void> {
  await (await openHome()).renameAgent(from, to);
  process.stdout.write(`${visible(`Renamed agent ${from} to ${to}.`)}\n`);
}

/** `memgpt copy NAME NEW`. */
export async function copy(from: string, to: string, { at }: { readonly at?: string }): Promise<void> {
  await (await openHome()).copyAgent(from, to, { at });
  const when = at === undefined ? "" : ` as it was at checkpoint ${at}`;
  process.stdout.write(`${visible(`Copied agent ${from}${when} to ${to}.`)}\n`);
}
