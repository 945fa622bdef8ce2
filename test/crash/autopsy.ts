import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { spokenText } from "../../src/memory/envelope.ts";
import { type Message, messageSchema } from "../../src/schema/message.ts";
import { type AgentState, agentStateSchema, blockSchema } from "../../src/schema/state.ts";
import { readCheckpointText } from "../../src/storage/files/checkpoint-text.ts";
import { draftOf, messageOf } from "./messages.ts";

/** What is wrong with an agent, by kind. Empty lists are what they should be. */
export type Findings = {
  /** The file, an index or a count does not fit the rest. */
  readonly integrity: string[];
  /** Something was acknowledged and is gone, or is there twice. */
  readonly lost: string[];
  /** A step is there in part. */
  readonly halfSteps: string[];
};

export type Autopsy = {
  readonly findings: Findings;
  /** Highest number of a message in recall storage; 0 if there is none. */
  readonly highest: number;
  readonly state: AgentState | undefined;
  readonly operations: number;
  /** How much of each kind of work there was, to show that there was something to lose. */
  readonly work: { readonly blockEdits: number; readonly passages: number; readonly flushes: number };
};

export const UNBORN = { highest: 0, state: undefined, operations: 0, work: { blockEdits: 0, passages: 0, flushes: 0 } };

/** Causes of changes that are not messages. */
const COMMANDS =
  /^(?:queue_flush|settings|restore|undo|redo|cancel|import of .*|reindex.*|\/(?:retry|edit|load|wipe).*)$/;

/** What must be there. */
export type Acknowledged = {
  /** The last message that was acknowledged, 0 for none. */
  readonly last: number;
  /** A message that was said, and is there unless its edit is. */
  readonly draft?: number | undefined;
  /** Whether a wipe was going on, so that there may be nothing at all. */
  readonly wiping?: boolean | undefined;
};

/** What an agent left, as it was read without the code that wrote it. */
export type Remains = {
  /** JSON; undefined if there is no state. */
  readonly state: string | undefined;
  /** JSON of the live messages, oldest first. */
  readonly messages: readonly string[];
  readonly journal: readonly unknown[];
  /** Ids of all that was ever said and kept. */
  readonly ids: { readonly message: readonly string[]; readonly passage: readonly string[] };
  readonly checkpoints: readonly { readonly file: string; readonly json: string }[];
};

/** Holds what is left against what was acknowledged, and against itself. */
export function judge(remains: Remains, acknowledged: Acknowledged, findings: Findings): Autopsy {
  const state = readState(remains.state, findings.integrity);
  const messages = readMessages(remains.messages, findings.integrity);
  const highest = checkAcknowledged(messages, acknowledged, findings.lost);
  const journal = z.array(entrySchema).parse(remains.journal);
  if (state !== undefined) {
    checkSteps("recall", messages, findings.halfSteps);
    checkSteps("queue", state.queue, findings.halfSteps);
    const imported = new Set(journal.filter(({ cause }) => cause.startsWith("import of")).map(({ ref }) => ref));
    const talked = messages.filter(({ id }) => !imported.has(id));
    checkQueue(state, talked, findings.halfSteps);
  }
  checkJournal(remains.ids, journal, findings.halfSteps);
  if (state !== undefined) checkReplay(journal, state, findings.halfSteps);
  checkCheckpoints(remains.checkpoints, journal.length, findings.integrity);
  const of = (kind: string): number => journal.filter((entry) => entry.kind === kind).length;
  const flushes = new Set(journal.filter(({ cause }) => cause === "queue_flush").map(({ at }) => at)).size;
  const work = { blockEdits: of("block"), passages: of("passage"), flushes };
  return { findings, highest, state, operations: journal.length, work };
}

function readState(json: string | undefined, faults: string[]): AgentState | undefined {
  if (json === undefined) return undefined;
  const parsed = agentStateSchema().safeParse(JSON.parse(json));
  if (!parsed.success) faults.push(`the state does not parse: ${parsed.error.message}`);
  return parsed.data;
}

function readMessages(rows: readonly string[], faults: string[]): Message[] {
  return rows.flatMap((json) => {
    const parsed = messageSchema().safeParse(JSON.parse(json));
    if (!parsed.success) faults.push(`a message does not parse: ${parsed.error.message}`);
    return parsed.success ? [parsed.data] : [];
  });
}

/** Every message up to the last acknowledged one is there once, word for word; one more may be. @returns the highest. */
function checkAcknowledged(
  messages: readonly Message[],
  { last: acknowledged, draft, wiping = false }: Acknowledged,
  lost: string[],
): number {
  const times = new Map<string, number>();
  for (const message of messages) {
    const said = message.role === "user" ? spokenText(message) : undefined;
    if (said !== undefined) times.set(said, (times.get(said) ?? 0) + 1);
  }
  if (wiping && times.size === 0) return 0;
  if (draft !== undefined) {
    const [drafts = 0, edited = 0] = [draftOf(draft), messageOf(draft)].map((text) => times.get(text));
    if (drafts + edited !== 1) lost.push(`draft ${draft} is there ${drafts} times, and its edit ${edited} times`);
  }
  let highest = 0;
  while (times.has(messageOf(highest + 1))) highest += 1;
  for (let number = 1; number <= Math.max(acknowledged, highest); number += 1) {
    const found = times.get(messageOf(number)) ?? 0;
    if (found !== 1) lost.push(`message ${number} is ${found} times in recall storage`);
  }
  if (highest > acknowledged + 1) lost.push(`message ${highest} is there although ${acknowledged} was the last`);
  return highest;
}

