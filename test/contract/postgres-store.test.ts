import { describe } from "vitest";
import type { AgentStore } from "../../src/ports/agent-store.ts";
import { NoticeList } from "../../src/ports/notices.ts";
import { PgAgentStore } from "../../src/storage/postgres/agent-store.ts";
import { addAgent } from "../../src/storage/postgres/agents.ts";
import { DATABASES, sharedDatabase } from "../support/postgres.ts";
import { archivalContract } from "./archival.ts";
import { historyContract } from "./history.ts";
import { journalContract } from "./journal.ts";
import { recallContract } from "./recall.ts";
import { revertContract } from "./revert.ts";
import { saidContract } from "./said.ts";

describe.each(DATABASES)("$name", ({ name, open: openDatabase }) => {
  const database = sharedDatabase(openDatabase);
  const agents = new Map<string, number>();
  const notices = new WeakMap<AgentStore, NoticeList>();

  async function open(place: string): Promise<AgentStore> {
    const agent = agents.get(place) ?? (await addAgent(database(), "test", place)) ?? 0;
    agents.set(place, agent);
    const said = new NoticeList();
    const store = new PgAgentStore(database(), { agent, fence: 0 }, said.add);
    notices.set(store, said);
    return store;
  }

  historyContract(name, open);
  journalContract(name, open);
  revertContract(name, open);
  recallContract(name, open);
  archivalContract(name, open, (store) => notices.get(store)?.all ?? []);
  saidContract(name, open);
});
