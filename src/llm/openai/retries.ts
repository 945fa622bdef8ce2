import { setTimeout as delay } from "node:timers/promises";
import type { LlmDelta } from "../../ports/llm.ts";
import { type Fault, FaultError, toError } from "./fault.ts";

/** Including the first. */
const MOST_ATTEMPTS = 4;
const FIRST_WAIT_MS = 1000;

export type RetryOptions = {
  /** Including the first (default: 4). */
  readonly attempts?: number | undefined;
  /** Waits before a retry; returns or throws early when the signal is aborted. */
  readonly sleep?: ((milliseconds: number, signal: AbortSignal | undefined) => Promise<unknown>) | undefined;
  /** Returns a number in [0, 1). */
  readonly random?: (() => number) | undefined;
};

/**
 * Retries `attempt` while a later one may succeed. Nothing else in memgpt repeats requests.
 *
 * @throws LlmError, ContextOverflowError for what is permanent or happened too often; anything else as `attempt` throws it.
 */
export async function* retried<T>(
  attempt: () => AsyncGenerator<LlmDelta, T, void>,
  signal: AbortSignal | undefined,
  { attempts = MOST_ATTEMPTS, sleep = pause, random = Math.random }: RetryOptions,
): AsyncGenerator<LlmDelta, T, void> {
  for (let n = 1; ; n += 1) {
    signal?.throwIfAborted();
    try {
      return yield* attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof FaultError)) throw error;
      const { fault } = error;
      if (fault.kind !== "passing" || n >= attempts) throw toError(error, n);
      const wait = waitAfter(fault, n, random);
      yield { type: "retry", reason: fault.reason ?? fault.text, seconds: Math.ceil(wait / 100) / 10 };
      try {
        await sleep(wait, signal);
      } finally {
        signal?.throwIfAborted();
      }
    }
  }
}

/** The wait that the server asks for, or else exponential backoff with jitter; in milliseconds. */
function waitAfter({ afterMs = null }: Fault, attempt: number, random: () => number): number {
  return afterMs ?? FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + random() / 2);
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(milliseconds, undefined, signal && { signal });
}

/** `retried` for attempts that yield nothing. */
export async function persist<T>(
  attempt: () => Promise<T>,
  signal: AbortSignal | undefined,
  options: RetryOptions,
): Promise<T> {
  const answer = retried(() => once(attempt), signal, options);
  for (;;) {
    const { done, value } = await answer.next();
    if (done === true) return value;
  }
}

const NOTHING: readonly LlmDelta[] = [];

async function* once<T>(attempt: () => Promise<T>): AsyncGenerator<LlmDelta, T, void> {
  yield* NOTHING;
  return attempt();
}
