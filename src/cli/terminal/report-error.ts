import { type ErrorCode, type Kept, MemGPTError, type SettingNames } from "../../errors.ts";
import { jsonText } from "./json-text.ts";
import { visible } from "./sanitize.ts";

/** Exit codes: 1 failure, 2 wrong usage, 130 interrupted. */
export const EXIT_CODES: Record<ErrorCode, number> = {
  agent_busy: 1,
  agent_exists: 1,
  agent_locked: 1,
  agent_not_found: 1,
  answer_unbounded: 1,
  config_invalid: 1,
  context_overflow: 1,
  cost_limit: 1,
  interrupted: 130,
  invalid_input: 2,
  invalid_name: 2,
  llm_unavailable: 1,
  native_missing: 1,
  not_found: 1,
  queue_full: 1,
  server_unavailable: 1,
  storage_damaged: 1,
  storage_failed: 1,
};

export type Reporting = {
  /** Also print the stack. */
  readonly debug?: boolean | undefined;
  /** Also print the error as a JSON object on standard output. */
  readonly json?: boolean | undefined;
};

/** Prints an error on standard error. @returns its exit code. */
export function reportError(error: unknown, { debug = false, json = false }: Reporting = {}): number {
  // Ctrl-C at a question of inquirer needs no message.
  if (error instanceof Error && error.name === "ExitPromptError") return EXIT_CODES.interrupted;
  process.stderr.write(`${errorText(error, debug)}\n`);
  if (json && error instanceof MemGPTError) printError(error.code, messageOf(error), error.kept);
  else if (json) printError("unexpected", messageOf(error));
  return error instanceof MemGPTError ? EXIT_CODES[error.code] : 1;
}

/** Prints an error as JSON on standard output. `unexpected` marks a bug, after which nobody knows what was kept. */
export function printError(code: ErrorCode | "unexpected", message: string, kept?: Kept): void {
  process.stdout.write(`${jsonText({ type: "error", code, message, kept })}\n`);
}

/** How to change settings from the chat. */
export const IN_CHAT: SettingNames = {
  model: "/model NAME",
  endpoint: "`memgpt run --model-endpoint URL`",
  window: "`memgpt run --context-window TOKENS`",
};

/** The text shown for `error`, with its stack if `debug`. */
export function errorText(error: unknown, debug: boolean, names?: SettingNames): string {
  const stack = debug && error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : "";
  const expected = error instanceof MemGPTError;
  const hint = expected || debug ? "" : "\nThis is a bug in memgpt; --debug shows where.";
  return visible(`memgpt: ${messageOf(error, names)}${hint}${stack}`);
}

function messageOf(error: unknown, names?: SettingNames): string {
  if (names !== undefined && error instanceof MemGPTError) return error.messageWith(names);
  return error instanceof Error ? error.message : String(error);
}
