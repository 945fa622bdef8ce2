import { ContextOverflowError } from "../errors.ts";
import { type Frame, frameAfter, frameOf, measure, total } from "../memory/main-context.ts";
import type { AgentEvent, InputEvent, TurnOutcome } from "../schema/events.ts";
import type { AgentState } from "../schema/state.ts";
import type { ActionRef } from "../ports/storage.ts";
import { calibratedAhead } from "./calibrate.ts";
import type { AgentDeps } from "./deps.ts";
import { flush, pressure } from "./queue-manager.ts";
import type { Session } from "./session.ts";
import { type StepRequest, type StepResult, inputTokens, runStep } from "./step.ts";
import { type Next, type Turn, beginTurn, nextInput } from "./turn.ts";

export type TurnRequest = {
  readonly event: InputEvent;
  readonly action: ActionRef;
  /** Whether a brand-new agent's first answer is checked. */
  readonly verify: boolean;
  readonly signal: AbortSignal;
};

/** Runs steps until nothing is left to do. Each is committed before its events are told. */
export async function* runTurn(
  session: Session,
  { event, action, verify, signal }: TurnRequest,
): AsyncGenerator<AgentEvent, { turn: Turn; outcome: TurnOutcome }, void> {
  yield* priceNotice(session);
  let turn = beginTurn(event);
  const deps = atTimeOf(event, session.deps(action));
  let next: Next = { type: "step", inputs: withLogin(session, event), reason: "event" };
  let frame = frameOf(session.state, deps.schemas);
  for (;;) {
    signal.throwIfAborted();
    const { inputs, reason } = next;
    const before = session.state;
    // A memory alert is there to let the model save something before the flush.
    if (reason !== "alert") {
      const state = await calibratedAhead(before, deps);
      frame = frameAfter(frame, before, state);
      yield* relieve(state, frame, { incoming: inputTokens(inputs, state, frame, deps), deps, signal });
      frame = frameAfter(frame, state, session.state);
    }
    const step = yield* fittingStep(session, frame, request(session, turn, { inputs, verify, signal }), deps);
    frame = step.frame;
    const pressing = unreportedPressure(session.state, frame);
    const outcome = { ...step, pressure: pressing, isTooDear: deps.cost() >= deps.maxCost };
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
 * A step, made to fit where the model says that its context is full although the estimate says otherwise: first the oldest
 * messages leave the queue, then what is shown is cut harder and harder.
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
      // Where nothing more can be cut, what the model said tells more than that.
      if (!error.canShrink || attempt >= MOST_CUTS) throw refusal ?? error;
      refusal ??= error;
      const text =
        "The model says that its context is full; it is shown less of the conversation, which stays searchable.";
      if (attempt === 0) {
        yield { type: "notice", code: "overflow", text };
        yield* flush(state, frame, deps, { signal: step.signal, early: true });
      }
      state = attempt === 0 && session.state !== before ? session.state : withLessRoom(session.state, attempt + 1);
      frame = frameOf(state, deps.schemas);
    }
  }
}

/** How often the model is asked again with less. */
const MOST_CUTS = 4;

/** The state as if a token took half as much room again, `times` over. What the provider counts corrects it. */
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

function* storeNotices(session: Session): Generator<AgentEvent, void, void> {
  const { notices } = session.parts.store;
  for (const text of notices.slice(session.noticesDelivered)) yield { type: "notice", code: "storage", text };
  session.noticesDelivered = notices.length;
}

/** How full the context is, if the model has not been told since the last flush. */
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
    const text = "The model answered without sending anything; asking it to send its reply.";
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

/** A message that was given a time is answered at that time, so that an old conversation can be told anew. */
function atTimeOf(event: InputEvent, deps: AgentDeps): AgentDeps {
  const { time } = event;
  return time === undefined ? deps : { ...deps, now: () => new Date(time).toISOString() };
}

/** A limit that nothing is counted against would be trusted in vain. Told before the first request to such a model. */
function* priceNotice(session: Session): Generator<AgentEvent, void, void> {
  const { settings } = session.state;
  const { maxCost, price } = session.parts;
  const { model } = settings;
  const isFree = model === "practice";
  if (isFree || !Number.isFinite(maxCost) || session.reportedUnpriced === model || price(settings) !== undefined)
    return;
  session.reportedUnpriced = model;
  const text =
    `--max-cost cannot stop this session: nobody knows what ${model} costs. ` +
    "Say so in `prices` of config.json, and come back.";
  yield { type: "notice", code: "price_unknown", text };
}

function* endNotices(outcome: TurnOutcome, turn: Turn, deps: AgentDeps): Generator<AgentEvent, void, void> {
  switch (outcome) {
    case "done":
      return;
    case "max_steps": {
      const text = `Stopped after ${turn.steps} ${turn.steps === 1 ? "step" : "steps"}. Everything so far is kept; say "go on" to let it continue.`;
      yield { type: "notice", code: outcome, text };
      return;
    }
    case "max_cost": {
      const text =
        `Stopped: this session has cost $${deps.cost().toFixed(4)}, and --max-cost lets it cost $${deps.maxCost}. ` +
        "Everything so far is kept; come back with a higher limit to go on.";
      yield { type: "notice", code: outcome, text };
      return;
    }
    case "repeated_call": {
      const text = "Stopped: the model made the same call three times. Everything so far is kept.";
      yield { type: "notice", code: outcome, text };
      return;
    }
    case "no_reply": {
      const text = "The model ended its turn without a reply. What was said to it is kept; ask again.";
      yield { type: "notice", code: outcome, text };
    }
  }
}
