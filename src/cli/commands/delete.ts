import { describe } from "../../errors.ts";
import { type ErrorCode, MemGPTError } from "../../index.ts";
import { isConfirmed } from "../terminal/confirm.ts";
import { History } from "../terminal/history.ts";
import { counted } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { print, warn } from "../terminal/print.ts";

const UNREADABLE: ReadonlySet<ErrorCode> = new Set(["storage_failed", "storage_damaged"]);

/** `memgpt delete agent NAME`. Asks for confirmation. @returns the exit code. */
export async function deleteAgent(name: string, { yes = false }: { yes?: boolean }): Promise<number> {
  const memgpt = await openHome();
  const memory = await memgpt.inspect(name).catch((error: unknown) => {
    // An agent that cannot be read can still be deleted.
    if (error instanceof MemGPTError && UNREADABLE.has(error.code)) return undefined;
    throw error;
  });
  if (!yes) {
    const refusal = `Deleting ${name} cannot be undone. Nothing was deleted; pass --yes to delete it without confirmation.`;
    const what =
      memory === undefined
        ? "whose memory cannot be read"
        : `with its ${counted(memory.recall.total, "message")} and ${counted(memory.archival.total, "passage")}`;
    if (!(await isConfirmed(`Delete ${name} ${what}, for good?`, refusal))) {
      process.stdout.write("Nothing was deleted.\n");
      return 0;
    }
  }
  const id = await memgpt.readAgent(name, async (store) => (await store.load())?.id).catch(() => undefined);
  try {
    await memgpt.deleteAgent(name);
  } finally {
    // Even if some of its files could not be removed.
    if (id !== undefined && !(await memgpt.hasAgent(name))) forgetHistory(memgpt.home.historyFile, id);
  }
  print(`Deleted agent ${name}.`);
  return 0;
}

function forgetHistory(file: string, id: string): void {
  try {
    History.forget(file, id);
  } catch (error) {
    const message = `The messages typed to it could not be removed from ${file} (${describe(error)}). Edit or delete that file.`;
    warn(message);
  }
}
