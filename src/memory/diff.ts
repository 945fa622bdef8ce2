import type { AgentState } from "../schema/state.ts";
import { jsonOf } from "./json-of.ts";

/** One reversible change between two states. `before` and `after` are JSON values; null for an absent one. */
export type StateChange =
  | { readonly kind: "block"; readonly ref: string; readonly before: unknown; readonly after: unknown }
  | { readonly kind: "state"; readonly ref: string; readonly before: unknown; readonly after: unknown }
  | { readonly kind: "queue"; readonly ref: string; readonly before: Splice; readonly after: Splice };

/** The items from index `at` on that differ. Everything before and after them is the same in both states. */
export type Splice = { readonly at: number; readonly items: readonly unknown[] };

/** Everything that changed from one state to the next, small enough to keep for every step. */
export function diffStates(before: AgentState, after: AgentState): StateChange[] {
  const changes: StateChange[] = [];
  for (const ref of stateFields(before, after)) {
    if (ref === "queue" || ref === "blocks") continue;
    const [a, b] = [field(before, ref), field(after, ref)];
    if (!same(a, b)) changes.push({ kind: "state", ref, before: a, after: b });
  }
  return [...changes, ...diffBlocks(before, after), ...diffQueues(before, after)];
}

function stateFields(before: AgentState, after: AgentState): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])];
}

function field(state: AgentState, key: string): unknown {
  return Object.entries(state).find(([name]) => name === key)?.[1] ?? null;
}

/** Blocks are journalled one by one, each as a whole, unless labels were added, removed or renamed. */
function diffBlocks(before: AgentState, after: AgentState): StateChange[] {
  if (before.blocks === after.blocks) return [];
  const sameLabels = same(
    before.blocks.map((block) => block.label),
    after.blocks.map((block) => block.label),
  );
  if (!sameLabels) return [{ kind: "state", ref: "blocks", before: before.blocks, after: after.blocks }];
  return before.blocks.flatMap((block, index): StateChange[] => {
    const other = after.blocks[index];
    return same(block, other) ? [] : [{ kind: "block", ref: block.label, before: block, after: other }];
  });
}

function diffQueues(before: AgentState, after: AgentState): StateChange[] {
  const [a, b] = [before.queue, after.queue];
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && same(a[head], b[head])) head += 1;
  let tail = 0;
  while (tail < shorter - head && same(a[a.length - 1 - tail], b[b.length - 1 - tail])) tail += 1;
  if (head === a.length && head === b.length) return [];
  return [
    {
      kind: "queue",
      ref: "queue",
      before: { at: head, items: a.slice(head, a.length - tail) },
      after: { at: head, items: b.slice(head, b.length - tail) },
    },
  ];
}

function same(a: unknown, b: unknown): boolean {
  return a === b || json(a) === json(b);
}

function json(value: unknown): string | undefined {
  return typeof value === "object" && value !== null ? jsonOf(value) : JSON.stringify(value);
}

/** The state before `change`, which must be the newest one not yet undone. */
export function undoChange(state: AgentState, change: StateChange): Record<string, unknown> {
  switch (change.kind) {
    case "state":
      return { ...state, [change.ref]: change.before };
    case "block":
      return { ...state, blocks: state.blocks.map((block) => (block.label === change.ref ? change.before : block)) };
    case "queue": {
      const { at, items } = change.before;
      const queue: unknown[] = [...state.queue];
      queue.splice(at, change.after.items.length, ...items);
      return { ...state, queue };
    }
  }
}
