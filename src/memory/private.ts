import { PRACTICE_MODEL } from "../schema/built-in.ts";
import { isLoopback } from "../schema/loopback.ts";
import type { Message } from "../schema/message.ts";
import type { AgentState, Block } from "../schema/state.ts";
import { parseJson } from "./envelope.ts";

type Seen = Pick<AgentState, "blocks" | "settings">;

/** The blocks that the agent's model may see: a private one never leaves this machine. */
export function shownBlocks({ blocks, settings }: Seen): readonly Block[] {
  const isHere = settings.model === PRACTICE_MODEL || isLoopback(settings.endpoint);
  return isHere || blocks.every((block) => block.private !== true)
    ? blocks
    : blocks.filter((block) => block.private !== true);
}

/** The queue as the model may see it, without what a model on this machine wrote to a private block. */
export function shownQueue(state: Seen & Pick<AgentState, "queue">): readonly Message[] {
  const { blocks, queue } = state;
  const shown = shownBlocks(state);
  if (shown === blocks) return queue;
  const hidden = blocks.filter((block) => !shown.includes(block)).map(({ label }) => label);
  return queue.map((message) => {
    if (message.role !== "assistant" || !message.calls.some((call) => isAbout(call.arguments, hidden))) return message;
    const calls = message.calls.map((call) =>
      isAbout(call.arguments, hidden) ? { ...call, arguments: JSON.stringify({ private: true }) } : call,
    );
    // The thought beside the call is probably about the same.
    return { ...message, content: null, calls };
  });
}

/** Whether a call names one of the blocks. */
function isAbout(args: string, labels: readonly string[]): boolean {
  const parsed = parseJson(args);
  if (typeof parsed !== "object" || parsed === null) return labels.some((label) => args.includes(label));
  return Object.values(parsed).some((value) => typeof value === "string" && labels.includes(value));
}
