import { MemGPTError } from "../errors.ts";
import type { Executed } from "../functions/executor.ts";
import { frameOf } from "../memory/main-context.ts";
import type { ActionRef } from "../ports/history.ts";
import type { AgentEvent } from "../schema/events.ts";
import type { FunctionCall, FunctionMessage } from "../schema/message.ts";
import type { AgentState } from "../schema/state.ts";
import { fenced, reportReturn, runCall } from "./calls.ts";
import { Draft } from "./draft.ts";
import { packReturn } from "./pack.ts";
import type { Session } from "./session.ts";

/** The answer to a deferred call: what it returned elsewhere, or approval to run the agent's own function now. */
export type CallAnswer =
  | { readonly callId: string; readonly status: "OK" | "Failed"; readonly output: string }
  | { readonly callId: string; readonly approved: true };

/** A waiting call: its placeholder in the queue, and the id of the message that made it. */
type Waiting = { readonly returned: FunctionMessage; readonly by: string };

/**
 * Replaces the placeholders of waiting calls, in the queue and in recall, with answers, in one commit.
 *
 * @returns whether the agent can continue: no other call of the same message is waiting.
 * @throws MemGPTError `not_found` for a call that is not waiting.
 */
export async function* answerCalls(
  session: Session,
  answers: readonly CallAnswer[],
  { action, signal }: { readonly action: ActionRef; readonly signal: AbortSignal },
): AsyncGenerator<AgentEvent, boolean, void> {
  const deps = session.deps(action);
  // Approving the call was agreeing to what it proposes.
  const approvedDeps = { ...deps, proposeForgetting: async () => ({ agreed: true }) as const };
  const { budget } = frameOf(session.state, deps.schemas);
  const draft = new Draft(session.state, budget.item);
  const rewritten: FunctionMessage[] = [];
  const found = answers.map((answer) => ({ answer, waiting: waitingFor(session.state, answer.callId) }));
  for (const { answer, waiting } of found) {
    const { id, createdAt, callId, name } = waiting.returned;
    const call = await wholeCall(session, waiting);
    const executed: Executed =
      "approved" in answer
        ? await runCall(call, draft, { budget, signal }, approvedDeps)
        : await fenced({ name }, returnedElsewhere(answer), draft, deps);
    const packed = packReturn({ ...call, id: callId }, executed, { newId: deps.newId, now: deps.now() });
    const returned = { ...packed, id, createdAt };
    rewritten.push(returned);
    draft.rewrite([returned]);
    reportReturn(draft, returned, executed);
  }
  signal.throwIfAborted();
  const callers = new Set(found.map(({ waiting }) => waiting.by));
  const { state, passages } = draft;
  const [cause = action.label] = callers;
  await session.commit(action, { cause, state, passages, rewritten });
  deps.eraseLater(draft.erased);
  yield* draft.events;
  return !waitingCalls(state).some(({ by }) => callers.has(by));
}

function returnedElsewhere({ status, output }: Extract<CallAnswer, { readonly status: string }>): Executed {
  return { kind: "outside_effect", status, output, effects: [], hits: [], heartbeat: false, foreign: true };
}

/** The newest waiting call with the id: models may repeat ids. */
function waitingFor(state: AgentState, callId: string): Waiting {
  const found = waitingCalls(state).findLast(({ returned }) => returned.callId === callId);
  if (found !== undefined) return found;
  const text = `${state.name} has no call ${JSON.stringify(callId)} that waits for an answer. Nothing was changed.`;
  throw new MemGPTError("not_found", text);
}

function waitingCalls({ queue }: AgentState): Waiting[] {
  let by = "";
  return queue.flatMap((message) => {
    if (message.role === "assistant") by = message.id;
    return message.role === "function" && message.pending === true ? [{ returned: message, by }] : [];
  });
}

/** The call from recall storage: in the queue its arguments may be cut. */
async function wholeCall({ parts }: Session, { returned, by }: Waiting): Promise<FunctionCall> {
  const message = await parts.store.recall.get(by);
  const calls = message?.role === "assistant" ? message.calls : [];
  const { callId: id, name } = returned;
  return calls.find((call) => call.id === id) ?? { id, name, arguments: "{}" };
}
