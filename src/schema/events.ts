import type { SectionTokens, Usage } from "./context.ts";
import type { Alert } from "./alerts.ts";
import type { FunctionCall, FunctionKind } from "./message.ts";
import type { Spent } from "./spent.ts";
import type { Popped } from "./timeline.ts";
import type { UserMessageEvent } from "./user-message-event.ts";

/** What wakes an agent. */
export type InputEvent =
  /** `id` of the stored message; default: a new one. A front end that sends twice can look for the first. */
  | (UserMessageEvent & { readonly id?: string | undefined })
  | { readonly type: "login"; readonly time?: string | undefined }
  | { readonly type: "heartbeat"; readonly reason: string; readonly time?: string | undefined }
  | {
      readonly type: "system_alert";
      readonly message: string;
      /** The topic, so that nobody has to parse `message`. */
      readonly alert?: Alert | undefined;
      readonly time?: string | undefined;
    };

/** What a notice is about: something a person should know that is neither speech nor memory. */
export type NoticeCode =
  | "first_message_retry"
  | "nudge"
  | "forced_heartbeat"
  | "max_steps"
  | "max_cost"
  | "price_unknown"
  | "repeated_call"
  | "no_reply"
  | "message_cut"
  | "answer_cut"
  | "summary_fallback"
  | "nothing_to_summarize"
  | "overflow"
  | "server_cuts"
  | "recovered"
  | "redacted"
  | "quarantine"
  | "consent"
  | "storage";

/** Why a turn ended. `done`: nothing was left to do. `waiting`: calls wait for `answerCalls`. */
export type TurnOutcome = "done" | "waiting" | "no_reply" | "max_steps" | "max_cost" | "repeated_call";

/**
 * What an agent emits while it runs one turn, in order. The members ending in `_delta` are provisional: they carry
 * no state, and the event without `_delta` follows once the step is committed.
 */
export type AgentEvent =
  | { readonly type: "turn_start"; readonly agent: string; readonly input: InputEvent }
  /** `messageId`: the id under which the answer will be stored. */
  | { readonly type: "step_start"; readonly step: number; readonly messageId: string }
  | { readonly type: "internal_monologue_delta"; readonly text: string }
  /** `call`: which call of the answer says it, from 0. */
  | { readonly type: "assistant_message_delta"; readonly text: string; readonly call: number }
  /** The request is repeated after `seconds`; discard what was shown of its answer. */
  | { readonly type: "retry"; readonly reason: string; readonly seconds: number }
  | { readonly type: "internal_monologue"; readonly text: string }
  | { readonly type: "assistant_message"; readonly text: string }
  | { readonly type: "function_call"; readonly call: FunctionCall }
  | {
      readonly type: "function_return";
      /** Id of the stored message. */
      readonly messageId: string;
      readonly callId: string;
      readonly name: string;
      /** What the function does beyond returning text. */
      readonly kind: FunctionKind;
      readonly status: "OK" | "Failed";
      readonly output: string;
    }
  | {
      readonly type: "memory_edit";
      readonly target: "core" | "archival";
      readonly label: string;
      readonly before: string | null;
      readonly after: string;
    }
  | { readonly type: "memory_pressure"; readonly promptTokens: number; readonly contextWindow: number }
  | { readonly type: "popped"; readonly popped: Popped }
  | { readonly type: "queue_flush"; readonly evicted: number; readonly summary: string }
  | { readonly type: "notice"; readonly code: NoticeCode; readonly text: string }
  | {
      readonly type: "step_end";
      readonly step: number;
      readonly op: number;
      readonly usage: Usage | null;
      readonly sections: SectionTokens;
      readonly durationMs: number;
    }
  | {
      readonly type: "turn_end";
      readonly steps: number;
      readonly outcome: TurnOutcome;
      readonly reply: string | null;
      /** What the turn cost, summaries and repeated requests included. */
      readonly spent: Spent;
      readonly durationMs: number;
    };