/** Every assistant message is followed by the returns of its calls, and no return stands alone. */
function checkSteps(where: string, messages: readonly Message[], faults: string[]): void {
  let due: string[] = [];
  for (const message of messages) {
    if (message.role === "function") {
      if (due.shift() !== message.callId) faults.push(`${where}: return ${message.id} belongs to no call before it`);
      continue;
    }
    if (due.length > 0) faults.push(`${where}: calls ${due.join()} before ${message.id} have no return`);
    due = message.role === "assistant" ? message.calls.map(({ id }) => id) : [];
  }
  if (due.length > 0) faults.push(`${where}: the last calls ${due.join()} have no return`);
}

/** What is in the queue is in recall storage in the same order, and the newest message of both is the same. */
function checkQueue(state: AgentState, messages: readonly Message[], faults: string[]): void {
  const place = new Map(messages.map((message, index) => [message.id, index]));
  // What an agent is shown of its own form when it is made, or wiped, is in no storage. Somebody speaks first after it.
  const begin = state.evicted > 0 ? 0 : state.queue.findIndex(({ role }) => role === "user");
  const queue = begin < 0 ? [] : state.queue.slice(begin);
  const places = queue.map(({ id }) => place.get(id));
  const missing = queue.filter(({ id }) => !place.has(id)).map(({ id }) => id);
  if (missing.length > 0) faults.push(`queue: ${missing.join()} are not in recall storage`);
  // A summary stands first although it is younger than what follows it.
  const order = queue[0]?.role === "user" && queue[0].event === "summary" ? places.slice(1) : places;
  if (order.some((at, index) => index > 0 && (at ?? 0) <= (order[index - 1] ?? 0))) {
    faults.push("queue: its messages are not in the order of recall storage");
  }
  const newest = messages.findLast((message) => !(message.role === "user" && message.event === "summary"));
  if (messages.length > 0 && queue.at(-1)?.id !== newest?.id)
    faults.push("queue: the newest message of recall storage is not its last");
}

const entrySchema = z.object({
  op: z.number(),
  at: z.string(),
  cause: z.string(),
  kind: z.string(),
  ref: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
});
type Entry = z.infer<typeof entrySchema>;

/** The journal has no gap, every cause is known, and what it says was added is there. */
function checkJournal({ message, passage }: Remains["ids"], journal: readonly Entry[], faults: string[]): void {
  const known = { message: new Set(message), passage: new Set(passage) };
  for (const [index, { op, cause, kind, ref }] of journal.entries()) {
    if (op !== index + 1) faults.push(`journal: operation ${op} where ${index + 1} was due`);
    if (!COMMANDS.test(cause) && !known.message.has(cause)) faults.push(`journal: operation ${op} has no cause`);
    if ((kind === "message" || kind === "passage") && !known[kind].has(ref)) {
      faults.push(`journal: operation ${op} added ${kind} ${ref}, which is not there`);
    }
  }
  const added = new Set(journal.map(({ kind, ref }) => `${kind} ${ref}`));
  for (const id of known.passage) if (!added.has(`passage ${id}`)) faults.push(`journal: passage ${id} is missing`);
  for (const id of known.message) if (!added.has(`message ${id}`)) faults.push(`journal: message ${id} is missing`);
}

/** The last thing the journal says of each block and field is what the state holds. */
function checkReplay(journal: readonly Entry[], state: AgentState, faults: string[]): void {
  // What lies before a journey holds only where the journey led.
  const from = journal.findLastIndex(({ kind }) => kind === "position") + 1;
  const last = new Map(journal.slice(from).map((entry) => [`${entry.kind} ${entry.ref}`, entry]));
  for (const { op, kind, ref, after } of last.values()) {
    const value: unknown = JSON.parse(after ?? "null");
    const held =
      kind === "block"
        ? state.blocks.find(({ label }) => label === ref)
        : Object.entries(state).find(([field]) => field === ref)?.[1];
    if (kind === "block" && !isDeepStrictEqual(blockSchema().parse(value), held)) {
      faults.push(`journal: block ${ref} is not as operation ${op} left it`);
    }
    if (kind === "state" && !isDeepStrictEqual(value, held)) {
      faults.push(`journal: ${ref} is not as operation ${op} left it`);
    }
  }
}

/** Every checkpoint can be read, and none knows of operations that are not there. */
function checkCheckpoints(checkpoints: Remains["checkpoints"], head: number, faults: string[]): void {
  for (const { file, json } of checkpoints) {
    const read = readCheckpointText(json);
    if (!("state" in read)) faults.push(`checkpoint ${file} cannot be read: ${JSON.stringify(read)}`);
    else if (read.op > head) faults.push(`checkpoint ${file} is of operation ${read.op}, the journal ends at ${head}`);
  }
}
