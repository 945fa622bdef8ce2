import { type Agent, type CallAnswer, type Message, type SendOptions, MemGPTError } from "../../index.ts";
import type { TurnItem } from "./turn-item.ts";

/** A call that waits for its answer. */
export type WaitingCall = {
  readonly callId: string;
  readonly name: string;
  /** Whether the agent's own function answers it, once somebody approves. */
  readonly isOurs: boolean;
};

/** What a client answers to a call: the one it names, or every one that waits. */
export type AnswerTo = {
  readonly callId: string | undefined;
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
  const { queue, functions } = agent.state;
  const returns = queue.filter((message) => message.role === "function");
  const waiting = returns.filter(({ pending }) => pending === true);
  const given = answers.flatMap(({ callId, answer }) =>
    waiting
      .filter((message) => callId === undefined || message.callId === callId)
      .map((message) =>
        answer({ callId: message.callId, name: message.name, isOurs: functions.includes(message.name) }),
      ),
  );
  if (given.length > 0) return yield* agent.answerCalls(given, options);
  const known = returns.findLast(({ callId }) => answers.some((one) => one.callId === callId));
  if (known === undefined)
    throw new MemGPTError("invalid_input", "No such call of this agent waits. Nothing was sent.");
  const stored = await after(known);
  if (stored.some(({ role }) => role === "assistant")) {
    for (const message of stored) yield { type: "stored", message };
    return;
  }
  yield* agent.send({ type: "heartbeat", reason: "The functions that you called have returned. Go on." }, options);
}
