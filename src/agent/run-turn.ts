import { ContextOverflowError } from "../errors.ts";
import { type Frame, frameAfter, frameOf, measure, total } from "../memory/main-context.ts";
import { PRACTICE_MODEL } from "../schema/built-in.ts";
import type { AgentEvent, InputEvent, TurnOutcome } from "../schema/events.ts";
import type { AgentState } from "../schema/state.ts";
import type { ActionRef } from "../ports/history.ts";
import { calibratedAhead } from "./calibrate.ts";
import type { AgentDeps } from "./deps.ts";
import type { TurnWishes } from "./equipment.ts";
import { flush, pressure } from "./queue-manager.ts";
import type { Session } from "./session.ts";
import { type StepRequest, type StepResult, inputTokens, runStep } from "./step.ts";
import { type Next, type Turn, beginTurn, nextInput } from "./turn.ts";

export type TurnRequest = {
  readonly event: InputEvent;
  readonly action: ActionRef;
  /** Whether to check the form of a brand-new agent's first answer. */
  readonly verify: boolean;
  readonly signal: AbortSignal;
  readonly wishes: TurnWishes;
  /** Whether a person is waiting (default: as the event implies). */
  readonly person?: boolean | undefined;
};

/** Runs steps until the agent yields. Each is committed before its events are emitted. */
export async function* runTurn(
  session: Session,
  { event, action, verify, signal, wishes, person }: TurnRequest,
): AsyncGenerator<AgentEvent, { turn: Turn; outcome: TurnOutcome }, void> {
  yield* priceNotice(session);
  let turn = beginTurn(event, person);
  const deps = atTimeOf(event, session.deps(action, wishes));
  let next: Next = { type: "step", inputs: withLogin(session, event), reason: "event" };
  let frame = frameOf(session.state, deps.schemas);
  for (;;) {
    signal.throwIfAborted();
    const { inputs, reason } = next;
    const before = session.state;
    // A memory alert lets the model save something before the flush.
    if (reason !== "alert") {
      const state = await calibratedAhead(before, deps);
      frame = frameAfter(frame, before, state);
      yield* relieve(state, frame, { incoming: inputTokens(inputs, state, frame, deps), deps, signal });
      frame = frameAfter(frame, state, session.state);
    }
    const step = yield* fittingStep(session, frame, request(session, turn, { inputs, verify, signal }), deps);
    frame = step.frame;
    const pressing = unreportedPressure(session.state, frame);
    const outcome = { ...step, pressure: pressing, isOverBudget: deps.cost() >= deps.maxCost };
    const decided = nextInput(turn, outcome, deps.maxSteps);
    turn = decided.turn;
    if (decided.next.type === "end") {
      yield* relieve(session.state, frame, { incoming: 0, deps, signal });
      yield* storeNotices(session);
      yield* endNotices(decided.next.outcome, turn, deps);
      return { turn, outcome: decided.next.outcome };
    }
    next = decided.next;
    yield* announce(session.state, frame, next);
  }
}

/**
 * Runs a step, and makes it fit if the model reports a full context although the estimate says otherwise: first flushes the
 * oldest messages, then cuts the context more and more.
 */
async function* fittingStep(
  session: Session,
  given: Frame,
  step: StepRequest,
  deps: AgentDeps,
): AsyncGenerator<AgentEvent, StepResult, void> {
  const before = session.state;
  let state = await calibratedAhead(before, deps);
  let frame = frameAfter(given, before, state);
  let refusal: ContextOverflowError | undefined;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return yield* runStep(state, frame, step, deps);
    } catch (error) {
      if (!(error instanceof ContextOverflowError)) throw error;
      // If nothing more can be cut, the model's own error is the most useful.
      if (!error.canShrink || attempt >= MOST_CUTS) throw refusal ?? error;
      refusal ??= error;
      const text =
        "The model says that its context is full; it now sees less of the conversation, all of which stays searchable.";
      if (attempt === 0) {
        yield { type: "notice", code: "overflow", text };
        yield* flush(state, frame, deps, { signal: step.signal, early: true });
      }
      state = attempt === 0 && session.state !== before ? session.state : withLessRoom(session.state, attempt + 1);
      frame = frameOf(state, deps.schemas);
    }
  }
}

/** Most retries with a smaller context. */
const MOST_CUTS = 4;

