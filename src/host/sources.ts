import { once } from "node:events";
import type { LoadOptions } from "../sources/load.ts";
import type { LoadEvent } from "../sources/load-events.ts";
import type { Origin } from "../sources/origins.ts";
import type { CollectionInfo } from "../ports/archival.ts";
import { MemGPTError } from "../errors.ts";
import type { Passage } from "../schema/passage.ts";
import type { PassageOrigin, SourceSettings, StoredDocument } from "../schema/source.ts";
import { secretPolicy } from "../settings/config.ts";
import { embeddingSettingsOf } from "../settings/embedding-settings.ts";
import type { Household } from "./household.ts";

/** What a list shows of a source. */
export type SourceOverview = SourceSettings & {
  readonly name: string;
  readonly documents: number;
  /** How many of the documents an interrupted load left half read. */
  readonly incomplete: number;
  readonly passages: number;
  /** Size of its documents when loaded. */
  readonly bytes: number;
  readonly collection: CollectionInfo;
};

export type LoadSourceOptions = Partial<LoadOptions> & { readonly description?: string | undefined };

type House = Pick<Household, "sources" | "config" | "embedder" | "now" | "newId">;

/** Loads documents into a source. A new one is created with the configured embedding. */
export async function* loadSource(
  house: House,
  name: string,
  origins: readonly Origin[],
  {
    description = "",
    mode = "sync",
    isRecursive = true,
    secrets = secretPolicy(house.config),
    ...options
  }: LoadSourceOptions,
): AsyncGenerator<LoadEvent, void, void> {
  const initial = { description, createdAt: house.now(), embedding: embeddingSettingsOf(house.config) };
  const held = await house.sources.hold(name, initial);
  const { store } = held;
  try {
    const { embedding } = await store.settings();
    const { load } = await import("../sources/load.ts");
    const { now, newId } = house;
    const context = { store, embedder: house.embedder(embedding), now, newId };
    for await (const event of load(origins, { mode, isRecursive, secrets, ...options }, context)) {
      if (event.type === "done") {
        if (event.passages > 0) yield { type: "indexing" };
        // Agents that attach it only read it, and without the graph they would compare every vector.
        await untilAborted(options.signal, store.indexed());
      }
      yield event;
    }
  } finally {
    const isEmpty = held.isNew && (await store.archival.size()) === 0;
    await held.close();
    // A mistyped path does not leave an empty source behind.
    if (isEmpty && (await house.sources.has(name))) await house.sources.remove(name);
  }
}

/** Waits for `work`, or until `signal` is aborted. Unfinished work is caught up later. */
async function untilAborted(signal: AbortSignal | undefined, work: Promise<void>): Promise<void> {
  const stop = new AbortController();
  const aborted = signal === undefined ? [] : [once(signal, "abort", { signal: stop.signal }).catch(() => undefined)];
  if (signal?.aborted !== true) await Promise.race([work, ...aborted]);
  stop.abort();
}

/** All readable sources, sorted by name. */
export async function listSources(house: Pick<House, "sources">): Promise<SourceOverview[]> {
  const names = await house.sources.names();
  const found = await Promise.all(names.map((name) => sourceOverview(house, name).catch(() => undefined)));
  return found.flatMap((source) => source ?? []);
}

/** @throws MemGPTError `not_found`, naming a source of a similar name. */
export async function sourceOverview({ sources }: Pick<House, "sources">, name: string): Promise<SourceOverview> {
  const store = await sources.open(name);
  try {
    const [settings, totals, collection] = [
      await store.settings(),
      await store.totals(),
      await store.archival.collection(),
    ];
    return { name: store.name, ...settings, ...totals, collection };
  } finally {
    await store.close();
  }
}

/** The documents of a source, in loading order. */
export async function* documentsOf(
  { sources }: Pick<House, "sources">,
  name: string,
): AsyncGenerator<StoredDocument, void, void> {
  const store = await sources.open(name);
  try {
    yield* store.documents();
  } finally {
    await store.close();
  }
}

/** A passage of a document, and where it stands there. */
export type PlacedPassage = Pick<Passage, "id" | "text"> & Omit<PassageOrigin, "source" | "document">;
export type PassagesAround = { readonly document: string; readonly passages: readonly PlacedPassage[] };

/** A passage of a source among those that stand before and after it in its document, in their order. */
export async function passagesAround(
  { sources }: Pick<House, "sources">,
  name: string,
  { id, count }: { readonly id: string; readonly count: number },
): Promise<PassagesAround> {
  const store = await sources.open(name);
  try {
    const { archival } = store;
    const own = await archival.get(id);
    const document = (await store.origins([id])).get(id)?.document;
    if (own === undefined || document === undefined) {
      throw new MemGPTError("not_found", `The source ${name} has no passage ${id}.`);
    }
    const before = await archival.list({ newestFirst: true, count, after: id });
    const after = await archival.list({ newestFirst: false, count, after: id });
    const all = [...before.reverse(), own, ...after];
    const origins = await store.origins(all.map((passage) => passage.id));
    const passages = all.flatMap(({ id: passage, text }): PlacedPassage[] => {
      const origin = origins.get(passage);
      if (origin?.document !== document) return [];
      const { position, page, line, heading } = origin;
      return [{ id: passage, text, position, page, line, heading }];
    });
    return { document, passages: passages.sort((a, b) => a.position - b.position) };
  } finally {
    await store.close();
  }
}
