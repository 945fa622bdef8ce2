import type { AgentEvent } from "../../schema/events.ts";

/** What a server says, as it happens, about the agents of one user. */
export type FeedEvent =
  /** The first of each connection. What a turn that is running has said so far follows it. `server` differs after a restart. */
  | { readonly type: "hello"; readonly server: string }
  | { readonly type: "turn"; readonly agent: string; readonly event: AgentEvent }
  | {
      readonly type: "turn_over";
      readonly agent: string;
      readonly how: "done" | "stopped" | "failed";
      /** What went wrong, for a person to read; empty unless it failed. */
      readonly detail: string;
    }
  /** Memory, settings or messages of an agent changed otherwise than by a turn. */
  | { readonly type: "changed"; readonly agent: string }
  /** Something was forgotten for good: what was read of the agent earlier may still have it. */
  | { readonly type: "forgot"; readonly agent: string }
  /** An agent was made, renamed or removed. */
  | { readonly type: "roster" };
