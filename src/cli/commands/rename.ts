import { openHome } from "../terminal/open-home.ts";
import { print } from "../terminal/print.ts";

/** `memgpt rename OLD NEW`. */
export async function rename(from: string, to: string): Promise<void> {
  await (await openHome()).renameAgent(from, to);
  print(`Renamed agent ${from} to ${to}.`);
}

/** `memgpt copy NAME NEW`. */
export async function copy(from: string, to: string, { at }: { readonly at?: string }): Promise<void> {
  await (await openHome()).copyAgent(from, to, { at });
  const when = at === undefined ? "" : ` as it was at checkpoint ${at}`;
  print(`Copied agent ${from}${when} to ${to}.`);
}
