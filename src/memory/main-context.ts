import type { FunctionSchema, MainContext, SectionTokens } from "../schema/context.ts";
import { ContextOverflowError } from "../errors.ts";
import type { AgentState } from "../schema/state.ts";
import { renderBlocks } from "./blocks.ts";
import { type Budget, budget } from "./budget.ts";
import { fitQueue } from "./queue.ts";
import { estimateTokens, functionTokens, messageTokens, queueTokens } from "./tokens.ts";
import { localTime } from "./time.ts";

/** The least room, in tokens, that the queue needs for a conversation to be possible at all. */
const LEAST_ROOM = 200;

/**
 * All that the next inference sees: prompt, memory metadata, core memory, queue, functions. Never larger than the
 * window less the room for the reply: what does not fit is shown cut, or not at all.
 *
 * @throws ContextOverflowError if the prompt and the functions alone leave no room for a conversation.
 */
export function assemble(state: AgentState, functions: readonly FunctionSchema[]): MainContext {
  const { prompt, blocks, budget, fixed } = layout(state, functions);
  const room = (budget.window - budget.reply) / state.pressure.calibration - fixed;
  if (room < LEAST_ROOM) {
    throw new ContextOverflowError(
      `The system prompt, functions and core memory of ${state.name} take about ${fixed} of the ` +
        `${budget.window} tokens of its context window. Nothing was lost: raise --context-window.`,
    );
  }
  return { system: join(prompt, blocks), queue: fitQueue(state.queue, room), functions };
}

/** Tokens of the main context by section, as calibrated by what the provider last counted. */
export function measure(state: AgentState, functions: readonly FunctionSchema[]): SectionTokens {
  const { prompt, blocks } = layout(state, functions);
  const calibrated = (tokens: number): number => Math.ceil(tokens * state.pressure.calibration);
  const head = state.queue[0];
  const summary = head?.role === "user" && head.event === "summary" ? messageTokens(head) : 0;
  return {
    system: calibrated(estimateTokens(prompt)),
    functions: calibrated(functionTokens(functions)),
    core_memory: calibrated(estimateTokens(blocks)),
    summary: calibrated(summary),
    queue: calibrated(queueTokens(state.queue) - summary),
  };
}

export function total(sections: SectionTokens): number {
  return sections.system + sections.functions + sections.core_memory + sections.summary + sections.queue;
}

/** How the window of `state` is shared out, given what its fixed part takes. */
export function budgetOf(state: AgentState, functions: readonly FunctionSchema[]): Budget {
  const { summary, queue, ...fixed } = measure(state, functions);
  return budget(state.settings.contextWindow, total({ ...fixed, summary: 0, queue: 0 }));
}

type Layout = { prompt: string; blocks: string; budget: Budget; fixed: number };

function layout(state: AgentState, functions: readonly FunctionSchema[]): Layout {
  const shares = budget(state.settings.contextWindow, 0);
  const prompt = `${state.system}\n\n${renderMetadata(state)}`;
  const blocks = renderBlocks(state.blocks, shares.blocks / state.pressure.calibration);
  const fixed = estimateTokens(prompt) + estimateTokens(blocks) + functionTokens(functions);
  return { prompt, blocks, budget: shares, fixed };
}

function renderMetadata(state: AgentState): string {
  const { recall, archival, modifiedAt } = state.shown;
  return [
    `### Memory [last modified: ${localTime(modifiedAt)}]`,
    `${recall} previous messages are stored in recall memory (use functions to access them)`,
    `${archival} memories you created are stored in archival memory (use functions to access them)`,
    "",
    "Core memory, always in view but limited in size; more is in archival and recall memory:",
  ].join("\n");
}

function join(prompt: string, blocks: string): string {
  return `${prompt}\n${blocks}`;
}

/**
 * Whether the counts in the system message have become misleading: from none to some, or doubled, or halved. Anything
 * less is not worth the provider's prompt cache.
 */
export function isMisleading(shown: number, actual: number): boolean {
  if (shown === 0 || actual === 0) return shown !== actual;
  return actual >= shown * 2 || actual * 2 <= shown;
}

/** Estimated tokens of an assembled context, not calibrated. */
export function contextTokens({ system, queue, functions }: MainContext): number {
  return estimateTokens(system) + queueTokens(queue) + functionTokens(functions);
}
