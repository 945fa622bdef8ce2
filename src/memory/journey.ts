import { MemGPTError } from "../errors.ts";
import type { JournalEntry, JournalReader } from "../ports/journal.ts";
import { type Message, messageSchema } from "../schema/message.ts";
import { type AgentState, agentStateSchema } from "../schema/state.ts";
import type { Held } from "../schema/quarantine.ts";
import { type StateChange, undoChange } from "./diff.ts";
import { jsonOf } from "./json-of.ts";
import { heldIn, isRelease } from "./released.ts";

// The journal is a tree of states, stored in the order of time. A `position` entry returns to the state after an earlier
// operation. So every operation has a parent, and a journey undoes operations up to the nearest common ancestor and redoes
// operations down to its destination. Its cost is the number of operations in between.

/** The changes that take storage from one state to another, in the order in which they must be made. */
export type Journey = {
  /** The operations it leads from and to; equal if there is nothing to do. */
  readonly from: number;
  readonly to: number;
  readonly state: AgentState;
  readonly messages: readonly MessageChange[];
  readonly passages: readonly { readonly id: string; readonly live: boolean }[];
  /** Writes held back again, and ids of those released again. */
  readonly held: readonly Held[];
  readonly released: readonly string[];
  /** The net effect: ids of messages, without summaries, and of passages. */
  readonly outcome: {
    readonly messages: {
      readonly removed: readonly string[];
      readonly added: readonly string[];
      readonly rewritten: readonly string[];
    };
    readonly passages: { readonly removed: readonly string[]; readonly added: readonly string[] };
  };
};

/** A message appears, disappears or is reworded. */
export type MessageChange = { readonly id: string; readonly live: boolean } | { readonly rewritten: Message };

/** Plans the journey from the state `current` to the state right after `op`. Id and name stay. */
export async function planJourney(op: number, current: AgentState, journal: JournalReader): Promise<Journey> {
  const [from, to] = [await positionAt(await journal.head(), journal), await positionAt(op, journal)];
  const path = await pathBetween(from, to, journal);
  const known = new Map(await recalledIn(path, journal));
  const trail = new Trail();
  const messages: MessageChange[] = [];
  const passages: { id: string; live: boolean }[] = [];
  const quarantine = new Map<string, Held | null>();
  let state = current;
  for (const entry of path) {
    const { kind, ref, before, after } = entry;
    if (kind === "message" && before !== null && after !== null) {
      const rewritten = messageSchema().parse(JSON.parse(after));
      messages.push({ rewritten });
      // Later changes of the queue refer to this wording.
      known.set(ref, JSON.stringify(rewritten));
      trail.rewriting(ref, before, after);
    } else if (kind === "message") {
      messages.push({ id: ref, live: after !== null });
      const json = known.get(ref);
      // Summaries do not count: nobody sent them.
      if (json !== undefined && !isSummary(json)) trail.message(ref, after === null ? "removed" : "added");
    } else if (kind === "passage") {
      passages.push({ id: ref, live: after !== null });
      trail.passage(ref, after === null ? "removed" : "added");
    } else if (isRelease(entry)) {
      for (const { id } of heldIn(before)) quarantine.set(id, null);
      for (const held of heldIn(after)) quarantine.set(held.id, held);
    } else {
      state = applied(entry, state, known);
    }
  }
  const { id, name } = current;
  const arrived = { ...agentStateSchema().parse(state), id, name };
  // The way back visits the newest first.
  const held = [...quarantine.values()].filter((item) => item !== null).toReversed();
  const released = [...quarantine].flatMap(([id, item]) => (item === null ? [id] : []));
  return { from, to, state: arrived, messages, passages, held, released, outcome: trail.outcome() };
}

/** Rebuilds the current state from `earlier`, the state right after `op`. */
export async function presentFrom(op: number, earlier: AgentState, journal: JournalReader): Promise<AgentState> {
  const [from, to] = [await positionAt(op, journal), await positionAt(await journal.head(), journal)];
  const path = await pathBetween(from, to, journal);
  const known = await recalledIn(path, journal);
  let state = earlier;
  for (const entry of path) {
    const isBeside = entry.kind === "message" || entry.kind === "passage" || isRelease(entry);
    if (!isBeside) state = applied(entry, state, known);
  }
  return agentStateSchema().parse(state);
}

