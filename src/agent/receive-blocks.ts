import { describe } from "../errors.ts";
import type { ActionRef } from "../ports/history.ts";
import type { AgentState } from "../schema/state.ts";
import type { AgentParts } from "./deps.ts";
import { writtenBy } from "./written-by.ts";

/** What of a session this needs. */
type Session = {
  readonly state: AgentState;
  readonly parts: Pick<AgentParts, "sharedBlocks" | "notices" | "now">;
  action(label: string): ActionRef;
  commit(action: ActionRef, change: { readonly state: AgentState }): Promise<void>;
};

/** Takes over what others changed of shared blocks, journalled under their names. */
export async function receiveBlocks(session: Session): Promise<void> {
  const { sharedBlocks, now } = session.parts;
  const news = sharedBlocks.incoming(session.state);
  for (const { label, block, by } of news) {
    const { blocks: before, shown, ...state } = session.state;
    const blocks = before.map((other) => (other.label === label ? block : other));
    const next = { ...state, blocks, shown: { ...shown, modifiedAt: now() } };
    await session.commit(session.action(writtenBy(by ?? undefined, `edit of block ${label}`)), { state: next });
  }
  // What the agent changes from here on is measured against this.
  if (news.length > 0) publishBlocks(session);
}

/** Lets others have what was changed here. What cannot be written now is with the next turn. */
export function publishBlocks({ parts: { sharedBlocks, notices }, state }: Session): void {
  try {
    sharedBlocks.publish(state);
  } catch (error) {
    notices.add(`Changes of shared blocks have not reached the other agents yet (${describe(error)}).`);
  }
}
