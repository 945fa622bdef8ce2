import type { Agent, AgentEntry, AgentEvent, ErrorCode } from "../../index.ts";

/** One of several things to pick from. `name` is shown, `value` is the answer. */
export type Choice = { readonly value: string; readonly name: string };

/** Where commands are typed: a terminal with a person at it, or a pipe. */
export interface SlashTerminal {
  /** Columns that text may take. */
  readonly width: number;
  /** Whether nothing may be drawn but ASCII. */
  readonly isPlain: boolean;
  /** Whether somebody is there to be asked. */
  readonly interactive: boolean;
  /** Shows something before a question. */
  show(text: string): void;
  /** @returns whether the answer was yes. @throws MemGPTError `invalid_input` if nobody can be asked. */
  confirm(question: string): Promise<boolean>;
  /** @returns the value picked; undefined if the person cancelled. @throws MemGPTError `invalid_input` if nobody can be asked. */
  pick(question: string, choices: readonly Choice[]): Promise<string | undefined>;
  /**
   * Lets the person edit `text` in their editor, in a file named after `name`, and hands the result to `use`. If `use`
   * throws, the result is kept in a file that the error names.
   *
   * @throws MemGPTError `invalid_input` if the editor fails or there is no terminal for it.
   */
  edit<T>(text: string, name: string, use: (edited: string) => Promise<T>): Promise<T>;
  /** Puts `text` on the clipboard. @returns whether there may be one that can be reached. */
  copy(text: string): boolean;
  /** Empties the screen. @returns whether there is one. */
  clear(): boolean;
  /** Shows function calls and their returns from now on, or no longer. @returns whether they are shown now. */
  toggleVerbose(): boolean;
}

/** The agents there are, and how another is opened: with the flags of the session. */
export interface SlashAgents {
  list(): Promise<readonly AgentEntry[]>;
  /** @returns the agent and what a person should know of how it was opened. @throws MemGPTError `agent_not_found`, `agent_locked`, … */
  open(name: string): Promise<{ readonly agent: Agent; readonly lines: readonly string[] }>;
  /** Makes an agent, of a free name if none is given. @throws MemGPTError `agent_exists`, `invalid_name`, … */
  create(name: string | undefined): Promise<{ readonly agent: Agent; readonly lines: readonly string[] }>;
  /** Writes all of an agent to `file`, as JSON if its name says so. @throws MemGPTError `invalid_input` if it exists. */
  export(name: string, file: string): Promise<void>;
}

/** What a slash command has at hand. */
export type SlashContext = { readonly agent: Agent; readonly terminal: SlashTerminal; readonly agents: SlashAgents };

/** Events that are shown as those of a turn, and what is said around them. */
export type SlashTurn = {
  readonly type: "turn";
  /** What is shown while nothing has come yet; "Thinking" if absent. */
  readonly waiting?: string;
  run(options: { readonly signal: AbortSignal }): AsyncIterable<AgentEvent>;
  /** What is said if no step was finished. */
  readonly untouched?: string;
  /** What the prompt then begins with. */
  readonly draft?: string;
  /** What is said at the end, if anything. */
  after?(events: readonly AgentEvent[]): string | undefined;
};

/** What the chat does next. Text is made safe to print by whoever prints it. */
export type SlashResult =
  /** `asIs`: long lines are not broken. `refused`: why the text stands in place of what was asked for; a pipe fails with it. */
  | { readonly type: "print"; readonly text: string; readonly asIs?: boolean; readonly refused?: ErrorCode }
  | SlashTurn
  /** A text is put in the prompt to be edited; what is submitted goes on from there. */
  | { readonly type: "edit"; readonly text: string; readonly submit: (edited: string) => SlashResult }
  /** A message of several lines is typed, of which `start` is the beginning. */
  | { readonly type: "multiline"; readonly start: string }
  /** Another agent is talked to from now on; whoever runs the session closes the one before. */
  | { readonly type: "switch"; readonly agent: Agent; readonly lines: readonly string[] }
  | { readonly type: "exit" };

/**
 * One command: help, completion and the README's table are printed from it.
 *
 * `usage` says whether there is an argument: none, one in brackets that may be left out, or one that must be there. The
 * command is only run with what fits.
 */
export type SlashCommand = {
  readonly usage: string;
  /** What the argument must be, where the usage line does not say it all. */
  readonly argument?: string;
  readonly summary: string;
  /** More lines for `/help NAME`: what exactly it does. */
  readonly details?: readonly string[];
  /** What somebody may type. */
  readonly example: string;
  /** What the argument may be, for the Tab key. `argument` is what is typed of it. */
  complete?(argument: string, context: Pick<SlashContext, "agent" | "agents">): readonly string[];
  run(argument: string, context: SlashContext): SlashResult | Promise<SlashResult>;
};

export type SlashCommands = Readonly<Record<string, SlashCommand>>;

/** `text`, printed. */
export function print(text: string): SlashResult {
  return { type: "print", text };
}

/** `text` in place of what was asked for. */
export function refuse(text: string, refused: ErrorCode): SlashResult {
  return { type: "print", text, refused };
}

/** What wrong use of a command gets. */
export function refuseUse(command: Pick<SlashCommand, "usage" | "argument">): SlashResult {
  return refuse(usageLine(command), "invalid_input");
}

/** The line that wrong use of a command gets. */
export function usageLine({ usage, argument }: Pick<SlashCommand, "usage" | "argument">): string {
  return `Usage: ${usage}${argument === undefined ? "" : `, ${argument}`}`;
}
