import { isSummary } from "../memory/forgetting.ts";
import { eventsOf } from "../memory/queue.ts";
import type { Message } from "../schema/message.ts";
import type { AgentState } from "../schema/state.ts";
import type { BlockChange, MemoryChange } from "../schema/timeline.ts";
import type { HistoryMove } from "../ports/history.ts";

export const NO_CHANGE: MemoryChange = {
  messages: { removed: 0, added: 0, rewritten: 0 },
  evicted: 0,
  blocks: [],
  passages: { removed: [], added: [] },
  settings: [],
};

/** What a move through history changed, for a person to read. */
export function changeOf({ before, state, messages, passages }: HistoryMove): MemoryChange {
  const { removed, added, rewritten } = messages;
  return {
    messages: { removed: removed.length, added: added.length, rewritten: rewritten.length },
    evicted: outOfContext(before, state, removed) - outOfContext(state, before, added),
    blocks: blocksChanged(before, state),
    passages: {
      removed: passages.removed.map(({ text }) => text),
      added: passages.added.map(({ text }) => text),
    },
    settings: settingsChanged(before, state),
  };
}

/** Number of messages in context in `from` that a summary replaces in `to`: they are missing there, but not `removed`. */
function outOfContext(from: AgentState, to: AgentState, removed: readonly string[]): number {
  const known = new Set([...removed, ...to.queue.map(({ id }) => id)]);
  const count = (messages: readonly Message[]): number =>
    messages.filter((message) => !isSummary(message) && !known.has(message.id)).length;
  // The boot sequence leaves with real events; alone it leaves only if the agent starts over.
  return count(eventsOf(from)) === 0 ? 0 : count(from.queue);
}

/** The blocks that differ. A block missing on one side counts as empty there. */
export function blocksChanged(before: AgentState, after: AgentState): BlockChange[] {
  const labels = new Set([...before.blocks, ...after.blocks].map(({ label }) => label));
  return [...labels].flatMap((label) => {
    const [was, is] = [valueOf(before, label), valueOf(after, label)];
    return was === is ? [] : [{ label, before: was, after: is }];
  });
}

function valueOf({ blocks }: AgentState, label: string): string {
  return blocks.find((block) => block.label === label)?.value ?? "";
}

/** The settings that differ, in words. */
export function settingsChanged(before: AgentState, after: AgentState): string[] {
  const [was, is] = [before.settings, after.settings];
  const values: [name: string, was: string | number, is: string | number][] = [
    ["model", was.model, is.model],
    ["endpoint", was.endpoint ?? "the default", is.endpoint ?? "the default"],
    ["context window", was.contextWindow, is.contextWindow],
    ["kept checkpoints", was.keepCheckpoints, is.keepCheckpoints],
  ];
  const changes = values.filter(([, a, b]) => a !== b).map(([name, a, b]) => `${name}: ${a} → ${b}`);
  const prompt = before.system === after.system ? [] : ["system prompt"];
  const removed = before.functions
    .filter((name) => !after.functions.includes(name))
    .map((name) => `function ${name} removed`);
  const added = after.functions
    .filter((name) => !before.functions.includes(name))
    .map((name) => `function ${name} added`);
  return [...changes, ...prompt, ...removed, ...added, ...consentsChanged(before, after)];
}

function consentsChanged({ consents: was }: AgentState, { consents: is }: AgentState): string[] {
  const names = [...new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])];
  return names
    .map((name) => ({ name, before: was?.[name] ?? "ask", after: is?.[name] ?? "ask" }))
    .filter(({ before, after }) => before !== after)
    .map(({ name, before, after }) => `consent to ${name}: ${before} → ${after}`);
}
