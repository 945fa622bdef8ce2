import { type Report, ratio, recalibrate } from "../memory/calibration.ts";
import { exactTokens } from "../memory/exact-tokens.ts";
import { type Frame, assemble, contextTokens, frameOf } from "../memory/main-context.ts";
import { SMALLEST_WINDOW } from "../schema/limits.ts";
import type { Usage } from "../schema/context.ts";
import type { AgentEvent } from "../schema/events.ts";
import type { AgentState } from "../schema/state.ts";
import type { AgentDeps } from "./deps.ts";

/** The state, calibrated with the size of its request: the provider's count, or else that of the model's tokenizer. */
export async function calibrate(
  state: AgentState,
  frame: Frame,
  usage: Usage | null,
  deps: Pick<AgentDeps, "schemas" | "tokenizer">,
): Promise<{ state: AgentState; notices: AgentEvent[] }> {
  if (usage === null || usage.prompt <= 0) return { state: await counted(state, deps), notices: [] };
  const estimate = contextTokens(assemble(state, frame));
  const { pressure, cutAt } = recalibrate(state.pressure, { estimate, prompt: usage.prompt });
  const notices = cutAt === undefined ? [] : [cutNotice(cutAt, Math.round(estimate * pressure.calibration), state)];
  return { state: { ...state, pressure }, notices };
}

/**
 * The state before its first request, calibrated with the tokenizer, because no provider has counted yet. Otherwise a queue
 * filled under another model or window could be flushed merely because the estimate is too high.
 */
export async function calibratedAhead(
  state: AgentState,
  deps: Pick<AgentDeps, "schemas" | "tokenizer">,
): Promise<AgentState> {
  const { calibration, counted: before } = state.pressure;
  return calibration === UNKNOWN && before === undefined ? counted(state, deps) : state;
}

/** Calibration of an agent whose requests were never counted. */
const UNKNOWN = 1;

async function counted(state: AgentState, deps: Pick<AgentDeps, "schemas" | "tokenizer">): Promise<AgentState> {
  const tokenizer = await deps.tokenizer();
  if (tokenizer === undefined) return state;
  // What does not fit by the estimate may still fit by the count.
  const lenient = { ...state, pressure: { ...state.pressure, calibration: 0.5 } };
  const context = assemble(lenient, frameOf(lenient, deps.schemas));
  const report: Report = { estimate: contextTokens(context), prompt: exactTokens(context, tokenizer) };
  return { ...state, pressure: { ...state.pressure, calibration: ratio(report) } };
}

function cutNotice(cutAt: number, sent: number, { settings }: AgentState): AgentEvent {
  const larger = `Start it with a window of ${settings.contextWindow} tokens`;
  const remedy = cutAt < SMALLEST_WINDOW ? larger : `${larger}, or run memgpt with --context-window ${cutAt}`;
  const text =
    `The server reads only ${cutAt} of the ${sent} tokens it is sent and silently drops the rest, so the model misses part ` +
    `of its context. ${remedy}.`;
  return { type: "notice", code: "server_cuts", text };
}
