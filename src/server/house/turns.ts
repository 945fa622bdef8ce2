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

/** What an agent is sent. */
export type TurnInput = {
  readonly text: string;
  /** A person's message, or word from the program around the agent. */
  readonly from: "user" | "system";
  /** What the client calls the message; the same when it sends the request again. */
  readonly otid?: string | undefined;
  /** Where the message stands in a conversation that the client keeps a copy of. */
  readonly place?: Place | undefined;
  /** Whether the client says that it has sent the request before. */
  readonly isRepeat: boolean;
  /** Answers to calls that wait, which come before the text. */
  readonly answers?: readonly AnswerTo[] | undefined;
  /** What the client wants otherwise for this turn. */
  readonly wishes?: Omit<SendOptions, "signal"> | undefined;
};

/** How long after a message the same text, said to be sent again, is taken for the same message, in milliseconds. */
const REPEAT_WITHIN = 120_000;

/** Messages of a turn that are looked through. */
const MOST_OF_A_TURN = 500;

/** Requests that were refused before anything was done: sent again, they are new. */
const refused = new Map<string, number>();
const MOST_REFUSED = 10_000;

/**
 * One turn of an agent, when it is this request's turn. Clients send a request again when they got no answer, so that a message
 * may have been stored already: then the stored result is returned, and nothing is stored twice.
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

/** What came of a message that is stored already. A turn that broke off before its reply goes on. */
export async function* answered(
  agent: Agent,
  known: Message,
  options: SendOptions,
): AsyncGenerator<TurnItem, void, void> {
  const after = await answerTo(agent, known);
  for (const message of after) yield { type: "stored", message };
  const isAnswered = after.some((message) => message.role === "function" && message.name === "send_message");
  const isWaiting = after.some((message) => message.role === "function" && message.pending === true);
  if (!isAnswered && !isWaiting && newestSaid(agent) === known.id) yield* goOn(agent, options);
}

/** Takes a message back, with all that came after it, memory included, and sends another in its place. */
export async function* replaceMessage(
  agent: Agent,
  replaced: string,
  { text, id, signal }: { readonly text: string; readonly id: string | undefined; readonly signal: AbortSignal },
): AsyncGenerator<TurnItem, void, void> {
  // What came after it is undone, turn by turn, until it is the newest.
  while (newestSaid(agent) !== replaced) {
    const { actions } = await agent.undo();
    if (actions.length === 0) break;
  }
  yield* agent.retry({ message: text, id, signal });
}

/** The person's newest message in context. */
function newestSaid({ state }: Agent): string | undefined {
  return state.queue.findLast((message) => message.role === "user" && message.event === "user_message")?.id;
}

/** Lets the agent go on where it broke off. */
export async function* goOn(agent: Agent, options: SendOptions): AsyncGenerator<TurnItem, void, void> {
  const reason = "The turn broke off before you were done. Go on where you left off, and answer if you have not.";
  yield* agent.send({ type: "heartbeat", reason }, options);
}

/** The message that is stored already of a request that is sent again. */
async function sentBefore(
  agent: Agent,
  entry: AgentEntry,
  { text, otid, isRepeat }: TurnInput,
): Promise<Message | undefined> {
  if (otid !== undefined) {
    const stored = await agent.recall.get(uuidOf("otid", entry.id, otid));
    if (stored !== undefined && !(await says(stored, text))) throw otherWords(otid);
    return stored;
  }
  if (!isRepeat) return undefined;
  const newest = agent.state.queue.findLast((message) => message.role === "user" && message.event === "user_message");
  if (newest === undefined || Date.now() - Date.parse(newest.createdAt) > REPEAT_WITHIN) return undefined;
  const stored = await agent.recall.get(newest.id);
  return stored !== undefined && (await says(stored, text)) ? stored : undefined;
}

/** Whether a stored message is what a person sent, as it is or without its secrets. */
async function says(stored: Message, text: string): Promise<boolean> {
  if (stored.role !== "user") return false;
  const said = envelopeText(stored.content);
  return said === text || said === redact(text, await findSecrets(text));
}

function otherWords(otid: string): Refusal {
  const detail = `The otid ${otid} is that of another message of this agent. Nothing was sent; give each message its own.`;
  return new Refusal(409, "otid_taken", detail, { "x-should-retry": "false" });
}

/** What was stored after a message, up to the next that a person sent. */
async function answerTo(agent: Agent, { id }: Message): Promise<Message[]> {
  const after = await agent.recall.list({ newestFirst: false, after: id, count: MOST_OF_A_TURN });
  const next = after.findIndex(
    (message) => message.role === "user" && (message.event === "user_message" || message.event === "login"),
  );
  // What woke the agent for another step belongs to no turn.
  return (next < 0 ? after : after.slice(0, next)).filter(({ role }) => role !== "user");
}
