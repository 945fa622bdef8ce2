import type { Agent, AgentEntry, AgentEvent, ErrorCode } from "../../index.ts";

/** One of several choices: shows `name`, answers `value`. */
export type Choice = { readonly value: string; readonly name: string };

/** Where commands come from: a person's terminal, or a pipe. */
export interface SlashTerminal {
  /** Columns available for text. */
  readonly width: number;
  /** Whether output must be plain ASCII. */
  readonly isPlain: boolean;
  /** Whether a person can answer questions. */
  readonly interactive: boolean;
  /** Shows text before a question. */
  show(text: string): void;
  /** @returns whether the person said yes. @throws MemGPTError `invalid_input` if not interactive. */
  confirm(question: string): Promise<boolean>;
  /** @returns the chosen value; undefined if the person cancelled. @throws MemGPTError `invalid_input` if not interactive. */
  pick(question: string, choices: readonly Choice[]): Promise<string | undefined>;
  /**
   * Lets the person edit `text` in their editor, in a file named after `name`, and hands the result to `use`. If `use`
   * throws, the edited text stays in a file that the error names.
   *
   * @throws MemGPTError `invalid_input` if the editor fails or has no terminal.
   */
  edit<T>(text: string, name: string, use: (edited: string) => Promise<T>): Promise<T>;
  /** Sends `text` to the clipboard. @returns whether the terminal may support that. */
  copy(text: string): boolean;
  /** Clears the screen. @returns false without a screen. */
  clear(): boolean;
  /** Shows or hides function calls and their returns. @returns whether they are now shown. */
  toggleVerbose(): boolean;
}

/** The agents of this home, opened with the flags of the session. */
export interface SlashAgents {
  list(): Promise<readonly AgentEntry[]>;
  /** @returns the agent and lines to show about its opening. @throws MemGPTError `agent_not_found`, `agent_locked`, … */
  open(name: string, incognito?: boolean): Promise<{ readonly agent: Agent; readonly lines: readonly string[] }>;
  /** Creates an agent, under a free name by default. @throws MemGPTError `agent_exists`, `invalid_name`, … */
  create(name: string | undefined): Promise<{ readonly agent: Agent; readonly lines: readonly string[] }>;
  /** Exports an agent to `file`, in the format that its name ends in. @throws MemGPTError `invalid_input` if the file exists. */
  export(name: string, file: string): Promise<void>;
  /** Names of the data sources as `sources` last returned them. */
  knownSources(): readonly string[];
  sources(): Promise<readonly string[]>;
}

/** What a slash command works with. */
export type SlashContext = { readonly agent: Agent; readonly terminal: SlashTerminal; readonly agents: SlashAgents };

/** A turn to run and show, with the texts around it. */
export type SlashTurn = {
  readonly type: "turn";
  /** Label of the spinner until the first event (default: "Thinking"). */
  readonly waiting?: string;
  run(options: { readonly signal: AbortSignal }): AsyncIterable<AgentEvent>;
  /** Text shown if no step finished. */
  readonly untouched?: string;
  /** Text to start the next prompt with in that case. */
  readonly draft?: string;
  /** Text shown at the end, if any. */
  after?(events: readonly AgentEvent[]): string | undefined;
};

/** What the chat does next. The text must be made safe for a terminal before it is printed. */
export type SlashResult =
  /** `asIs`: do not wrap long lines. `refused`: the command did nothing, for this reason; a pipe fails with it. */
  | { readonly type: "print"; readonly text: string; readonly asIs?: boolean; readonly refused?: ErrorCode }
  | SlashTurn
  /** Puts a text in the prompt to be edited, then submits it. */
  | { readonly type: "edit"; readonly text: string; readonly submit: (edited: string) => SlashResult }
  /** Starts a message of several lines with `start`. */
  | { readonly type: "multiline"; readonly start: string }
  /** Switches to another agent. The session closes the previous one. */
  | { readonly type: "switch"; readonly agent: Agent; readonly lines: readonly string[] }
  | { readonly type: "exit" };

/**
 * One command. Help, completion and the table in docs/COMMANDS.md come from it.
 *
 * `usage` says whether it takes an argument: none, an optional one in brackets, or a required one. `run` is called only
 * with an argument that fits.
 */
export type SlashCommand = {
  readonly usage: string;
  /** What the argument must be, if `usage` does not say enough. */
  readonly argument?: string;
  readonly summary: string;
  /** More lines for `/help NAME`. */
  readonly details?: readonly string[];
  /** A line to type. */
  readonly example: string;
  /** Completions of `argument` for the Tab key. */
  complete?(argument: string, context: Pick<SlashContext, "agent" | "agents">): readonly string[];
  run(argument: string, context: SlashContext): SlashResult | Promise<SlashResult>;
};

export type SlashCommands = Readonly<Record<string, SlashCommand>>;

/** Prints `text`. */
export function print(text: string): SlashResult {
  return { type: "print", text };
}

/** Prints `text` instead of doing what was asked. */
export function refuse(text: string, refused: ErrorCode): SlashResult {
  return { type: "print", text, refused };
}

/** Answers wrong usage of a command. */
export function refuseUsage(command: Pick<SlashCommand, "usage" | "argument">): SlashResult {
  return refuse(usageLine(command), "invalid_input");
}

/** The usage line of a command. */
export function usageLine({ usage, argument }: Pick<SlashCommand, "usage" | "argument">): string {
  return `Usage: ${usage}${argument === undefined ? "" : `, ${argument}`}`;
}
