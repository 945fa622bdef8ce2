import { describe } from "../../errors.ts";
import { type ErrorCode, MemGPTError } from "../../index.ts";
import { History } from "../terminal/history.ts";
import { counted } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { visible } from "../terminal/sanitize.ts";

const UNREADABLE: ReadonlySet<ErrorCode> = new Set(["storage_failed", "storage_damaged"]);

/** `memgpt delete agent NAME`. Asks first. @returns the exit code. */
export async function deleteAgent(name: string, { yes = false }: { yes?: boolean }): Promise<number> {
  const memgpt = await openHome();
  const memory = await memgpt.inspect(name).catch((error: unknown) => {
    // An agent that cannot be read can still be deleted.
    if (error instanceof MemGPTError && UNREADABLE.has(error.code)) return undefined;
    throw error;
  });
  if (!yes) {
    if (!process.stdin.isTTY) {
      throw new MemGPTError(
        "invalid_input",
        `Deleting ${name} cannot be undone. Nothing was deleted; give --yes to do it without being asked.`,
      );
    }
    const { default: confirm } = await import("@inquirer/confirm");
    const what =
      memory === undefined
        ? "whose memory cannot be read"
        : `with its ${counted(memory.recall.total, "message")} and ${counted(memory.archival.total, "passage")}`;
    if (!(await confirm({ message: visible(`Delete ${name} ${what}, for good?`), default: false }))) {
      process.stdout.write("Nothing was deleted.\n");
      return 0;
    }
  }
  const id = await memgpt.readAgent(name, async (store) => (await store.load())?.id).catch(() => undefined);
  try {
    await memgpt.deleteAgent(name);
  } finally {
    // Also where some of its files could not be removed.
    if (id !== undefined && !(await memgpt.hasAgent(name))) forgetTyped(memgpt.home.historyFile, id);
  }
  process.stdout.write(`${visible(`Deleted agent ${name}.`)}\n`);
  return 0;
}

function forgetTyped(file: string, id: string): void {
  try {
    History.forget(file, id);
  } catch (error) {
    const message = `What was typed to it could not be removed from ${file} (${describe(error)}): edit the file, or remove it.`;
    process.stderr.write(`${visible(message)}\n`);
  }
}
