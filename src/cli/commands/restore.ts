import { describeLoaded } from "../terminal/describe-change.ts";
import { print } from "../terminal/print.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { withAgent } from "./with-agent.ts";

/** `memgpt restore NAME CHECKPOINT`. `edited`: accept a file that was changed by hand. */
export async function restore(name: string, which: string, options: { readonly edited?: boolean }): Promise<void> {
  const loaded = await withAgent(name, (agent) => agent.loadCheckpoint(which, options));
  print(describeLoaded(loaded, `memgpt undo ${shellWord(name)}`));
}
