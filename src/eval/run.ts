import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AgentSettings,
  type ConfigChanges,
  type Embedder,
  type Llm,
  MemGPT,
  MemGPTError,
  updateConfig,
} from "../index.ts";

/** How an evaluation is run. */
export type Running = {
  readonly signal?: AbortSignal | undefined;
  /** Called after each item; `total` only where it is known before the end, `what` where it is no item that is measured. */
  readonly onProgress?: ((done: number, total?: number, what?: string) => void) | undefined;
  /** Takes only the first so many items. */
  readonly limit?: number | undefined;
};

/** What answers where a model is needed; the practice model if absent. */
export type Subject = {
  /** Model, endpoint, window and how they are spoken to; no keys. */
  readonly config: ConfigChanges;
  /** Makes the model of an agent; the built-in one if absent. */
  readonly llm?: ((settings: AgentSettings) => Llm) | undefined;
};

/** What an evaluation is run with, where it is not what a new home has. */
type Equipment = Partial<Subject> & { readonly embedder?: Embedder | undefined };

/** Runs `work` on a home directory of its own, which is gone afterwards, however it ends. Nothing of the person's is read. */
export async function inTemporaryHome<T>(
  work: (memgpt: MemGPT) => Promise<T>,
  { config = {}, llm, embedder }: Equipment = {},
): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), "memgpt-eval-"));
  const remove = (): void => {
    rmSync(dir, { recursive: true, force: true });
  };
  process.once("exit", remove);
  try {
    const { home } = await MemGPT.open({ dir, env: {} });
    if (Object.keys(config).length > 0) updateConfig(home, config);
    const memgpt = await MemGPT.open({
      dir,
      env: {},
      llm,
      embedder: embedder === undefined ? undefined : () => embedder,
    });
    try {
      return await work(memgpt);
    } finally {
      await memgpt.close();
    }
  } catch (error) {
    // Whatever was stopped and says what it kept: of an evaluation nothing is.
    throw error instanceof MemGPTError && error.code === "interrupted" ? stopped(error) : error;
  } finally {
    process.off("exit", remove);
    remove();
  }
}

/** The items one by one, as far as `limit` goes, with progress; stops where the run is interrupted. */
export async function forEach<T>(
  items: readonly T[] | AsyncIterable<T>,
  { signal, onProgress, limit = Infinity }: Running,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const total = "length" in items ? Math.min(items.length, limit) : undefined;
  let done = 0;
  for await (const item of items) {
    await checkInterrupt(signal);
    await work(item);
    done += 1;
    onProgress?.(done, total);
    if (done >= limit) return;
  }
}

/** @throws MemGPTError `interrupted` if `signal` is aborted. */
export async function checkInterrupt(signal: AbortSignal | undefined): Promise<void> {
  // Ctrl-C is heard only while the loop is free.
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted === true) throw stopped(signal.reason);
}

function stopped(cause: unknown): MemGPTError {
  return new MemGPTError("interrupted", "Stopped. Nothing of the evaluation was kept.", { cause });
}

/** Runs `work`. @returns its result, and how long it took in milliseconds. */
export async function timed<T>(work: () => Promise<T>): Promise<{ result: T; milliseconds: number }> {
  const started = performance.now();
  const result = await work();
  return { result, milliseconds: performance.now() - started };
}
