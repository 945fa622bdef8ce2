import { setImmediate } from "node:timers/promises";
import { LlmError } from "../errors.ts";
import type { Llm, LlmDelta, LlmRequest } from "../ports/llm.ts";
import type { AnswerBounds, Cut } from "../schema/answer-bounds.ts";
import type { Completion } from "../schema/context.ts";
import type { FunctionCall } from "../schema/message.ts";
import { isDeeperThan } from "./depth.ts";

/**
 * `Llm` whose answers stay within bounds, whatever the model does. Keeps what arrived before a bound and is useful: text,
 * complete calls, and a message that was being written.
 */
export class BoundedLlm implements Llm {
  readonly model: string;
  readonly #llm: Llm;
  readonly #bounds: AnswerBounds;

  constructor(llm: Llm, bounds: AnswerBounds) {
    this.model = llm.model;
    this.#llm = llm;
    this.#bounds = bounds;
  }

  async ready(): Promise<void> {
    await this.#llm.ready?.();
  }

  /** @throws LlmError `answer_unbounded` if an answer exceeded a bound and nothing of it is useful. */
  async *complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    // Clients leave listeners on the signal they are given; on one that lives as long as a session these would pile up.
    const stop = new AbortController();
    const follow = (): void => {
      stop.abort(request.signal?.reason);
    };
    if (request.signal?.aborted === true) follow();
    request.signal?.addEventListener("abort", follow, { once: true });
    const timer = setTimeout(() => {
      stop.abort(new Error("the answer took too long"));
    }, this.#bounds.seconds * 1000);
    const stream = this.#llm.complete({ ...request, signal: stop.signal });
    const next = nextBefore(stop.signal, stream);
    const partial = new PartialAnswer(this.#bounds);
    let paused = performance.now();
    let isDone = false;
    try {
      for (;;) {
        const { done, value } = await next();
        if (done === true) {
          isDone = true;
          return await this.#within(value, value.cut?.by);
        }
        const piece = partial.add(value);
        if (piece !== undefined) yield piece;
        if (partial.beyond !== undefined) return await this.#within(partial.completion(), partial.beyond);
        // Buffered pieces arrive without a pause; keys, signals and timers need one.
        if (performance.now() - paused > BETWEEN_PAUSES_MS) {
          await setImmediate();
          paused = performance.now();
        }
      }
    } catch (error) {
      request.signal?.throwIfAborted();
      if (!stop.signal.aborted) throw error;
      return await this.#within(partial.completion(), "seconds");
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", follow);
      if (!isDone) {
        const isStuck = stop.signal.aborted;
        stop.abort();
        const closed = stream.return(NOTHING).catch(() => NOTHING);
        // A model that does not heed its signal is left behind.
        if (!isStuck) await closed;
      }
    }
  }

  async #within(completion: Completion, by: keyof AnswerBounds | undefined): Promise<Completion> {
    const { bytes, calls: most, depth } = this.#bounds;
    let [left, beyond] = [bytes, by];
    const take = (text: string): string => {
      const kept = prefix(text, left);
      if (kept.length < text.length) beyond ??= "bytes";
      left -= Buffer.byteLength(kept);
      return kept;
    };
    const content = take(completion.content ?? "");
    const reasoning = take(completion.reasoning ?? "");
    const calls: FunctionCall[] = [];
    for (const call of completion.calls.slice(0, most)) {
      const args = take(call.arguments);
      if (isDeeperThan(args, depth)) beyond ??= "depth";
      else calls.push({ ...call, arguments: args });
    }
    if (completion.calls.length > most) beyond ??= "calls";
    if (beyond === undefined) return completion;
    const kept = (await Promise.all(calls.map(usableCall))).flat();
    const cut: Cut = completion.cut ?? { by: beyond, limit: this.#bounds[beyond] };
    if (content.trim() === "" && kept.length === 0) throw this.#nothingKept(cut);
    return {
      content: content === "" ? null : content,
      reasoning: reasoning === "" ? null : reasoning,
      calls: kept,
      usage: completion.usage,
      finishReason: "length",
      cut,
    };
  }

  #nothingKept({ by, limit }: Cut): LlmError {
    const shown = limit.toLocaleString("en-US");
    const what = {
      bytes: `The answer of ${this.model} was cut off at ${shown} bytes with nothing worth keeping`,
      calls: `${this.model} made more than ${shown} calls, none of which can be run`,
      depth: `${this.model} called functions with arguments nested deeper than ${shown} levels`,
      seconds: `${this.model} had not answered after ${shown} seconds`,
    }[by];
    const next = "send the message again, choose another model, or raise";
    return new LlmError(`${what}. Nothing was stored; ${next} max_answer_${by}.`, { code: "answer_unbounded" });
  }
}

