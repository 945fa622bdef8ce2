import { type Agent, type CallAnswer, type Message, type SendOptions, MemGPTError } from "../../index.ts";
import type { TurnItem } from "./turn-item.ts";

/** A call that waits for its answer. */
export type WaitingCall = {
  readonly callId: string;
  readonly name: string;
  /** Whether the agent's own function answers it, once somebody approves. */
  readonly isOurs: boolean;
};

/** What a client answers to a call: the one it names, those of the message it names, or every one that waits. */
export type AnswerTo = {
  readonly callId: string | undefined;
  readonly messageId?: string | undefined;
  readonly answer: (call: WaitingCall) => CallAnswer;
};

/**
 * Answers calls that wait, and lets the agent go on. Answers that are stored already are those of a client that got no reply:
 * what came of them is returned, and an agent that had not gone on does.
 */
export async function* answerCalls(
  agent: Agent,
  answers: readonly AnswerTo[],
  options: SendOptions,
  after: (message: Message) => Promise<Message[]>,
): AsyncGenerator<TurnItem, void, void> {
  const { functions } = agent.state;
  const returns = returnsIn(agent.state.queue);
  const given = answers.flatMap((one) =>
    returns
      .filter((it) => it.message.pending === true && isMeant(one, it))
      .map(({ message: { callId, name } }) => one.answer({ callId, name, isOurs: functions.includes(name) })),
  );
  if (given.length > 0) return yield* agent.answerCalls(given, options);
  const isNamed = (one: AnswerTo): boolean => (one.callId ?? one.messageId) !== undefined;
  const known = returns.findLast((it) => answers.some((one) => isNamed(one) && isMeant(one, it)))?.message;
  if (known === undefined)
    throw new MemGPTError("invalid_input", "No such call of this agent waits. Nothing was sent.");
  const stored = await after(known);
  if (stored.some(({ role }) => role === "assistant")) {
    for (const message of stored) yield { type: "stored", message };
    return;
  }
  yield* agent.send({ type: "heartbeat", reason: "The functions that you called have returned. Go on." }, options);
}

/** What a call returned, and the message that made the call. */
type Returned = { readonly message: FunctionMessage; readonly by: string };

type FunctionMessage = Extract<Message, { role: "function" }>;

function returnsIn(queue: readonly Message[]): Returned[] {
  let by = "";
  return queue.flatMap((message) => {
    if (message.role === "assistant") by = message.id;
    return message.role === "function" ? [{ message, by }] : [];
  });
}

function isMeant({ callId, messageId }: AnswerTo, { message, by }: Returned): boolean {
  return (callId === undefined || message.callId === callId) && (messageId === undefined || by === messageId);
}
