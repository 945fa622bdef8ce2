import type { Completion, MainContext } from "../schema/context.ts";
import { LlmError } from "../errors.ts";
import type { Llm } from "../ports/llm.ts";

/** The result of one tiny request. `seconds` is the time until the answer was complete. */
export type Trial = {
  readonly seconds: number;
  /** The number of pieces of the answer. */
  readonly pieces: number;
  /** Whether the model called the function as asked. */
  readonly called: boolean;
};

export type TrialOptions = {
  /** Whether to ask for a function call, or only for a word. */
  readonly functions: boolean;
  /** In milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
};

/** Enough for the thoughts of a reasoning model. */
const MOST_TOKENS = 1024;

/**
 * Asks a model for one tiny answer.
 *
 * @throws LlmError, ContextOverflowError of the model; LlmError if it does not answer in time, or if a retry would have to wait.
 */
export async function tryModel(llm: Llm, { functions, timeout, signal }: TrialOptions): Promise<Trial> {
  const limit = AbortSignal.timeout(timeout);
  const stop = new AbortController();
  const signals = [limit, stop.signal, ...(signal === undefined ? [] : [signal])];
  const request = { context: context(functions), maxTokens: MOST_TOKENS, signal: AbortSignal.any(signals) };
  const started = performance.now();
  let [pieces, failure, isUnreadable] = [0, "", false];
  const trial = (called: boolean): Trial => ({ seconds: (performance.now() - started) / 1000, pieces, called });
  try {
    const answer = llm.complete(request);
    for (;;) {
      const { done, value } = await answer.next();
      if (done === true) return trial(functions && hasCalled(value));
      if (value.type !== "retry") pieces += 1;
      else if (value.seconds === 0) {
        // The model answered unreadably and is asked again; the server did not fail.
        isUnreadable = true;
      } else {
        failure = value.reason;
        stop.abort();
      }
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (failure !== "") throw new LlmError(failure, { cause: error });
    if (limit.aborted && isUnreadable) return trial(false);
    if (limit.aborted) throw new LlmError(`${llm.model} did not answer within ${timeout / 1000} s.`, { cause: error });
    throw error;
  }
}

const WORD = "lighthouse";

function context(functions: boolean): MainContext {
  const now = new Date().toISOString();
  const task = functions
    ? `Call the function repeat_word with the word "${WORD}".`
    : `Answer with the single word "${WORD}".`;
  return {
    system: `You are being tested for whether you can be reached. ${task} Do nothing else.`,
    queue: [{ id: "trial", createdAt: now, role: "user", event: "user_message", content: task }],
    functions: functions ? [REPEAT_WORD] : [],
  };
}

const REPEAT_WORD = {
  name: "repeat_word",
  description: "Repeats a word.",
  parameters: {
    type: "object",
    properties: { word: { type: "string", description: "The word to repeat." } },
    required: ["word"],
    additionalProperties: false,
  },
};

function hasCalled({ calls }: Completion): boolean {
  return calls.some(({ name, arguments: args }) => name === REPEAT_WORD.name && args.toLowerCase().includes(WORD));
}
