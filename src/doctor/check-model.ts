import { createLlm } from "../compose.ts";
import { PRACTICE_MODEL } from "../schema/built-in.ts";
import { LlmError, describe, didYouMean } from "../errors.ts";
import { type Check, fail, ok, warn } from "./health.ts";
import type { Llm } from "../ports/llm.ts";
import { type ListedModel, listModels, serverWindow } from "./probe.ts";
import { OPENAI_ENDPOINT } from "../llm/endpoint.ts";
import { type AnswerBounds, DEFAULT_ANSWER_BOUNDS } from "../schema/answer-bounds.ts";
import type { Connection } from "../schema/connection.ts";
import type { ModelOptions } from "../schema/model-options.ts";
import { tryModel } from "./try-model.ts";

/** A model to check. */
export type ModelChoice = {
  readonly model: string;
  readonly connection: Connection;
  /** In tokens. */
  readonly contextWindow: number;
  readonly options: ModelOptions;
};

export type CheckOptions = {
  /** Limits of the answer (default: `DEFAULT_ANSWER_BOUNDS`). */
  readonly bounds?: AnswerBounds | undefined;
  /** In milliseconds, for each request. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
};

/** How a model calls functions: natively, by JSON in its text, or not at all. */
export type FunctionTrial = {
  readonly how: "native" | "json" | "none";
  /** Until the answer was complete. */
  readonly seconds: number;
};

/** Checks the endpoint, the model in its list, its window, one streamed answer and one function call, in this order. */
export async function* checkModel(choice: ModelChoice, options: CheckOptions): AsyncGenerator<Check, void, void> {
  if (choice.model === PRACTICE_MODEL) {
    yield ok("model", "practice, built in: rule-based, offline, not a language model");
    return;
  }
  const listed = yield* checkEndpoint(choice, options);
  if (listed === undefined) return;
  yield* checkListed(choice, listed, options);
  try {
    const { seconds, pieces } = await tryModel(llmOf(choice, options.bounds), { functions: false, ...options });
    const detail = `answered in ${seconds.toFixed(1)} s, in ${pieces} ${pieces === 1 ? "piece" : "pieces"}`;
    yield pieces > 1 || !choice.options.stream
      ? ok("streaming", detail)
      : warn("streaming", detail, "The server may not stream; replies then appear when they are complete.");
  } catch (error) {
    options.signal?.throwIfAborted();
    yield fail("streaming", describe(error), adviceFor(error));
    return;
  }
  yield await checkFunctions(choice, options);
}

/** @returns the models of the server; undefined if further checks are pointless. */
async function* checkEndpoint(
  { connection }: ModelChoice,
  { timeout, signal }: CheckOptions,
): AsyncGenerator<Check, readonly ListedModel[] | undefined, void> {
  const url = connection.endpoint ?? OPENAI_ENDPOINT;
  try {
    const listed = await listModels({ ...connection, timeout, signal });
    yield ok("endpoint", `${url} answers`);
    return listed;
  } catch (error) {
    signal?.throwIfAborted();
    const status = error instanceof LlmError ? error.status : undefined;
    if (status === 401 || status === 403 || status === undefined) {
      yield fail("endpoint", describe(error), adviceFor(error));
      return undefined;
    }
    // Some servers have no list of models.
    yield warn("endpoint", describe(error), "It has no list of models; the checks below show whether it has yours.");
    return [];
  }
}

async function* checkListed(
  { model, connection, contextWindow }: ModelChoice,
  listed: readonly ListedModel[],
  { timeout, signal }: CheckOptions,
): AsyncGenerator<Check, void, void> {
  const names = listed.map(({ id }) => id);
  // Ollama answers to a name without its tag.
  const isThere = names.includes(model) || names.includes(`${model}:latest`);
  if (isThere) yield ok("model", `${model} is in its list`);
  else if (names.length > 0) {
    const advice = `Choose one of its ${names.length} models: memgpt configure.${didYouMean(model, names)}`;
    yield warn("model", `${model} is not in its list`, advice);
  }
  const window = await serverWindow(model, { ...connection, timeout, signal }, listed);
  if (window === undefined) return;
  const [ours, theirs] = [contextWindow.toLocaleString("en-US"), window.toLocaleString("en-US")];
  yield contextWindow <= window
    ? ok("context window", `${ours} tokens, of ${theirs} that the server has`)
    : warn(
        "context window",
        `${ours} tokens are configured, but the server has ${theirs}`,
        `Run \`memgpt configure set context_window ${window}\`, or start the server with a larger one.`,
      );
}

async function checkFunctions(choice: ModelChoice, options: CheckOptions): Promise<Check> {
  const name = "function calling";
  try {
    const { how, seconds } = await tryFunctions(choice, options);
    const time = `${seconds.toFixed(1)} s`;
    if (how === "native") return ok(name, `works, ${time}`);
    if (how === "json") return ok(name, `works as JSON in the text (function_calling json), ${time}`);
    const advice = "An agent needs it: choose a model that calls functions: memgpt configure.";
    return fail(name, "the model did not call the function it was asked to call", advice);
  } catch (error) {
    options.signal?.throwIfAborted();
    return fail(name, describe(error), adviceFor(error));
  }
}

/**
 * Asks for one function call natively and, if that fails and the options allow it, as JSON in the text. A model that answers one
 * of these requests without a call does not call functions, whatever happens to the other request.
 *
 * @throws LlmError, ContextOverflowError of the last attempt, if none was answered.
 */
export async function tryFunctions(
  choice: ModelChoice,
  { bounds, timeout, signal }: CheckOptions,
): Promise<FunctionTrial> {
  const { functionCalling } = choice.options;
  const ways = functionCalling === "auto" ? (["native", "json"] as const) : [functionCalling];
  let [failure, seconds]: [Error | undefined, number | undefined] = [undefined, undefined];
  for (const way of ways) {
    const llm = llmOf({ ...choice, options: { ...choice.options, functionCalling: way } }, bounds);
    try {
      const trial = await tryModel(llm, { functions: true, timeout, signal });
      if (trial.called) return { how: way, seconds: trial.seconds };
      seconds = trial.seconds;
    } catch (error) {
      signal?.throwIfAborted();
      failure = error instanceof Error ? error : new Error(describe(error));
      if (!isRequestRefused(error)) break;
    }
  }
  if (seconds === undefined && failure !== undefined) throw failure;
  return { how: "none", seconds: seconds ?? 0 };
}

/** Whether the server refused the form of the request, so that another form may work. */
function isRequestRefused(error: unknown): boolean {
  const status = error instanceof LlmError ? error.status : undefined;
  return status === 400 || status === 404 || status === 422 || status === 500 || status === 501;
}

function llmOf({ model, connection, options }: ModelChoice, bounds: AnswerBounds = DEFAULT_ANSWER_BOUNDS): Llm {
  return createLlm({ model, options }, connection, { bounds });
}

/** What to do about a server that does not answer properly. */
export function adviceFor(error: unknown): string {
  const status = error instanceof LlmError ? error.status : undefined;
  if (/^No API key/.test(describe(error))) return "Set OPENAI_API_KEY, or give it a key: memgpt configure.";
  if (status === 401 || status === 403) return "Give it the right key: memgpt configure.";
  if (status === 404) return "Choose one of its models, or correct the endpoint: memgpt configure.";
  if (status === 429) return "Wait, or check the balance of your account.";
  return "Start the server, or choose another: memgpt configure. If the model is still loading, try again later.";
}
