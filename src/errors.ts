/** Every failure that a caller may want to distinguish. A new member breaks the build wherever it is not yet handled. */
export const ERROR_CODES = [
  "agent_busy",
  "agent_exists",
  "agent_locked",
  "agent_not_found",
  "answer_unbounded",
  "config_invalid",
  "context_overflow",
  "cost_limit",
  "interrupted",
  "invalid_input",
  "invalid_name",
  "llm_unavailable",
  "native_missing",
  "not_found",
  "queue_full",
  "server_unavailable",
  "storage_damaged",
  "storage_failed",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * What was kept of the failed step or command: `all`, if only the disk's confirmation or the cleanup failed; `nothing`; or
 * `unknown` until the agent is opened again.
 */
export type Kept = "all" | "nothing" | "unknown";

/**
 * Base of every error this library throws on purpose: what is wrong, what was kept, what to do next, in a line or two.
 *
 * Mistakes of the *model* (unknown function, bad arguments, a function that refused) are not errors: they go back to
 * the model as a failed `function_return`. Errors are for what a person must fix.
 */
export class MemGPTError extends Error {
  readonly code: ErrorCode;
  readonly kept: Kept;
  readonly #text: string;

  /** @param text The message. Settings in it are written as `{model}`: every front end has its own names for them. */
  constructor(code: ErrorCode, text: string, options?: ErrorOptions & { readonly kept?: Kept }) {
    super(named(text, FLAGS), options);
    this.name = "MemGPTError";
    this.code = code;
    this.kept = options?.kept ?? "nothing";
    this.#text = text;
  }

  /** The message in the words of a front end. */
  messageWith(names: SettingNames): string {
    return named(this.#text, names);
  }
}

/** How a front end's users change a setting. */
export type SettingNames = Readonly<Record<"model" | "endpoint" | "window", string>>;

const FLAGS: SettingNames = { model: "--model", endpoint: "--model-endpoint", window: "--context-window" };

function named(text: string, names: SettingNames): string {
  return text.replace(/\{(model|endpoint|window)\}/g, (_, setting: keyof SettingNames) => names[setting]);
}

/**
 * The model could not be reached or refused the request (`llm_unavailable`), or its answer went beyond the bounds
 * with nothing usable in it (`answer_unbounded`). Nothing of the step was kept.
 */
export class LlmError extends MemGPTError {
  /** HTTP status, where there was one. */
  readonly status: number | undefined;

  constructor(
    message: string,
    options?: ErrorOptions & { status?: number | undefined; code?: "llm_unavailable" | "answer_unbounded" },
  ) {
    super(options?.code ?? "llm_unavailable", message, options);
    this.name = "LlmError";
    this.status = options?.status;
  }
}

/** Another process has the agent open. Nothing was done. */
export class AgentHeldError extends MemGPTError {
  /** The URL of the server that has it open; undefined for a process that is no server. */
  readonly holder: string | undefined;
  /** How long it has the agent, where others may take it over then; absent where it keeps it as long as it runs. */
  readonly hold: Hold | undefined;

  constructor(message: string, holder?: string, hold?: Hold) {
    super("agent_locked", message);
    this.holder = holder;
    this.hold = hold;
  }
}

/** Times of day in UTC, as 17:03:12, by the clock of the database. */
export type Hold = { readonly renewedAt: string; readonly until: string; readonly secondsLeft: number };

/** The request is larger than the model's context window, by the provider's word or by our own count. */
export class ContextOverflowError extends MemGPTError {
  /** Whether a request with less of the conversation could fit: false if prompt, functions and core memory alone are too large. */
  readonly canShrink: boolean;
  /** The limit and the size of the request in tokens, if the server reports them. */
  readonly window: number | undefined;
  readonly requested: number | undefined;

  constructor(
    message: string,
    options?: ErrorOptions & {
      readonly canShrink?: boolean;
      readonly window?: number | undefined;
      readonly requested?: number | undefined;
    },
  ) {
    super("context_overflow", message, options);
    this.name = "ContextOverflowError";
    this.canShrink = options?.canShrink ?? true;
    this.window = options?.window;
    this.requested = options?.requested;
  }
}

/** The message of anything thrown. */
export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether something failed, itself or because of its cause, since nothing more fits on the disk. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT" || code === "SQLITE_FULL" || isDiskFull(error.cause);
}

/** ` Did you mean X?` for the candidate nearest to `name`, or an empty text if none is near. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const near = nearest(name, candidates);
  return near === undefined ? "" : ` Did you mean ${near}?`;
}

/** The candidate that `name` may be a slip of: one edit away, or in a longer word one for every three characters. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best === undefined || best.distance > Math.max(1, name.length / 3) ? undefined : best.candidate;
}

/** Edits between two words, where exchanging two neighbouring letters, the most common slip, is one. */
function editDistance(a: string, b: string): number {
  let [twoBefore, before]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = (before?.[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchanged = swapped ? (twoBefore?.[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min(substituted, exchanged, (before?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    [twoBefore, before] = [before, row];
  }
  return before?.[b.length] ?? 0;
}