/** Whether the journal reaches back to the state after `op`. It does not if the database was lost since. */
export async function reaches(op: number, journal: JournalReader): Promise<boolean> {
  const first = await journal.first();
  return first <= 1 || op >= first;
}

/** Returns a test whether the current state descends from an operation. Its cost grows with the number of journeys. */
export async function descentTest(journal: JournalReader): Promise<(op: number) => boolean> {
  const runs = await runsOfDescent(journal);
  return (op) => runs.some(({ from, to }) => op > from && op <= to);
}

/** The operations that the current state does not descend from: the first and last of each run. */
export async function undoneBranches(journal: JournalReader): Promise<[first: number, last: number][]> {
  const branches: [number, number][] = [];
  // A journey at the head belongs to the current state, and so do the checkpoints after it.
  const head = await journal.head();
  let last = (await positionAt(head, journal)) === head ? head : head - 1;
  for (const { from, to } of await runsOfDescent(journal)) {
    if (to < last) branches.push([to + 1, last]);
    last = from - 1;
  }
  if (last > 0) branches.push([1, last]);
  return branches;
}

/** The runs of operations that lead to the current state, newest first: those after `from` up to `to`. */
async function runsOfDescent(journal: JournalReader): Promise<{ from: number; to: number }[]> {
  const runs: { from: number; to: number }[] = [];
  for (let to = await positionAt(await journal.head(), journal); to > 0;) {
    const jump = await journal.journeyBefore(to);
    runs.push({ from: jump?.op ?? 0, to });
    to = jump?.to ?? 0;
  }
  return runs;
}

/** The operation whose result is the state after `op`: the nearest existing one up to `op`, or the destination of a journey. */
async function positionAt(op: number, journal: JournalReader): Promise<number> {
  const row = await journal.newest(op);
  if (row !== undefined) return row.to ?? row.op;
  return (await reaches(op, journal)) ? 0 : journal.first();
}

/** The entries between two operations, in the order and direction in which to apply them. */
async function pathBetween(from: number, to: number, journal: JournalReader): Promise<JournalEntry[]> {
  const [back, ahead]: [JournalEntry[], JournalEntry[][]] = [[], []];
  let [here, there] = [from, to];
  while (here !== there) {
    const [low, high] = here > there ? [there, here] : [here, there];
    const jump = await journal.journeyBefore(high);
    const isCrossed = jump !== undefined && jump.op > low;
    const run = await journal.entries(isCrossed ? jump.op : low, high);
    const next = isCrossed ? jump.to : low;
    if (here > there) {
      back.push(...run.toReversed().map((entry) => ({ ...entry, before: entry.after, after: entry.before })));
      here = next;
    } else {
      ahead.push(run);
      there = next;
    }
  }
  return [...back, ...ahead.reverse().flat()];
}

/** The messages, as JSON, that entries of `path` refer to by id. */
async function recalledIn(path: readonly JournalEntry[], journal: JournalReader): Promise<ReadonlyMap<string, string>> {
  const ids = path.flatMap((entry) => {
    if (entry.kind === "message") return [entry.ref];
    if (entry.kind !== "queue") return [];
    return [parsed(entry.before), parsed(entry.after)].flatMap((value) => splice(value).items).filter(isId);
  });
  return journal.messages([...new Set(ids)]);
}

function applied(entry: JournalEntry, state: AgentState, known: ReadonlyMap<string, string>): AgentState {
  // `undoChange` goes from after to before, so the two are swapped.
  const [before, after] = [parsed(entry.after), parsed(entry.before)];
  switch (entry.kind) {
    case "block":
    case "state":
      return asState(undoChange(state, { kind: entry.kind, ref: entry.ref, before, after }));
    case "queue": {
      const change = { before: wholeSplice(before, known), after: wholeSplice(after, known) };
      return asState(undoChange(state, { kind: entry.kind, ref: entry.ref, ...change }));
    }
    case "message":
    case "passage":
    case "position":
      throw damaged();
  }
}

