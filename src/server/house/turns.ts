import {
  type Agent,
  AgentHeldError,
  type Message,
  type SendOptions,
  MemGPTError,
  envelopeText,
  findSecrets,
  redact,
} from "../../index.ts";
import { Refusal } from "./refusal.ts";
import type { AgentEntry } from "./agents.ts";
import { type AnswerTo, answerCalls } from "./answers.ts";
import { uuidOf } from "./ids.ts";
import type { Owner } from "./owners.ts";
import type { Place } from "./place.ts";
import type { TurnItem } from "./turn-item.ts";

/** A message to an agent. */
export type TurnInput = {
  readonly text: string;
  /** The person, or the program around the agent. */
  readonly from: "user" | "system";
  /** The client's id for the message, the same in each retry. */
  readonly otid?: string | undefined;
  /** The message's position in a transcript that the client keeps. */
  readonly place?: Place | undefined;
  /** Whether the client marks the request as a retry. */
  readonly isRepeat: boolean;
  /** Answers to waiting calls, handled before the text. */
  readonly answers?: readonly AnswerTo[] | undefined;
  /** Options for this turn only. */
  readonly wishes?: Omit<SendOptions, "signal"> | undefined;
};

/** Milliseconds within which a retry with the same text counts as the same message. */
const REPEAT_WITHIN = 120_000;

/** The most messages of a turn that are read. */
const MOST_OF_A_TURN = 500;

/** Number of refusals by request. Nothing was stored for a refused one, so its retry counts as new. */
const refused = new Map<string, number>();
const MOST_REFUSED = 10_000;

/**
 * Runs one turn, after those queued before it. Clients retry a request that got no answer: if its message is stored already, this
 * yields the stored result and stores nothing twice.
 */
export async function* runTurn(
  owner: Owner,
  entry: AgentEntry,
  input: TurnInput,
  signal: AbortSignal,
): AsyncGenerator<TurnItem, void, void> {
  const key = uuidOf(owner.id, entry.id, input.text);
  const wasRefused = input.isRepeat && (refused.get(key) ?? 0) > 0;
  if (wasRefused) refused.delete(key);
  try {
    await owner.entrance.enter();
    yield* owner.stream(
      entry,
      (agent) => answer(agent, entry, { ...input, isRepeat: input.isRepeat && !wasRefused }, signal),
      signal,
    );
  } catch (error) {
    const isRefusal = error instanceof MemGPTError && error.code === "queue_full";
    if (isRefusal || error instanceof AgentHeldError) {
      if (refused.size > MOST_REFUSED) refused.clear();
      refused.set(key, (refused.get(key) ?? 0) + 1);
    }
    throw error;
  }
}

async function* answer(
  agent: Agent,
  entry: AgentEntry,
  input: TurnInput,
  signal: AbortSignal,
): AsyncGenerator<TurnItem, void, void> {
  const { text, from, otid, answers } = input;
  const options = { signal, ...input.wishes };
  if (answers !== undefined) yield* answerCalls(agent, answers, options, (message) => answerTo(agent, message));
  if (answers !== undefined && text === "") return;
  if (from === "system") return yield* agent.send({ type: "system_alert", message: text }, options);
  const id = input.place?.newId() ?? (otid === undefined ? undefined : uuidOf("otid", entry.id, otid));
  const known = await sentBefore(agent, entry, input);
  const instead = known === undefined || !input.isRepeat ? input.place?.replacedIn(agent.state.queue) : undefined;
  if (instead !== undefined) return yield* replaceMessage(agent, instead, { text, id, signal });
  if (known === undefined) {
    return yield* agent.send({ type: "user_message", message: text, id }, options);
  }
  yield* answered(agent, known, options);
}

/** The stored result of a message. A turn that stopped before its reply continues. */
export async function* answered(
  agent: Agent,
  known: Message,
  options: SendOptions,
): AsyncGenerator<TurnItem, void, void> {
  const after = await answerTo(agent, known);
  for (const message of after) yield { type: "stored", message };
  const isAnswered = after.some((message) => message.role === "function" && message.name === "send_message");
  const isWaiting = after.some((message) => message.role === "function" && message.pending === true);
  if (!isAnswered && !isWaiting && newestUserMessage(agent) === known.id) yield* goOn(agent, options);
}

/** Undoes a message and all that followed it, memory included, and sends another in its place. */
export async function* replaceMessage(
  agent: Agent,
  replaced: string,
  { text, ...options }: SendOptions & { readonly text: string; readonly id?: string | undefined },
): AsyncGenerator<TurnItem, void, void> {
  // A message that was evicted returns to the context as the turns after it are undone.
  while (!agent.state.queue.some(({ id }) => id === replaced)) {
    const { actions } = await agent.undo();
    if (actions.length === 0) break;
  }
  yield* agent.retry({ message: text, from: replaced, ...options });
}

/** The person's newest message in context. */
function newestUserMessage({ state }: Agent): string | undefined {
  return state.queue.findLast((message) => message.role === "user" && message.event === "user_message")?.id;
}

/** Continues a turn that was interrupted. */
export async function* goOn(agent: Agent, options: SendOptions): AsyncGenerator<TurnItem, void, void> {
  const reason = "The turn broke off before you were done. Go on where you left off, and answer if you have not.";
  yield* agent.send({ type: "heartbeat", reason }, options);
}

/** The stored message of a retried request; undefined for a new one. */
async function sentBefore(
  agent: Agent,
  entry: AgentEntry,
  { text, otid, isRepeat }: TurnInput,
): Promise<Message | undefined> {
  if (otid !== undefined) {
    const stored = await agent.recall.get(uuidOf("otid", entry.id, otid));
    if (stored !== undefined && !(await says(stored, text))) throw otidTaken(otid);
    return stored;
  }
  if (!isRepeat) return undefined;
  const newest = agent.state.queue.findLast((message) => message.role === "user" && message.event === "user_message");
  if (newest === undefined || Date.now() - Date.parse(newest.createdAt) > REPEAT_WITHIN) return undefined;
  const stored = await agent.recall.get(newest.id);
  return stored !== undefined && (await says(stored, text)) ? stored : undefined;
}

/** Whether a stored message has this text, as sent or with its secrets redacted. */
async function says(stored: Message, text: string): Promise<boolean> {
  if (stored.role !== "user") return false;
  const storedText = envelopeText(stored.content);
  return storedText === text || storedText === redact(text, await findSecrets(text));
}

function otidTaken(otid: string): Refusal {
  const detail = `The otid ${otid} belongs to another message of this agent. Nothing was sent; give each message its own otid.`;
  return new Refusal(409, "otid_taken", detail, { "x-should-retry": "false" });
}

/** What was stored after a message, up to the person's next one. */
async function answerTo(agent: Agent, { id }: Message): Promise<Message[]> {
  const after = await agent.recall.list({ newestFirst: false, after: id, count: MOST_OF_A_TURN });
  const next = after.findIndex(
    (message) => message.role === "user" && (message.event === "user_message" || message.event === "login"),
  );
  // Leaves out heartbeats and alerts, which have the role `user` too.
  return (next < 0 ? after : after.slice(0, next)).filter(({ role }) => role !== "user");
}
