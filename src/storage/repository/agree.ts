import { MemGPTError } from "../../errors.ts";
import type { ActionRef } from "../../ports/history.ts";
import { type AgentState, agentStateSchema } from "../../schema/state.ts";
import { shownTimeOf } from "../files/checkpoint-name.ts";
import type { Checkpoint } from "../files/checkpoints.ts";
import type { AgentFolder } from "../files/paths.ts";
import type { SqliteAgentStore } from "../sqlite/agent-store.ts";
import type { CheckpointMark } from "../sqlite/marks.ts";
import { behindNotice, lastChange } from "./mend.ts";

/** An agent's state, and whether it still needs a checkpoint. */
type Agreed = { readonly state: AgentState | undefined; readonly isCheckpointDue: boolean };

/** An agent's database and checkpoints as found on disk. */
export type Found = {
  readonly store: SqliteAgentStore;
  readonly checkpoint: Checkpoint | undefined;
  /** Whether newer checkpoints were damaged. */
  readonly isDamaged: boolean;
  /** Whether the files were copied while the agent was in use. */
  readonly isTorn: boolean;
  /** Why the state in the database cannot be read. */
  readonly unreadable: unknown;
};

/** Reconciles database and checkpoints. The state is undefined if there is no agent yet. */
export async function agree(
  folder: AgentFolder,
  { store, checkpoint, isDamaged, isTorn, unreadable }: Found,
  notices: string[],
  now: () => string,
): Promise<Agreed> {
  if (unreadable !== undefined) await mendState(folder, { store, checkpoint, unreadable }, notices, now);
  let state = await store.history.load();
  const mark = await store.marks.get();
  const head = await store.history.journal.head();
  if (state === undefined && checkpoint !== undefined) {
    state = (await store.history.goTo(whole(checkpoint), action("the rebuilding of the database"), now())).state;
    notices.push(
      `The database of ${folder.name} was missing: the agent was restored from the checkpoint of ${shownTimeOf(checkpoint.file)}, with its core memory and ` +
        "the messages in its context. Older messages and archival memory cannot be searched.",
    );
    store.marks.note({ file: checkpoint.file, op: await store.history.journal.head() });
  } else if (state !== undefined && checkpoint !== undefined && !isDamaged && checkpoint.file !== mark?.file) {
    const isAhead = checkpoint.op > head;
    const isAsked = !isTorn && mark !== undefined && checkpoint.op !== head && !isOurs(checkpoint, mark, head);
    if (isAhead) {
      state = await catchUp(folder, { store, checkpoint, isTorn }, notices, now);
    } else if (isAsked) {
      state = (
        await store.history.goTo(
          whole(checkpoint),
          action(`the return to the checkpoint of ${shownTimeOf(checkpoint.file)}`),
          now(),
        )
      ).state;
      notices.push(
        `The newest checkpoint is of ${shownTimeOf(checkpoint.file)}: ${folder.name} was taken to that time, memory and searches included.`,
      );
    }
    const op = isAhead || isAsked ? await store.history.journal.head() : checkpoint.op;
    store.marks.note({ file: checkpoint.file, op });
  }
  const agreed = isDamaged ? undefined : await store.marks.get();
  const isAgreed =
    checkpoint !== undefined && agreed !== undefined && agreed.op >= (await store.history.journal.head());
  const isCheckpointDue = state !== undefined && !isAgreed;
  return { state, isCheckpointDue };
}

/**
 * Whether the agent itself wrote the checkpoint after the marked one. An older file cannot have its operation, because
 * going back to an operation is a new operation.
 */
function isOurs(checkpoint: Checkpoint, mark: CheckpointMark, head: number): boolean {
  return checkpoint.file > mark.file && checkpoint.op >= mark.op && checkpoint.op <= head;
}

/** Restores from a checkpoint that is ahead of the database, and adds a notice of what is missing. */
async function catchUp(
  folder: AgentFolder,
  { store, checkpoint, isTorn }: Pick<Found, "store" | "isTorn"> & { readonly checkpoint: Checkpoint },
  notices: string[],
  now: () => string,
): Promise<AgentState> {
  const until = await lastChange(store);
  const { state } = await store.history.goTo(
    whole(checkpoint),
    action("the return of what the checkpoint knows"),
    now(),
  );
  const counts = { messages: await store.recall.size(), passages: await store.archival.size() };
  notices.push(behindNotice(folder, { checkpoint, counts, until, isTorn }));
  return state;
}

async function mendState(
  folder: AgentFolder,
  { store, checkpoint, unreadable }: Pick<Found, "store" | "checkpoint" | "unreadable">,
  notices: string[],
  now: () => string,
): Promise<void> {
  if (checkpoint === undefined) {
    throw new MemGPTError(
      "storage_failed",
      `The state of ${folder.name} in ${folder.database} cannot be read, and there is no checkpoint to mend it from. ` +
        "The database was left as it is.",
      { cause: unreadable },
    );
  }
  await store.history.mendState(whole(checkpoint), "restore", now());
  notices.push(
    `The state of ${folder.name} in its database could not be read and was rebuilt from the checkpoint of ${shownTimeOf(checkpoint.file)} and the ` +
      "journal; nothing else is affected.",
  );
}

/** Gives a rebuilt database the checkpoint's state if its own is missing or older. */
export async function settle({ store, checkpoint }: Found, now: () => string): Promise<Agreed> {
  let state = await store.history.load();
  if (checkpoint !== undefined && state === undefined)
    state = await store.history.mendState(whole(checkpoint), "restore", now());
  else if (checkpoint !== undefined && checkpoint.op > (await store.history.journal.head())) {
    state = (await store.history.goTo(whole(checkpoint), action("the mending of the database"), now())).state;
  }
  return { state, isCheckpointDue: state !== undefined };
}

/**
 * A checkpoint to restore from. Only now is its state checked field by field, since few openings need it.
 *
 * @throws MemGPTError `storage_failed` if it has a checksum that fits, but is not a state.
 */
function whole(checkpoint: Checkpoint): Checkpoint {
  const { data: state, error: cause } = agentStateSchema().safeParse(checkpoint.state);
  if (state !== undefined) return { ...checkpoint, state };
  const message =
    `The checkpoint of ${shownTimeOf(checkpoint.file)} cannot be restored: it is not the state of an agent. ` +
    "Nothing was changed; move the file away to open the agent without it.";
  throw new MemGPTError("storage_failed", message, { cause });
}

function action(label: string): ActionRef {
  return { id: crypto.randomUUID(), label };
}
