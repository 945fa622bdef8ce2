import type { AgentStore } from "../../ports/agent-store.ts";
import type { Maintenance } from "../../ports/maintenance.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import { PgArchivalStorage } from "./archival.ts";
import { PgCollection } from "./collection.ts";
import type { Queryable } from "./database.ts";
import { type Holding, PgHistory } from "./history.ts";
import { PgPassageVectors } from "./passage-vectors.ts";
import { PgQuarantine } from "./quarantine.ts";
import { PgRecallStorage } from "./recall.ts";
import { PgReindexing } from "./reindexing.ts";
import { PgSaidVectors } from "./said-vectors.ts";

/** One agent in a database. Closing it does not close the database. */
export class PgAgentStore implements AgentStore {
  readonly history: PgHistory;
  readonly recall: PgRecallStorage;
  readonly archival: PgArchivalStorage;
  readonly quarantine: PgQuarantine;
  readonly maintenance: Maintenance;

  constructor(database: Queryable, holding: Holding, notify: NoticeSink = () => undefined) {
    const { agent } = holding;
    const collection = new PgCollection(database, agent, notify);
    const vectors = new PgPassageVectors(database, agent, collection);
    const said = new PgSaidVectors(database, agent);
    this.history = new PgHistory(database, holding, collection);
    this.recall = new PgRecallStorage(database, agent, said);
    this.archival = new PgArchivalStorage(database, agent, { collection, vectors });
    this.quarantine = new PgQuarantine(database, agent);
    const reindexing = new PgReindexing(database, agent, async (change, reindexed) =>
      this.history.commitReindexed(change, reindexed),
    );
    this.maintenance = { reindexing, said, vectorIndex: async () => vectors.info() };
  }

  /** Resolves when what was begun is stored. */
  async close(): Promise<void> {
    await this.history.settled();
  }
}
