import type { FunctionSchema, MainContext, SectionTokens } from "../schema/context.ts";
import { ContextOverflowError } from "../errors.ts";
import type { AgentState } from "../schema/state.ts";
import { renderBlocks } from "./blocks.ts";
import { type Budget, blocksBudget, budget } from "./budget.ts";
import { shownBlocks, shownQueue } from "./private.ts";
import { fitQueue } from "./queue.ts";
import { estimateTokens, functionTokens, messageTokens, queueTokens } from "./tokens.ts";
import { localTime } from "../time/format.ts";

/** Fewest tokens of queue in which a conversation is possible. */
const LEAST_ROOM = 200;

/**
 * The part of the main context that stays the same while the queue grows (prompt, core memory, memory metadata, functions), and
 * the budget that it leaves. Computed once per step, because rendering and counting these long texts is costly.
 */
export type Frame = {
  readonly functions: readonly FunctionSchema[];
  /** The system message. */
  readonly system: string;
  /** Estimated tokens, not calibrated; `summary` and `queue` are 0. */
  readonly fixed: SectionTokens;
  readonly budget: Budget;
};

export function frameOf(state: AgentState, functions: readonly FunctionSchema[]): Frame {
  const { contextWindow } = state.settings;
  const { calibration } = state.pressure;
  const prompt = `${state.system}\n\n${CORE_MEMORY}`;
  const metadata = renderMetadata(state);
  const [system, called] = [estimateTokens(`${prompt}\n${metadata}`), functionTokens(functions)];
  const room = blocksBudget(contextWindow, (system + called) * calibration);
  const blocks = renderBlocks(shownBlocks(state), room / calibration);
  const fixed = { system, functions: called, core_memory: estimateTokens(blocks), summary: 0, queue: 0 };
  return {
    functions,
    system: `${prompt}\n${blocks}\n\n${metadata}`,
    fixed,
    budget: budget(contextWindow, total(calibrated(fixed, state))),
  };
}

/** The frame of `after`. Reuses the frame of `before` if nothing in it differs. */
export function frameAfter(frame: Frame, before: AgentState, after: AgentState): Frame {
  const isSame =
    before.system === after.system &&
    before.blocks === after.blocks &&
    before.shown === after.shown &&
    before.settings.contextWindow === after.settings.contextWindow &&
    before.pressure.calibration === after.pressure.calibration;
  return isSame ? frame : frameOf(after, frame.functions);
}

/**
 * Everything that the next inference sees. Never larger than the window minus the room for the reply: what does not fit is cut
 * or left out.
 *
 * @throws ContextOverflowError if the prompt and the functions alone leave no room for a conversation.
 */
export function assemble(state: AgentState, { functions, system, fixed, budget }: Frame): MainContext {
  const room = (budget.window - budget.reply) / state.pressure.calibration - total(fixed);
  if (room < LEAST_ROOM) {
    throw new ContextOverflowError(
      `The system prompt, functions and core memory of ${state.name} take about ${total(fixed)} of the ` +
        `${budget.window} tokens of its context window. Nothing was lost: raise {window}.`,
      { canShrink: false },
    );
  }
  const caution = Math.min(uncounted(state), room - LEAST_ROOM);
  return { system, queue: fitQueue(shownQueue(state), room - caution), functions };
}

/**
 * Tokens that the newest messages may take beyond the calibrated estimate. The calibration was learned from earlier
 * messages: when a conversation changes from English to numbers or another script, the plain estimate is closer.
 */
function uncounted({ queue, pressure: { calibration } }: AgentState): number {
  if (calibration >= 1) return 0;
  const answered = queue.findLastIndex(({ role }) => role === "assistant");
  return queueTokens(queue.slice(Math.max(0, answered))) * (1 / calibration - 1);
}

/** Tokens of the main context by section, calibrated with the provider's last count. */
export function measure(state: AgentState, { fixed }: Frame): SectionTokens {
  const head = state.queue[0];
  const summary = head?.role === "user" && head.event === "summary" ? messageTokens(head) : 0;
  return calibrated({ ...fixed, summary, queue: queueTokens(state.queue) - summary }, state);
}

function calibrated(sections: SectionTokens, { pressure }: AgentState): SectionTokens {
  const scale = (tokens: number): number => Math.ceil(tokens * pressure.calibration);
  const { system, functions, core_memory, summary, queue } = sections;
  return {
    system: scale(system),
    functions: scale(functions),
    core_memory: scale(core_memory),
    summary: scale(summary),
    queue: scale(queue),
  };
}

export function total(sections: SectionTokens): number {
  return sections.system + sections.functions + sections.core_memory + sections.summary + sections.queue;
}

const CORE_MEMORY = "### Core memory\nAlways in view but limited in size; more is in archival and recall memory:";

/** Comes last, because it changes with every edit, and what precedes it stays in the provider's prompt cache. */
function renderMetadata(state: AgentState): string {
  const { recall, archival, modifiedAt } = state.shown;
  return [
    `### Memory [last modified: ${localTime(modifiedAt)}]`,
    `${recall} previous messages are stored in recall memory (use functions to access them)`,
    `${archival} memories you created are stored in archival memory (use functions to access them)`,
  ].join("\n");
}

/**
 * Whether the counts in the system message have become misleading: from none to some, doubled, or halved. Smaller changes
 * are not worth losing the provider's prompt cache.
 */
export function isMisleading(shown: number, actual: number): boolean {
  if (shown === 0 || actual === 0) return shown !== actual;
  return actual >= shown * 2 || actual * 2 <= shown;
}

/** Estimated tokens of an assembled context, not calibrated. */
export function contextTokens({ system, queue, functions }: MainContext): number {
  return estimateTokens(system) + queueTokens(queue) + functionTokens(functions);
}
