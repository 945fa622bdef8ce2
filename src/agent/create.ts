import { SEND_MESSAGE } from "../schema/built-in.ts";
import type { AssistantMessage, Message } from "../schema/message.ts";
import type { AgentSettings, AgentState, Block } from "../schema/state.ts";
import { packReturn } from "./pack.ts";

/** The parts of a new agent. */
export type Birth = {
  readonly name: string;
  readonly settings: AgentSettings;
  readonly system: string;
  readonly functions: readonly string[];
  readonly blocks: readonly Block[];
  readonly now: string;
  readonly newId: () => string;
};

/**
 * Creates the state of a new agent. Its queue begins with a boot sequence, a thought and a `send_message`, which shows the
 * model the form of every answer. The person never saw it, so it is in no storage and no search finds it. The login event that
 * follows it in the original belongs to the first session.
 */
export function createState(birth: Birth): AgentState {
  const { name, settings, system, functions, blocks, now, newId } = birth;
  const born = {
    id: newId(),
    name,
    createdAt: now,
    settings,
    system,
    functions: [...functions],
    queue: bootSequence(now, newId),
    shown: { recall: 0, archival: 0, modifiedAt: now },
    pressure: { alerted: false, calibration: 1 },
    evicted: 0,
    greeted: false,
    heartbeatsPausedUntil: null,
    lastActiveAt: null,
  };
  return { ...born, blocks: blocks.map((block) => withId(block, newId)) };
}

/** The block with an id: its own, if it is shared, or a new one. */
export function withId(block: Block, newId: () => string): Block {
  return { id: block.id ?? `block-${newId()}`, ...block };
}

function bootSequence(now: string, newId: () => string): Message[] {
  const call = {
    id: newId(),
    name: SEND_MESSAGE,
    arguments: JSON.stringify({ message: "Testing, one, two. All ears." }),
  };
  const thought: AssistantMessage = {
    id: newId(),
    createdAt: now,
    role: "assistant",
    content: "I am awake and my persona is loaded. I try out how to speak before anyone is here.",
    calls: [call],
  };
  return [thought, packReturn(call, { status: "OK", output: "None" }, { newId, now })];
}
