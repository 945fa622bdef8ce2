import { storedMessages } from "../house/run-messages.ts";
import type { Owner } from "../house/owners.ts";
import type { Part, Run } from "../house/run.ts";
import { partsOf } from "./parts.ts";

/** The messages of a run: as they come while it runs, and then as they are stored. */
export async function partsOfRun(owner: Owner, run: Run): Promise<readonly Part[]> {
  if (run.status === "running") return run.parts;
  const { useAssistantMessage = true } = run.options;
  const stored = await storedMessages(owner, run);
  return stored
    .flatMap((message) => partsOf(message, { useAssistantMessage }))
    .map((part, index) => ({ ...part, run_id: run.id, seq_id: index + 1 }));
}
