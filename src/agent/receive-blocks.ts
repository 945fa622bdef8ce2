import { describe } from "../errors.ts";
import type { ActionRef } from "../ports/history.ts";
import type { AgentState } from "../schema/state.ts";
import type { AgentParts } from "./deps.ts";
import type { Saving } from "./saving.ts";
import { writtenBy } from "./written-by.ts";

/** The parts of a session that this needs. */
type Session = {
  readonly state: AgentState;
  readonly parts: Pick<AgentParts, "sharedBlocks" | "notices" | "now" | "forgetting">;
  readonly saving: Pick<Saving, "settled">;
  arrive(move: { readonly state: AgentState }): Promise<void>;
  action(label: string): ActionRef;
  adopt(state: AgentState): void;
  commit(action: ActionRef, change: { readonly state: AgentState }): Promise<void>;
};

/** Forgets what other agents forgot in shared blocks, also in the checkpoints that are due. The next turn repeats what fails. */
export async function forgetShared(session: Session): Promise<void> {
  const { forgetting, notices } = session.parts;
  try {
    const state = await forgetting.catchUp?.(async () => session.saving.settled(session.state).catch(() => undefined));
    if (state !== undefined) await session.arrive({ state });
  } catch (error) {
    notices.add(`What another agent forgot in a shared block could not be forgotten here yet (${describe(error)}).`);
  }
}

/** Adopts other agents' changes to shared blocks, journaled under their names. */
export async function receiveBlocks(session: Session): Promise<void> {
  const { sharedBlocks, now } = session.parts;
  await sharedBlocks.refresh();
  await forgetShared(session);
  const known = sharedBlocks.identified(session.state);
  // The ids are stored with the next change.
  if (known !== session.state.blocks) session.adopt({ ...session.state, blocks: [...known] });
  const news = sharedBlocks.incoming(session.state);
  for (const { label, block, by } of news) {
    const { blocks: before, shown, ...state } = session.state;
    const blocks = before.flatMap((other) => (other.label === label ? (block ?? []) : other));
    const next = { ...state, blocks, shown: { ...shown, modifiedAt: now() } };
    const what = `${block === undefined ? "removal" : "edit"} of block ${label}`;
    await session.commit(session.action(writtenBy(by ?? undefined, what)), { state: next });
  }
  // Later changes by this agent are compared with this version.
  if (news.length > 0) await publishBlocks(session);
}

/** Publishes this agent's changes to shared blocks. The next turn repeats what fails. */
export async function publishBlocks(session: Session): Promise<void> {
  // Do not publish what others have forgotten meanwhile.
  await forgetShared(session);
  const { sharedBlocks, notices } = session.parts;
  try {
    await sharedBlocks.publish(session.state);
  } catch (error) {
    notices.add(`Changes of shared blocks have not reached the other agents yet (${describe(error)}).`);
  }
}
