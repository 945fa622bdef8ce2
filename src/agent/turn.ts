import type { InputEvent, TurnOutcome } from "../schema/events.ts";
import type { FunctionCall } from "../schema/message.ts";
import { HEARTBEAT_REASONS, MEMORY_ALERT, NUDGE } from "./pack.ts";
import type { Pressure } from "./queue-manager.ts";

/** The same call with the same arguments this many times is a loop. */
const MOST_REPEATS = 3;

/** What a turn remembers from step to step. */
export type Turn = {
  /** Whether a person is waiting for a reply. */
  readonly person: boolean;
  readonly steps: number;
  readonly replies: readonly string[];
  readonly forced: boolean;
  readonly nudged: boolean;
  /** How often each call was made, by name and arguments. */
  readonly calls: ReadonlyMap<string, number>;
};

/** @param person Whether a person is waiting (default: as the event implies). */
export function beginTurn(
  input: InputEvent,
  person: boolean = input.type === "user_message" || input.type === "login",
): Turn {
  return { person, steps: 0, replies: [], forced: false, nudged: false, calls: new Map() };
}

/** The outcome of one step, as far as it decides how the turn continues. */
export type StepOutcome = {
  readonly said: readonly string[];
  readonly calls: readonly FunctionCall[];
  readonly failed: boolean;
  readonly heartbeat: boolean;
  /** Whether calls wait for `answerCalls`. */
  readonly waiting: boolean;
  /** Whether the session has reached its cost limit. */
  readonly isOverBudget: boolean;
  /** How full the main context is; "none" if the model was warned since the last flush. */
  readonly pressure: Pressure;
};

/** Why the agent gets a step: an outside event, or what the previous step left to do. */
export type StepReason = "event" | keyof typeof HEARTBEAT_REASONS | "alert" | "nudge";

export type Next =
  | { readonly type: "step"; readonly inputs: readonly InputEvent[]; readonly reason: StepReason }
  | { readonly type: "end"; readonly outcome: TurnOutcome };

/**
 * Decides what follows a step. After a failure or a requested heartbeat the turn continues. A person who would be left
 * without a reply gets one forced heartbeat, or one nudge if the model wrote text and called nothing. A memory alert comes
 * last: in the middle of a turn it would push out of the queue what the model has just looked up.
 */
export function nextInput(before: Turn, step: StepOutcome, maxSteps: number): { turn: Turn; next: Next } {
  const calls = new Map(before.calls);
  for (const { name, arguments: args } of step.calls)
    calls.set(`${name} ${args}`, (calls.get(`${name} ${args}`) ?? 0) + 1);
  const turn: Turn = { ...before, calls, steps: before.steps + 1, replies: [...before.replies, ...step.said] };
  const waits = turn.person && turn.replies.length === 0;
  const goesOn = step.failed || step.heartbeat;

  if (step.waiting) return end(turn, "waiting");
  if ((goesOn || waits) && Math.max(0, ...calls.values()) >= MOST_REPEATS) return end(turn, "repeated_call");
  if ((goesOn || waits) && turn.steps >= maxSteps) return end(turn, "max_steps");
  if ((goesOn || waits) && step.isOverBudget) return end(turn, "max_cost");
  if (step.failed) return heartbeat(turn, "failed");
  if (step.heartbeat) return heartbeat(turn, "requested");
  if (waits && step.calls.length === 0 && !turn.nudged) {
    return { turn: { ...turn, nudged: true }, next: { type: "step", inputs: [NUDGE], reason: "nudge" } };
  }
  if (waits && !turn.forced) return heartbeat({ ...turn, forced: true }, "forced");
  if (step.pressure !== "none" && turn.steps < maxSteps && !step.isOverBudget) {
    return { turn, next: { type: "step", inputs: [MEMORY_ALERT], reason: "alert" } };
  }
  return end(turn, waits ? "no_reply" : "done");
}

function heartbeat(turn: Turn, reason: keyof typeof HEARTBEAT_REASONS): { turn: Turn; next: Next } {
  return { turn, next: { type: "step", inputs: [{ type: "heartbeat", reason: HEARTBEAT_REASONS[reason] }], reason } };
}

function end(turn: Turn, outcome: TurnOutcome): { turn: Turn; next: Next } {
  return { turn, next: { type: "end", outcome } };
}
