import type { AgentEvent } from "../../schema/events.ts";

/** An event about one user's agents, sent as it happens. */
export type FeedEvent =
  /** The first event of a connection, followed by the events of running turns so far. `server` differs after a restart. */
  | { readonly type: "hello"; readonly server: string }
  | { readonly type: "turn"; readonly agent: string; readonly event: AgentEvent }
  | {
      readonly type: "turn_over";
      readonly agent: string;
      readonly how: "done" | "stopped" | "failed";
      /** What went wrong, for a person to read; empty unless it failed. */
      readonly detail: string;
    }
  /** Something other than a turn changed an agent's memory, settings or messages. */
  | { readonly type: "changed"; readonly agent: string }
  /** Something was forgotten for good: what a client read earlier may still contain it. */
  | { readonly type: "forgot"; readonly agent: string }
  /** An agent was created, renamed or removed. */
  | { readonly type: "roster" };
