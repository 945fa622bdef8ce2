import type { AgentState } from "../schema/state.ts";
import type { BlockChange, MemoryChange } from "../schema/timeline.ts";
import type { Travel } from "../storage/interfaces.ts";

export const NO_CHANGE: MemoryChange = {
  messages: { removed: 0, added: 0, rewritten: 0 },
  evicted: 0,
  blocks: [],
  passages: { removed: [], added: [] },
  settings: [],
};

/** What a travel changed, for a person to read. */
export function changeOf({ before, state, messages, passages }: Travel): MemoryChange {
  // A summary is no message that anybody sent.
  const summaries = new Set([summaryOf(before), summaryOf(state)]);
  const counted = (ids: readonly string[]): number => ids.filter((id) => !summaries.has(id)).length;
  const { removed, added, rewritten } = messages;
  return {
    messages: { removed: counted(removed), added: counted(added), rewritten: rewritten.length },
    evicted: state.evicted - before.evicted,
    blocks: blocksChanged(before, state),
    passages: {
      removed: passages.removed.map(({ text }) => text),
      added: passages.added.map(({ text }) => text),
    },
    settings: settingsChanged(before, state),
  };
}

function summaryOf({ queue: [head] }: AgentState): string | undefined {
  return head?.role === "user" && head.event === "summary" ? head.id : undefined;
}

/** The blocks that say something else; one that only one side has is empty on the other. */
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

/** What a person chose that is another now, in words. */
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
  const gone = before.functions
    .filter((name) => !after.functions.includes(name))
    .map((name) => `function ${name} removed`);
  const added = after.functions
    .filter((name) => !before.functions.includes(name))
    .map((name) => `function ${name} added`);
  return [...changes, ...prompt, ...gone, ...added];
}
