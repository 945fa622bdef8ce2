import { homedir } from "node:os";
import { join } from "node:path";
import { type MemGPT, MemGPTError } from "../../index.ts";
import { onInterrupt } from "../setup/interrupt.ts";
import { openHome } from "../terminal/open-home.ts";
import { warn } from "../terminal/print.ts";
import { type ImportCommandOptions, importFound } from "./import.ts";
import { type Origin, inFolder, named } from "./migrate-folder.ts";

export type MigrateOptions = ImportCommandOptions & {
  readonly from?: string;
  readonly fromServer?: string;
  readonly token?: string;
};

/**
 * `memgpt migrate`: imports the agents of MemGPT 0.2 and 0.3 in a folder, or those of a Letta server, and changes none there.
 *
 * @returns the exit code: 1 if an agent could not be read.
 */
export async function migrate({ from, fromServer, token, ...options }: MigrateOptions): Promise<number> {
  if (fromServer === undefined ? token !== undefined : from !== undefined) {
    const text =
      fromServer === undefined ? "--token works only with --from-server" : "Pass --from or --from-server, not both";
    throw new MemGPTError("invalid_input", `${text}. Nothing was imported.`);
  }
  const memgpt = await openHome();
  const origin =
    fromServer === undefined
      ? await inFolder(memgpt, from ?? join(homedir(), ".memgpt"))
      : await onServer(memgpt, fromServer, token);
  const { found, unread, left } = origin;
  for (const line of [...unread, ...left]) warn(line);
  if (found.length === 0) {
    const what = unread.length === 0 ? origin.none : `${origin.none} that can be read`;
    throw new MemGPTError("not_found", `${what}. Nothing was imported; --from or --from-server names another place.`);
  }
  const code = await importFound(memgpt, found, options);
  return unread.length === 0 ? code : 1;
}

async function onServer(memgpt: MemGPT, url: string, token: string | undefined): Promise<Origin> {
  const { signal, stop } = onInterrupt();
  try {
    const { found, unread } = await memgpt.imports.findOnServer(url, { token, signal });
    return { found: await named(memgpt, found), unread, left: [], none: `${url} has no agents` };
  } finally {
    stop();
  }
}
