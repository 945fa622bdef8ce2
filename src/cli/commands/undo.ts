import { describeRedone, describeUndone } from "../terminal/describe-change.ts";
import { inShell } from "../slash/found.ts";
import { visible } from "../terminal/sanitize.ts";
import { withAgent } from "./with-agent.ts";

/** `memgpt undo NAME [n]`. */
export async function undo(name: string, count: number): Promise<void> {
  const undone = await withAgent(name, (agent) => agent.undo(count));
  process.stdout.write(`${visible(describeUndone(undone, count, `memgpt redo ${inShell(name)}`))}\n`);
}

/** `memgpt redo NAME`. */
export async function redo(name: string): Promise<void> {
  const redone = await withAgent(name, (agent) => agent.redo());
  process.stdout.write(`${visible(describeRedone(redone, `memgpt undo ${inShell(name)}`))}\n`);
}
