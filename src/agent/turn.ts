import type { InputEvent, TurnOutcome } from "../schema/events.ts";
import type { FunctionCall } from "../schema/message.ts";
import { HEARTBEAT_REASONS, MEMORY_ALERT, NUDGE } from "./pack.ts";
import type { Pressure } from "./queue-manager.ts";

/** The same call with the same arguments this often is a loop. */
const MOST_REPEATS = 3;

/** What is remembered from step to step of one turn. */
export type Turn = {
  /** Whether a person waits for a reply. */
  readonly person: boolean;
  readonly steps: number;
  readonly replies: readonly string[];
  readonly forced: boolean;
  readonly nudged: boolean;
  /** How often each call was made, by name and arguments. */
  readonly calls: ReadonlyMap<string, number>;
};

export function beginTurn(input: InputEvent): Turn {
  const person = input.type === "user_message" || input.type === "login";
  return { person, steps: 0, replies: [], forced: false, nudged: false, calls: new Map() };
}

/** What one step did, as far as the turn goes on because of it. */
export type StepOutcome = {
  readonly said: readonly string[];
  readonly calls: readonly FunctionCall[];
  readonly failed: boolean;
  readonly heartbeat: boolean;
  /** Whether the session has cost what it may. */
  readonly isTooDear: boolean;
  /** How full the main context is, if the model has not been told since the last flush; else "none". */
  readonly pressure: Pressure;
};

/** Why the agent gets a step: the outside event, or what the step before left to do. */
export type StepReason = "event" | keyof typeof HEARTBEAT_REASONS | "alert" | "nudge";

export type Next =
  | { readonly type: "step"; readonly inputs: readonly InputEvent[]; readonly reason: StepReason }
  | { readonly type: "end"; readonly outcome: TurnOutcome };

/**
 * What follows a step: a failure, or a heartbeat that was asked for, goes on; a person who would be left without a reply
 * gets one forced heartbeat, or one nudge if the model wrote text and called nothing. When nothing is left to do, a
 * memory alert comes last: in the middle of a turn it would push out of the queue what the model has just looked up.
 */
export function nextInput(before: Turn, step: StepOutcome, maxSteps: number): { turn: Turn; next: Next } {
  const calls = new Map(before.calls);
  for (const { name, arguments: args } of step.calls)
    calls.set(`${name} ${args}`, (calls.get(`${name} ${args}`) ?? 0) + 1);
  const turn: Turn = { ...before, calls, steps: before.steps + 1, replies: [...before.replies, ...step.said] };
  const waits = turn.person && turn.replies.length === 0;
  const goesOn = step.failed || step.heartbeat;

  if ((goesOn || waits) && Math.max(0, ...calls.values()) >= MOST_REPEATS) return end(turn, "repeated_call");
  if ((goesOn || waits) && turn.steps >= maxSteps) return end(turn, "max_steps");
  if ((goesOn || waits) && step.isTooDear) return end(turn, "max_cost");
  if (step.failed) return heartbeat(turn, "failed");
  if (step.heartbeat) return heartbeat(turn, "requested");
  if (waits && step.calls.length === 0 && !turn.nudged) {
    return { turn: { ...turn, nudged: true }, next: { type: "step", inputs: [NUDGE], reason: "nudge" } };
  }
  if (waits && !turn.forced) return heartbeat({ ...turn, forced: true }, "forced");
  if (step.pressure !== "none" && turn.steps < maxSteps && !step.isTooDear) {
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
