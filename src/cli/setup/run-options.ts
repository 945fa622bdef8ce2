/** How replies are printed where there is no terminal: the text, one object a message, or every event. */
export type OutputFormat = "text" | "json" | "stream-json";

/** The flags of `memgpt run`. */
export type RunOptions = {
  readonly agent?: string;
  readonly resume?: boolean;
  readonly persona?: string;
  readonly human?: string;
  readonly preset?: string;
  readonly model?: string;
  readonly modelEndpoint?: string;
  readonly contextWindow?: number;
  readonly coreMemoryLimit?: number;
  readonly first?: boolean;
  /** How long nothing must have been said for the agent to be woken, in milliseconds; never, if absent. */
  readonly heartbeatEvery?: number;
  readonly useOpenaiKey?: boolean;
  readonly verify: boolean;
  readonly maxSteps?: number;
  /** In US dollars. */
  readonly maxCost?: number;
  readonly debug?: boolean;
  readonly stripUi?: boolean;
  readonly yes?: boolean;
  readonly stream: boolean;
  readonly print?: string;
  readonly outputFormat: OutputFormat;
  readonly inputFormat: "text" | "stream-json";
};
