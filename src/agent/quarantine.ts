import { envelopeText, parseJson } from "../memory/envelope.ts";
import type { Executed } from "../functions/executor.ts";
import type { AgentFunction } from "../functions/define.ts";
import type { FunctionCall } from "../schema/message.ts";
import type { Held, HeldWrite } from "../schema/quarantine.ts";
import { ownWords } from "../schema/own-words.ts";
import type { AgentState } from "../schema/state.ts";
import type { Suspicion, findSuspicion } from "../trust/poison/find-suspicion.ts";

/**
 * What happens to a write to memory that looks like poison. `on`: it is held back, but a person's own words are stored with a
 * warning. `warn`: every such write is stored with a warning. `off`: nothing is checked.
 */
export type QuarantinePolicy = "off" | "warn" | "on";

export type SortContext = {
  readonly policy: QuarantinePolicy;
  readonly newId: () => string;
  readonly at: string;
  /** Whether the texts are independent, so that instructions cannot be split over two of them. */
  readonly isApart?: boolean | undefined;
  /** Awaited now and then with the number of texts checked so far. An error it throws ends the work. */
  readonly pause?: ((done: number) => Promise<void>) | undefined;
};

/** Texts between two pauses. Checking this many takes some tenths of a second. */
const AT_A_TIME = 500;

/** The texts that may be stored, those held back, and notices for a person. */
export type SortedTexts<T> = {
  readonly stored: readonly T[];
  readonly held: readonly Held[];
  readonly notices: readonly string[];
};

/** Loads the rules and their word lists when something is first written to memory. */
export async function loadRules(): Promise<typeof findSuspicion> {
  return (loaded ??= (await import("../trust/poison/find-suspicion.ts")).findSuspicion);
}

let loaded: typeof findSuspicion | undefined;

/** Checks texts that others wrote. Each is read together with the end of the one before it. */
export async function sortTexts<T extends { readonly text: string }>(
  items: readonly T[],
  writeOf: (item: T) => HeldWrite,
  { policy, newId, at, pause, isApart = false }: SortContext,
): Promise<SortedTexts<T>> {
  if (policy === "off") return { stored: items, held: [], notices: [] };
  const find = await loadRules();
  const stored: T[] = [];
  const held: Held[] = [];
  let suspected = 0;
  let before = "";
  for (const [index, item] of items.entries()) {
    if (index % AT_A_TIME === 0) await pause?.(index);
    const suspicion = find(item.text, before);
    before = isApart ? "" : item.text;
    if (suspicion !== undefined) suspected += 1;
    if (suspicion === undefined || policy === "warn") stored.push(item);
    else held.push(heldAs(writeOf(item), suspicion, { newId, at }));
  }
  if (held.length > 0) return { stored, held, notices: [heldNotice(held)] };
  return { stored, held, notices: suspected === 0 ? [] : [warning(suspected)] };
}

/** The calls of one answer. Those held back are replaced by what the model and later readers see instead. */
export type SortedCalls = {
  readonly calls: readonly FunctionCall[];
  /** By the id of the call. */
  readonly held: ReadonlyMap<string, Held>;
  readonly notices: readonly string[];
};

/** Checks what the model is about to write to memory. */
export async function sortCalls(
  calls: readonly FunctionCall[],
  { state, functions, policy, newId, at }: SortContext & SortingState,
): Promise<SortedCalls> {
  const held = new Map<string, Held>();
  const writes = (call: FunctionCall): boolean => functions.get(call.name)?.kind === "memory_write";
  if (policy === "off" || !calls.some(writes)) return { calls, held, notices: [] };
  const find = await loadRules();
  let warned = 0;
  const shown = calls.map((call) => {
    if (!writes(call)) return call;
    const suspicion = find(textIn(call.arguments));
    if (suspicion === undefined) return call;
    if (policy === "warn" || isPersonsOwn(state, suspicion, find)) {
      warned += 1;
      return call;
    }
    const { name, arguments: written } = call;
    const item = heldAs({ type: "call", name, arguments: written }, suspicion, { newId, at });
    held.set(call.id, item);
    return { ...call, arguments: JSON.stringify({ held_back: item.id }) };
  });
  const notices = held.size > 0 ? [heldNotice([...held.values()])] : warned > 0 ? [warning(warned)] : [];
  return { calls: shown, held, notices };
}

type SortingState = {
  /** The agent's state with the messages of this step. */
  readonly state: AgentState;
  readonly functions: ReadonlyMap<string, AgentFunction>;
};

/** The texts among the arguments of a call; the raw arguments if they are not JSON. */
export function textIn(args: string): string {
  const texts: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === "string") texts.push(value);
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(collect);
  };
  const parsed = parseJson(args);
  collect(parsed);
  return parsed === undefined ? args : texts.join("\n");
}

/** What the model reads instead of the return of a call that was held back. */
export const HELD_BACK: Executed = {
  kind: "memory_write",
  status: "OK",
  output:
    "Held back: this text reads like instructions to you. It is stored once the person has looked at it. Do not repeat the call.",
  effects: [],
  hits: [],
  heartbeat: false,
  foreign: false,
};

/** Whether the suspicious text repeats what the person just said: then the model only notes the person's own words. */
function isPersonsOwn({ queue }: AgentState, { rule }: Suspicion, find: typeof findSuspicion): boolean {
  const said = queue.findLast((message) => message.role === "user" && message.event === "user_message");
  const text = said === undefined ? undefined : envelopeText(said.content ?? "");
  return text !== undefined && find(ownWords(text))?.rule === rule;
}

function heldAs(write: HeldWrite, { rule, excerpt }: Suspicion, { newId, at }: Omit<SortContext, "policy">): Held {
  return { id: newId(), at, rule, excerpt, write };
}

function heldNotice(held: readonly Held[]): string {
  const [first] = held;
  const what = held.length === 1 ? "1 write to memory" : `${held.length} writes to memory`;
  const which = first === undefined ? "" : ` (${first.rule}: "${first.excerpt}")`;
  return `Held back ${what} that read like instructions to the agent${which}. Review with memgpt quarantine.`;
}

function warning(count: number): string {
  const what = count === 1 ? "A text" : `${count} texts`;
  return `${what} stored in memory read like instructions to the agent. /undo takes this back.`;
}