/** The journal entry of a state change. Messages that are in recall word for word (`isRecalled`) are replaced by their ids. */
export function journalled(
  change: StateChange,
  isRecalled: (id: string, json: string) => boolean,
): Pick<JournalEntry, "kind" | "ref" | "before" | "after"> {
  const shorten = (value: unknown): unknown => {
    if (change.kind !== "queue") return value;
    const { at, items } = splice(value);
    return { at, items: items.map((item) => shortened(item, isRecalled)) };
  };
  const [before, after] = [shorten(change.before), shorten(change.after)].map((value) => JSON.stringify(value));
  return { kind: change.kind, ref: change.ref, before: before ?? null, after: after ?? null };
}

function shortened(item: unknown, isRecalled: (id: string, json: string) => boolean): unknown {
  if (typeof item !== "object" || item === null || !("id" in item) || typeof item.id !== "string") return item;
  return isRecalled(item.id, jsonOf(item)) ? item.id : item;
}

function wholeSplice(value: unknown, known: ReadonlyMap<string, string>): { at: number; items: unknown[] } {
  const { at, items } = splice(value);
  const whole = items.map((item) => {
    if (!isId(item)) return item;
    const json = known.get(item);
    if (json !== undefined) return JSON.parse(json) as unknown;
    throw new MemGPTError("storage_failed", `Message ${item} of the journal is missing. Nothing was changed.`);
  });
  return { at, items: whole };
}

type Change = "added" | "removed";
type Ends = { readonly first: Change; readonly last: Change };

/** Collects what appeared, disappeared or was reworded on a journey. First and last change of each give the net effect. */
class Trail {
  readonly #messages = new Map<string, Ends>();
  readonly #passages = new Map<string, Ends>();
  readonly #wordings = new Map<string, { readonly first: string; readonly last: string }>();

  message(id: string, change: Change): void {
    this.#messages.set(id, { first: this.#messages.get(id)?.first ?? change, last: change });
  }

  passage(id: string, change: Change): void {
    this.#passages.set(id, { first: this.#passages.get(id)?.first ?? change, last: change });
  }

  rewriting(id: string, before: string, after: string): void {
    this.#wordings.set(id, { first: this.#wordings.get(id)?.first ?? before, last: after });
  }

  outcome(): Journey["outcome"] {
    const only = (changes: ReadonlyMap<string, Ends>, change: Change): string[] =>
      [...changes].filter(([, { first, last }]) => first === change && last === change).map(([id]) => id);
    const rewritten = [...this.#wordings].filter(([id, { first, last }]) => first !== last && this.#stayed(id));
    return {
      messages: {
        removed: only(this.#messages, "removed"),
        added: only(this.#messages, "added"),
        rewritten: rewritten.map(([id]) => id),
      },
      passages: { removed: only(this.#passages, "removed"), added: only(this.#passages, "added") },
    };
  }

  /** Whether the message exists at both ends of the journey. */
  #stayed(id: string): boolean {
    const way = this.#messages.get(id);
    return way === undefined || (way.first === "removed" && way.last === "added");
  }
}

function isSummary(json: string): boolean {
  const message = messageSchema().parse(JSON.parse(json));
  return message.role === "user" && message.event === "summary";
}

function isId(item: unknown): item is string {
  return typeof item === "string";
}

function parsed(json: string | null): unknown {
  return JSON.parse(json ?? "null");
}

/** Fields are checked once all entries are applied. */
function asState(value: Record<string, unknown>): AgentState {
  return value as unknown as AgentState;
}

function splice(value: unknown): { at: number; items: unknown[] } {
  if (typeof value === "object" && value !== null && "at" in value && "items" in value) {
    if (typeof value.at === "number" && Array.isArray(value.items)) return { at: value.at, items: value.items };
  }
  throw damaged();
}

function damaged(): MemGPTError {
  return new MemGPTError("storage_failed", "An entry of the journal is damaged. Nothing was changed.");
}
