import type { AskConsent } from "../../index.ts";

/** Output without a terminal: the reply's text, one object per message, or every event. */
export type OutputFormat = "text" | "json" | "stream-json";

/** The flags of `memgpt run`. */
export type RunOptions = {
  readonly agent?: string;
  /** A memgpt server whose agents to talk to instead of those on this machine, and the key for it. */
  readonly server?: string;
  readonly token?: string;
  readonly resume?: boolean;
  readonly persona?: string;
  readonly human?: string;
  readonly preset?: string;
  readonly model?: string;
  readonly modelEndpoint?: string;
  readonly contextWindow?: number;
  readonly coreMemoryLimit?: number;
  readonly first?: boolean;
  /** Milliseconds of silence after which to wake the agent (default: never). */
  readonly heartbeatEvery?: number;
  readonly useOpenaiKey?: boolean;
  /** Functions that act outside memory and may be called without asking. */
  readonly allow?: readonly string[];
  /** Asks the person about such calls; added by the chat. */
  readonly consent?: AskConsent;
  readonly verify: boolean;
  readonly maxSteps?: number;
  /** In US dollars. */
  readonly maxCost?: number;
  /** Whether nothing of the session is stored. */
  readonly incognito?: boolean;
  readonly debug?: boolean;
  readonly stripUi?: boolean;
  readonly yes?: boolean;
  readonly stream: boolean;
  readonly print?: string;
  readonly outputFormat: OutputFormat;
  readonly inputFormat: "text" | "stream-json";
};
