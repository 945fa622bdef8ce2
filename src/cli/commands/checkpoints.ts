import type { MemGPT } from "../../index.ts";
import { jsonText } from "../terminal/json-text.ts";
import { counted } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { print } from "../terminal/print.ts";
import { checkpointLabel } from "../slash/checkpoint-commands.ts";
import { withAgent } from "./with-agent.ts";

type Options = { readonly keep?: number; readonly json?: boolean };

/** `memgpt checkpoints NAME`: lists them, newest first, or sets how many are kept. */
export async function checkpoints(name: string, { keep, json = false }: Options): Promise<void> {
  if (keep !== undefined) {
    const removed = await withAgent(name, (agent) => agent.keepCheckpoints(keep));
    const kept = keep === 1 ? "newest automatic checkpoint" : `${keep} newest automatic checkpoints`;
    const text =
      `${name} now keeps its ${kept}, then one an hour for a day, then one a day. ` +
      `Removed ${counted(removed, "file")}.`;
    print(text);
    return;
  }
  const memgpt = await openHome();
  const entries = await memgpt.checkpoints(name);
  const current = await currentOp(memgpt, name);
  if (json) {
    const rows = entries.map((entry) => ({ ...entry, current: entry.op === current }));
    process.stdout.write(`${jsonText(rows, 2)}\n`);
    return;
  }
  const width = String(entries.length).length;
  const rows = entries.map((entry) => `${String(entry.number).padStart(width)}  ${checkpointLabel(entry, current)}`);
  print(rows.length === 0 ? `${name} has no checkpoints yet.` : rows.join("\n"));
}

/** The agent's current operation; undefined if the database cannot be read. */
async function currentOp(memgpt: MemGPT, name: string): Promise<number | undefined> {
  return memgpt.readAgent(name, (store) => store.journal.head()).catch(() => undefined);
}
