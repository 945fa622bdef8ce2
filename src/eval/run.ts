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

/** How to run an evaluation. */
export type Running = {
  readonly signal?: AbortSignal | undefined;
  /** Called after each item. `total` is the number of items, if known; `what` names items that are not the measured ones. */
  readonly onProgress?: ((done: number, total?: number, what?: string) => void) | undefined;
  /** Measures only the first items. */
  readonly limit?: number | undefined;
  /** PostgreSQL database to keep the agents in (default: files). */
  readonly database?: string | undefined;
};

/** The model to measure (default: the practice model). */
export type Subject = {
  /** Model, endpoint, window and connection settings, without keys. */
  readonly config: ConfigChanges;
  /** Creates the model of an agent (default: the built-in one). */
  readonly llm?: ((settings: AgentSettings) => Llm) | undefined;
};

/** Replacements for the defaults of a new home. */
type Equipment = Partial<Subject> &
  Pick<Running, "database"> & {
    readonly embedder?: Embedder | undefined;
  };

/**
 * Runs `work` in a temporary home and removes it afterwards, including agents in a database. Reads nothing of the person's own
 * home.
 */
export async function inTemporaryHome<T>(
  work: (memgpt: MemGPT) => Promise<T>,
  { config = {}, llm, embedder, database }: Equipment = {},
): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), "memgpt-eval-"));
  const remove = (): void => {
    rmSync(dir, { recursive: true, force: true });
  };
  process.once("exit", remove);
  try {
    const { home } = await MemGPT.open({ dir, env: {} });
    // The evaluations measure search, on unchanged texts.
    updateConfig(home, { quarantine: "off", secrets: "keep", ...config });
    const embedding = embedder === undefined ? undefined : () => embedder;
    const stored = { dir, env: {}, database, owner: `eval ${crypto.randomUUID()}` };
    const memgpt = await MemGPT.open({ ...stored, llm, embedder: embedding });
    try {
      return await work(memgpt);
    } finally {
      await memgpt.close();
      if (database !== undefined) await removeAgents(await MemGPT.open(stored));
    }
  } catch (error) {
    // An interrupted operation reports what it kept, but an evaluation keeps nothing.
    throw error instanceof MemGPTError && error.code === "interrupted" ? stopped(error) : error;
  } finally {
    process.off("exit", remove);
    remove();
  }
}

async function removeAgents(memgpt: MemGPT): Promise<void> {
  for (const { name } of await memgpt.listAgents()) await memgpt.deleteAgent(name);
  await memgpt.close();
}

/** Runs `work` on up to `limit` items, with progress, until interrupted. */
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
  // Signals are delivered only when the event loop is free.
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted === true) throw stopped(signal.reason);
}

function stopped(cause: unknown): MemGPTError {
  return new MemGPTError("interrupted", "Stopped. The evaluation keeps no results.", { cause });
}

/** Runs `work`. @returns its result and its duration. */
export async function timed<T>(work: () => Promise<T>): Promise<{ result: T; milliseconds: number }> {
  const started = performance.now();
  const result = await work();
  return { result, milliseconds: performance.now() - started };
}
