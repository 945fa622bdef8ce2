import type { AgentEvent } from "../../../schema/events.ts";
import type { Call, Entry } from "../../wire/entries.ts";

type AgentEntry = Extract<Entry, { kind: "agent" }>;

/** A running turn. The server stores nothing of a step before it ends. */
export type LiveTurn = {
  readonly entries: readonly Entry[];
  /** The person's message; null for a turn without one. */
  readonly asked: string | null;
  /** Whether a step has ended, so that the message is stored. */
  readonly isKept: boolean;
  /** Ids of messages that this turn undoes. */
  readonly replaced: ReadonlySet<string>;
  /** Notices, for example that the request is repeated. */
  readonly notices: readonly string[];
  /** Whether the step's text is final. */
  readonly isFinal: boolean;
};

export const NEW_TURN: LiveTurn = {
  entries: [],
  asked: null,
  isKept: false,
  replaced: new Set(),
  notices: [],
  isFinal: false,
};

/** The turn after one more event. */
export function afterEvent(turn: LiveTurn, event: AgentEvent): LiveTurn {
  switch (event.type) {
    case "popped":
      return { ...turn, replaced: new Set(event.popped.messages.map(({ id }) => id)) };
    case "turn_start": {
      const { input } = event;
      if (input.type !== "user_message") return turn;
      const entry: Entry = {
        kind: "person",
        id: "asked",
        at: new Date().toISOString(),
        name: null,
        text: input.message,
      };
      return { ...turn, entries: [...turn.entries, entry], asked: input.message };
    }
    case "step_start":
      return { ...turn, isFinal: false, entries: [...turn.entries, newStep(event.messageId)] };
    case "internal_monologue_delta":
      return withStep(turn, (step) => ({ ...step, thought: (step.thought ?? "") + event.text }));
    case "assistant_message_delta":
      return withStep(turn, (step) => ({ ...step, text: (step.text ?? "") + event.text }));
    case "retry":
      return withStep({ ...turn, notices: [...turn.notices, `${event.reason} Asking again.`] }, (step) => ({
        ...step,
        thought: null,
        text: null,
      }));
    case "internal_monologue":
      return withStep(turn, (step) => ({ ...step, thought: event.text }));
    case "assistant_message":
      return withStep({ ...turn, isFinal: true }, (step) => ({
        ...step,
        text: turn.isFinal && step.text !== null ? `${step.text}\n${event.text}` : event.text,
      }));
    case "function_call":
      if (event.call.name === "send_message") return turn;
      return withStep(turn, (step) => ({ ...step, calls: [...step.calls, begun(event.call)] }));
    case "function_return":
      return withStep(turn, (step) => ({
        ...step,
        calls: step.calls.map((call) => (call.id === event.callId ? returned(call, event) : call)),
      }));
    case "memory_edit":
      return withStep(turn, (step) => ({
        ...step,
        edits: [
          ...step.edits,
          { op: 0, target: event.target, ref: event.label, before: event.before, after: event.after },
        ],
      }));
    case "notice":
      return { ...turn, notices: [...turn.notices, event.text] };
    case "queue_flush":
      return {
        ...turn,
        notices: [...turn.notices, `${event.evicted} messages left the context; a summary replaces them.`],
      };
    case "step_end":
      return { ...turn, isKept: true };
    case "memory_pressure":
    case "turn_end":
      return turn;
  }
}

function newStep(id: string): AgentEntry {
  return {
    kind: "agent",
    id,
    at: new Date().toISOString(),
    name: null,
    thought: null,
    text: null,
    calls: [],
    edits: [],
  };
}

function withStep(turn: LiveTurn, change: (step: AgentEntry) => AgentEntry): LiveTurn {
  const step = turn.entries.at(-1);
  if (step?.kind !== "agent") return turn;
  return { ...turn, entries: [...turn.entries.slice(0, -1), change(step)] };
}

function begun({ id, name, arguments: args }: Pick<Call, "id" | "name" | "arguments">): Call {
  return { id, name, arguments: args, returnId: null, kind: "plain", status: null, output: "", hits: null };
}

function returned(
  call: Call,
  { messageId, kind, status, output }: Extract<AgentEvent, { type: "function_return" }>,
): Call {
  return { ...call, returnId: messageId, kind, status, output };
}
