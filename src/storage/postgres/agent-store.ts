import type { AgentStore } from "../../ports/agent-store.ts";
import type { Maintenance } from "../../ports/maintenance.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import { PgArchivalStorage } from "./archival.ts";
import { PgCollection } from "./collection.ts";
import type { Queryable } from "./database.ts";
import { type Head, PgHead } from "./head.ts";
import { type Holding, PgHistory } from "./history.ts";
import { NearVectors } from "./near-vectors.ts";
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

  /** @param known The head, if the holder of the agent has just read it. */
  constructor(database: Queryable, holding: Holding, notify: NoticeSink = () => undefined, known?: Head) {
    const { agent } = holding;
    const head = new PgHead(database, agent, known);
    const collection = new PgCollection(database, head, notify);
    const near = new NearVectors(database, agent, { from: holding.packFrom, compared: holding.compared });
    const vectors = new PgPassageVectors(database, head, { collection, near, notify });
    const said = new PgSaidVectors(database, agent);
    this.history = new PgHistory(database, holding, { head, collection, near });
    this.recall = new PgRecallStorage(database, head, said);
    this.archival = new PgArchivalStorage(database, head, { collection, vectors });
    this.quarantine = new PgQuarantine(database, agent);
    const reindexing = new PgReindexing(database, agent, async (change, reindexed) =>
      this.history.commitReindexed(change, reindexed),
    );
    this.maintenance = { reindexing, said, vectorIndex: async () => vectors.info() };
  }

  /** Drops all caches, after rows were removed. */
  reset(): void {
    this.recall.reset();
    this.archival.reset();
  }

  /** Resolves once pending writes are stored. */
  async close(): Promise<void> {
    await this.history.settled();
  }
}