const BETWEEN_PAUSES_MS = 20;

const NOTHING: Completion = { content: null, calls: [], usage: null, finishReason: "stop" };

/** Waits for the next piece, or throws the signal's reason as soon as it is aborted, whether the model heeds it or not. */
function nextBefore(signal: AbortSignal, stream: Stream): () => ReturnType<Stream["next"]> {
  let fail: (error: Error) => void = () => undefined;
  const stop = (): void => {
    fail(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
  };
  signal.addEventListener("abort", stop, { once: true });
  return () => {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      fail = reject;
      stream.next().then(resolve, reject);
    });
  };
}

type Stream = ReturnType<Llm["complete"]>;

/** The part of an answer that has arrived, within the bounds. */
class PartialAnswer {
  readonly #bounds: AnswerBounds;
  #bytes = 0;
  #content = "";
  #reasoning = "";
  readonly #calls = new Map<number, { name: string; arguments: string }>();
  /** The bound that was exceeded. */
  beyond: "bytes" | "calls" | undefined;

  constructor(bounds: AnswerBounds) {
    this.#bounds = bounds;
  }

  /** @returns the part of `delta` that fits. */
  add(delta: LlmDelta): LlmDelta | undefined {
    switch (delta.type) {
      case "retry":
        [this.#bytes, this.#content, this.#reasoning] = [0, "", ""];
        this.#calls.clear();
        return delta;
      case "content": {
        const text = this.#fitting(delta.text);
        this.#content += text;
        return { ...delta, text };
      }
      case "reasoning": {
        const text = this.#fitting(delta.text);
        this.#reasoning += text;
        return { ...delta, text };
      }
      case "call": {
        const before = this.#calls.get(delta.index);
        if (before === undefined && this.#calls.size === this.#bounds.calls) {
          this.beyond = "calls";
          return undefined;
        }
        const args = this.#fitting(delta.arguments);
        this.#calls.set(delta.index, { name: delta.name, arguments: (before?.arguments ?? "") + args });
        return { ...delta, arguments: args };
      }
    }
  }

  completion(): Completion {
    const inOrder = [...this.#calls].sort(([a], [b]) => a - b);
    return {
      content: this.#content,
      reasoning: this.#reasoning,
      calls: inOrder.map(([, call]) => ({ id: "", ...call })),
      usage: null,
      finishReason: "length",
    };
  }

  #fitting(text: string): string {
    const kept = prefix(text, this.#bounds.bytes - this.#bytes);
    this.#bytes += Buffer.byteLength(kept);
    if (kept.length < text.length) this.beyond = "bytes";
    return kept;
  }
}

/** The longest prefix of `text` that fits in `bytes` bytes of UTF-8 without splitting a character. */
function prefix(text: string, bytes: number): string {
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return text;
  let [length, left] = [0, bytes];
  for (const character of text) {
    left -= Buffer.byteLength(character);
    if (left < 0) break;
    length += character.length;
  }
  return text.slice(0, length);
}

/**
 * The useful part of a call in an answer that was cut off, or nothing: half of a memory is worse than none, but half of a
 * message is still worth reading.
 */
async function usableCall(call: FunctionCall): Promise<FunctionCall[]> {
  try {
    if (call.arguments.trim() !== "") JSON.parse(call.arguments);
    return [call];
  } catch {
    const { isFields, repaired } = await import("./json-functions/repair.ts");
    const args = call.name === "send_message" ? repaired(call.arguments) : undefined;
    const message = isFields(args) ? args["message"] : undefined;
    if (typeof message !== "string" || message.trim() === "") return [];
    return [{ ...call, arguments: JSON.stringify({ message }) }];
  }
}
