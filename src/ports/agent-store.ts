import type { ArchivalStorage } from "./archival.ts";
import type { History } from "./history.ts";
import type { Maintenance } from "./maintenance.ts";
import type { Quarantine } from "./quarantine.ts";
import type { RecallStorage } from "./recall.ts";

/**
 * Everything that one agent is and remembers. Every method is one atomic unit of work: no transaction is public, because
 * none may be held while a model thinks.
 *
 * @throws MemGPTError `storage_failed` from every method, with what the disk or the database said.
 */
export interface AgentStore {
  readonly history: History;
  readonly recall: RecallStorage;
  readonly archival: ArchivalStorage;
  readonly quarantine: Quarantine;
  readonly maintenance: Maintenance;
  close(): Promise<void>;
}
