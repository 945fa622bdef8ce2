import { MemGPTError, type Undone } from "../../index.ts";
import { describeRedone, describeUndone } from "../terminal/describe-change.ts";
import { print } from "../terminal/print.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { withAgent } from "./with-agent.ts";

/** `memgpt undo NAME [n]`. @throws MemGPTError `not_found` if nothing can be undone, as `/undo` does. */
export async function undo(name: string, count: number): Promise<void> {
  const undone = await withAgent(name, (agent) => agent.undo(count));
  report(describeUndone(undone, count, `memgpt redo ${shellWord(name)}`), undone);
}

/** `memgpt redo NAME`. @throws MemGPTError `not_found` if nothing can be redone. */
export async function redo(name: string): Promise<void> {
  const redone = await withAgent(name, (agent) => agent.redo());
  report(describeRedone(redone, `memgpt undo ${shellWord(name)}`), redone);
}

function report(text: string, { actions }: Undone): void {
  if (actions.length === 0) throw new MemGPTError("not_found", text);
  print(text);
}
