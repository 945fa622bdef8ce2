import { type Agent, type CallAnswer, type Message, type SendOptions, MemGPTError } from "../../index.ts";
import type { TurnItem } from "./turn-item.ts";

/** A call that waits for an answer. */
export type WaitingCall = {
  readonly callId: string;
  readonly name: string;
  /** Whether it calls one of the agent's own functions, which runs once approved. */
  readonly isOurs: boolean;
};

/** A client's answer to the call it names, to those of the message it names, or to every waiting one. */
export type AnswerTo = {
  readonly callId: string | undefined;
  readonly messageId?: string | undefined;
  readonly answer: (call: WaitingCall) => CallAnswer;
};

/**
 * Answers waiting calls and continues the agent. A client that got no reply sends its answers again: then this returns what
 * followed from them, or continues the agent if nothing did.
 */
export async function* answerCalls(
  agent: Agent,
  answers: readonly AnswerTo[],
  options: SendOptions,
  after: (message: Message) => Promise<Message[]>,
): AsyncGenerator<TurnItem, void, void> {
  const { functions } = agent.state;
  const returns = returnsIn(agent.state.queue);
  const waiting = answers.flatMap((one) =>
    returns
      .filter((it) => it.message.pending === true && isFor(one, it))
      .map(({ message: { callId, name } }) => one.answer({ callId, name, isOurs: functions.includes(name) })),
  );
  if (waiting.length > 0) return yield* agent.answerCalls(waiting, options);
  const isNamed = (one: AnswerTo): boolean => (one.callId ?? one.messageId) !== undefined;
  const known = returns.findLast((it) => answers.some((one) => isNamed(one) && isFor(one, it)))?.message;
  if (known === undefined)
    throw new MemGPTError("invalid_input", "This agent has no such waiting call. Nothing was sent.");
  const stored = await after(known);
  if (stored.some(({ role }) => role === "assistant")) {
    for (const message of stored) yield { type: "stored", message };
    return;
  }
  yield* agent.send({ type: "heartbeat", reason: "The functions that you called have returned. Go on." }, options);
}

/** A function message, and the id of the message that made the call. */
type Returned = { readonly message: FunctionMessage; readonly by: string };

type FunctionMessage = Extract<Message, { role: "function" }>;

function returnsIn(queue: readonly Message[]): Returned[] {
  let by = "";
  return queue.flatMap((message) => {
    if (message.role === "assistant") by = message.id;
    return message.role === "function" ? [{ message, by }] : [];
  });
}

function isFor({ callId, messageId }: AnswerTo, { message, by }: Returned): boolean {
  return (callId === undefined || message.callId === callId) && (messageId === undefined || by === messageId);
}
