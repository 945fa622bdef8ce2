import { eventsOf } from "../memory/queue.ts";
import { type Message, messageSchema } from "../schema/message.ts";
import type { Held } from "../schema/quarantine.ts";
import type { AgentState } from "../schema/state.ts";
import { IMPORT, refused } from "./import.ts";
import { counted } from "../schema/counted.ts";
import type { Session } from "./session.ts";
import { sortHistory } from "./sort-agent.ts";

/** Adopts messages unchanged, without those held back; those in `inContext` also go to the queue. @throws MemGPTError `invalid_input`. */
export async function addHistory(
  session: Session,
  messages: readonly Message[],
  inContext: ReadonlySet<string>,
): Promise<void> {
  if (messages.length === 0) return;
  const history = await sortedWhole(session, messages, inContext);
  const action = session.action(`import of ${counted(messages.length, "message")}`);
  await session.commit(action, { origin: IMPORT, ...history });
}

/** The messages without those held back, and the state with those in `inContext` queued. @throws MemGPTError `invalid_input`. */
export async function sortedWhole(
  { state, parts }: Session,
  messages: readonly Message[],
  inContext: ReadonlySet<string>,
): Promise<{ readonly state: AgentState; readonly messages: readonly Message[]; readonly held: readonly Held[] }> {
  const checked = messages.map((message, index) => {
    const parsed = messageSchema().safeParse(message);
    if (parsed.success) return parsed.data;
    throw refused(`Message ${index + 1} is invalid: ${parsed.error.issues[0]?.message ?? "it cannot be read"}.`);
  });
  const { newId, now, notices } = parts;
  const sorted = await sortHistory(checked, { policy: parts.quarantine, newId, at: now() });
  sorted.notices.forEach(notices.add);
  const shown = sorted.kept.filter(({ id }) => inContext.has(id));
  // Real messages replace the boot sequence.
  const queue = [...(shown.length > 0 ? eventsOf(state) : state.queue), ...shown];
  const next = { ...state, queue, greeted: state.greeted || shown.length > 0 };
  return { state: next, messages: sorted.kept, held: sorted.held };
}
