import { MemGPTError } from "../errors.ts";
import type { ActionRef } from "../ports/history.ts";
import type { AgentEvent, InputEvent, TurnOutcome } from "../schema/events.ts";
import { type CallAnswer, answerCalls } from "./answer-calls.ts";
import type { TurnWishes } from "./equipment.ts";
import { eraseAgreed } from "./propose-forgetting.ts";
import { runTurn, storeNotices } from "./run-turn.ts";
import type { Session } from "./session.ts";
import { type Turn, beginTurn } from "./turn.ts";

export type TurnOptions = {
  readonly action: ActionRef;
  readonly verify: boolean;
  readonly notices: readonly string[];
  readonly stop: AbortSignal;
  readonly wishes: TurnWishes;
  /** Answers to waiting calls, with which the turn begins. */
  readonly answers?: readonly CallAnswer[] | undefined;
};

/** Runs one turn, from its first event to its last. */
export async function* turn(
  session: Session,
  event: InputEvent,
  { notices, ...options }: TurnOptions,
): AsyncGenerator<AgentEvent, void, void> {
  const started = performance.now();
  checkCost(session);
  session.meter.beginTurn();
  yield { type: "turn_start", agent: session.state.name, input: event };
  for (const text of notices) yield { type: "notice", code: "recovered", text };
  let ended: Ended;
  try {
    ended = yield* stepsOf(session, event, options);
  } finally {
    // Even if the turn was stopped after the person had agreed.
    await eraseAgreed(session);
  }
  yield* storeNotices(session);
  for (const text of session.saving.notices()) yield { type: "notice", code: "storage", text };
  session.save();
  const { turn, outcome } = ended;
  const reply = turn.replies.length === 0 ? null : turn.replies.join("\n\n");
  const durationMs = Math.round(performance.now() - started);
  yield { type: "turn_end", steps: turn.steps, outcome, reply, spent: session.meter.turn, durationMs };
}

type Ended = { readonly turn: Turn; readonly outcome: TurnOutcome };

async function* stepsOf(
  session: Session,
  event: InputEvent,
  { action, verify, stop, wishes, answers }: Omit<TurnOptions, "notices">,
): AsyncGenerator<AgentEvent, Ended, void> {
  const goesOn = answers === undefined || (yield* answerCalls(session, answers, { action, signal: stop }));
  if (!goesOn) return { turn: beginTurn(event), outcome: "waiting" };
  const person = answers === undefined ? undefined : true;
  return yield* runTurn(session, { event, action, verify, signal: stop, wishes, person });
}

function checkCost({ meter, parts }: Session): void {
  const { cost } = meter.session;
  if (cost < parts.maxCost) return;
  const text =
    `This session has cost $${cost.toFixed(4)} and its limit is $${parts.maxCost}. Nothing was sent; ` +
    "start again with a higher --max-cost.";
  throw new MemGPTError("cost_limit", text);
}
