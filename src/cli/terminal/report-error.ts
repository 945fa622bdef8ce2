import type { ErrorCode } from "../../errors.ts";
import { MemGPTError } from "../../index.ts";
import { visible } from "./sanitize.ts";

/** What the process ends with for each failure: 1 failure, 2 wrong usage, 130 interrupted. */
export const EXIT_CODES: Record<ErrorCode, number> = {
  agent_busy: 1,
  agent_exists: 1,
  agent_locked: 1,
  agent_not_found: 1,
  config_invalid: 1,
  context_overflow: 1,
  cost_limit: 1,
  interrupted: 130,
  invalid_input: 2,
  invalid_name: 2,
  llm_unavailable: 1,
  native_missing: 1,
  not_found: 1,
  storage_failed: 1,
};

/** Prints what went wrong on standard error, in a line or two. @returns the exit code for it. */
export function reportError(error: unknown, { debug = false }: { debug?: boolean | undefined } = {}): number {
  // Ctrl-C at a question of inquirer, which whoever pressed it need not be told.
  if (error instanceof Error && error.name === "ExitPromptError") return EXIT_CODES.interrupted;
  process.stderr.write(`${errorText(error, debug)}\n`);
  return error instanceof MemGPTError ? EXIT_CODES[error.code] : 1;
}

/** What a person is told of `error`. The stack is for those who asked for it. */
export function errorText(error: unknown, debug: boolean): string {
  const message = error instanceof Error ? error.message : String(error);
  const stack = debug && error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : "";
  const expected = error instanceof MemGPTError;
  const hint = expected || debug ? "" : "\nThis should not happen; --debug shows where it did.";
  return visible(`memgpt: ${message}${hint}${stack}`);
}