/** The state with its calibration raised by half, `times` times over. The provider's next count corrects it. */
function withLessRoom(state: AgentState, times: number): AgentState {
  const calibration = state.pressure.calibration * 1.5 ** times;
  return { ...state, pressure: { ...state.pressure, calibration } };
}

function request(
  { state }: Session,
  turn: Turn,
  { inputs, verify, signal }: Pick<StepRequest, "inputs" | "verify" | "signal">,
): StepRequest {
  const deliverText = turn.nudged && turn.replies.length === 0;
  return { step: turn.steps + 1, inputs, verify: verify && !state.greeted, deliverText, signal };
}

async function* relieve(
  state: AgentState,
  frame: Frame,
  { incoming, deps, signal }: { incoming: number; deps: AgentDeps; signal: AbortSignal },
): AsyncGenerator<AgentEvent, void, void> {
  if (pressure(state, incoming, frame) === "flush") yield* flush(state, frame, deps, { signal });
}

/** The notices since the last call. */
export function* storeNotices(session: Session): Generator<AgentEvent, void, void> {
  const notices = session.parts.notices.all;
  for (const text of notices.slice(session.noticesDelivered)) yield { type: "notice", code: "storage", text };
  session.noticesDelivered = notices.length;
}

/** How full the context is, unless the model was warned since the last flush. */
function unreportedPressure(state: AgentState, frame: Frame): ReturnType<typeof pressure> {
  return state.pressure.alerted ? "none" : pressure(state, 0, frame);
}

function* announce(
  state: AgentState,
  frame: Frame,
  next: Extract<Next, { type: "step" }>,
): Generator<AgentEvent, void, void> {
  if (next.reason === "alert") {
    const { window } = frame.budget;
    yield { type: "memory_pressure", promptTokens: total(measure(state, frame)), contextWindow: window };
  }
  if (next.reason === "nudge") {
    const text = "The model answered without sending a message; asking it to send its reply.";
    yield { type: "notice", code: "nudge", text };
  }
  if (next.reason === "forced") {
    const text = "The model stopped before replying; giving it another step.";
    yield { type: "notice", code: "forced_heartbeat", text };
  }
}

function withLogin({ isLoggedIn }: Session, event: InputEvent): InputEvent[] {
  return isLoggedIn || event.type === "login" ? [event] : [{ type: "login", time: event.time }, event];
}

/** A message with a time is answered at that time, so that an old conversation can be replayed. */
function atTimeOf(event: InputEvent, deps: AgentDeps): AgentDeps {
  const { time } = event;
  return time === undefined ? deps : { ...deps, now: () => new Date(time).toISOString() };
}

/** Warns, before the first request to a model of unknown price, that a cost limit has no effect. */
function* priceNotice(session: Session): Generator<AgentEvent, void, void> {
  const { settings } = session.state;
  const { maxCost, price } = session.parts;
  const { model } = settings;
  const isFree = model === PRACTICE_MODEL;
  if (isFree || !Number.isFinite(maxCost) || session.reportedUnpriced === model || price(settings) !== undefined)
    return;
  session.reportedUnpriced = model;
  const text =
    `--max-cost has no effect: no price is known for ${model}. ` +
    "Add one under `prices` in config.json, and start again.";
  yield { type: "notice", code: "price_unknown", text };
}

function* endNotices(outcome: TurnOutcome, turn: Turn, deps: AgentDeps): Generator<AgentEvent, void, void> {
  switch (outcome) {
    case "done":
    case "waiting":
      return;
    case "max_steps": {
      const text = `Stopped after ${turn.steps} ${turn.steps === 1 ? "step" : "steps"}. Everything so far is kept; say "go on" to let it continue.`;
      yield { type: "notice", code: outcome, text };
      return;
    }
    case "max_cost": {
      const text =
        `Stopped: this session has cost $${deps.cost().toFixed(4)} and --max-cost is $${deps.maxCost}. ` +
        "Everything so far is kept; start again with a higher limit to continue.";
      yield { type: "notice", code: outcome, text };
      return;
    }
    case "repeated_call": {
      const text = "Stopped: the model made the same call three times. Everything so far is kept.";
      yield { type: "notice", code: outcome, text };
      return;
    }
    case "no_reply": {
      const text = "The model ended its turn without a reply. Your message is kept; ask again.";
      yield { type: "notice", code: outcome, text };
    }
  }
}
