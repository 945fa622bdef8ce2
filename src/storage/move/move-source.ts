import { createHash } from "node:crypto";
import { MemGPTError } from "../../errors.ts";
import type { MovedSource } from "../../ports/move.ts";
import type { SourceRepository, SourceStore } from "../../ports/source.ts";
import type { DocumentPart, SourceSettings } from "../../schema/source.ts";
import { base64 } from "../postgres/database.ts";
import { stopped } from "./tables.ts";

type Ends = { readonly from: SourceRepository; readonly to: SourceRepository };

/**
 * Copies a source, which must not change meanwhile, and compares the two. An interrupted copy is resumed; if the same source
 * is there already, it counts as moved before.
 *
 * @throws MemGPTError `not_found`, `agent_locked`; `agent_exists` if a different source is there, or either was loaded since;
 *   `storage_failed` if the copy differs; `interrupted`.
 */
export async function moveSource(name: string, { from, to }: Ends, signal?: AbortSignal): Promise<MovedSource> {
  const settings = await settingsOf(from, name);
  if ((await to.has(name)) && !isSame(await settingsOf(to, name), settings)) {
    const message = `Another source there is named ${name}. Nothing of either was changed; delete the one that you no longer need.`;
    throw new MemGPTError("agent_exists", message);
  }
  const source = await from.hold(name, settings);
  try {
    const copy = await to.hold(name, settings);
    try {
      const added = await complete(source.store, copy.store, signal);
      const [here, there] = [await sumOf(source.store, signal), await sumOf(copy.store, signal)];
      if (here !== there) throw differing(name, added);
      await copy.store.indexed();
      const { documents, passages } = await source.store.totals();
      return { source: name, outcome: copy.isNew || added > 0 ? "moved" : "present", documents, passages };
    } finally {
      await copy.close();
    }
  } finally {
    await source.close();
  }
}

async function settingsOf(sources: SourceRepository, name: string): Promise<SourceSettings> {
  const store = await sources.open(name);
  try {
    return await store.settings();
  } finally {
    await store.close();
  }
}

function isSame(one: SourceSettings, other: SourceSettings): boolean {
  return one.createdAt === other.createdAt && one.description === other.description;
}

/** Adds the parts that a copy lacks. @returns how many. */
async function complete(from: SourceStore, to: SourceStore, signal: AbortSignal | undefined): Promise<number> {
  let [added, key, left] = [0, "", 0];
  for await (const { document, passages, isLast } of from.parts()) {
    if (signal?.aborted === true) throw stopped();
    const { root, name, hash } = document;
    if (key !== JSON.stringify([root, name, hash])) {
      key = JSON.stringify([root, name, hash]);
      const known = await to.document(root, name, hash);
      left = known?.isComplete === true ? Number.POSITIVE_INFINITY : (known?.passages ?? 0);
    }
    const missing = passages.slice(Math.min(left, passages.length));
    const isDone = left === Number.POSITIVE_INFINITY;
    left -= passages.length - missing.length;
    if (isDone || (missing.length === 0 && !isLast)) continue;
    await to.add([{ document, passages: missing, isLast }]);
    added += 1;
  }
  return added;
}

/** The SHA-256 of a source's content. */
async function sumOf(store: SourceStore, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of store.parts()) {
    if (signal?.aborted === true) throw stopped();
    hash.update(`${JSON.stringify(written(part))}\n`);
  }
  return hash.digest("hex");
}

function written({ document, passages, isLast }: DocumentPart): unknown {
  const { root, name, kind, hash, bytes } = document;
  const texts = passages.map(({ id, text, createdAt, position, page, line, heading, embedding }) => {
    const vector = embedding === null ? null : new Uint8Array(embedding.vector.buffer);
    return [id, text, createdAt, position, page, line, heading, vector === null ? null : base64(vector)];
  });
  return [root, name, kind, hash, bytes, texts, isLast];
}

function differing(name: string, added: number): MemGPTError {
  if (added > 0) {
    const message = `The copy of source ${name} differs from the original, which is unchanged. Delete the copy and repeat the command.`;
    return new MemGPTError("storage_failed", message);
  }
  const message =
    `Source ${name} is there already, and one of the two was loaded since. Neither was changed; ` +
    "delete the one that you no longer need.";
  return new MemGPTError("agent_exists", message);
}
