import { type Frame, assemble, frameAfter, isMisleading, measure } from "../memory/main-context.ts";
import { alertOf } from "../memory/message-kind.ts";
import { writtenFrom } from "../memory/origin.ts";
import { messageTokens } from "../memory/tokens.ts";
import type { Completion } from "../schema/context.ts";
import type { AgentEvent, InputEvent } from "../schema/events.ts";
import { SEND_MESSAGE } from "../schema/built-in.ts";
import type { FunctionCall } from "../schema/message.ts";
import type { AgentState } from "../schema/state.ts";
import { calibrate } from "./calibrate.ts";
import { runCalls } from "./calls.ts";
import type { AgentDeps } from "./deps.ts";
import { cutAlert, cutNotice } from "./cut.ts";
import { Draft, cautious } from "./draft.ts";
import { infer, inferVerified } from "./infer.ts";
import { packEvent } from "./pack.ts";

export type StepRequest = {
  /** Number of the step in its turn, from 1. */
  readonly step: number;
  readonly inputs: readonly InputEvent[];
  /** Whether to check the form of the answer and request a malformed one again. */
  readonly verify: boolean;
  /** Whether to deliver text without a call as the reply. */
  readonly deliverText: boolean;
  readonly signal?: AbortSignal | undefined;
};

export type StepResult = {
  /** The messages sent to the person. */
  readonly said: readonly string[];
  readonly calls: readonly FunctionCall[];
  readonly failed: boolean;
  readonly heartbeat: boolean;
  /** Whether calls wait for `answerCalls`. */
  readonly waiting: boolean;
  /** The frame of the state after the step. */
  readonly frame: Frame;
};

/**
 * Runs one inference and its calls, and commits them as a whole. Yields deltas as they arrive, but the events that report what
 * happened only after the commit: until then a failure, an interrupt or a caller that stops leaves no trace.
 */
export async function* runStep(
  state: AgentState,
  frame: Frame,
  request: StepRequest,
  deps: AgentDeps,
): AsyncGenerator<AgentEvent, StepResult, void> {
  const started = performance.now();
  const messageId = deps.newId();
  yield { type: "step_start", step: request.step, messageId };
  const draft = new Draft(state, frame.budget.item);
  for (const input of request.inputs) pushInput(draft, input, deps);

  const completion = yield* answer(draft, frame, request, deps);
  const calibrated = await calibrate(draft.state, frame, completion.usage, deps);
  draft.update({ pressure: calibrated.state.pressure, greeted: true });
  draft.events.push(...calibrated.notices);
  const answered = request.deliverText ? asReply(completion, deps) : completion;
  const thoughts = [answered.reasoning ?? "", answered.content ?? ""].filter((text) => text.trim() !== "");
  if (thoughts.length > 0) draft.events.push({ type: "internal_monologue", text: thoughts.join("\n\n") });
  await runCalls(draft, { id: messageId, ...answered }, { budget: frame.budget, signal: request.signal }, deps);
  if (completion.cut !== undefined) {
    pushInput(draft, { type: "system_alert", alert: "answer_cut", message: cutAlert(completion.cut) }, deps);
    draft.events.push({ type: "notice", code: "answer_cut", text: cutNotice(completion.cut) });
  }
  request.signal?.throwIfAborted();

  const next = await withFreshCounts(state, draft, deps);
  const cause = draft.messages.find(({ role }) => role === "assistant")?.id ?? "step";
  const { messages, passages, held } = draft;
  const origin = writtenFrom(next.queue);
  const op = await deps.commit({ cause, at: deps.now(), origin, state: next, messages, passages, held });
  deps.eraseLater(draft.erased);
  yield* draft.events;
  const durationMs = Math.round(performance.now() - started);
  const after = frameAfter(frame, state, next);
  const sections = measure(next, after);
  yield { type: "step_end", step: request.step, op, usage: completion.usage, sections, durationMs };
  const { said, failed, heartbeat, waiting } = draft;
  return { said, calls: completion.calls, failed, heartbeat, waiting, frame: after };
}

function pushInput(draft: Draft, input: InputEvent, deps: AgentDeps): void {
  const { lastActiveAt } = draft.state;
  const message = packEvent(input, { newId: deps.newId, now: deps.now(), lastActiveAt });
  if (draft.push(message)) {
    const text =
      "The message is too long for the context window: it is stored whole, and the model sees its beginning.";
    draft.events.push({ type: "notice", code: "message_cut", text });
  }
  if (input.type === "user_message" || input.type === "login") {
    draft.update({ lastActiveAt: message.createdAt });
  }
  if (alertOf(message) === "memory_pressure") {
    draft.update({ pressure: { ...draft.state.pressure, alerted: true } });
  }
}

async function* answer(
  draft: Draft,
  frame: Frame,
  request: StepRequest,
  deps: AgentDeps,
): AsyncGenerator<AgentEvent, Completion, void> {
  const context = assemble(draft.state, frame);
  const { reply: maxTokens } = frame.budget;
  const { contextWindow } = draft.state.settings;
  const llmRequest = { context, maxTokens, contextWindow, signal: request.signal };
  if (!request.verify) return yield* infer(deps.llm, llmRequest);
  const complain = (message: string): ReturnType<typeof packEvent> =>
    packEvent({ type: "system_alert", message }, { newId: deps.newId, now: deps.now(), lastActiveAt: null });
  return yield* inferVerified(deps.llm, llmRequest, complain);
}

/** Turns text without a call into the call that the model should have made. */
function asReply(completion: Completion, deps: AgentDeps): Completion {
  if (completion.calls.length > 0 || completion.content === null || completion.content.trim() === "") return completion;
  const call = { id: deps.newId(), name: SEND_MESSAGE, arguments: JSON.stringify({ message: completion.content }) };
  return { ...completion, content: null, calls: [call] };
}

/** The state with fresh counts in the system message, if core memory changed anyway or they have become misleading. */
async function withFreshCounts(before: AgentState, draft: Draft, { store, now }: AgentDeps): Promise<AgentState> {
  const { state } = draft;
  const recall = (await store.recall.size()) + draft.messages.length;
  const archival = (await store.archival.size()) + draft.passages.length;
  const edited = before.blocks !== state.blocks;
  if (!edited && !isMisleading(state.shown.recall, recall) && !isMisleading(state.shown.archival, archival))
    return state;
  return { ...state, shown: { recall, archival, modifiedAt: edited ? now() : state.shown.modifiedAt } };
}

/** Tokens that `inputs` will add to the queue, each cut to the size of an item. */
export function inputTokens(
  inputs: readonly InputEvent[],
  state: AgentState,
  { budget: { item } }: Frame,
  deps: Pick<AgentDeps, "newId" | "now">,
): number {
  const context = { newId: deps.newId, now: deps.now(), lastActiveAt: state.lastActiveAt };
  const tokens = inputs.map((input) => Math.min(item, messageTokens(packEvent(input, context)) * cautious(state)));
  return Math.ceil(tokens.reduce((sum, n) => sum + n, 0));
}
