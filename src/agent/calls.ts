import { type Executed, callError, execute } from "../functions/executor.ts";
import type { AgentFunction, ForgetProposal } from "../functions/define.ts";
import type { Budget } from "../memory/budget.ts";
import { parseJson } from "../memory/envelope.ts";
import type { Completion } from "../schema/context.ts";
import type { AssistantMessage, FunctionCall, FunctionMessage } from "../schema/message.ts";
import { fence, markFrom } from "../trust/fence.ts";
import { refusal } from "./consent.ts";
import type { AgentDeps } from "./deps.ts";
import type { Draft } from "./draft.ts";
import { packReturn } from "./pack.ts";
import { screenedText } from "./screening.ts";
import { HELD_BACK, loadRules, sortCalls } from "./quarantine.ts";

/** Limits for running calls: sizes of what they may return, and when to stop. */
export type Running = { readonly budget: Budget; readonly signal: AbortSignal | undefined };

/** Runs the calls of an answer, in order. Leaves those of deferred functions to `answerCalls`. */
export async function runCalls(
  draft: Draft,
  { id, content, calls }: Completion & { readonly id: string },
  running: Running,
  deps: AgentDeps,
): Promise<void> {
  const now = deps.now();
  const { quarantine: policy, functions, newId } = deps;
  const sorted = await sortCalls(calls, { state: draft.state, functions, policy, newId, at: now });
  const marked = sorted.calls.map((call) =>
    isDeferred(call, functions) ? { ...call, deferred: true as const } : call,
  );
  const assistant: AssistantMessage = { id, createdAt: now, role: "assistant", content, calls: marked };
  draft.push(assistant);
  for (const text of sorted.notices) draft.report({ type: "notice", code: "quarantine", text });
  for (const call of marked) {
    draft.events.push({ type: "function_call", call });
    const held = sorted.held.get(call.id);
    if (held !== undefined) draft.held.push(held);
    if (held === undefined && call.deferred === true) {
      draft.waiting = true;
      draft.push({ ...packReturn(call, WAITING, { newId, now }), pending: true });
      continue;
    }
    const refused = held === undefined ? await refusal(call, draft, deps, running.signal) : HELD_BACK;
    const executed = refused ?? (await runCall(call, draft, running, deps));
    draft.failed ||= executed.status === "Failed";
    draft.heartbeat ||= executed.heartbeat && executed.status === "OK";
    const returned = packReturn(call, executed, { newId, now });
    draft.push(returned);
    reportReturn(draft, returned, executed);
  }
}

/** Runs a permitted call and applies its effects to the draft. */
export async function runCall(
  call: FunctionCall,
  draft: Draft,
  { budget: { page, item }, signal }: Running,
  deps: AgentDeps,
): Promise<Executed> {
  // The envelope around a page takes part of the item.
  const pageTokens = Math.max(64, Math.min(page, item - 60));
  const { state, passages } = draft;
  const inserted = passages.length;
  const { recall } = deps.store;
  const { notify, newId, now } = deps;
  const collections = deps.collections();
  const proposeForgetting = (text: string): Promise<ForgetProposal> => deps.proposeForgetting(text, signal);
  const bounds = { inserted, pageTokens, signal };
  const context = { state, recall, collections, notify, now: now(), newId, proposeForgetting, ...bounds };
  const executed = await fenced(call, await execute(call, deps.functions, context), draft, deps);
  for (const effect of executed.effects) effect.apply(draft);
  return executed;
}

/** Reports the return of a call as an event. */
export function reportReturn(draft: Draft, { id: messageId, callId, name }: FunctionMessage, executed: Executed): void {
  const { kind, status, output } = executed;
  draft.report({ type: "function_return", messageId, callId, name, kind, status, output });
}

/** Redacts and fences what came from outside: it is data, whatever it says. Adds a notice if it reads like instructions. */
export async function fenced(
  { name }: Pick<FunctionCall, "name">,
  executed: Executed,
  draft: Draft,
  { quarantine, secrets, newId }: Pick<AgentDeps, "quarantine" | "secrets" | "newId">,
): Promise<Executed> {
  if (!executed.foreign) return executed;
  const { text: output, redacted } = await screenedText(executed.output, secrets);
  if (redacted.length > 0) {
    const text = `Redacted from what ${name} returned before it was stored or sent: ${redacted.join(", ")}.`;
    draft.report({ type: "notice", code: "redacted", text });
  }
  // The name of a function of ours before an error would read like an order to call it.
  const said = executed.status === "Failed" ? output.replace(callError(name), "") : output;
  const suspicion = quarantine === "off" ? undefined : (await loadRules())(said);
  if (suspicion !== undefined) {
    const text = `What ${name} returned reads like instructions to the agent ("${suspicion.excerpt}"). It was passed on as data.`;
    draft.report({ type: "notice", code: "quarantine", text });
  }
  const { open, close } = fence(markFrom(newId()), `tool:${name}`);
  return { ...executed, output: open + output + close };
}

/** Whether the caller answers the call. One with malformed arguments fails at once, so that the model can correct it. */
function isDeferred(call: FunctionCall, functions: ReadonlyMap<string, AgentFunction>): boolean {
  if (functions.get(call.name)?.deferred !== true) return false;
  const args = call.arguments.trim() === "" ? {} : parseJson(call.arguments);
  return typeof args === "object" && args !== null && !Array.isArray(args);
}

/** The return that the model reads while a call waits. */
const WAITING = { kind: "plain", status: "OK", output: "This call has not been answered yet." } as const;
