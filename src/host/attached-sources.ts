import type { SourceShelf } from "../agent/deps.ts";
import { MemGPTError, describe } from "../errors.ts";
import type { PassageCollection } from "../ports/archival.ts";
import type { NoticeSink } from "../ports/notices.ts";
import type { SourceStore } from "../ports/source.ts";
import { openSource } from "../storage/repository/source-files.ts";
import type { Household } from "./household.ts";
import { lazyEmbedder } from "./lazy-embedder.ts";
import { existingSource } from "./sources.ts";

type Opened = { readonly store: SourceStore; readonly collection: PassageCollection };

/** The sources that one agent searches, opened when they are first attached and each searched with its own embedder. */
export class AttachedSources implements SourceShelf {
  readonly #house: Pick<Household, "home" | "embedder">;
  readonly #notify: NoticeSink;
  readonly #agent: string;
  readonly #opened = new Map<string, Opened>();
  /** Those that a notice named. */
  readonly #missed = new Set<string>();

  /** @param agent Its name, which a notice tells. */
  constructor(house: Pick<Household, "home" | "embedder">, agent: string, notify: NoticeSink) {
    this.#house = house;
    this.#agent = agent;
    this.#notify = notify;
  }

  async open(name: string): Promise<PassageCollection> {
    const known = this.collection(name);
    if (known !== undefined) return known;
    const store = await openSource(existingSource(this.#house.home, name), this.#notify);
    const { embedding } = await store.settings();
    const embedder = lazyEmbedder(() => this.#house.embedder(embedding));
    const origins: PassageCollection["origins"] = (ids) => store.origins(ids);
    const collection = { source: name, archival: store.archival, embedder, origins };
    this.#opened.set(name, { store, collection });
    return collection;
  }

  async prepare(names: readonly string[]): Promise<string[]> {
    const notices: string[] = [];
    for (const name of names) {
      await this.open(name).catch((error: unknown) => {
        if (this.#missed.has(name)) return;
        this.#missed.add(name);
        const isGone = error instanceof MemGPTError && error.code === "not_found";
        const reason = isGone
          ? `There is no source named ${name}. \`memgpt detach ${this.#agent} ${name}\` ends this notice.`
          : describe(error);
        notices.push(`The attached source ${name} is not searched. ${reason}`);
      });
    }
    return notices;
  }

  collection(name: string): PassageCollection | undefined {
    return this.#opened.get(name)?.collection;
  }

  close(): void {
    for (const { store } of this.#opened.values()) store.close();
    this.#opened.clear();
  }
}
