import type { AgentOverview } from "../../ports/repository.ts";
import { MemGPTError } from "../../errors.ts";
import { guarded, openDatabase } from "./database.ts";

const OVERVIEW = `
  SELECT json ->> '$.id' AS id, json ->> '$.settings.model' AS model, json ->> '$.createdAt' AS createdAt,
    coalesce((SELECT value FROM totals WHERE name = 'messages'), 0) AS recall,
    coalesce((SELECT value FROM totals WHERE name = 'passages'), 0) AS archival
  FROM state WHERE one = 1`;

/**
 * Reads an agent's entry in a list from the database in `file`, even while another process writes to it.
 *
 * @throws MemGPTError `storage_failed` if it cannot be read or has no agent.
 */
export async function agentOverview(file: string): Promise<AgentOverview> {
  const db = await openDatabase(file, { readonly: true, plain: true });
  try {
    const found = guarded(db, () => db.prepare<[], AgentOverview>(OVERVIEW).get());
    if (found !== undefined) return found;
    throw new MemGPTError("storage_failed", `${file} holds no agent. Open the agent to restore it.`);
  } finally {
    db.close();
  }
}
