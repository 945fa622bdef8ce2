import type { Completion, MainContext } from "../schema/context.ts";
import { LlmError } from "../errors.ts";
import type { Llm } from "../ports/llm.ts";

/** One tiny request. `seconds` is the time until the whole answer was there. */
export type Trial = {
  readonly seconds: number;
  /** Pieces that the answer came in. */
  readonly pieces: number;
  /** Whether the model called the function that it was asked to call, with what it was asked for. */
  readonly called: boolean;
};

export type TrialOptions = {
  /** Whether a function is offered and asked for, or only a word. */
  readonly functions: boolean;
  /** In milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
};

/** Room for what a reasoning model thinks before it answers. */
const MOST_TOKENS = 1024;

/**
 * Asks a model for one tiny answer.
 *
 * @throws LlmError, ContextOverflowError of the model; LlmError if there is no answer in time, or if the server wants a
 *   pause before it is asked again: nobody waits for that here.
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
        // The model answered, and is asked at once for an answer that can be read: no failure of the server.
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
  const wish = functions
    ? `Call the function repeat_word with the word "${WORD}".`
    : `Answer with the single word "${WORD}".`;
  return {
    system: `You are being tested for whether you can be reached. ${wish} Do nothing else.`,
    queue: [{ id: "trial", createdAt: now, role: "user", event: "user_message", content: wish }],
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
