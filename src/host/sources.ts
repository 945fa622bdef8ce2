import { once } from "node:events";
import { existsSync } from "node:fs";
import { MemGPTError, didYouMean } from "../errors.ts";
import type { LoadEvent, LoadOptions } from "../sources/load.ts";
import type { Origin } from "../sources/origins.ts";
import type { CollectionInfo } from "../ports/archival.ts";
import type { SourceSettings, StoredDocument } from "../schema/source.ts";
import { embeddingSettingsOf } from "../settings/embedding-settings.ts";
import { sourcesIn } from "../storage/files/source-names.ts";
import { type SourceFolder, sourceFolder } from "../storage/files/paths.ts";
import { openSource, openSourceToLoad, removeSource } from "../storage/repository/source-files.ts";
import type { Household } from "./household.ts";

/** What a list says of a source. */
export type SourceOverview = SourceSettings & {
  readonly name: string;
  readonly documents: number;
  readonly passages: number;
  /** Of its documents as they were loaded. */
  readonly bytes: number;
  readonly collection: CollectionInfo;
};

export type LoadSourceOptions = Partial<LoadOptions> & { readonly description?: string | undefined };

type House = Pick<Household, "home" | "config" | "embedder" | "now" | "newId">;

/** Loads documents into a source, which is made if it does not exist, and embedded as the configuration says. */
export async function* loadSource(
  house: House,
  name: string,
  origins: readonly Origin[],
  { description = "", mode = "sync", isRecursive = true, ...options }: LoadSourceOptions,
): AsyncGenerator<LoadEvent, void, void> {
  const folder = sourceFolder(house.home, name);
  const isNew = !existsSync(folder.database);
  const made = { description, createdAt: house.now(), embedding: embeddingSettingsOf(house.config) };
  const opened = await openSourceToLoad(folder, made);
  const { store } = opened;
  try {
    const { embedding } = await store.settings();
    const { load } = await import("../sources/load.ts");
    const { now, newId } = house;
    const context = { store, embedder: house.embedder(embedding), now, newId };
    for await (const event of load(origins, { mode, isRecursive, ...options }, context)) {
      if (event.type === "done") {
        if (event.passages > 0) yield { type: "indexing" };
        // Whoever attaches it only reads it, and without the graph would compare every vector.
        await unless(options.signal, store.indexed());
      }
      yield event;
    }
  } finally {
    const isEmpty = isNew && (await store.archival.size()) === 0;
    opened.close();
    // A mistyped path does not leave an empty source behind.
    if (isEmpty && existsSync(folder.database)) await removeSource(folder);
  }
}

/** Waits for `work`, or until `signal` is aborted: what it left out is made up for later. */
async function unless(signal: AbortSignal | undefined, work: Promise<void>): Promise<void> {
  const stop = new AbortController();
  const aborted = signal === undefined ? [] : [once(signal, "abort", { signal: stop.signal }).catch(() => undefined)];
  if (signal?.aborted !== true) await Promise.race([work, ...aborted]);
  stop.abort();
}

/** All sources, by their names. One that cannot be read is missing. */
export async function listSources(house: Pick<House, "home">): Promise<SourceOverview[]> {
  const found = await Promise.all(
    sourcesIn(house.home).map((name) => sourceOverview(house, name).catch(() => undefined)),
  );
  return found.flatMap((source) => source ?? []);
}

/** @throws MemGPTError `not_found`, naming a source of a similar name. */
export async function sourceOverview({ home }: Pick<House, "home">, name: string): Promise<SourceOverview> {
  const store = await openSource(existingSource(home, name));
  try {
    const [settings, totals, collection] = [
      await store.settings(),
      await store.totals(),
      await store.archival.collection(),
    ];
    return { name: store.name, ...settings, ...totals, collection };
  } finally {
    store.close();
  }
}

/** The documents of a source, in the order in which they were loaded. */
export async function* documentsOf(
  { home }: Pick<House, "home">,
  name: string,
): AsyncGenerator<StoredDocument, void, void> {
  const store = await openSource(existingSource(home, name));
  try {
    yield* store.documents();
  } finally {
    store.close();
  }
}

/** Removes a source and all its passages, for good. */
export async function deleteSource({ home }: Pick<House, "home">, name: string): Promise<void> {
  await removeSource(existingSource(home, name));
}

export function existingSource(home: House["home"], name: string): SourceFolder {
  const folder = sourceFolder(home, name);
  if (existsSync(folder.database)) return folder;
  const names = sourcesIn(home);
  const known =
    names.length === 0
      ? "There are no sources yet; `memgpt load NAME PATH` makes one."
      : `There are: ${names.join(", ")}.`;
  throw new MemGPTError("not_found", `There is no source named ${name}.${didYouMean(name, names)} ${known}`);
}
