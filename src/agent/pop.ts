import { FUNCTION_FIELDS } from "../functions/effects.ts";
import { withBlock } from "../memory/blocks.ts";
import { alertOf } from "../memory/message-kind.ts";
import { firstEvent } from "../memory/queue.ts";
import { type AgentState, type Block, agentStateSchema, blockSchema } from "../schema/state.ts";
import type { Passage } from "../schema/passage.ts";
import type { Popped } from "../schema/timeline.ts";
import type { AgentStore } from "../ports/agent-store.ts";
import type { Change } from "../ports/history.ts";
import type { JournalEntry } from "../ports/journal.ts";
import { settingsChanged, blocksChanged } from "./changes.ts";

/** The change that pops messages, and its report for the person. */
export type Pop = { readonly change: Pick<Change, "state" | "retracted">; readonly popped: Popped };

/**
 * The index in the queue from which `count` messages are popped. If it would separate a call from its return, it moves back to
 * the call. The summary at the head of the queue and the boot sequence are never popped.
 */
export function popFrom(state: AgentState, count: number): number {
  const head = state.queue[0];
  const isSummary = head?.role === "user" && head.event === "summary";
  const first = Math.max(firstEvent(state), isSummary ? 1 : 0);
  let from = Math.max(first, state.queue.length - count);
  while (from > first && state.queue[from]?.role === "function") from -= 1;
  return from;
}

/**
 * Plans to remove the messages from index `from` on, in the queue and in recall, and to revert what they wrote: edits of core
 * memory, passages, settings. Anything that was changed again since stays.
 */
export async function planPop(
  state: AgentState,
  from: number,
  { history, archival }: Pick<AgentStore, "history" | "archival">,
): Promise<Omit<Pop, "popped"> & { readonly popped: Omit<Popped, "asked"> }> {
  const messages = state.queue.slice(from);
  const thoughts = messages.filter((message) => message.role === "assistant").reverse();
  let restored = state;
  const kept = new Set<string>();
  const passages: Passage[] = [];
  for (const { id } of thoughts) {
    for (const entry of (await history.journal.causedBy(id)).reverse()) {
      if (entry.kind === "passage") passages.push(...(await inserted(entry, archival)));
      else if (entry.kind === "state") restored = withoutSetting(restored, entry);
      else restored = { ...restored, blocks: withoutEdit(restored.blocks, entry, kept) };
    }
  }
  const wasWarned = messages.some((message) => alertOf(message) === "memory_pressure");
  const next: AgentState = {
    ...restored,
    queue: state.queue.slice(0, from),
    pressure: wasWarned ? { ...state.pressure, alerted: false } : state.pressure,
  };
  return {
    change: {
      state: next,
      retracted: { messages: messages.map(({ id }) => id), passages: passages.map(({ id }) => id) },
    },
    popped: {
      messages,
      kept: [...kept],
      change: {
        messages: { removed: messages.length, added: 0, rewritten: 0 },
        evicted: 0,
        blocks: blocksChanged(state, next),
        passages: { removed: passages.map(({ text }) => text), added: [] },
        settings: settingsChanged(state, next),
      },
    },
  };
}

/** The passage that the entry inserted, if it still exists. */
async function inserted({ ref, after }: JournalEntry, archival: AgentStore["archival"]): Promise<Passage[]> {
  const passage = after === null ? undefined : await archival.get(ref);
  return passage === undefined ? [] : [passage];
}

/** The state with the entry's field as it was before, if functions may change it and nothing changed it since. */
function withoutSetting(state: AgentState, { ref, before, after }: JournalEntry): AgentState {
  const field = FUNCTION_FIELDS.find((name) => name === ref);
  if (field === undefined || JSON.stringify(state[field]) !== after) return state;
  return { ...state, [field]: agentStateSchema().shape[field].parse(JSON.parse(before ?? "null")) };
}

function withoutEdit(blocks: Block[], { ref, before, after }: JournalEntry, kept: Set<string>): Block[] {
  const [was, became] = [asBlock(before), asBlock(after)];
  const now = blocks.find(({ label }) => label === ref);
  const isSame = now !== undefined && now.value === became?.value && (became.id ?? now.id) === now.id;
  if (was !== undefined && isSame) return withBlock(blocks, ref, was.value);
  kept.add(ref);
  return blocks;
}

function asBlock(json: string | null): Block | undefined {
  return blockSchema().safeParse(JSON.parse(json ?? "null")).data;
}
