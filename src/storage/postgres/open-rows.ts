import { MemGPTError } from "../../errors.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import type { OpenedAgent } from "../../ports/repository.ts";
import type { Writing } from "../repository/checkpoint-writer.ts";
import { openCheckpoints } from "../repository/open-checkpoints.ts";
import { PgAgentStore } from "./agent-store.ts";
import { CheckpointRows } from "./checkpoint-rows.ts";
import type { Connected } from "./connect.ts";
import { type CommonMemory, PgForgetting } from "./forgetting.ts";
import { readHead } from "./head.ts";
import type { Numbered, WaitingOrders } from "./waiting-orders.ts";

/** `waits`: whether orders to forget wait for agents of the owner. */
export type Named = Numbered & { readonly waits: boolean };

type Means = Pick<Connected, "database" | "leases"> & {
  readonly common: CommonMemory;
  readonly waiting: WaitingOrders;
  readonly now: () => string;
};

/** Takes and opens an agent, and carries out the orders to forget that wait for it. @throws as `AgentRepository.open` does. */
export async function openRows(
  { agent, name, waits }: Named,
  { database, leases, common, waiting, now }: Means,
  notify?: NoticeSink,
): Promise<OpenedAgent> {
  const fence = await leases.take(agent, name, database);
  const release = async (): Promise<void> => leases.release(agent, fence, database);
  try {
    const head = await readHead(database, agent);
    if (head.state === undefined) throw stateless(name);
    const store = new PgAgentStore(database, { agent, fence }, notify, { ...head, fence });
    const rows = new CheckpointRows(database, { agent, fence });
    const writing: Writing = {
      store,
      present: async () => store.history.present(),
      write: async (checkpoint, newest) => rows.write(checkpoint, newest),
    };
    const forgetting = new PgForgetting(database, { agent, common, waiting }, { store, rows });
    const notices = waits ? await forgetting.complete() : [];
    const { state = head.state, op } = waits ? await readHead(database, agent) : head;
    const [newest] = await rows.list();
    return {
      store,
      checkpoints: openCheckpoints(writing, rows, now),
      forgetting,
      state: { ...state, name },
      notices,
      isCheckpointDue: (newest?.op ?? -1) < op,
      release: async () => {
        await store.close();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

export function stateless(name: string): MemGPTError {
  return new MemGPTError("storage_failed", `Agent ${name} has no state in the database. Nothing was changed.`);
}
