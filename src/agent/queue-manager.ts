import { type Frame, measure, total } from "../memory/main-context.ts";
import { evict } from "../memory/queue.ts";
import { localTime } from "../time/format.ts";
import { queueTokens } from "../memory/tokens.ts";
import type { AgentEvent } from "../schema/events.ts";
import type { UserMessage } from "../schema/message.ts";
import { originOf } from "../schema/origin.ts";
import type { AgentState } from "../schema/state.ts";
import type { AgentDeps } from "./deps.ts";
import { summarize } from "./summarize.ts";

/** `warn`: the model is warned once. `flush`: the queue is flushed. */
export type Pressure = "none" | "warn" | "flush";

/**
 * How full the main context will be with `incoming` more tokens in the queue.
 *
 * @source Packer et al. 2023, arXiv:2310.08560, section 2.2 "Queue Manager"
 */
export function pressure(state: AgentState, incoming: number, frame: Frame): Pressure {
  const used = total(measure(state, frame)) + incoming;
  const { warnAt, flushAt } = frame.budget;
  if (used >= flushAt) return "flush";
  return used >= warnAt ? "warn" : "none";
}

export type FlushOptions = {
  readonly signal?: AbortSignal | undefined;
  /** What the summary must include, in a person's words. */
  readonly hint?: string | undefined;
  /** Flushes even if the queue is not full. */
  readonly early?: boolean;
};

/**
 * Share of the queue's tokens that stays when a person asks for a flush.
 *
 * @source original's MESSAGE_SUMMARY_TRUNC_TOKEN_FRAC, which evicts three quarters
 */
const KEPT_EARLY = 0.25;

/**
 * Flushes the queue: replaces the oldest messages, and the summary before them, with a summary. They stay in recall storage.
 * This is a separate commit, so that it can be undone separately.
 */
export async function* flush(
  state: AgentState,
  { budget }: Frame,
  deps: AgentDeps,
  { signal, hint, early = false }: FlushOptions = {},
): AsyncGenerator<AgentEvent, void, void> {
  const room = Math.floor(budget.queueAfterFlush / state.pressure.calibration);
  const tokens = early ? Math.min(room, Math.floor(queueTokens(state.queue) * KEPT_EARLY)) : room;
  const summaryTokens = Math.min(400, Math.max(120, Math.floor(tokens / 3)));
  const { evicted, kept } = evict(state.queue, Math.max(0, tokens - (early ? 0 : summaryTokens)));
  const messages = evicted.filter((message) => !(message.role === "user" && message.event === "summary")).length;
  if (messages === 0) return;

  const { contextWindow } = state.settings;
  const summary = await summarize(evicted, {
    llm: deps.llm,
    contextWindow,
    tokens: summaryTokens - ENVELOPE,
    newId: deps.newId,
    hint,
    signal,
  });
  const now = deps.now();
  const hidden = state.evicted + messages;
  const recall = await deps.store.recall.size();
  const packed = packSummary(summary.text, { hidden, recall, id: deps.newId(), now });
  const next: AgentState = {
    ...state,
    queue: [packed, ...kept],
    evicted: hidden,
    pressure: { ...state.pressure, alerted: false },
    shown: { ...state.shown, recall, archival: await deps.store.archival.size() },
  };
  await deps.commit({
    cause: "queue_flush",
    at: now,
    origin: originOf("model"),
    state: next,
    messages: [packed],
    passages: [],
  });
  if (summary.fallback) {
    const text =
      "The model returned no summary of the messages that left its context; a digest replaces it. All of them stay searchable.";
    yield { type: "notice", code: "summary_fallback", text };
  }
  yield { type: "queue_flush", evicted: messages, summary: summary.text };
}

/** Tokens of the note before a summary and the envelope around it. */
const ENVELOPE = 60;

function packSummary(
  text: string,
  { hidden, recall, id, now }: { hidden: number; recall: number; id: string; now: string },
): UserMessage {
  const note =
    `${hidden} earlier messages of ${recall} are no longer shown; they are in recall memory. ` + "What they held:\n";
  const content = JSON.stringify({ type: "system_alert", message: note + text, time: localTime(now) });
  return { id, createdAt: now, role: "user", event: "summary", content };
}
