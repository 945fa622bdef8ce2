import type { FunctionSchema, MainContext, SectionTokens } from "../schema/context.ts";
import { ContextOverflowError } from "../errors.ts";
import type { AgentState } from "../schema/state.ts";
import { renderBlocks } from "./blocks.ts";
import { type Budget, blocksBudget, budget } from "./budget.ts";
import { fitQueue } from "./queue.ts";
import { estimateTokens, functionTokens, messageTokens, queueTokens } from "./tokens.ts";
import { localTime } from "../time/format.ts";

/** The least room, in tokens, that the queue needs for a conversation to be possible at all. */
const LEAST_ROOM = 200;

/**
 * All that the next inference sees: prompt, memory metadata, core memory, queue, functions. Never larger than the
 * window less the room for the reply: what does not fit is shown cut, or not at all.
 *
 * @throws ContextOverflowError if the prompt and the functions alone leave no room for a conversation.
 */
export function assemble(state: AgentState, functions: readonly FunctionSchema[]): MainContext {
  const { prompt, blocks, metadata, budget, fixed } = layout(state, functions);
  const room = (budget.window - budget.reply) / state.pressure.calibration - total(fixed);
  if (room < LEAST_ROOM) {
    throw new ContextOverflowError(
      `The system prompt, functions and core memory of ${state.name} take about ${total(fixed)} of the ` +
        `${budget.window} tokens of its context window. Nothing was lost: raise {window}.`,
      { canShrink: false },
    );
  }
  const caution = Math.min(uncounted(state), room - LEAST_ROOM);
  return { system: `${prompt}\n${blocks}\n\n${metadata}`, queue: fitQueue(state.queue, room - caution), functions };
}

/**
 * Estimated tokens that the newest messages may take beyond what the calibration says. It was learnt from what was said
 * before them: where a conversation changes from English to numbers or another script, the plain estimate is the truer.
 */
function uncounted({ queue, pressure: { calibration } }: AgentState): number {
  if (calibration >= 1) return 0;
  const answered = queue.findLastIndex(({ role }) => role === "assistant");
  return queueTokens(queue.slice(Math.max(0, answered))) * (1 / calibration - 1);
}

/** Tokens of the main context by section, as calibrated by what the provider last counted. */
export function measure(state: AgentState, functions: readonly FunctionSchema[]): SectionTokens {
  const { fixed } = layout(state, functions);
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

/** How the window of `state` is shared out, given what its fixed part takes. */
export function budgetOf(state: AgentState, functions: readonly FunctionSchema[]): Budget {
  const { fixed } = layout(state, functions);
  return budget(state.settings.contextWindow, total(calibrated(fixed, state)));
}

type Layout = {
  readonly prompt: string;
  readonly blocks: string;
  readonly metadata: string;
  readonly budget: Budget;
  readonly fixed: SectionTokens;
};

/**
 * The last layout made with each array of blocks. From step to step only the queue changes, so that the longest texts
 * of the context are rendered and counted once and not several times a step.
 */
const layouts = new WeakMap<
  AgentState["blocks"],
  { readonly of: AgentState; readonly functions: readonly FunctionSchema[]; readonly layout: Layout }
>();

function layout(state: AgentState, functions: readonly FunctionSchema[]): Layout {
  const known = layouts.get(state.blocks);
  if (known !== undefined && known.functions === functions && hasSameLayout(known.of, state)) return known.layout;
  const shares = budget(state.settings.contextWindow, 0);
  const prompt = `${state.system}\n\n${CORE_MEMORY}`;
  const metadata = renderMetadata(state);
  const [system, called] = [estimateTokens(`${prompt}\n${metadata}`), functionTokens(functions)];
  const { calibration } = state.pressure;
  const room = blocksBudget(state.settings.contextWindow, (system + called) * calibration);
  const blocks = renderBlocks(state.blocks, room / calibration);
  const fixed = {
    system,
    functions: called,
    core_memory: estimateTokens(blocks),
    summary: 0,
    queue: 0,
  };
  const made = { prompt, blocks, metadata, budget: shares, fixed };
  layouts.set(state.blocks, { of: state, functions, layout: made });
  return made;
}

function hasSameLayout(a: AgentState, b: AgentState): boolean {
  return (
    a.system === b.system &&
    a.shown === b.shown &&
    a.settings.contextWindow === b.settings.contextWindow &&
    a.pressure.calibration === b.pressure.calibration
  );
}

const CORE_MEMORY = "### Core memory\nAlways in view but limited in size; more is in archival and recall memory:";

/** Comes last, since it changes with every edit: what is before it stays in the provider's prompt cache. */
function renderMetadata(state: AgentState): string {
  const { recall, archival, modifiedAt } = state.shown;
  return [
    `### Memory [last modified: ${localTime(modifiedAt)}]`,
    `${recall} previous messages are stored in recall memory (use functions to access them)`,
    `${archival} memories you created are stored in archival memory (use functions to access them)`,
  ].join("\n");
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
