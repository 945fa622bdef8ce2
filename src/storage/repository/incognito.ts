import { MemGPTError } from "../../errors.ts";
import type { Checkpoints } from "../../ports/checkpoints.ts";
import type { Forgetting } from "../../ports/forgetting.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import type { OpenedAgent } from "../../ports/repository.ts";
import type { AgentFolder } from "../files/paths.ts";
import { SqliteAgentStore } from "../sqlite/agent-store.ts";

/**
 * Opens an agent on a copy of its database in memory. It takes no lock and touches no file; its changes are lost when it is
 * released.
 *
 * @throws MemGPTError `storage_failed` if the database has no readable state.
 */
export async function openIncognito(
  { name, database }: AgentFolder,
  { notify }: { readonly notify?: NoticeSink | undefined },
): Promise<OpenedAgent> {
  const store = await SqliteAgentStore.open({ file: database, inMemory: true, ...(notify && { notify }) });
  const state = await store.history.load();
  const release = async (): Promise<void> => store.close();
  if (state !== undefined) {
    const opened = { store, checkpoints: NO_CHECKPOINTS, forgetting: NO_FORGETTING, notices: [], release };
    return { ...opened, state: { ...state, name }, isCheckpointDue: false };
  }
  await release();
  const message = `${database} holds no agent that can be read. Open ${name} as usual first, which restores what it can.`;
  throw new MemGPTError("storage_failed", message);
}

const NO_CHECKPOINTS: Checkpoints = {
  later: () => undefined,
  settled: async () => undefined,
  failure: undefined,
  write: async () => {
    throw new MemGPTError("invalid_input", "An incognito session writes no checkpoints. Nothing was saved.");
  },
  list: async () => [],
  find: async () => {
    throw new MemGPTError("not_found", "An incognito session has no checkpoints to load. Nothing was changed.");
  },
  prune: async () => undefined,
};

const refuse = async (): Promise<never> => {
  const message = "An incognito session stores nothing. Leave it to forget what was stored before.";
  throw new MemGPTError("invalid_input", message);
};

const NO_FORGETTING: Forgetting = { preview: refuse, forget: refuse };
